"""Let a person in, with roles and accounts; change them; shut a person out and in again."""

import re
from collections.abc import Iterable

from django.contrib.auth.models import Group, User
from django.db import transaction

from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.operators.actions.end_sessions import end_sessions
from apps.operators.models import Reach
from apps.operators.ports import OWN_NAMES, ROLES, PersonRefused
from apps.operators.queries import LETTING_IN, has_admin, require, standing_of

TOPICS = ("people",)
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")


@transaction.atomic
def make_person(
    username: str,
    *,
    roles: Iterable[str],
    accounts: Iterable[str] = (Reach.EVERY,),
    actor: Actor,
    reason: str = "",
) -> User:
    """Without a password: the person sets one by a link that works once."""
    require(actor, "manage_people")
    if not NAME.fullmatch(username) or username.lower() in OWN_NAMES:
        raise PersonRefused("PERSON_NAME_UNFIT", f"{username[:60]!r} cannot be somebody's name")
    if User.objects.filter(username__iexact=username).exists():
        raise PersonRefused("PERSON_NAME_TAKEN", f"somebody is called {username!r} already")
    user = User.objects.create_user(username)
    after = {"username": username}
    write_entry("make_person", subject=user, actor=actor, reason=reason, after=after, topics=TOPICS)
    return set_person(user, roles=roles, accounts=accounts, actor=actor, reason=reason)


@transaction.atomic
def set_person(
    user: User, *, roles: Iterable[str], accounts: Iterable[str], actor: Actor, reason: str = ""
) -> User:
    """Roles and accounts become exactly these; it bites with the next request and on open screens at once."""
    wanted, reach = sorted(set(roles)), sorted(set(accounts))
    unknown = [role for role in wanted if role not in ROLES]
    if unknown:
        raise PersonRefused("ROLE_UNKNOWN", f"roles are {', '.join(ROLES)}, not {', '.join(unknown)}")
    user = _held(user, actor)
    held = standing_of(user)
    if (list(held.roles), sorted(held.accounts)) == (wanted, reach):
        return user
    had_admin = has_admin()
    user.groups.set([Group.objects.get_or_create(name=role)[0] for role in wanted])
    _leave_an_admin(had_admin)
    Reach.objects.filter(user=user).exclude(account__in=reach).delete()
    Reach.objects.bulk_create([Reach(user=user, account=code) for code in reach], ignore_conflicts=True)
    write_entry(
        "set_person",
        subject=user,
        actor=actor,
        reason=reason,
        before={"roles": list(held.roles), "accounts": sorted(held.accounts)},
        after={"username": user.username, "roles": wanted, "accounts": reach},
        topics=TOPICS,
    )
    return user


@transaction.atomic
def shut_out(user: User, *, actor: Actor, reason: str) -> User:
    """Every session ends now, every open screen within a second; nothing of the record goes."""
    user = _held(user, actor)
    if not user.is_active:
        return user
    had_admin = has_admin()
    user.is_active = False
    user.save(update_fields=["is_active"])
    _leave_an_admin(had_admin)
    end_sessions(user, actor=actor, reason=reason)
    after = {"username": user.username}
    write_entry("shut_out", subject=user, actor=actor, reason=reason, after=after, topics=TOPICS)
    return user


@transaction.atomic
def let_in_again(user: User, *, actor: Actor, reason: str) -> User:
    user = _held(user, actor)
    if user.is_active:
        return user
    user.is_active = True
    user.save(update_fields=["is_active"])
    after = {"username": user.username}
    write_entry("let_in_again", subject=user, actor=actor, reason=reason, after=after, topics=TOPICS)
    return user


def _held(user: User, actor: Actor) -> User:
    """The row, locked. Nobody changes themselves but the only administrator there is."""
    require(actor, "manage_people")
    admins = list(Group.objects.select_for_update().filter(name__in=LETTING_IN))
    held = User.objects.select_for_update().get(pk=user.pk)
    if actor.kind == "user" and held.username == actor.name:
        others = User.objects.filter(is_active=True, groups__in=admins).exclude(pk=held.pk)
        if others.exists():
            raise PersonRefused("PERSON_IS_ONESELF", "another administrator has to change you")
    return held


def _leave_an_admin(had_admin: bool) -> None:
    if had_admin and not has_admin():
        raise PersonRefused("LAST_ADMIN", "nobody could let people in any more")
