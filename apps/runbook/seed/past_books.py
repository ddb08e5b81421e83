"""The demo's books: opened once from the broker's own figures, and closed with each day of the past."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from apps.desks.models import Account
from apps.journal.ports import Actor
from apps.ledger.actions.adopt import CASH_TAG, adopt_cash, adopt_position
from apps.ledger.actions.book_broker import book_positions
from apps.ledger.actions.book_day import book_days
from apps.ledger.actions.snapshot_nav import snapshot_nav
from apps.ledger.books import is_opened
from apps.ledger.queries import differing_positions
from apps.market.actions.save_quotes import save_quotes
from apps.market.actions.save_rates import RateTold, save_rates
from apps.runbook.seed.survey import Survey

OPENER = Actor("user", "h.lang")
WHY = "as the account was opened, taken over from the broker on the desk's first day"


def open_books(
    account: Account, found: Survey, mids: Mapping[int, Decimal], *, still_to_earn: Decimal, now: datetime
) -> None:
    """What the broker holds, and its cash of today less what the days to be played will earn."""
    if is_opened(account):
        return
    save_quotes([_quoted(contract_id, mid, now) for contract_id, mid in mids.items()])
    _adopt_positions(account, found, now)
    for told in found.money:
        if told.account == account.code and told.tag == CASH_TAG and told.currency != "BASE":
            earned = still_to_earn if told.currency == account.base_currency else Decimal(0)
            adopt_cash(account, told.currency, amount=told.value - earned, reason=WHY, actor=OPENER, now=now)
    keep_rates(account, found, now)
    close_books(account, mids, now)


def _adopt_positions(account: Account, found: Survey, now: datetime) -> None:
    book_positions(account.gateway, found.positions, now)
    for row in differing_positions(account.pk):
        adopt_position(
            account,
            row.contract,
            quantity=row.broker_quantity or Decimal(0),
            average_cost=row.broker_cost,
            reason=WHY,
            actor=OPENER,
            now=now,
        )


def keep_rates(account: Account, found: Survey, now: datetime) -> None:
    """The past knew the rates of today: the demo moves prices, not currencies."""
    save_rates(
        RateTold(base=account.base_currency, currency=told.currency, value=told.value, at=now)
        for told in found.money
        if told.account == account.code and told.tag == "ExchangeRate" and told.currency != "BASE"
    )


def close_books(account: Account, mids: Mapping[int, Decimal], now: datetime) -> None:
    """What is held is quoted, the day is taken apart, the worth is kept."""
    save_quotes([_quoted(contract_id, mid, now) for contract_id, mid in mids.items()])
    book_days(account, now)
    snapshot_nav(account, now)


def _quoted(contract_id: int, mid: Decimal, now: datetime) -> dict[str, object]:
    return {
        "contract_id": contract_id,
        "bid": mid,
        "ask": mid,
        "last": mid,
        "close": mid,
        "received_at": now,
    }
