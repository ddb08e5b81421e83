"""Tell whether what somebody typed, or had a passkey sign, is theirs."""

import json

from allauth.core.ratelimit import clear, consume
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.auth import complete_authentication, parse_authentication_response
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from apps.operators.actions.spend_code import spend_code
from apps.operators.queries import factors_of


def prove_person(request: HttpRequest, user: User, typed: str) -> str:
    """The method that proved it, or nothing. With a second factor set up the password alone is no proof."""
    if not consume(request, action="prove", user=user):
        return ""
    factors = factors_of(user)
    if typed.startswith("{"):
        method = "passkey" if _signed(user, typed) else ""
    elif factors:
        method = "code" if spend_code(user, typed.strip()) else ""
    else:
        method = "password" if user.check_password(typed) else ""
    if method:
        clear(request, action="prove", user=user)
    return method


def _signed(user: User, typed: str) -> bool:
    """Checked against the challenge that this session was given, once."""
    try:
        credential = json.loads(typed)
        parse_authentication_response(credential)
        used = complete_authentication(user, credential)
    except (ValidationError, ValueError, KeyError, TypeError):
        return False
    used.record_usage()
    return bool(used.type == Authenticator.Type.WEBAUTHN)
