"""What the trades of a day closed: a part of its result, never a second way to it."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from apps.ledger.carried import Base
from apps.ledger.models import Fill
from apps.ledger.queries import SIGN
from tradingdesk.domain.money import Side
from tradingdesk.domain.portfolio import Position
from tradingdesk.domain.portfolio.positions import after_trade

Key = tuple[int | None, int]  # a strategy, or nobody of ours, and a contract's primary key


def points_realized(account_id: int, day: date, today: Sequence[Fill], *, base: Base) -> dict[Key, Decimal]:
    """What each closed, in points of price, by the day's fills in their order.

    What was flat as the day began has no past that would have to be read.
    """
    traded = {fill.contract_id for fill in today}
    rows = Fill.objects.filter(
        account_id=account_id, trading_day__lt=day, contract_id__in=traded, superseded=False, busted=False
    )
    past = base.later(rows)
    carried = {(strategy, one): held for (one, strategy), held in base.parts.items() if one in traded}
    sums = past.order_by().values_list("strategy_id", "contract_id").annotate(held=Sum(SIGN))
    moved = {(strategy, contract): held for strategy, contract, held in sums}
    held = {
        key
        for key in {*carried, *moved}
        if carried.get(key, Position()).quantity + moved.get(key, Decimal(0))
    }
    touched = {contract for strategy, contract in held if (strategy, contract) in moved}
    between = past.filter(contract_id__in=touched).order_by("at", "pk")
    openings = _folded((fill for fill in between if (fill.strategy_id, fill.contract_id) in held), carried)
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
