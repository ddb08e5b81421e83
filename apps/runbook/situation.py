"""Gathers from the stations what the domain looks at: here values become arguments."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from apps.broker.queries import Foreign, clock_skew_ms, foreign_working
from apps.desks.models import Account, Strategy
from apps.journal.statements import Question, put
from apps.ledger.queries import Money, Standing, standing_of
from apps.market.models import Contract as ContractRow
from apps.market.models import LastQuote
from apps.market.models import Session as SessionRow
from apps.market.queries import anchors, last_quotes, session_around, session_on
from apps.plans.models import Line as LineRow
from apps.reconciliation.queries import Blocks, blocks_of, foreign_quantities
from apps.risk.actions.change_limits import values_of
from apps.risk.models import LimitSet
from apps.risk.queries import room_taken
from apps.tickets.models import Ticket
from apps.tickets.queries import (
    Working,
    promised,
    sent_since,
    sister_brackets,
    usual_line,
    working_orders,
)
from tradingdesk.domain.market import Contract, DataType, Quote, Session
from tradingdesk.domain.money import Side
from tradingdesk.domain.plans import Line
from tradingdesk.domain.risk import Book, Context, LiveOrder

DESK_ZONE = ZoneInfo("America/New_York")
GROSS, FUNDS = "GrossPositionValue", "AvailableFunds"
MONEY_AGE = timedelta(minutes=5)


def trading_day(now: datetime) -> date:
    """The exchange's date."""
    return now.astimezone(DESK_ZONE).date()


def contract_value(row: ContractRow) -> Contract:
    return row.as_value()


def quote_value(row: LastQuote | None) -> Quote | None:
    if row is None:
        return None
    return Quote(
        bid=row.bid,
        ask=row.ask,
        at=row.received_at,
        last=row.last,
        close=row.close,
        bid_size=row.bid_size,
        ask_size=row.ask_size,
        volume=row.volume,
        halted=row.halted,
        data_type=DataType(row.data_type),
    )


def line_value(row: LineRow) -> Line:
    assert row.limit_price is not None
    assert row.stop_price is not None
    assert row.target_1 is not None
    assert row.target_2 is not None
    return Line(
        number=row.number,
        symbol=row.symbol,
        side=Side(row.side),
        quantity=row.quantity,
        limit_price=row.limit_price,
        stop_price=row.stop_price,
        target_1=row.target_1,
        target_2=row.target_2,
        context=row.context,
    )


def session_value(calendar: str, now: datetime) -> Session | None:
    """The session that runs now, else the next one."""
    return _session(session_around(calendar, now))


def session_of_day(calendar: str, day: date) -> Session | None:
    return _session(session_on(calendar, day))


