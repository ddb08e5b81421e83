"""Offer a way into a simulated desk: a new password, and a link that works once."""

import secrets

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import SYSTEM
from apps.operators.actions.set_person import make_person
from apps.operators.ports import DEMO_PEOPLE, NEWCOMER, NEWCOMER_ROLES, Entry, EntryRefused, entry_tokens


def demo_roles() -> dict[str, tuple[str, ...]]:
    """Name and roles of everybody at a simulated desk."""
    return {NEWCOMER: NEWCOMER_ROLES} | {name: (role,) for role, name in DEMO_PEOPLE.items()}


@transaction.atomic
def make_demo_people() -> None:
    """One for each role and the newcomer; whoever is there already stays as they are."""
    for name, roles in demo_roles().items():
        if not User.objects.filter(username=name).exists():
            make_person(name, roles=roles, actor=SYSTEM, reason="the demo")


@transaction.atomic
def offer_entry(who: str = NEWCOMER) -> Entry:
    """By name or by role: a fresh password and a link; every earlier way in of that person stops working."""
    if settings.MODE != "sim":
        raise EntryRefused(
            "Only a simulated desk offers a login; people come in by ./desk person make NAME --role ROLE."
        )
    password = secrets.token_urlsafe(12)
    username = DEMO_PEOPLE.get(who, who)
    if username not in demo_roles():
        raise EntryRefused(f"Nobody at the demo is {who}; there are {', '.join((NEWCOMER, *DEMO_PEOPLE))}.")
    make_demo_people()
    user = User.objects.select_for_update().get(username=username)
    user.set_password(password)
    user.save()
    key = urlsafe_base64_encode(force_bytes(user.pk))
    path = reverse("operators:enter", args=[key, entry_tokens.make_token(user)])
    write_entry("offer_entry", subject=user, after={"username": username}, topics=("people",))
    return Entry(username, password, path)
