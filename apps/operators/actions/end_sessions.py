"""End a person's logins: one of them, or all."""

from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import transaction

from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor


@transaction.atomic
def end_sessions(
    user: User, *, actor: Actor, reason: str = "", only: int | None = None, but: str = ""
) -> int:
    """`only` names one by its number, `but` keeps the one with that key. Open screens go within a second."""
    rows = UserSession.objects.filter(user=user).exclude(session_key=but)
    if only is not None:
        rows = rows.filter(pk=only)
    keys = list(rows.values_list("session_key", flat=True))
    Session.objects.filter(pk__in=keys).delete()
    rows.delete()
    if keys:
        write_entry(
            "end_sessions",
            subject=user,
            actor=actor,
            reason=reason,
            after={"username": user.username, "ended": len(keys)},
            topics=("people",),
        )
    return len(keys)
