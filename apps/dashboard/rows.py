"""Orders as rows: our tickets with what the broker says of them, and the orders that are not ours."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from apps.broker.standing import OrderTold
from apps.dashboard.words import ALIVE, DONE, GONE, REFUSED, WAITING, said_of
from tradingdesk.domain.tickets import tells_an_end

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


def row_of(order: OrderTold) -> OrderRow:
    """An order as its line shows it."""
    ours, word = order.ticket_id is not None, order.broker_status
    gone = not ours and not tells_an_end(word)  # where it is over all the same
    said = said_of(
        order.state,
        filled=order.filled,
        quantity=order.quantity,
        broker=GONE if order.state == "CANCELLED" and gone else word,
        reason_code=order.reason_code,
    )
    return OrderRow(
        key=order.key,
        at=order.at,
        strategy=order.strategy,
        contract_id=order.contract_id,
        title=f"{order.title} {label_of(order.bracket)}" if ours else order.title,
        role=order.role,
        side=order.side,
        quantity=order.quantity,
        filled=order.filled,
        order_type=order.order_type,
        price=order.price,
        tick=order.tick,
        average=order.average,
        state=order.state,
        glyph=said.glyph,
        state_word=said.word,
        broker_word=f"broker: {word}" if word or not ours else "nothing from the broker yet",
        reference=order.reference,
        perm_id=order.perm_id,
        order_id=order.order_id,
        account=order.account,
        child=order.child,
        foreign=not ours,
        bracket=order.bracket,
        since=order.since,
        ended_at=order.changed_at if order.state in DONE else None,
        ticket_id=order.ticket_id,
        tif=order.tif,
        attempt=order.attempt,
        arrival=order.arrival,
        factor=order.factor,
    )


def label_of(bracket: str) -> str:
    """A, B, or A2 for the second part of a split bracket: the end of the entry's key."""
    return bracket.rpartition("-")[2].lstrip("0123456789")


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
