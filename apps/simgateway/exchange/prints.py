"""A print: the execution, its commission, the books, and what follows for the order."""

from decimal import Decimal

from apps.simgateway.exchange.closing import after_fill
from apps.simgateway.exchange.commissions import commission
from apps.simgateway.exchange.events import Execution, PositionChanged
from apps.simgateway.exchange.floor import Floor
from apps.simgateway.exchange.instant import SECOND
from apps.simgateway.exchange.instrument import Instrument
from apps.simgateway.exchange.order import FILLED, Order
from apps.simgateway.exchange.work import Work

_HEAD = "0000e0d5"
SIDES = {"BUY": "BOT", "SELL": "SLD"}
OPPOSITE = {"BUY": "SELL", "SELL": "BUY"}


def next_exec_root(floor: Floor) -> str:
    """The unchanging part of an execution id; never the same twice."""
    floor.serial = max(floor.serial + 1, (floor.now // SECOND) & 0xFFFFFFFF)
    return f"{_HEAD}.{floor.serial:08x}"


def venue_of(floor: Floor, order: Order, instrument: Instrument) -> str:
    """The exchange a print happened at: the one asked for, else one of the smart router's in turn."""
    if order.exchange not in ("SMART", ""):
        return order.exchange
    venues = [v for v in instrument.valid_exchanges if v != "SMART"] or [instrument.primary_exchange]
    return venues[floor.serial % min(len(venues), 4)]


def print_fill(
    floor: Floor, work: Work, shares: Decimal, *, price: Decimal, liquidity: int = 2, venue: str = ""
) -> Execution:
    """Fill some of a plain order."""
    order, instrument = work.order, work.lead
    exec_id = next_exec_root(floor) + ".01.01"
    fee = commission(
        instrument,
        order.side,
        shares=shares,
        price=price,
        before=order.filled,
        value_before=order.filled_value,
    )
    remaining = order.quantity - order.filled
    count_fill(order, shares, price)
    filled = order.filled
    execution = Execution(
        exec_id=exec_id,
        perm_id=order.perm_id,
        account=order.account,
        con_id=instrument.con_id,
        side=SIDES[order.side],
        shares=shares,
        price=price,
        venue=venue or venue_of(floor, order, instrument),
        at=floor.now,
        cum_quantity=filled,
        average_price=price if filled is shares else order.average_price,
        liquidity=liquidity,
        order_filled=filled,
    )
    floor.events.append(execution)
    report = floor.accounts.book(execution, instrument, fee)
    if order.filled >= order.quantity:
        floor.finish(work, FILLED)
    if report is not None:
        floor.events.append(report)
    floor.events.append(PositionChanged(account=order.account, con_id=instrument.con_id))
    after_fill(floor, work, shares=shares, remaining=remaining)
    return execution


def count_fill(order: Order, shares: Decimal, price: Decimal) -> None:
    order.filled = order.filled + shares if order.filled else shares  # one object for both saves memory
    order.filled_value += shares * price
    order.last_fill_price = price
