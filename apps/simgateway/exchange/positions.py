"""One holding, and how a print changes it. Costs are money in its currency, commission included."""

from dataclasses import dataclass
from decimal import Decimal

from apps.simgateway.exchange.instrument import Instrument
from apps.simgateway.exchange.order import ZERO


@dataclass(slots=True)
class Position:
    """`cost` and `gross` carry the sign of the quantity; `gross` leaves commissions out."""

    con_id: int
    quantity: Decimal = ZERO
    cost: Decimal = ZERO
    gross: Decimal = ZERO
    realized: Decimal = ZERO  # of the day
    flow: Decimal = ZERO  # of the day: money in less money out, commissions included

    @property
    def average_cost(self) -> Decimal:
        return self.cost / self.quantity if self.quantity else ZERO

    def copy(self) -> "Position":
        return Position(self.con_id, self.quantity, self.cost, self.gross, self.realized, self.flow)


@dataclass(frozen=True, slots=True)
class Fill:
    """What a print means for the books."""

    shares: Decimal  # signed
    price: Decimal
    commission: Decimal


def apply_fill(position: Position, instrument: Instrument, fill: Fill) -> tuple[Decimal | None, Decimal]:
    """Book a fill; answers the realised result (None if nothing closed) and the result on price alone."""
    point = instrument.money_per_point
    held, value = position.quantity, fill.shares * fill.price * point
    position.flow -= value + fill.commission
    if not held or (held > 0) == (fill.shares > 0):
        position.quantity = held + fill.shares
        position.cost += value + fill.commission
        position.gross += value
        return None, ZERO
    return _close(position, fill, value)


def _close(position: Position, fill: Fill, value: Decimal) -> tuple[Decimal, Decimal]:
    held, shares = position.quantity, fill.shares
    whole = abs(shares) >= abs(held)
    closed = -held if whole else shares  # the part of the fill that closes
    all_of_it = closed == shares
    value_out = value if all_of_it else value * closed / shares
    fee_out = fill.commission if all_of_it else fill.commission * closed / shares
    cost_out = position.cost if whole else position.cost * -closed / held
    gross_out = position.gross if whole else position.gross * -closed / held
    realized = -value_out - cost_out - fee_out
    position.quantity = held + shares
    position.cost += (value - value_out) + (fill.commission - fee_out) - cost_out
    position.gross += (value - value_out) - gross_out
    position.realized += realized
    return realized, -value_out - gross_out


def cash_flows(instrument: Instrument, fill: Fill, price_result: Decimal) -> list[tuple[str, Decimal]]:
    """What a fill does to the cash balances. A future moves no cash until it is closed."""
    if instrument.sec_type == "FUT":
        return [(instrument.currency, price_result - fill.commission)]
    value = fill.shares * fill.price * instrument.money_per_point
    flows = [(instrument.currency, -value - fill.commission)]
    if instrument.sec_type == "CASH":
        flows.append((instrument.symbol, fill.shares))
    return flows
