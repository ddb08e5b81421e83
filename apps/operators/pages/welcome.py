"""A person's first way in, or a new one after a lost password: a link that sets a password, once."""

from typing import Any

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from apps.operators.actions.offer_welcome import guest_of, take_welcome
from apps.operators.pages.asking import ANYBODY, asks, mark_proved


@asks(ANYBODY)
@login_not_required
@sensitive_post_parameters("new_password1", "new_password2")
@never_cache
@require_http_methods(["GET", "POST"])
def welcome(request: HttpRequest, key: str, token: str) -> HttpResponse:
    """Only a POST spends it: a mail program that looks at links spends nothing."""
    user = guest_of(key, token)
    if user is None:
        return render(request, "operators/link_spent.html", status=410)
    form: Any = SetPasswordForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        taken = take_welcome(key, token, form.cleaned_data["new_password1"])
        if taken is None:
            return render(request, "operators/link_spent.html", status=410)
        login(request, taken, backend="django.contrib.auth.backends.ModelBackend")
        mark_proved(request)
        return redirect("mfa_activate_totp")
    return render(request, "operators/welcome.html", {"form": form, "person": user.get_username()})
