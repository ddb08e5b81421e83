"""Take away a person's authenticator, passkeys and recovery codes: the phone is lost."""

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.db import transaction

from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor


@transaction.atomic
def drop_factors(user: User, *, actor: Actor, reason: str) -> int:
    number: int = Authenticator.objects.filter(user=user).delete()[0]
    if number:
        write_entry(
            "drop_factors",
            subject=user,
            actor=actor,
            reason=reason,
            before={"username": user.username, "factors": number},
            topics=("people",),
        )
    return number
