"""The page behind the demo's link."""

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from apps.operators.actions.enter_once import enter_once
from apps.operators.pages.asking import ANYBODY, asks, mark_proved


@asks(ANYBODY)
@login_not_required
@never_cache
@require_GET
def enter(request: HttpRequest, key: str, token: str) -> HttpResponse:
    """Log in and go to the desk, or say that the link is spent."""
    user = enter_once(key, token)
    if user is None:
        return render(request, "operators/link_spent.html", status=410)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    mark_proved(request)
    return redirect(settings.LOGIN_REDIRECT_URL)
