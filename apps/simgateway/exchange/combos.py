"""Combos: several legs for one net price, all together or, when not guaranteed, one leg after the other."""

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from apps.simgateway.exchange.closing import after_fill, allowed
from apps.simgateway.exchange.commissions import commission
from apps.simgateway.exchange.events import Execution, PositionChanged
from apps.simgateway.exchange.floor import Floor
from apps.simgateway.exchange.instrument import Instrument
from apps.simgateway.exchange.order import FILLED, ZERO, Leg, Order
from apps.simgateway.exchange.prints import OPPOSITE, SIDES, count_fill, next_exec_root, venue_of
from apps.simgateway.exchange.work import Work

_ONE = Decimal(1)


@dataclass(slots=True)
class LegPrice:
    """What a leg would trade at now, and for how many combos its displayed size lasts."""

    leg: Leg
    instrument: Instrument
    side: str  # as traded, with the combo's own side taken in
    price: Decimal
    mid: Decimal
    units: Decimal

    @property
    def weight(self) -> Decimal:
        """The leg's part in the net price of a bought combo."""
        return Decimal(self.leg.ratio if self.leg.side == "BUY" else -self.leg.ratio)


def attempt(floor: Floor, work: Work) -> None:
    """Trade whatever the legs' quotes allow now."""
    order = work.order
    priced = _priced(floor, work)
    if priced is None or order.is_done:
        return
    if not order.guaranteed:
        _attempt_uneven(floor, work, priced)
        return
    units = min(allowed(floor, order), *(p.units for p in priced))
    if units <= 0 or ((order.tif == "FOK" or order.all_or_none) and units < order.remaining):
        return
    if _agree(floor, order, priced):
        _print_combo(floor, work, priced, units=units)


def force(floor: Floor, work: Work, *, units: Decimal, price: Decimal) -> None:
    """Fill some of a combo at a net price of somebody's choosing."""
    priced = _priced(floor, work)
    if priced is None:
        raise LookupError("a leg has no quote; set one first")
    _shift(priced, price - net(priced))
    _print_combo(floor, work, priced, units=units)


def net(priced: list[LegPrice]) -> Decimal:
    return sum((p.weight * p.price for p in priced), ZERO)


def _priced(floor: Floor, work: Work) -> list[LegPrice] | None:
    """The legs at their far sides; None when one of them has no market."""
    priced = []
    for leg, instrument in zip(work.order.legs, work.legs, strict=True):
        side = leg.side if work.order.side == "BUY" else OPPOSITE[leg.side]
        book = floor.book(instrument.con_id)
        quote = book.quote
        if quote is None or quote.halted or quote.bid is None or quote.ask is None:
            return None
        price, left = (quote.ask, book.ask_left) if side == "BUY" else (quote.bid, book.bid_left)
        units = (left / leg.ratio).quantize(_ONE, rounding=ROUND_DOWN)
        priced.append(LegPrice(leg, instrument, side, price, (quote.bid + quote.ask) / 2, units))
    return priced


def _agree(floor: Floor, order: Order, priced: list[LegPrice]) -> bool:
    """Does the order reach the market? It may trade inside the spread; then the legs' prices move to it."""
    if any(p.leg.price is not None for p in priced):
        return all(_leg_within(p) for p in priced)
    limit, natural = order.limit, net(priced)
    if limit is None or order.order_type == "MKT":
        return True
    if limit * order.sign >= natural * order.sign:
        return True
    middle = sum((p.weight * p.mid for p in priced), ZERO)
    needed = middle + (natural - middle) * floor.rules.combo_give
    if limit * order.sign < needed * order.sign:
        return False
    _shift(priced, limit - natural)
    return True


def _leg_within(priced: LegPrice) -> bool:
    wanted = priced.leg.price
    if wanted is None:
        return True
    return priced.price <= wanted if priced.side == "BUY" else priced.price >= wanted


def _shift(priced: list[LegPrice], difference: Decimal) -> None:
    """Let one leg carry the difference between the natural price and the agreed one."""
    carrier = min(priced, key=lambda p: (p.leg.ratio, -p.price))
    carrier.price += difference / carrier.weight


