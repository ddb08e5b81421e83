"""Keep how an operator likes the screens."""

from typing import Any
from zoneinfo import available_timezones

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction

from apps.journal.actions.write_change import fields_of, write_change
from apps.journal.ports import Actor
from apps.operators.models import Preference


@transaction.atomic
def save_preference(user: AbstractBaseUser, *, actor: Actor, **values: Any) -> Preference:
    """Save the given values and leave the others."""
    row, made = Preference.objects.select_for_update().get_or_create(user_id=user.pk)
    before = None if made else fields_of(row)
    for name, value in values.items():
        setattr(row, name, value)
    if row.primary_zone not in available_timezones():
        raise ValidationError({"primary_zone": f"{row.primary_zone!r} is not a time zone."})
    row.full_clean(exclude=["user"])
    row.save()
    write_change(row, before, actor=actor, reason="", topics=())
    return row
