"""Flatten: what the broker says is held, less what already works to close it, in parts that it takes.

The quantity never comes from our own arithmetic alone. Each round begins with the broker's books, read anew;
closes are tickets like any other, sent once, under the stop's authority.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet, Sum

from apps.broker.models import Order
from apps.desks.models import Strategy
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.ledger.models import Fill, Position
from apps.market.models import Contract
from apps.risk.actions.change_limits import values_of
from apps.risk.models import StoppedOrder, Stopping
from apps.risk.queries import limits_in_force
from apps.runbook.situation import clock_skew, session_value
from apps.tickets.models import Ticket
from tradingdesk.domain.market import closing_auction_cut_off, is_open
from tradingdesk.domain.money import Side
from tradingdesk.domain.risk import close_quantity
from tradingdesk.domain.tickets.brackets import slices
from tradingdesk.domain.tickets.references import close_key
from tradingdesk.domain.tickets.states import DONE, MAY_STILL_FILL, RESERVES, State
from tradingdesk.domain.tickets.submission import PROTOCOL_VERSION

REASONS = {"STOP_NOT_FLAT": "The flattening ended and something is still held, or counted differently."}

STOP = Actor("system", "stop")
GOOD_FOR = timedelta(seconds=30)  # a close that could not be sent by then is counted anew
ROUNDS = 3
AT_CLOSE = "MOC"
BOOKS_LATE = timedelta(seconds=10)  # so long may the broker's count lag behind a fill
_DONE = [state.value for state in DONE]
_WORKING = [state.value for state in RESERVES | MAY_STILL_FILL | {State.RELEASED}]


def held_by_broker(bracket: str) -> Decimal:
    """The broker's newest count of what this close would reduce; only a strategy's share if only it stops."""
    ticket = Ticket.objects.select_related("stopping").get(bracket=bracket)
    row = Position.objects.filter(account_id=ticket.account_id, contract_id=ticket.contract_id).first()
    if row is None or ticket.stopping is None:
        return Decimal(0)
    return _share(ticket.stopping, row)


def go_on(stopping: Stopping, gateway_id: int, books_at: datetime | None, now: datetime) -> bool:
    """One step of a flattening. True: it needs the broker's books, read after its own last change."""
    closes = Ticket.objects.filter(stopping=stopping, account__gateway_id=gateway_id)
    if closes.exclude(state__in=_DONE).exists():
        if stopping.purpose == Stopping.CLOSE_OUT:
            _close_what_came_back(stopping, gateway_id, now)
        return False
    since = max([stopping.gone_at or now, *closes.values_list("changed_at", flat=True)])
    if books_at is None or books_at <= since:
        return True
    held = positions_in(stopping.scope, stopping.key, account_code=stopping.account_code)
    left = [row for row in held if _share(stopping, row)]
    mine = [row for row in left if row.account.gateway_id == gateway_id]
    if left and (not mine or _write_closes(stopping, mine, now)):
        return False
    if held and now - since < BOOKS_LATE:
        return True  # the broker may not have counted the last fill yet
    if left:
        named = ", ".join(
            f"{_held(row).normalize():f} {row.contract.symbol}{_shut(row, now)}" for row in left
        )
        _end(stopping, f"NOT FLAT: {named}", now, flat=False)
    else:
        odd = ", ".join(f"{row.quantity.normalize():f} {row.contract.symbol}" for row in held)
        _end(stopping, f"our own books still count {odd}" if odd else "", now, flat=True)
    return False


def _close_what_came_back(stopping: Stopping, gateway_id: int, now: datetime) -> None:
    """The closes wait for the auction, and until its cut-off more may be held: a sale was taken back.

    Only what the broker has counted since the cancels were confirmed, and never where a close has traded.
    """
    assert stopping.day is not None
    since = stopping.gone_at or now
    told = Fill.objects.filter(trading_day=stopping.day, account__code=stopping.account_code)
    changed = set(told.filter(booked_at__gt=since).values_list("contract_id", flat=True))
    if not changed:
        return
    rows = positions_in(stopping.scope, stopping.key, account_code=stopping.account_code)
    counted = [row for row in rows if row.broker_at is not None and row.broker_at > since]
    here = [row for row in counted if row.account.gateway_id == gateway_id and row.contract_id in changed]
    _write_closes(stopping, here, now)


