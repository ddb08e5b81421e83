"""Reading what people may do, what they prefer, and what waits for a second one of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from apps.journal import clock
from apps.journal.ports import Actor
from apps.journal.statements import rows_of
from apps.operators.models import Preference, SavedView, Second, Token
from apps.operators.ports import ROLES, NotAllowed, Standing

WATCHING = [role for role, verbs in ROLES.items() if "see" in verbs]
LETTING_IN = [role for role, verbs in ROLES.items() if "manage_people" in verbs]

Somebody = AbstractBaseUser | AnonymousUser | None


def standing_of(user: Somebody) -> Standing:
    """Read now: roles and accounts of a person who may still come in. Nobody remembers the answer."""
    if user is None or not user.pk:
        return Standing()
    return _standing("id", user.pk)


def standing_of_name(username: str) -> Standing:
    """The same for the name that an action was given."""
    return _standing("username", username)


STANDING = """
    SELECT username, ARRAY(
            SELECT g.name FROM auth_user_groups m JOIN auth_group g ON g.id = m.group_id
            WHERE m.user_id = u.id ORDER BY g.name),
        ARRAY(SELECT account FROM operators_reach r WHERE r.user_id = u.id)
    FROM auth_user u WHERE u.is_active AND u.{} = %s
"""
BY = {"id": STANDING.format("id"), "username": STANDING.format("username")}


def _standing(by: str, value: object) -> Standing:
    for username, roles, accounts in rows_of(BY[by], [value]):
        return Standing(username, tuple(roles), frozenset(accounts))
    return Standing()


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


def views_of(user: AbstractBaseUser, page: str) -> list[SavedView]:
    return list(SavedView.objects.filter(user_id=user.pk, page=page).order_by("name"))


@dataclass(frozen=True, slots=True)
class Login:
    """What an open socket was opened with: asked again and again whether it still stands."""

    session_key: str
    user_id: int
    account: str = ""  # the code of the one whose figures it shows


def login_of(session: SessionBase | None, user: Somebody, account: str = "") -> Login | None:
    key = getattr(session, "session_key", None)
    return Login(key, user.pk, account) if key and user is not None and user.pk else None


def standing_logins(logins: Iterable[Login]) -> set[Login]:
    """Those that may still watch: signed out, disabled, out of a role or of reach, ended: no longer.

    Three statements for however many screens.
    """
    asked = set(logins)
    if not asked:
        return set()
    rows = Session.objects.filter(
        pk__in={login.session_key for login in asked}, expire_date__gt=timezone.now()
    )
    held = {row.pk: row.get_decoded() for row in rows}
    people = get_user_model().objects.filter(
        pk__in={login.user_id for login in asked}, is_active=True, groups__name__in=WATCHING
    )
    if settings.MODE != "sim":
        people = people.filter(authenticator__type__in=["totp", "webauthn"])
    found = {row.pk: row for row in people.distinct().prefetch_related("reach")}
    return {
        login for login in asked if _stands(login, held.get(login.session_key, {}), found.get(login.user_id))
    }


def _stands(login: Login, held: dict[str, Any], user: Any) -> bool:
    if user is None or held.get(SESSION_KEY) != str(user.pk):
        return False
    reach = Standing(accounts=frozenset(row.account for row in user.reach.all()))
    if login.account and not reach.reaches(login.account):
        return False
    return constant_time_compare(held.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())


def may_watch(session: SessionBase | None, user: Somebody, account: str = "") -> bool:
    login = login_of(session, user, account)
    return login is not None and bool(standing_logins([login]))


@dataclass(frozen=True, slots=True)
class Person:
    """One row of the list of people."""

    user: User
    standing: Standing
    factors: frozenset[str]
    sessions: tuple[UserSession, ...]

    @property
    def last_seen(self) -> datetime | None:
        return max((one.last_seen_at for one in self.sessions), default=self.user.last_login)


def people() -> list[Person]:
    """Everybody who was ever let in, whoever is shut out last."""
    rows = User.objects.prefetch_related("groups", "reach", "authenticator_set", "usersession_set")
    return [_person(user) for user in rows.order_by("-is_active", "username")]


def person_named(username: str) -> Person | None:
    user = User.objects.filter(username=username).first()
    return _person(user) if user else None


def _person(user: User) -> Person:
    any_user: Any = user
    roles = tuple(role for role in ROLES if role in {group.name for group in user.groups.all()})
    accounts = frozenset(row.account for row in any_user.reach.all())
    kinds = frozenset(row.type for row in any_user.authenticator_set.all()) - {"recovery_codes"}
    alive = tuple(row for row in any_user.usersession_set.all() if row.exists())
    return Person(user, Standing(user.username, roles, accounts), kinds, alive)


def passkeys_of(user: User) -> QuerySet[Authenticator]:
    rows: QuerySet[Authenticator] = Authenticator.objects.filter(user=user)
    return rows.filter(type=Authenticator.Type.WEBAUTHN).order_by("created_at")


def recovery_codes_left(user: User) -> int | None:
    row = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).first()
    return len(row.wrap().get_unused_codes()) if row else None


def tokens() -> QuerySet[Token]:
    return Token.objects.order_by("revoked_at", "name")


def token_numbered(number: int) -> Token | None:
    return Token.objects.filter(pk=number).first()


# What anybody would try first, beside the person's own name.
TRIED_FIRST = (
    "admin",
    "password",
    "tradingdesk",
    "demo",
    "changeme",
    "secret",
    "trader",
    "12345678",
    "letmein",
)


def weak_people() -> list[str]:
    """Who would be found by the first guesses; each guess costs what a login costs."""
    rows = User.objects.filter(is_active=True).order_by("username")
    return [
        user.username
        for user in rows
        if user.has_usable_password()
        and any(user.check_password(word) for word in (user.username, *TRIED_FIRST))
    ]


def has_admin() -> bool:
    """Whether anybody is left, or was ever made, who can let people in."""
    return User.objects.filter(is_active=True, groups__name__in=LETTING_IN).exists()
