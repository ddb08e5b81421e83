"""Why the net asset value moved over a day: price, rates, fees, accruals, and what came from outside.

Let W be what the books are worth in one currency, cash and holdings together, and r its rate in base; 0 is
the last close, 1 is now. Then

    W1·r1 − W0·r0  =  (W1 − W0)·r1  +  W0·(r1 − r0)

The second term is the rate's. The first is taken apart by what is known of it, fees and accruals and money
from outside; what is left moved by itself and is the price's. So the parts add up to the whole by their
making, in every currency, and a part that nobody knows makes its whole unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from tradingdesk.domain.market import Contract
from tradingdesk.domain.money import Reason
from tradingdesk.domain.portfolio.nav import VARIATION_ONLY
from tradingdesk.domain.portfolio.positions import Position

ZERO = Decimal(0)
FLAT = Position()


class Why(StrEnum):
    """The causes; the first four are the result, the last two came from outside."""

    PRICE = "price"
    FX = "fx"
    FEE = "fee"
    ACCRUAL = "accrual"
    FLOW = "flow"
    ADOPTION = "adoption"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One position over the day, and what its trades moved in cash, fees apart, in the contract's money."""

    opening: Position = FLAT
    closing: Position = FLAT
    moved: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractDay:
    """One contract over the day: the account's own span, and the spans of the strategies within it."""

    contract: Contract
    whole: Span
    by_strategy: Mapping[int, Span] = field(default_factory=dict)
    adopted: Decimal | None = ZERO  # what adoptions of the day added, in the contract's money
    opening_mark: Decimal | None = None
    closing_mark: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Movement:
    """A sum of cash entries of the day that no position explains."""

    why: Why
    currency: str
    amount: Decimal
    strategy: int | None = None
    con_id: int | None = None


@dataclass(frozen=True, slots=True)
class RateSpan:
    """A currency's worth in base as the day began and as it stands. None is unknown."""

    opening: Decimal | None
    closing: Decimal | None


@dataclass(frozen=True, slots=True)
class Part:
    """What one cause added in base; None is unknown."""

    strategy: int | None
    con_id: int | None
    currency: str
    why: Why
    amount: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOfBooks:
    """A day of an account, part by part, and the worth from which and to which they lead."""

    parts: tuple[Part, ...]
    opening: Decimal | None
    closing: Decimal | None
    reasons: tuple[Reason, ...] = ()

    @property
    def whole(self) -> Decimal | None:
        """All parts together; unknown while one of them is."""
        known = [part.amount for part in self.parts if part.amount is not None]
        return sum(known, start=ZERO) if len(known) == len(self.parts) else None


def day_of_books(
    contracts: Iterable[ContractDay],
    *,
    cash: Mapping[str, Decimal],
    movements: Iterable[Movement],
    rates: Mapping[str, RateSpan],
) -> DayOfBooks:
    """`cash` is what each currency's balance was as the day began, accruals with it."""
    days, moved = list(contracts), list(movements)
    parts = [part for day in days for part in _contract_parts(day, rates[day.contract.currency])]
    parts += [_moved(one, rates[one.currency]) for one in moved]
    parts += [
        Part(None, None, currency, Why.FX, _revalued(amount, rates[currency]))
        for currency, amount in cash.items()
    ]
    return DayOfBooks(
        parts=tuple(part for part in parts if part.amount != 0),
        opening=_worth_in_base(_opening_worth(days, cash), rates, opening=True),
        closing=_worth_in_base(_closing_worth(days, cash, moved), rates, opening=False),
        reasons=tuple(_reasons(days, cash, moved, rates)),
    )


def worth_of(contract: Contract, position: Position, mark: Decimal | None) -> Decimal | None:
    """What a position adds to the net asset value, in the contract's money."""
    if not position.quantity:
        return ZERO
    if mark is None:
        return None
    paid = position.average_cost if contract.sec_type in VARIATION_ONLY else ZERO
    return position.quantity * (mark - paid) * contract.money_per_point


