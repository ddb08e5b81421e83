"""What the trades of a day closed: a part of its result, never a second way to it."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from apps.ledger.models import Fill
from apps.ledger.queries import SIGN, fills_before
from tradingdesk.domain.money import Side
from tradingdesk.domain.portfolio import Position
from tradingdesk.domain.portfolio.positions import after_trade

Key = tuple[int | None, int]  # a strategy, or nobody of ours, and a contract's primary key


def points_realized(account_id: int, day: date, today: Sequence[Fill]) -> dict[Key, Decimal]:
    """What each closed, in points of price, by the day's fills in their order.

    What was flat as the day began has no past that would have to be read.
    """
    traded = {fill.contract_id for fill in today}
    rows = Fill.objects.filter(
        account_id=account_id, trading_day__lt=day, contract_id__in=traded, superseded=False, busted=False
    ).order_by()
    sums = rows.values_list("strategy_id", "contract_id").annotate(held=Sum(SIGN)).exclude(held=0)
    held = {(strategy, contract) for strategy, contract, _ in sums} if traded else set()
    past = fills_before(day, account_id, {contract for _, contract in held}) if held else ()
    openings = _folded((fill for fill in past if (fill.strategy_id, fill.contract_id) in held), {})
    after = _folded(today, openings)
    keys = {(fill.strategy_id, fill.contract_id) for fill in today}
    return {key: after[key].realized - openings.get(key, Position()).realized for key in keys}


def _folded(fills: Iterable[Fill], opening: dict[Key, Position]) -> dict[Key, Position]:
    """Positions after these fills, oldest first."""
    held = dict(opening)
    for fill in fills:
        key = (fill.strategy_id, fill.contract_id)
        held[key] = after_trade(
            held.get(key, Position()), Side(fill.side), quantity=fill.quantity, price=fill.price
        )
    return held
