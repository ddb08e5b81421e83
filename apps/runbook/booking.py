"""The books through the day: what waited for a description is settled, and each minute has its worth."""

from datetime import datetime

from apps.desks.queries import enabled_accounts
from apps.ledger.actions.book_cash import settle_described
from apps.ledger.actions.snapshot_nav import snapshot_nav
from apps.ledger.queries import has_snapshot
from apps.market.actions.answer_lookup import ask_old_again


def keep_books(now: datetime) -> str:
    """Every second asked, once a minute done."""
    settled = settle_described()
    for account in enabled_accounts():
        if not has_snapshot(account.pk, now):
            snapshot_nav(account, now)
    return f"{settled} described contracts settled" if settled else ""


def check_contracts(now: datetime) -> str:
    """Once a day the broker is asked again what each contract is."""
    asked = ask_old_again(now)
    return f"{asked} contracts asked for again" if asked else ""
