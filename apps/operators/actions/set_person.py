"""Let a person in, with roles and accounts; change them; shut a person out."""

from collections.abc import Iterable

from django.contrib.auth.models import Group, User
from django.db import transaction

from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.operators.models import Reach
from apps.operators.ports import ROLES, PersonRefused
from apps.operators.queries import standing_of

TOPICS = ("people",)


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
    if User.objects.filter(username__iexact=username).exists():
        raise PersonRefused("PERSON_NAME_TAKEN", f"somebody is called {username!r} already")
    user = User.objects.create_user(username)
    write_entry(
        "make_person", subject=user, actor=actor, reason=reason, after={"username": username}, topics=TOPICS
    )
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
    user = User.objects.select_for_update().get(pk=user.pk)
    held = standing_of(user)
    if (list(held.roles), sorted(held.accounts)) == (wanted, reach):
        return user
    user.groups.set([Group.objects.get_or_create(name=role)[0] for role in wanted])
    Reach.objects.filter(user=user).exclude(account__in=reach).delete()
    Reach.objects.bulk_create([Reach(user=user, account=code) for code in reach], ignore_conflicts=True)
    write_entry(
        "set_person",
        subject=user,
        actor=actor,
        reason=reason,
        before={"roles": list(held.roles), "accounts": sorted(held.accounts)},
        after={"roles": wanted, "accounts": reach},
        topics=TOPICS,
    )
    return user
