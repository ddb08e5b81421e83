"""Offer a way into a simulated desk: a new password, and a link that works once."""

import secrets

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import SYSTEM
from apps.operators.actions.set_person import set_person
from apps.operators.models import Reach
from apps.operators.ports import Entry, EntryRefused, entry_tokens

# Everything a newcomer wants to try.
NEWCOMER = ("trader", "risk", "admin")


@transaction.atomic
def offer_entry(username: str) -> Entry:
    """Make the operator if need be and give it a fresh password; every earlier way in stops working."""
    if settings.MODE != "sim":
        raise EntryRefused(
            "Only a simulated desk offers a login; make operators with ./desk createsuperuser."
        )
    password = secrets.token_urlsafe(12)
    user, made = get_user_model().objects.get_or_create(username=username)
    if made:
        set_person(user, roles=NEWCOMER, accounts=[Reach.EVERY], actor=SYSTEM, reason="the demo")
    user.set_password(password)
    user.save()
    key = urlsafe_base64_encode(force_bytes(user.pk))
    path = reverse("operators:enter", args=[key, entry_tokens.make_token(user)])
    write_entry("offer_entry", subject=user, after={"username": username}, topics=("operators",))
    return Entry(username, password, path)
