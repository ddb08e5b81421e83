"""Add an account, or change its title, gateway or whether it may be traded."""

from typing import Any

from django.db import transaction

from apps.desks.models import Account
from apps.desks.ports import DeskRefused, check_account_fits
from apps.journal.actions.write_change import fields_of, write_change
from apps.journal.ports import Actor


@transaction.atomic
def save_account(account: Account, *, actor: Actor, reason: str = "", **values: Any) -> Account:
    """Save the values; the code must fit the gateway's mode and never changes."""
    before = None
    if account.pk:
        account = Account.objects.select_for_update().get(pk=account.pk)
        before = fields_of(account)
        if values.get("code", account.code) != account.code:
            raise DeskRefused("ACCOUNT_CODE_FIXED", "An account keeps its code: add the other one instead.")
    for name, value in values.items():
        setattr(account, name, value)
    check_account_fits(account.code, account.gateway.mode)
    account.save()
    write_change(account, before, actor=actor, reason=reason, account=account.code, topics=("account",))
    return account
