"""Add a gateway or change where it is dialled."""

from typing import Any

from django.db import transaction

from apps.desks.models import Gateway
from apps.desks.ports import check_account_fits
from apps.journal.actions.write_change import fields_of, write_change
from apps.journal.ports import Actor


@transaction.atomic
def save_gateway(gateway: Gateway, *, actor: Actor, reason: str = "", **values: Any) -> Gateway:
    """Save the values; a new mode must fit every account behind the gateway."""
    before = None
    if gateway.pk:
        gateway = Gateway.objects.select_for_update().get(pk=gateway.pk)
        before = fields_of(gateway)
    for name, value in values.items():
        setattr(gateway, name, value)
    if gateway.pk:
        for code in gateway.accounts.values_list("code", flat=True):
            check_account_fits(code, gateway.mode)
    gateway.save()
    write_change(gateway, before, actor=actor, reason=reason, topics=("link",))
    return gateway
