"""How allauth is fitted to this desk: no sign-up, throttling by place, one page of proof, journal lines."""

import base64
import hashlib
from typing import Any
from urllib.parse import urlsplit

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.ratelimit import consume
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.operators.actions.spend_code import spend_now
from apps.operators.pages.asking import fresh_proof, mark_proved

log = structlog.get_logger(__name__)
# allauth's notices by e-mail → the verb of our line in the journal
NOTICES = {
    "account/email/password_changed": "change_password",
    "account/email/password_set": "change_password",
    "mfa/email/totp_activated": "add_authenticator",
    "mfa/email/totp_deactivated": "remove_authenticator",
    "mfa/email/webauthn_added": "add_passkey",
    "mfa/email/webauthn_removed": "remove_passkey",
    "mfa/email/recovery_codes_generated": "make_recovery_codes",
}


class AccountAdapter(DefaultAccountAdapter):
    """People are made by an administrator; whoever fails to log in slows down only their own place."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": "The name and the password do not go together.",
        "too_many_login_attempts": "Too many wrong tries from here. Only this place has to wait.",
        "incorrect_password": "That is not the password.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """By name *and* place: somebody else's failures elsewhere must not lock a person out."""
        return f"{place_of(request)}:{credentials.get('username', '').lower()}"

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        log.warning("login_refused", name=credentials.get("username", "")[:150], ip=place_of(request))

    def post_login(self, request: HttpRequest, user: Any, **told: Any) -> HttpResponse:
        """Whoever has just come in has just proved who they are."""
        mark_proved(request)
        with transaction.atomic():
            person = Actor("user", user.get_username())
            write_entry("log_in", subject=user, actor=person, after={"ip": place_of(request)})
        answer: HttpResponse = super().post_login(request, user, **told)
        return answer

    def logout(self, request: HttpRequest) -> None:
        if request.user.is_authenticated:
            with transaction.atomic():
                write_entry("log_out", subject=request.user, actor=Actor("user", request.user.get_username()))
        super().logout(request)

    def is_reauthentication_required(self, *, app: str, **_more: Any) -> bool:
        return not fresh_proof(context.request)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, str]]:
        """One page of ours proves it, by whatever the person has."""
        return [{"id": "prove", "description": "", "url": reverse("account_reauthenticate")}]

    def send_notification_mail(self, template_prefix: str, user: Any, *_told: Any, **_more: Any) -> None:
        """What allauth would write a letter about is a line in the journal."""
        verb = NOTICES.get(template_prefix)
        if verb is not None:
            with transaction.atomic():
                person = Actor("user", user.get_username())
                write_entry(verb, subject=user, actor=person, topics=("people",))
                if verb == "add_authenticator":
                    spend_now(user)

    def add_message(self, request: HttpRequest, level: int, *args: Any, **told: Any) -> None:
        """Its cheers stay unsaid: our pages show what is. Its refusals are shown."""
        if level >= messages.ERROR:
            super().add_message(request, level, *args, **told)


class MfaAdapter(DefaultMFAAdapter):
    """Secrets are kept encrypted; passkeys belong to the public address."""

    def get_totp_issuer(self) -> str:
        return f"Trading desk {settings.MODE}"

    def encrypt(self, text: str) -> str:
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return _box().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            log.error("second_factor_unreadable", hint="was SECRET_KEY changed without SECRET_KEY_FALLBACKS?")
            raise

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        host = context.request.get_host().partition(":")[0]
        public = urlsplit(settings.PUBLIC_URL).hostname or host
        return {"id": host if host == "localhost" else public, "name": self.get_totp_issuer()}


def _box() -> MultiFernet:
    """Keyed by the desk's signing key; older keys still open what they closed."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [hashlib.sha256(b"second factors:" + key.encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


def place_of(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


def may_try(request: HttpRequest, user: Any) -> bool:
    """Five wrong codes in five minutes from one place, and fifty from everywhere: six digits are few."""
    here = consume(request, action="login_failed", key=f"{place_of(request)}:code:{user.pk}")
    return bool(here and consume(request, action="code_failed", key=f"code:{user.pk}"))
