"""Gathers from the stations what the domain looks at: here values become arguments."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from apps.broker.queries import link_view
from apps.desks.models import Account, Strategy
from apps.ledger.queries import cumulative_result, held_positions, known_value
from apps.market.models import Contract as ContractRow
from apps.market.models import LastQuote
from apps.market.queries import last_quotes, session_around
from apps.plans.models import Line as LineRow
from apps.risk.actions.change_limits import values_of
from apps.risk.models import LimitSet
from apps.risk.queries import reserved
from apps.tickets.models import Ticket
from apps.tickets.queries import live_tickets, sent_since
from tradingdesk.domain.market import Contract, DataType, Quote, Session, TickStep
from tradingdesk.domain.money import Side
from tradingdesk.domain.plans import Line
from tradingdesk.domain.risk import Book, Context, LiveOrder

DESK_ZONE = ZoneInfo("America/New_York")
MONEY_AGE = timedelta(minutes=5)


def trading_day(now: datetime) -> date:
    """The exchange's date."""
    return now.astimezone(DESK_ZONE).date()


def contract_value(row: ContractRow) -> Contract:
    return Contract(
        con_id=row.con_id,
        symbol=row.symbol,
        sec_type=row.sec_type,
        currency=row.currency,
        exchange=row.exchange,
        primary_exchange=row.primary_exchange,
        local_symbol=row.local_symbol,
        trading_class=row.trading_class,
        multiplier=row.multiplier,
        price_magnifier=row.price_magnifier,
        tick_steps=tuple(TickStep(Decimal(low), Decimal(step)) for low, step in row.tick_steps)
        or (TickStep(Decimal(0), row.min_tick),),
        size_limit=row.size_limit,
        time_zone=row.time_zone,
    )


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
    row = session_around(calendar, now)
    return None if row is None else Session(row.calendar, row.day, row.open_at, row.close_at, row.early)


def book_of(
    account: Account, strategy: Strategy, now: datetime, *, without: frozenset[str] = frozenset()
) -> Book:
    """The account in the worst case; `without` leaves out the tickets that are being judged themselves."""
    live = [ticket for ticket in live_tickets(account.pk) if ticket.bracket not in without]
    positions = held_positions(account.pk)
    return Book(
        positions={row.contract.con_id: _larger(row.quantity, row.broker_quantity) for row in positions},
        live_orders=tuple(_live(ticket) for ticket in live),
        committed_today=reserved(account.code, trading_day(now)),
        ordered_today=reserved(account.code, trading_day(now)),
        gross_exposure=known_value(account.pk, "GrossPositionValue", now=now, within=MONEY_AGE),
        available_funds=known_value(account.pk, "AvailableFunds", now=now, within=MONEY_AGE),
        cumulative_result=cumulative_result(account.pk, strategy.pk),
        orders_last_minute=sent_since(account.pk, now - timedelta(minutes=1)),
    )


def _larger(ours: Decimal, brokers: Decimal | None) -> Decimal:
    """Where the two differ, the one that commits more counts."""
    return ours if brokers is None or abs(ours) >= abs(brokers) else brokers


def _live(ticket: Ticket) -> LiveOrder:
    price = ticket.limit_price if ticket.limit_price is not None else ticket.stop_price
    return LiveOrder(ticket.contract.con_id, Side(ticket.side), price, ticket.key)


def contexts_of_lines(
    lines: Iterable[LineRow], *, account: Account, strategy: Strategy, limit_set: LimitSet, now: datetime
) -> list[tuple[str, Context]]:
    """One context a line, each with what the lines before it would commit."""
    rows = list(lines)
    book = book_of(account, strategy, now)
    quotes = last_quotes(row.contract_id for row in rows if row.contract_id)
    limits = values_of(limit_set, f"account:{account.code}", f"strategy:{strategy.name}")
    skew = clock_skew(account, now)
    contexts = []
    for row in rows:
        assert row.contract is not None
        context = Context(
            line=line_value(row),
            contract=contract_value(row.contract),
            limits=limits,
            book=book,
            now=now,
            quote=quote_value(quotes.get(row.contract.pk)),
            session=session_value(row.contract.calendar, now),
            clock_skew=skew,
        )
        contexts.append((row.symbol, context))
        book = commit_line(book, context)
    return contexts


def commit_line(book: Book, context: Context) -> Book:
    """The book after a line, as if all of it filled."""
    held = {**book.positions, context.contract.con_id: context.line.side.signed(context.line.quantity)}
    return replace(
        book,
        positions=held,
        committed_today=book.committed_today + context.notional,
        ordered_today=book.ordered_today + context.notional,
        gross_exposure=None if book.gross_exposure is None else book.gross_exposure + context.notional,
        orders_last_minute=book.orders_last_minute + context.orders_to_send,
    )


def contexts_of_bracket(
    tickets: Sequence[Ticket], now: datetime, limit_set: LimitSet
) -> list[tuple[str, Context]]:
    """The entry of one bracket as the line it is, against everything else the account holds and works."""
    entry, target, stop = tickets
    row = entry.line
    assert row is not None
    assert entry.limit_price is not None
    whole = line_value(row)
    line = replace(
        whole,
        quantity=max(entry.quantity, Decimal(2)),
        limit_price=entry.limit_price,
        stop_price=stop.stop_price or whole.stop_price,
        target_1=target.limit_price or whole.target_1,
        target_2=target.limit_price or whole.target_2,
    )
    sister = _brackets_of_line(entry)
    context = Context(
        line=line,
        contract=contract_value(entry.contract),
        limits=values_of(limit_set, f"account:{entry.account.code}", f"strategy:{entry.strategy.name}"),
        book=_without_position(book_of(entry.account, entry.strategy, now, without=sister), entry, sister),
        now=now,
        quote=quote_value(last_quotes([entry.contract_id]).get(entry.contract_id)),
        session=session_value(entry.contract.calendar, now),
        clock_skew=clock_skew(entry.account, now),
        orders_to_send=len(tickets),
    )
    return [(entry.key, context)]


def _brackets_of_line(entry: Ticket) -> frozenset[str]:
    """Both brackets of one ticker belong together: the second is no double of the first."""
    rows = Ticket.objects.filter(request_id=entry.request_id, line=entry.line)
    return frozenset(rows.values_list("bracket", flat=True))


def _without_position(book: Book, entry: Ticket, sister: frozenset[str]) -> Book:
    """What the sister bracket has filled already is not "held before"."""
    filled = sum(
        (row.filled for row in Ticket.objects.filter(bracket__in=sister, role="entry")), start=Decimal(0)
    )
    con_id = entry.contract.con_id
    held = book.positions.get(con_id, Decimal(0))
    return replace(book, positions={**book.positions, con_id: held - Side(entry.side).signed(filled)})


def clock_skew(account: Account, now: datetime) -> timedelta:
    row = link_view(account.gateway_id, now).row
    return timedelta(milliseconds=row.clock_skew_ms or 0.0) if row else timedelta(0)
