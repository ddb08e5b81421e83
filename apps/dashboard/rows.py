"""Orders as rows: our tickets with what the broker says of them, and the orders that are not ours."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from apps.broker.queries import newest_intents, orders_of_intents
from apps.dashboard.books import factor_of, title_of
from apps.dashboard.words import ALIVE, DONE, REFUSED, WAITING, said_of

WORKING_GROUP, DONE_GROUP, REJECTED_GROUP = "working", "done", "rejected"


@dataclass(slots=True)
class OrderRow:
    """One order of the blotter."""

    key: str
    at: datetime
    strategy: str
    contract_id: int | None
    title: str
    role: str
    side: str
    quantity: Decimal
    filled: Decimal
    order_type: str
    price: Decimal | None
    tick: Decimal | None
    average: Decimal | None
    state: str
    glyph: str
    state_word: str
    broker_word: str = ""
    reference: str = ""
    perm_id: int | None = None
    order_id: int | None = None
    account: str = ""
    child: bool = False
    foreign: bool = False
    bracket: str = ""
    ended_at: datetime | None = None
    since: datetime | None = None
    away: str = ""
    market: Decimal | None = None
    ticket_id: int | None = None
    tif: str = ""
    attempt: int | None = None
    fee: Decimal | None = None
    factor: Decimal = Decimal(1)
    arrival: Decimal | None = None

    @property
    def alive(self) -> bool:
        return self.state in ALIVE

    @property
    def waiting(self) -> bool:
        return self.state in WAITING

    @property
    def traded(self) -> Decimal:
        """What was filled, in money."""
        return Decimal(0) if self.average is None else self.filled * self.average * self.factor

    @property
    def benchmark(self) -> Decimal | None:
        """An entry is held against the market as it was sent, an exit against its own price."""
        return self.price if self.child else self.arrival

    @property
    def slip(self) -> Decimal | None:
        """Basis points that the fill was worse than its benchmark; a gain is negative."""
        return slip_bps(self.side, self.average if self.filled else None, self.benchmark)

    @property
    def search_text(self) -> str:
        words = (
            self.title,
            self.reference,
            self.perm_id,
            self.order_id,
            self.key,
            self.strategy,
            self.account,
        )
        return " ".join(str(word) for word in words if word).lower()


def rows_of(tickets: Sequence[Any]) -> list[OrderRow]:
    """Tickets with the newest word of the broker: three queries for any number of them."""
    intents = newest_intents(ticket.pk for ticket in tickets)
    orders = orders_of_intents(intent.pk for intent in intents.values())
    return [_ticket_row(ticket, intents.get(ticket.pk), orders) for ticket in tickets]


def _ticket_row(ticket: Any, intent: Any, orders: Mapping[int, Any]) -> OrderRow:
    order = orders.get(intent.pk) if intent is not None else None
    word = order.broker_status if order is not None else ""
    said = said_of(
        ticket.state,
        filled=ticket.filled,
        quantity=ticket.quantity,
        broker=word,
        reason_code=ticket.reason_code,
    )
    done = ticket.state in DONE
    return OrderRow(
        key=ticket.key,
        at=intent.sending_at or intent.claimed_at if intent is not None else ticket.created_at,
        strategy=ticket.strategy.name,
        contract_id=ticket.contract_id,
        title=f"{title_of(ticket.contract)} {label_of(ticket.bracket)}",
        role=ticket.role,
        side=ticket.side,
        quantity=ticket.quantity,
        filled=ticket.filled,
        order_type=ticket.order_type,
        price=ticket.limit_price if ticket.limit_price is not None else ticket.stop_price,
        tick=ticket.contract.min_tick,
        average=ticket.average_price,
        state=ticket.state,
        glyph=said.glyph,
        state_word=said.word,
        broker_word=f"broker: {word}" if word else "nothing from the broker yet",
        reference=intent.order_ref if intent is not None else "",
        perm_id=order.perm_id if order is not None else None,
        order_id=intent.order_id if intent is not None else None,
        account=ticket.account.code,
        child=ticket.parent_id is not None,
        bracket=ticket.bracket,
        since=intent.acked_at or intent.claimed_at if intent is not None else ticket.created_at,
        ended_at=ticket.changed_at if done else None,
        ticket_id=ticket.pk,
        tif=ticket.tif,
        attempt=intent.attempt if intent is not None else None,
        arrival=intent.arrival_mid if intent is not None else None,
        factor=factor_of(ticket.contract),
    )


def label_of(bracket: str) -> str:
    """A, B, or A2 for the second part of a split bracket: the end of the entry's key."""
    return bracket.rpartition("-")[2].lstrip("0123456789")


