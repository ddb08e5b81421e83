"""A link with which a person sets a password: the first one, or a new one when the old one is lost."""

from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.operators.actions.drop_factors import drop_factors
from apps.operators.ports import welcome_tokens


@transaction.atomic
def offer_welcome(user: User, *, actor: Actor, reason: str = "", lost_phone: bool = False) -> str:
    """The path of a link that is good once and for a day. The old password stops working now; with
    `lost_phone` so do authenticator, passkeys and recovery codes."""
    user = User.objects.select_for_update().get(pk=user.pk)
    user.set_unusable_password()
    user.save(update_fields=["password"])
    if lost_phone:
        drop_factors(user, actor=actor, reason=reason)
    write_entry(
        "offer_welcome",
        subject=user,
        actor=actor,
        reason=reason,
        after={"username": user.username, "second_factor_dropped": lost_phone},
        topics=("people",),
    )
    key = urlsafe_base64_encode(force_bytes(user.pk))
    return reverse("operators:welcome", args=[key, welcome_tokens.make_token(user)])


def guest_of(key: str, token: str) -> User | None:
    """Whose link this is, if it is still good."""
    try:
        number = int(urlsafe_base64_decode(key))
    except ValueError:
        return None
    user = User.objects.filter(pk=number, is_active=True).first()
    return user if user is not None and welcome_tokens.check_token(user, token) else None


@transaction.atomic
def take_welcome(key: str, token: str, password: str) -> User | None:
    """Set the password and spend the link; of two at once one finds it spent."""
    found = guest_of(key, token)
    if found is None:
        return None
    User.objects.select_for_update().get(pk=found.pk)
    user = guest_of(key, token)
    if user is None:
        return None
    user.set_password(password)
    user.save(update_fields=["password"])
    write_entry("take_welcome", subject=user, actor=Actor("user", user.username), topics=("people",))
    return user
