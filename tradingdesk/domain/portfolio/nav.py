"""What the book is worth, and how much of the market it moves with.

A future adds to the net asset value what it has gained since it was bought and nothing else: its margin
is cash already, and its face value was never paid. Everything else adds its market value. Exposure is the
full face value of everything, always, an option's by its delta. What cannot be priced makes the total
unknown and is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from tradingdesk.domain.market import MODEL_AGE, OPTIONS, Contract, Greeks, face_of_option
from tradingdesk.domain.money import Money, Reason
from tradingdesk.domain.portfolio.fx import Converted, Rates

VARIATION_ONLY = frozenset({"FUT", "CFD"})
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A position with the price it is valued at. Cost and mark are in quoted units, before the multiplier."""

    contract: Contract
    quantity: Decimal
    average_cost: Decimal | None
    mark: Decimal | None
    greeks: Greeks | None = None  # of one unit of an option; everything else moves one for one
    sleeve: str = ""
    mark_at: datetime | None = None
    problem: Reason | None = None  # why its value cannot be known, whatever its price


@dataclass(frozen=True, slots=True, kw_only=True)
class Valued:
    """One holding in its own money and in base; a part nobody knows is None and has its reason."""

    holding: Holding
    value: Money | None
    nav_value: Money | None
    nav_base: Decimal | None
    exposure_base: Decimal | None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """Face values in base. Gross is long and short together, net is their difference."""

    long: Decimal = ZERO
    short: Decimal = ZERO

    @property
    def gross(self) -> Decimal:
        return self.long + self.short

    @property
    def net(self) -> Decimal:
        return self.long - self.short


@dataclass(frozen=True, slots=True, kw_only=True)
class Nav:
    """The account's worth in base. `total` is None while a part of it is unknown."""

    at: datetime
    base: str
    cash: dict[str, Decimal]
    cash_base: Decimal | None
    holdings: tuple[Valued, ...]
    total: Decimal | None
    exposure: Exposure
    reasons: tuple[Reason, ...] = field(default=())


def nav_of(cash: Sequence[Money], holdings: Iterable[Holding], rates: Rates, now: datetime) -> Nav:
    """Each currency converted once, each holding valued by its kind; unknown parts make the whole unknown."""
    money, refused = _sum_in_base(cash, rates, now)
    valued = tuple(value_of(one, rates, now) for one in holdings if one.quantity)
    reasons = (*refused, *(one.reason for one in valued if one.reason is not None))
    known = [one.nav_base for one in valued if one.nav_base is not None]
    whole = money is not None and len(known) == len(valued)
    held: dict[str, Decimal] = {}
    for part in cash:
        held[part.currency] = held.get(part.currency, ZERO) + part.amount
    return Nav(
        at=now,
        base=rates.base,
        cash=held,
        cash_base=money,
        holdings=valued,
        total=(money or ZERO) + sum(known, start=ZERO) if whole else None,
        exposure=exposure_of(valued),
        reasons=reasons,
    )


def value_of(holding: Holding, rates: Rates, now: datetime) -> Valued:
    """What one holding adds, in its money and in base."""
    contract = holding.contract
    if holding.problem is not None:
        return _unknown(holding, holding.problem)
    if holding.mark is None or not holding.mark.is_finite():
        return _unknown(holding, Reason("MARK_MISSING", f"{contract.symbol} has no price"))
    value = _money(holding.quantity * holding.mark, contract)
    nav_value = value
    if contract.sec_type in VARIATION_ONLY:
        if holding.average_cost is None:
            return _unknown(holding, Reason("COST_MISSING", f"{contract.symbol} has no cost to gain upon"))
        nav_value = _money(holding.quantity * (holding.mark - holding.average_cost), contract)
    converted = rates.to_base(nav_value, now)
    face = _face(holding, value, now)
    face_base = converted if face is nav_value else _in_base(face, rates, now)
    return Valued(
        holding=holding,
        value=value,
        nav_value=nav_value,
        nav_base=None if isinstance(converted, Reason) else converted.money.amount,
        exposure_base=None if isinstance(face_base, Reason) else face_base.money.amount,
        reason=next((one for one in (converted, face_base) if isinstance(one, Reason)), None),
    )


def _face(holding: Holding, value: Money, now: datetime) -> Money | Reason:
    """What the holding moves with. A model that has not spoken for long is not believed."""
    if holding.contract.sec_type not in OPTIONS:
        return value
    told = holding.greeks
    fresh = told if told is not None and told.told_within(MODEL_AGE, now) else None
    face = face_of_option(holding.contract, holding.quantity, fresh)
    if face is None:
        return Reason("FACE_UNKNOWN", f"{holding.contract.symbol} has neither a model nor a strike")
    return Money(face, value.currency)


def exposure_of(valued: Iterable[Valued]) -> Exposure:
    """Face values, the long ones and the short ones apart. An unknown one is missing, and `Nav` says so."""
    known = [one.exposure_base for one in valued if one.exposure_base is not None]
    return Exposure(
        long=sum((face for face in known if face > 0), start=ZERO),
        short=-sum((face for face in known if face < 0), start=ZERO),
    )


def _in_base(face: Money | Reason, rates: Rates, now: datetime) -> Converted | Reason:
    return rates.to_base(face, now) if isinstance(face, Money) else face


def _sum_in_base(cash: Sequence[Money], rates: Rates, now: datetime) -> tuple[Decimal | None, list[Reason]]:
    total, refused = ZERO, []
    for part in cash:
        converted = rates.to_base(part, now)
        if isinstance(converted, Reason):
            if part.amount:
                refused.append(converted)
            continue
        total += converted.money.amount
    return (None if refused else total), refused


def _unknown(holding: Holding, reason: Reason) -> Valued:
    return Valued(
        holding=holding, value=None, nav_value=None, nav_base=None, exposure_base=None, reason=reason
    )


def _money(points: Decimal, contract: Contract) -> Money:
    return Money(points * contract.money_per_point, contract.currency)
