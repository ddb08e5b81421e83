"""Gathers from the stations what the domain looks at: here values become arguments."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from apps.broker.queries import Foreign, clock_skew_ms, foreign_working
from apps.desks.models import Account, Strategy
from apps.ledger.queries import Money, standing_of
from apps.market.models import Contract as ContractRow
from apps.market.models import LastQuote
from apps.market.models import Session as SessionRow
from apps.market.queries import anchors, last_quotes, quote_and_session, session_around, session_on
from apps.plans.models import Line as LineRow
from apps.reconciliation.queries import blocks_of, foreign_quantities
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
from tradingdesk.domain.risk import LimitSet as LimitValues

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


def sessions_of(contracts: Iterable[ContractRow], now: datetime) -> dict[str, Session | None]:
    """By calendar, each asked for once."""
    return {calendar: session_value(calendar, now) for calendar in {row.calendar for row in contracts}}


def book_of(
    account: Account,
    strategy: Strategy,
    now: datetime,
    *,
    foreign_counts: bool = True,
    without: frozenset[str] = frozenset(),
) -> Book:
    """The account in the worst case; `without` leaves out the brackets that are being judged themselves.

    The broker's own figures are up to a minute old: what was claimed or filled since is added to them. Orders
    and positions of another hand are in or out by the limits' choice.
    """
    standing = standing_of(account.pk, strategy.pk, tags=(GROSS, FUNDS))
    gross, funds = (_known(standing.money.get(tag), now) for tag in (GROSS, FUNDS))
    told_at = min((row.at for row in (gross, funds) if row is not None and row.at), default=now)
    room = room_taken(account.code, trading_day(now), since=told_at)
    live = [_live(order) for order in working_orders(account.pk) if order.bracket not in without]
    positions = {con_id: _larger(ours, theirs) for con_id, ours, theirs in standing.held}
    if foreign_counts:
        live += [_live_foreign(order) for order in foreign_working(account.pk)]
    else:
        others = foreign_quantities(account.pk)
        positions = {con_id: held - others.get(con_id, Decimal(0)) for con_id, held in positions.items()}
    frozen, breaks = blocks_of(account.pk)
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
        orders_last_minute=sent_since(account.pk, now - timedelta(minutes=1)),
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
    sessions = sessions_of((contract for _, contract in rows), now)
    quotes = last_quotes(contract.pk for _, contract in rows)
    before = anchors((contract.pk for _, contract in rows), now)
    limits = values_of(limit_set, f"account:{account.code}", f"strategy:{strategy.name}")
    skew = clock_skew(account)
    others = bool(limits["foreign_counts"])
    book = commit(book_of(account, strategy, now, foreign_counts=others), promised(account.pk))
    book = replace(book, median_order=usual_line(strategy.pk))
    contexts = []
    for row, contract in rows:
        context = Context(
            line=line_value(row),
            contract=contract_value(contract),
            limits=limits,
            book=book,
            now=now,
            quote=quote_value(quotes.get(contract.pk)),
            previous_mid=before.get(contract.pk),
            session=sessions[contract.calendar],
            clock_skew=skew,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """What is known this second of the market that one ticket would go to."""

    limits: LimitValues
    now: datetime
    quote: Quote | None
    previous_mid: Decimal | None
    session: Session | None
    clock_skew: timedelta


def market_of(entry: Ticket, now: datetime, limit_set: LimitSet) -> Market:
    quote, anchor, session = quote_and_session(entry.contract_id, entry.contract.calendar, now)
    return Market(
        limits=values_of(limit_set, f"account:{entry.account.code}", f"strategy:{entry.strategy.name}"),
        now=now,
        quote=quote_value(quote),
        previous_mid=anchor,
        session=_session(session),
        clock_skew=clock_skew(entry.account),
    )


def contexts_of_bracket(
    tickets: Sequence[Ticket], now: datetime, limit_set: LimitSet
) -> list[tuple[str, Context]]:
    """The entry of one bracket as the line it is, against everything else the account holds and works."""
    entry = tickets[0]
    sisters = sister_brackets(entry)
    market = market_of(entry, now, limit_set)
    others = bool(market.limits["foreign_counts"])
    book = book_of(entry.account, entry.strategy, now, foreign_counts=others, without=frozenset(sisters))
    context = Context(
        line=_line_of_bracket(tickets),
        contract=contract_value(entry.contract),
        limits=market.limits,
        book=_without_position(book, entry, sum(sisters.values(), start=Decimal(0))),
        now=now,
        quote=market.quote,
        previous_mid=market.previous_mid,
        session=market.session,
        clock_skew=market.clock_skew,
        orders_to_send=len(tickets),
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