def _held(row: Position) -> Decimal:
    return row.quantity if row.broker_quantity is None else row.broker_quantity


def _shut(row: Position, now: datetime) -> str:
    return "" if _session_is_open(row.contract, now) else " (its market is closed)"


def positions_in(scope: str, key: str, *, account_code: str = "") -> list[Position]:
    """What we or the broker say is held there."""
    rows = Position.objects.exclude(quantity=0, broker_quantity=0).exclude(quantity=0, broker_quantity=None)
    if scope == "account" or account_code:
        rows = rows.filter(account__code=account_code or key)
    found = list(rows.select_related("contract", "account").order_by("account", "contract__symbol"))
    return [row for row in found if scope != "strategy" or _net_of(row, key)]


def _session_is_open(contract: Contract, now: datetime) -> bool:
    session = session_value(contract.calendar, now)
    return session is not None and is_open(session, now)


def good_until(
    stopping: Stopping, contract: Contract, now: datetime, *, unsure: timedelta = timedelta(0)
) -> datetime | None:
    """Until when a close may leave; None: not now any more.

    A market order outside the session would rest until the next opening, when nobody looks; one for the
    closing auction is refused from its exchange's own cut-off on. After the close only cancels are left.
    """
    session = session_value(contract.calendar, now)
    if session is None or not is_open(session, now) or stopping.purpose == Stopping.CLEAN_UP:
        return None
    if stopping.purpose == Stopping.STOP:
        return now + GOOD_FOR
    cut_off = closing_auction_cut_off(session, contract.primary_exchange)
    return cut_off if now + unsure < cut_off else None


def _net_of(row: Position, strategy: str) -> Decimal:
    """What a strategy's own fills have made of a contract."""
    fills = Fill.objects.filter(
        account_id=row.account_id, contract_id=row.contract_id, strategy__name=strategy
    ).filter(superseded=False, busted=False)
    bought = fills.filter(side="BUY").aggregate(total=Sum("quantity"))["total"] or Decimal(0)
    sold = fills.exclude(side="BUY").aggregate(total=Sum("quantity"))["total"] or Decimal(0)
    return Decimal(bought - sold)


def _share(stopping: Stopping, row: Position) -> Decimal:
    """The broker's count; of one strategy what it bought, and never more than the broker holds."""
    held = row.broker_quantity if row.broker_quantity is not None else Decimal(0)
    if stopping.scope != "strategy":
        return held
    own = _net_of(row, stopping.key)
    if not own or not held or (own > 0) is not (held > 0):
        return Decimal(0)
    return own if abs(own) < abs(held) else held


@transaction.atomic
def _write_closes(stopping: Stopping, left: Sequence[Position], now: datetime) -> int:
    """The next round, all or nothing. Whoever comes second finds it written."""
    held = Stopping.objects.select_for_update().get(pk=stopping.pk)
    mine = Ticket.objects.filter(stopping=held)
    waits = mine.exclude(state__in=_DONE).exists()
    if held.state == Stopping.ENDED or (waits and held.purpose != Stopping.CLOSE_OUT):
        return 1
    part = mine.count()
    tickets: list[Ticket] = []
    for row in left:
        for side, quantity in _closes_of(held, row, now):
            part += 1
            tickets.append(_ticket(held, row, side, quantity, key=close_key(held.pk, part), now=now))
    if not tickets or held.rounds >= ROUNDS:
        return int(waits)
    Ticket.objects.bulk_create(tickets)
    StoppedOrder.objects.bulk_create(_row(held, ticket, now) for ticket in tickets)
    held.rounds, held.state = held.rounds + 1, Stopping.CLOSING
    held.save(update_fields=["rounds", "state"])
    told = {one.key: f"{one.side} {one.quantity:f} {one.contract.symbol}" for one in tickets}
    write_entry("write_closes", subject=held, actor=STOP, after=told, topics=("orders", "risk"))
    return len(tickets)