def foreign_row(order: Any) -> OrderRow:
    """An order at the broker that carries no reference of ours."""
    said = said_of(order.state, filled=order.filled, quantity=order.quantity, broker=order.broker_status)
    return OrderRow(
        key=f"foreign-{order.pk}",
        at=order.first_seen_at,
        strategy="not ours",
        contract_id=order.contract_id,
        title=title_of(order.contract) if order.contract else order.symbol,
        role="entry",
        side=order.side,
        quantity=order.quantity,
        filled=order.filled,
        order_type=order.order_type,
        price=order.limit_price if order.limit_price is not None else order.stop_price,
        tick=order.contract.min_tick if order.contract else None,
        average=order.average_price,
        state=order.state,
        glyph=said.glyph,
        state_word=said.word,
        broker_word=f"broker: {order.broker_status}",
        reference=order.order_ref,
        perm_id=order.perm_id,
        order_id=order.order_id,
        account=order.account.code if order.account else "",
        foreign=True,
        bracket=f"foreign-{order.pk}",
        since=order.first_seen_at,
        ended_at=order.changed_at if order.state in DONE else None,
        tif=order.tif,
        factor=factor_of(order.contract) if order.contract else Decimal(1),
    )


def put_market(rows: Iterable[OrderRow], quotes: Mapping[int, Any]) -> None:
    """The other side of the market, and how far each living order is from it, in ticks."""
    for row in rows:
        quote = quotes.get(row.contract_id or 0)
        row.market = market_of(row.side, quote)
        row.away = "" if row.ended_at else away_text(row.price, row.market, row.tick)


def put_fees(rows: Iterable[OrderRow], fees: Mapping[int, Decimal | None]) -> None:
    """What each order has cost, once the broker has told it for every fill."""
    for row in rows:
        row.fee = fees.get(row.ticket_id or 0)


def slip_bps(side: str, paid: Decimal | None, benchmark: Decimal | None) -> Decimal | None:
    if paid is None or not benchmark:
        return None
    return (1 if side == "BUY" else -1) * 10_000 * (paid - benchmark) / benchmark


def market_of(side: str, quote: Any) -> Decimal | None:
    if quote is None:
        return None
    found = quote.ask if side == "BUY" else quote.bid
    return Decimal(found) if found is not None and found > 0 else None


def away_text(price: Decimal | None, market: Decimal | None, tick: Decimal | None) -> str:
    steps = away_ticks(price, market, tick)
    return "—" if steps is None else f"{steps:,} t"


def away_ticks(price: Decimal | None, market: Decimal | None, tick: Decimal | None) -> int | None:
    if price is None or market is None or not tick:
        return None
    return int(abs(price - market) / tick)


def group_of(bracket: Sequence[OrderRow]) -> str:
    """A bracket stands where its liveliest order stands."""
    if any(row.state not in DONE for row in bracket):
        return WORKING_GROUP
    return REJECTED_GROUP if bracket[0].state in REFUSED else DONE_GROUP


def brackets(rows: Iterable[OrderRow]) -> list[list[OrderRow]]:
    """Orders that are sent as one stand together, the entry first."""
    found: dict[str, list[OrderRow]] = {}
    for row in rows:
        found.setdefault(row.bracket, []).append(row)
    return [sorted(group, key=lambda row: row.child) for group in found.values()]
