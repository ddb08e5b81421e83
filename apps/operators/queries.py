"""Reading what people may do, what they prefer, and what waits for a second one of them."""

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare

from apps.journal import clock
from apps.journal.ports import Actor
from apps.operators.models import Preference, Second
from apps.operators.ports import NotAllowed, Standing

Somebody = AbstractBaseUser | AnonymousUser | None


def standing_of(user: Somebody) -> Standing:
    """Read now: roles and accounts of a person who may still come in. Nobody remembers the answer."""
    if user is None or not user.pk:
        return Standing()
    return _standing(pk=user.pk)


def standing_of_name(username: str) -> Standing:
    """The same for the name that an action was given."""
    return _standing(username=username)


def _standing(**who: object) -> Standing:
    rows = get_user_model().objects.filter(is_active=True, **who)
    found = list(rows.values_list("username", "groups__name", "reach__account"))
    if not found:
        return Standing()
    roles = sorted({role for _, role, _ in found if role})
    return Standing(found[0][0], tuple(roles), frozenset(account for _, _, account in found if account))


def may(user: Somebody, verb: str, account: str = "") -> bool:
    """Whether this person may do that, on this account if one is named: the tables are read each time."""
    return standing_of(user).may(verb, account)


def factors_of(user: Somebody) -> frozenset[str]:
    """Which second factors a person has set up: totp, webauthn. A recovery list alone is none."""
    if user is None or not user.pk:
        return frozenset()
    rows = Authenticator.objects.filter(user_id=user.pk).exclude(type=Authenticator.Type.RECOVERY_CODES)
    return frozenset(rows.values_list("type", flat=True))


def must_enrol(user: Somebody) -> bool:
    """Whether nothing opens for this person before a second factor is set up: wherever money is not play."""
    return settings.MODE != "sim" and not factors_of(user)


def require(actor: Actor, verb: str, account: str = "") -> None:
    """For actions with several doors: a person without the verb is refused. Programs have other rules."""
    if actor.kind == "user" and not standing_of_name(actor.name).may(verb, account):
        raise NotAllowed(actor.name, verb, account)


def waiting_seconds() -> QuerySet[Second]:
    """What waits for a second person, the most urgent first; the overdue is gone."""
    return Second.objects.filter(state=Second.WAITING, expires_at__gt=clock.now()).order_by(
        "expires_at", "pk"
    )


def decided_seconds(limit: int = 20) -> QuerySet[Second]:
    return Second.objects.exclude(state=Second.WAITING).order_by("-decided_at")[:limit]


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
    if row is None or not may(row, "see") or must_enrol(row) or held.get(SESSION_KEY) != str(user.pk):
        return False
    return constant_time_compare(held.get(HASH_SESSION_KEY, ""), row.get_session_auth_hash())