def _closes_of(stopping: Stopping, row: Position, now: datetime) -> Iterable[tuple[Side, Decimal]]:
    """In parts no larger than one order may be, by the broker's cap and by our own limit."""
    position = _share(stopping, row)
    if good_until(stopping, row.contract, now, unsure=abs(clock_skew(row.account))) is None:
        return []
    side = Side.SELL if position > 0 else Side.BUY
    mine = Ticket.objects.filter(stopping=stopping, account=row.account, contract=row.contract)
    filled = Decimal(mine.aggregate(total=Sum("filled"))["total"] or 0)
    first = _first(mine, position) if filled or stopping.purpose == Stopping.STOP else position
    quantity = close_quantity(position, first=first, filled=filled, working=_working(row, side))
    scopes = (f"account:{row.account.code}",)
    cap = values_of(limits_in_force(), *scopes)["order_quantity"]
    most = min(cap, row.contract.size_limit) if row.contract.size_limit else cap
    return [(side, size) for size in slices(quantity, most)] if quantity else []


def _first(mine: QuerySet[Ticket], position: Decimal) -> Decimal:
    """The count that the first round began with is the sum of its closes."""
    began = mine.order_by("created_at").values_list("created_at", flat=True).first()
    if began is None:
        return position
    asked = Decimal(mine.filter(created_at=began).aggregate(total=Sum("quantity"))["total"] or 0)
    return asked if position > 0 else -asked


def _working(row: Position, side: Side) -> Decimal:
    """What others may still trade on that side: ours that are not gone, and what is not ours at all."""
    ours = Ticket.objects.filter(account=row.account, contract=row.contract, side=side.value)
    others = Order.objects.filter(
        intent=None, account=row.account, con_id=row.contract.con_id, side=side.value,
        state__in=[state.value for state in MAY_STILL_FILL],
    )  # fmt: skip
    rows = [
        *ours.filter(state__in=_WORKING).values_list("quantity", "filled"),
        *others.values_list("quantity", "filled"),
    ]
    return sum((quantity - filled for quantity, filled in rows), start=Decimal(0))


def _ticket(
    stopping: Stopping, row: Position, side: Side, quantity: Decimal, *, key: str, now: datetime
) -> Ticket:
    return Ticket(
        key=key,
        stopping=stopping,
        account=row.account,
        strategy=_strategy(stopping, row),
        contract=row.contract,
        bracket=key,
        position_in_bracket=0,
        role="close",
        side=side.value,
        quantity=quantity,
        order_type="MKT" if stopping.purpose == Stopping.STOP else AT_CLOSE,
        algo={"round": stopping.rounds + 1},
        state=State.RELEASED.value,
        protocol_version=PROTOCOL_VERSION,
        limit_set=limits_in_force(),
        not_after=good_until(stopping, row.contract, now) or now,
        created_at=now,
        changed_at=now,
    )


def _strategy(stopping: Stopping, row: Position) -> Strategy:
    """Whose result it is: the stopped strategy's, else that of whoever holds most of it."""
    if stopping.scope == "strategy":
        return Strategy.objects.get(name=stopping.key)
    everyone = list(Strategy.objects.order_by("pk"))
    return max(everyone, key=lambda one: abs(_net_of(row, one.name)))


def _row(stopping: Stopping, ticket: Ticket, now: datetime) -> StoppedOrder:
    return StoppedOrder(
        stopping=stopping,
        kind=StoppedOrder.CLOSE,
        reference=ticket.key,
        ticket_key=ticket.key,
        account_code=ticket.account.code,
        symbol=ticket.contract.symbol,
        side=ticket.side,
        quantity=ticket.quantity,
        changed_at=now,
    )


@transaction.atomic
def _end(stopping: Stopping, note: str, now: datetime, *, flat: bool) -> None:
    held = Stopping.objects.select_for_update().get(pk=stopping.pk)
    if held.state == Stopping.ENDED:
        return
    held.state, held.ended_at, held.flat_at = Stopping.ENDED, now, now if flat else None
    held.note = "; ".join(text for text in (held.note, note) if text)
    held.save(update_fields=["state", "ended_at", "flat_at", "note"])
    write_entry(
        "verified_flat" if flat else "left_not_flat",
        subject=held,
        actor=STOP,
        reason_code="" if flat else "STOP_NOT_FLAT",
        reason=held.note,
        account=held.account_code,
        after={"rounds": held.rounds, "purpose": held.purpose},
        topics=("risk", "positions", "orders") if flat else ("risk", "positions", "orders", "alerts"),
    )
    stopping.refresh_from_db()