def _contract_parts(day: ContractDay, rate: RateSpan) -> Iterator[Part]:
    currency, con_id = day.contract.currency, day.contract.con_id
    price, fx = _span_result(day, day.whole, rate, adopted=day.adopted)
    left_price, left_fx = price, fx
    for strategy, span in day.by_strategy.items():
        own_price, own_fx = _span_result(day, span, rate, adopted=ZERO)
        yield Part(strategy, con_id, currency, Why.PRICE, own_price)
        yield Part(strategy, con_id, currency, Why.FX, own_fx)
        left_price, left_fx = _less(left_price, own_price), _less(left_fx, own_fx)
    yield Part(None, con_id, currency, Why.PRICE, left_price)
    yield Part(None, con_id, currency, Why.FX, left_fx)
    if day.adopted != 0:
        yield Part(None, con_id, currency, Why.ADOPTION, _times(day.adopted, rate.closing))


def _span_result(
    day: ContractDay, span: Span, rate: RateSpan, *, adopted: Decimal | None
) -> tuple[Decimal | None, Decimal | None]:
    """What price and rate made of it, in base."""
    before = worth_of(day.contract, span.opening, day.opening_mark)
    after = worth_of(day.contract, span.closing, day.closing_mark)
    if before is None or after is None or adopted is None:
        return None, _revalued(before, rate)
    return _times(after - before + span.moved - adopted, rate.closing), _revalued(before, rate)


def _moved(one: Movement, rate: RateSpan) -> Part:
    return Part(one.strategy, one.con_id, one.currency, one.why, _times(one.amount, rate.closing))


def _revalued(amount: Decimal | None, rate: RateSpan) -> Decimal | None:
    if amount == 0:
        return ZERO
    if amount is None or rate.opening is None or rate.closing is None:
        return None
    return amount * (rate.closing - rate.opening)


def _times(amount: Decimal | None, rate: Decimal | None) -> Decimal | None:
    if amount == 0:
        return ZERO
    return None if amount is None or rate is None else amount * rate


def _less(amount: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if amount is None or other is None else amount - other


Worths = dict[str, "Decimal | None"]


def _opening_worth(days: Iterable[ContractDay], cash: Mapping[str, Decimal]) -> Worths:
    worth: Worths = dict(cash)
    for day in days:
        _add(worth, day.contract.currency, worth_of(day.contract, day.whole.opening, day.opening_mark))
    return worth


def _closing_worth(
    days: Iterable[ContractDay], cash: Mapping[str, Decimal], movements: Iterable[Movement]
) -> Worths:
    worth: Worths = dict(cash)
    for one in movements:
        _add(worth, one.currency, one.amount)
    for day in days:
        _add(worth, day.contract.currency, day.whole.moved)
        _add(worth, day.contract.currency, worth_of(day.contract, day.whole.closing, day.closing_mark))
    return worth


def _add(worth: Worths, currency: str, amount: Decimal | None) -> None:
    held = worth.get(currency, ZERO)
    worth[currency] = None if held is None or amount is None else held + amount


def _worth_in_base(worth: Worths, rates: Mapping[str, RateSpan], *, opening: bool) -> Decimal | None:
    total = ZERO
    for currency, amount in worth.items():
        rate = rates[currency].opening if opening else rates[currency].closing
        value = _times(amount, rate)
        if value is None:
            return None
        total += value
    return total


def _reasons(
    days: Iterable[ContractDay],
    cash: Mapping[str, Decimal],
    movements: Iterable[Movement],
    rates: Mapping[str, RateSpan],
) -> Iterator[Reason]:
    began, stands = {c for c, amount in cash.items() if amount}, {one.currency for one in movements}
    for day in days:
        symbol, currency = day.contract.symbol, day.contract.currency
        if day.whole.opening.quantity:
            began.add(currency)
            if day.opening_mark is None:
                yield Reason("OPENING_MARK_MISSING", f"{symbol} had no price as the day began")
        stands.add(currency)
        if day.whole.closing.quantity and day.closing_mark is None:
            yield Reason("MARK_MISSING", f"{symbol} has no price")
        if day.adopted is None:
            yield Reason("MARK_MISSING", f"{symbol} had no price when it was adopted")
    for currency in sorted(began | stands):
        if currency in began and rates[currency].opening is None:
            yield Reason("OPENING_RATE_MISSING", f"{currency} had no rate as the day began")
        if rates[currency].closing is None:
            yield Reason("FX_RATE_MISSING", f"{currency} has no rate that is younger than a day")
