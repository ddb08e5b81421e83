"""Reading what operators prefer."""

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.utils.crypto import constant_time_compare

from apps.operators.models import Preference


def preference_of(user: AbstractBaseUser) -> Preference:
    """Return a person's preference, or the defaults, not saved."""
    return Preference.objects.filter(user_id=user.pk).first() or Preference(user_id=user.pk)


def may_watch(session: SessionBase | None, user: AbstractBaseUser | AnonymousUser | None) -> bool:
    """Whether this login still stands: asked again and again by a socket that stays open for a day."""
    key = getattr(session, "session_key", None)
    if user is None or not user.is_authenticated or session is None or not key:
        return False
    held = session.__class__(key)  # read anew: signed out elsewhere means signed out here
    row = get_user_model().objects.filter(pk=user.pk, is_active=True).first()
    if row is None or held.get(SESSION_KEY) != str(user.pk):
        return False
    return constant_time_compare(held.get(HASH_SESSION_KEY, ""), row.get_session_auth_hash())
