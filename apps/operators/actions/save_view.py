"""Keep what an operator filters a table by, under a name; the same name again is changed."""

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from apps.journal.actions.write_change import fields_of, write_change
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.operators.models import SavedView

AT_MOST = 20  # views of a page; a longer list is found slower than a filter is set


class ViewRefused(Exception):
    """Nothing was saved; the words say what to do."""


@transaction.atomic
def save_view(user: AbstractBaseUser, page: str, name: str, query: str, *, actor: Actor) -> SavedView:
    name = " ".join(name.split())
    if not name or len(name) > 40:
        raise ViewRefused("A view needs a name of at most 40 characters.")
    mine = SavedView.objects.select_for_update().filter(user_id=user.pk, page=page)
    row = mine.filter(name=name).first()
    if row is None and mine.count() >= AT_MOST:
        raise ViewRefused(f"There are {AT_MOST} views of this page already: forget one first.")
    before = fields_of(row) if row is not None else None
    row = row or SavedView(user_id=user.pk, page=page, name=name)
    row.query = query
    row.save()
    write_change(row, before, actor=actor, reason="", topics=())
    return row


@transaction.atomic
def forget_view(user: AbstractBaseUser, page: str, name: str, *, actor: Actor) -> bool:
    """False when there was none of that name."""
    row = SavedView.objects.filter(user_id=user.pk, page=page, name=name).first()
    if row is None:
        return False
    write_entry("forget_view", subject=row, actor=actor, before=fields_of(row))
    row.delete()
    return True
