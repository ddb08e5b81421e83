"""Makes the people a test needs."""

import time

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore

from apps.journal.ports import SYSTEM
from apps.operators.actions.set_person import set_person
from apps.operators.models import Reach
from apps.operators.pages.asking import PROVED_AT

EVERY_ROLE = ("viewer", "trader", "risk", "admin")


def make_person(
    name: str, *roles: str, accounts: tuple[str, ...] = (Reach.EVERY,), password: str | None = None
) -> User:
    """A person with these roles, or with all of them; one who is there already is given them."""
    known = User.objects.filter(username=name).first()
    user = known or User.objects.create_user(name, password=password)
    return set_person(user, roles=roles or EVERY_ROLE, accounts=accounts, actor=SYSTEM)


def session_of(user: User) -> SessionStore:
    """A login as the login page makes it, with the proof of who it is."""
    made = SessionStore()
    made[SESSION_KEY] = str(user.pk)
    made[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    made[HASH_SESSION_KEY] = user.get_session_auth_hash()
    made[PROVED_AT] = time.time()
    made.save()
    return made
