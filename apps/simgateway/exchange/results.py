"""Market values and results of holdings."""

from dataclasses import dataclass
from decimal import Decimal

from apps.simgateway.exchange.instant import Instant
from apps.simgateway.exchange.instrument import Instrument
from apps.simgateway.exchange.ledgers import Account
from apps.simgateway.exchange.order import ZERO
from apps.simgateway.exchange.positions import Position
from apps.simgateway.exchange.valuation import Valuer


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A row of the portfolio; money in the instrument's currency, the price in its tick unit."""

    con_id: int
    position: Decimal
    market_price: Decimal
    market_value: Decimal
    average_cost: Decimal
    unrealized: Decimal
    realized: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Pnl:
    """Results in the account's currency."""

    daily: Decimal
    unrealized: Decimal
    realized: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PnlSingle:
    """Results of one holding in its own currency."""

    position: Decimal
    daily: Decimal
    unrealized: Decimal
    realized: Decimal
    value: Decimal


def value_of(valuer: Valuer, instrument: Instrument, position: Position, *, now: Instant) -> Decimal:
    if not position.quantity:
        return ZERO
    return position.quantity * valuer.price(instrument, position, now) * instrument.money_per_point


def holding_of(valuer: Valuer, position: Position, now: Instant) -> Holding | None:
    """The row of a holding; None when its contract is unknown."""
    instrument = valuer.catalogue.by_con_id(position.con_id)
    if instrument is None:
        return None
    price = valuer.price(instrument, position, now)
    value = position.quantity * price * instrument.money_per_point
    return Holding(
        con_id=position.con_id,
        position=position.quantity,
        market_price=price,
        market_value=value,
        average_cost=position.average_cost,
        unrealized=value - position.cost,
        realized=position.realized,
    )


def pnl_of(valuer: Valuer, account: Account, now: Instant) -> Pnl:
    """All holdings together. The day gained: value now, less value this morning, and the money between."""
    daily = unrealized = realized = ZERO
    for position in account.positions.values():
        instrument = valuer.catalogue.by_con_id(position.con_id)
        if instrument is None:
            continue
        rate = valuer.rates.rate(instrument.currency, account.base, now)
        value = value_of(valuer, instrument, position, now=now)
        morning = account.opening_marks.get(position.con_id, ZERO)
        daily += (value - morning + position.flow) * rate
        unrealized += (value - position.cost) * rate
        realized += position.realized * rate
    return Pnl(daily=daily, unrealized=unrealized, realized=realized)
