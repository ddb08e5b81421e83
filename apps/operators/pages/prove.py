"""Proving once more that it is still you: by a code, a passkey or the password."""

from typing import Any

from allauth.account.internal.flows.reauthentication import resume_request
from allauth.mfa.webauthn.internal.auth import begin_authentication
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from apps.operators.pages.asking import ONESELF, asks, check_proof


@asks(ONESELF)
@never_cache
@require_http_methods(["GET", "POST"])
def prove(request: HttpRequest) -> HttpResponseBase:
    """Then on to where the person was going."""
    if request.method == "POST":
        if check_proof(request, request.POST.get("proof", "")):
            onward: Any = resume_request(request)
            return onward or redirect(settings.LOGIN_REDIRECT_URL)
        messages.error(request, "That did not prove who you are. Nothing was changed.")
    return render(
        request, "operators/prove.html", {"next": request.GET.get("next", request.POST.get("next", ""))}
    )


@asks(ONESELF)
@never_cache
@require_POST
def prove_options(request: HttpRequest) -> HttpResponse:
    """What a passkey is asked to sign; it is good once, and for this session."""
    return JsonResponse(dict(begin_authentication(request.user)))