def _print_combo(floor: Floor, work: Work, priced: list[LegPrice], *, units: Decimal) -> None:
    order, remaining = work.order, work.order.remaining
    root = next_exec_root(floor)
    count_fill(order, units, net(priced))
    _tell_combo(floor, work, root, shares=units, price=net(priced))
    after = [
        _print_leg(floor, work, p, shares=units * p.leg.ratio, exec_id=f"{root}.{n:02d}.01.01")
        for n, p in enumerate(priced, start=2)
    ]
    _close_combo(floor, work, after, shares=units, remaining=remaining)


def _close_combo(
    floor: Floor, work: Work, legs: list[Execution], *, shares: Decimal, remaining: Decimal
) -> None:
    """The order's end when it is full, then what each leg cost."""
    if work.order.filled >= work.order.quantity:
        floor.finish(work, FILLED)
    _tell_costs(floor, legs)
    after_fill(floor, work, shares=shares, remaining=remaining)


def _tell_costs(floor: Floor, legs: list[Execution]) -> None:
    for execution in legs:
        report = floor.accounts.commission_of(execution.exec_id)
        if report is not None:
            floor.events.append(report)
        floor.events.append(PositionChanged(account=execution.account, con_id=execution.con_id))


def _tell_combo(floor: Floor, work: Work, root: str, *, shares: Decimal, price: Decimal) -> None:
    order = work.order
    execution = Execution(
        exec_id=f"{root}.01.01",
        perm_id=order.perm_id,
        account=order.account,
        con_id=0,
        side=SIDES[order.side],
        shares=shares,
        price=price,
        venue=venue_of(floor, order, work.lead),
        at=floor.now,
        cum_quantity=order.filled,
        average_price=order.average_price,
        order_filled=order.filled,
    )
    floor.events.append(execution)
    floor.accounts.book(execution, None, ZERO)


def _print_leg(floor: Floor, work: Work, priced: LegPrice, *, shares: Decimal, exec_id: str) -> Execution:
    order, con_id = work.order, priced.instrument.con_id
    before, value = order.leg_filled.get(con_id, ZERO), work.leg_value.get(con_id, ZERO)
    order.leg_filled[con_id] = before + shares
    work.leg_value[con_id] = value + shares * priced.price
    book = floor.book(con_id)
    if priced.side == "BUY":
        book.ask_left -= shares
    else:
        book.bid_left -= shares
    execution = Execution(
        exec_id=exec_id,
        perm_id=order.perm_id,
        account=order.account,
        con_id=con_id,
        side=SIDES[priced.side],
        shares=shares,
        price=priced.price,
        venue=venue_of(floor, order, priced.instrument),
        at=floor.now,
        cum_quantity=order.leg_filled[con_id],
        average_price=work.leg_value[con_id] / order.leg_filled[con_id],
        order_filled=order.filled,
    )
    floor.events.append(execution)
    fee = commission(
        priced.instrument,
        priced.side,
        shares=shares,
        price=priced.price,
        before=before,
        value_before=value,
    )
    floor.accounts.book(execution, priced.instrument, fee)
    return execution


def _attempt_uneven(floor: Floor, work: Work, priced: list[LegPrice]) -> None:
    """Fill one leg at a time; the combo itself is told only when every leg is complete."""
    order = work.order
    if not order.leg_filled and not _agree(floor, order, priced):
        return
    open_legs = [p for p in priced if _open_shares(order, p) > 0]
    for p in open_legs:
        shares = min(_open_shares(order, p), p.units * p.leg.ratio)
        if shares > 0:
            exec_id = next_exec_root(floor) + ".02.01.01"
            _tell_costs(floor, [_print_leg(floor, work, p, shares=shares, exec_id=exec_id)])
            break
    if all(_open_shares(order, p) <= 0 for p in priced):
        _complete(floor, work, priced)


def _open_shares(order: Order, priced: LegPrice) -> Decimal:
    done = order.leg_filled.get(priced.instrument.con_id, ZERO)
    return order.quantity * priced.leg.ratio - done


def _complete(floor: Floor, work: Work, priced: list[LegPrice]) -> None:
    order = work.order
    remaining, units = order.remaining, order.remaining
    value = sum(
        (work.leg_value[p.instrument.con_id] * (1 if p.leg.side == "BUY" else -1) for p in priced), ZERO
    )
    count_fill(order, units, value / units)
    _tell_combo(floor, work, next_exec_root(floor), shares=units, price=value / units)
    _close_combo(floor, work, [], shares=units, remaining=remaining)