def _session(row: SessionRow | None) -> Session | None:
    return None if row is None else Session(row.calendar, row.day, row.open_at, row.close_at, row.early)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is known this second of the market that one order would go to."""

    quote: Quote | None
    previous_mid: Decimal | None
    session: Session | None
    clock_skew: timedelta


@dataclass(frozen=True, slots=True)
class Markets:
    """What is asked about the markets of some contracts before anything is sent there."""

    quotes: Question[dict[int, LastQuote]]
    anchors: Question[dict[int, Decimal]]
    sessions: dict[str, Question[SessionRow | None]]
    skew: Question[float]

    def __iter__(self) -> Iterator[Question[Any]]:
        yield self.quotes
        yield self.anchors
        yield from self.sessions.values()
        yield self.skew

    def seen(self, contract: ContractRow) -> Seen:
        return Seen(
            quote=quote_value(self.quotes.answer().get(contract.pk)),
            previous_mid=self.anchors.answer().get(contract.pk),
            session=_session(self.sessions[contract.calendar].answer()),
            clock_skew=timedelta(milliseconds=self.skew.answer()),
        )


def ask_markets(contracts: Sequence[ContractRow], account: Account, now: datetime) -> Markets:
    keys = [contract.pk for contract in contracts]
    return Markets(
        quotes=last_quotes.ask(keys),
        anchors=anchors.ask(keys, now),
        sessions={name: session_around.ask(name, now) for name in {one.calendar for one in contracts}},
        skew=clock_skew_ms.ask(account.gateway_id),
    )


class Books(NamedTuple):
    """What is asked about an account before anything is added to it."""

    standing: Question[Standing]
    working: Question[list[Working]]
    foreign: Question[list[Foreign]]
    blocks: Question[Blocks]
    sent: Question[int]


def ask_books(account: Account, strategy: Strategy, now: datetime) -> Books:
    return Books(
        standing=standing_of.ask(account.pk, strategy.pk, tags=(GROSS, FUNDS)),
        working=working_orders.ask(account.pk),
        foreign=foreign_working.ask(account.pk),
        blocks=blocks_of.ask(account.pk),
        sent=sent_since.ask(account.pk, now - timedelta(minutes=1)),
    )


def book_of(
    books: Books,
    account: Account,
    now: datetime,
    *,
    foreign_counts: bool = True,
    without: frozenset[str] = frozenset(),
) -> Book:
    """The account in the worst case; `without` leaves out the brackets that are being judged themselves.

    The broker's own figures are up to a minute old: what was claimed or filled since is added to them. Orders
    and positions of another hand are in or out by the limits' choice.
    """
    standing = books.standing.answer()
    gross, funds = (_known(standing.money.get(tag), now) for tag in (GROSS, FUNDS))
    told_at = min((row.at for row in (gross, funds) if row is not None and row.at), default=now)
    room = room_taken(account.code, trading_day(now), since=told_at)
    live = [_live(order) for order in books.working.answer() if order.bracket not in without]
    positions = {con_id: _larger(ours, theirs) for con_id, ours, theirs in standing.held}
    if foreign_counts:
        live += [_live_foreign(order) for order in books.foreign.answer()]
    else:
        others = foreign_quantities(account.pk)
        positions = {con_id: held - others.get(con_id, Decimal(0)) for con_id, held in positions.items()}
    frozen, breaks = books.blocks.answer()
    return Book(
        positions=positions,
        live_orders=tuple(live),
        breaks=breaks,
        frozen=frozen,
        committed_today=room.committed,
        ordered_today=room.ordered,
        gross_exposure=None if gross is None or gross.value is None else gross.value + room.unseen,
        available_funds=None if funds is None or funds.value is None else funds.value - room.unseen,
        cumulative_result=standing.result,
        orders_last_minute=books.sent.answer(),
    )


def _known(money: Money | None, now: datetime) -> Money | None:
    """A figure older than its limit is not known."""
    return money if money is not None and money.at is not None and now - money.at <= MONEY_AGE else None


def _larger(ours: Decimal, brokers: Decimal | None) -> Decimal:
    """Where the two differ, the one that commits more counts."""
    return ours if brokers is None or abs(ours) >= abs(brokers) else brokers


def _live(order: Working) -> LiveOrder:
    return LiveOrder(order.con_id, Side(order.side), order.price, order.key)


def _live_foreign(order: Foreign) -> LiveOrder:
    return LiveOrder(order.con_id, Side(order.side), order.price, order.reference or "another hand's")


def contexts_of_lines(
    lines: Iterable[LineRow], *, account: Account, strategy: Strategy, limit_set: LimitSet, now: datetime
) -> list[tuple[str, Context]]:
    """One context a line, each with what the lines before it would commit.

    Entries that were approved and not claimed yet count as committed: two plans that fit one by one may not
    fit together, and the second one is told so here, not at its claim.
    """
    rows = [(row, row.contract) for row in lines if row.contract is not None]
    limits = values_of(limit_set, f"account:{account.code}", f"strategy:{strategy.name}")
    markets = ask_markets([contract for _, contract in rows], account, now)
    books = ask_books(account, strategy, now)
    waiting, usual = promised.ask(account.pk), usual_line.ask(strategy.pk)
    put(*markets, *books, waiting, usual)
    book = book_of(books, account, now, foreign_counts=bool(limits["foreign_counts"]))
    book = replace(commit(book, waiting.answer()), median_order=usual.answer())
    contexts = []
    for row, contract in rows:
        seen = markets.seen(contract)
        context = Context(
            line=line_value(row),
            contract=contract_value(contract),
            limits=limits,
            book=book,
            now=now,
            quote=seen.quote,
            previous_mid=seen.previous_mid,
            session=seen.session,
            clock_skew=seen.clock_skew,
        )
        contexts.append((row.symbol, context))
        held = {**book.positions, context.contract.con_id: context.line.side.signed(context.line.quantity)}
        book = replace(commit(book, context.notional), positions=held)
    return contexts


def commit(book: Book, amount: Decimal) -> Book:
    """The book after so much more was ordered, as if all of it filled. The rate is the claim's affair: orders
    leave paced, however many are approved at once."""
    return replace(
        book,
        committed_today=book.committed_today + amount,
        ordered_today=book.ordered_today + amount,
        gross_exposure=None if book.gross_exposure is None else book.gross_exposure + amount,
        available_funds=None if book.available_funds is None else book.available_funds - amount,
    )


def contexts_of_bracket(
    tickets: Sequence[Ticket], now: datetime, limit_set: LimitSet
) -> list[tuple[str, Context]]:
    """The entry of one bracket as the line it is, against everything else the account holds and works."""
    entry = tickets[0]
    limits = values_of(limit_set, f"account:{entry.account.code}", f"strategy:{entry.strategy.name}")
    markets = ask_markets([entry.contract], entry.account, now)
    books, sisters = ask_books(entry.account, entry.strategy, now), sister_brackets.ask(entry)
    put(*markets, *books, sisters)
    others, family, seen = bool(limits["foreign_counts"]), sisters.answer(), markets.seen(entry.contract)
    book = book_of(books, entry.account, now, foreign_counts=others, without=frozenset(family))
    context = Context(
        line=_line_of_bracket(tickets),
        contract=contract_value(entry.contract),
        limits=limits,
        book=_without_position(book, entry, sum(family.values(), start=Decimal(0))),
        now=now,
        orders_to_send=len(tickets),
        quote=seen.quote,
        previous_mid=seen.previous_mid,
        session=seen.session,
        clock_skew=seen.clock_skew,
    )
    return [(entry.key, context)]


def _line_of_bracket(tickets: Sequence[Ticket]) -> Line:
    """What these very orders would do; prices come from the tickets, not from the plan they came from."""
    entry = tickets[0]
    assert entry.line is not None and entry.limit_price is not None
    whole = line_value(entry.line)
    exits = {ticket.role: ticket for ticket in tickets[1:]}
    target = exits["target"].limit_price if "target" in exits else whole.target_1
    stop = exits["stop"].stop_price if "stop" in exits else whole.stop_price
    assert target is not None and stop is not None
    return replace(
        whole,
        quantity=entry.quantity,
        limit_price=entry.limit_price,
        stop_price=stop,
        target_1=target,
        target_2=target,
    )


def _without_position(book: Book, entry: Ticket, sisters: Decimal) -> Book:
    """Both brackets of one ticker belong together: what they hold by now is not "held before"."""
    con_id = entry.contract.con_id
    held = book.positions.get(con_id, Decimal(0)) - sisters
    return replace(book, positions={**book.positions, con_id: held})


def clock_skew(account: Account) -> timedelta:
    return timedelta(milliseconds=clock_skew_ms(account.gateway_id))
