"""Reads of contracts, quotes and sessions."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from apps.journal.statements import Part, rows_of
from apps.market.models import Contract, LastQuote, Lookup, Mark, Session

QUOTES, SESSIONS = Part(LastQuote, "q"), Part(Session, "s")


def contracts_by_symbol(symbols: Iterable[str]) -> dict[str, Contract]:
    """The qualified contracts of these symbols, as the broker answered for them."""
    found = Lookup.objects.filter(symbol__in=list(symbols), state=Lookup.FOUND).select_related("contract")
    return {lookup.symbol: lookup.contract for lookup in found if lookup.contract is not None}


def unanswered_symbols(symbols: Iterable[str]) -> list[str]:
    return list(
        Lookup.objects.filter(symbol__in=list(symbols), state=Lookup.ASKED).values_list("symbol", flat=True)
    )


def refused_symbols(symbols: Iterable[str], *, since: datetime | None = None) -> dict[str, str]:
    """Symbols the broker knows no contract for, with what it said; or only what it said since then."""
    refused = Lookup.objects.filter(symbol__in=list(symbols), state=Lookup.REFUSED)
    if since is not None:
        refused = refused.filter(answered_at__gte=since)
    return dict(refused.values_list("symbol", "problem"))


def last_quotes(contract_ids: Iterable[int]) -> dict[int, LastQuote]:
    """The newest quote of each contract that has one, by the contract's primary key."""
    wanted = f"SELECT {QUOTES.columns} FROM market_lastquote q WHERE contract_id = ANY(%s::bigint[])"
    rows = [QUOTES.read(iter(row)) for row in rows_of(wanted, [list(contract_ids)])]
    return {row.contract_id: row for row in rows}


def session_on(calendar: str, day: date) -> Session | None:
    return Session.objects.filter(calendar=calendar, day=day).first()


def session_around(calendar: str, now: datetime) -> Session | None:
    """The session that runs now, else the next one."""
    around = f"SELECT {SESSIONS.columns} FROM market_session s WHERE calendar = %s AND close_at > %s"
    rows = rows_of(f"{around} ORDER BY close_at LIMIT 1", [calendar, now])
    return SESSIONS.read(iter(rows[0])) if rows else None


def quote_and_session(
    contract_id: int, calendar: str, now: datetime
) -> tuple[LastQuote | None, Session | None]:
    """Both in one statement: the newest quote of a contract, and the session that runs now or is next."""
    (row,) = rows_of(
        f"""
        SELECT {QUOTES.columns}, {SESSIONS.columns} FROM (VALUES (1)) one
        LEFT JOIN market_lastquote q ON q.contract_id = %s
        LEFT JOIN LATERAL (
            SELECT * FROM market_session WHERE calendar = %s AND close_at > %s ORDER BY close_at LIMIT 1
        ) s ON true
        """,
        [contract_id, calendar, now],
    )
    values = iter(row)
    quote, session = QUOTES.read(values), SESSIONS.read(values)
    return quote if quote.pk else None, session if session.pk else None


def last_session_day(calendar: str) -> date | None:
    """How far the table of sessions reaches."""
    newest = Session.objects.filter(calendar=calendar).order_by("-day").first()
    return newest.day if newest else None


def quotes_since(moment: datetime) -> list[LastQuote]:
    """Every quote that was told since then."""
    return list(LastQuote.objects.filter(received_at__gte=moment).select_related("contract"))


def contracts_by_con_id(con_ids: Iterable[int]) -> dict[int, Contract]:
    """Contracts by the broker's own number."""
    return {row.con_id: row for row in Contract.objects.filter(con_id__in=set(con_ids))}


def marks_since(contract_ids: Iterable[int], moment: datetime) -> dict[int, list[tuple[datetime, Decimal]]]:
    """The minutes' prices of each contract since then, oldest first."""
    rows = Mark.objects.filter(contract_id__in=set(contract_ids), at__gte=moment).order_by("at")
    found: dict[int, list[tuple[datetime, Decimal]]] = {}
    for contract_id, at, price in rows.values_list("contract_id", "at", "price"):
        found.setdefault(contract_id, []).append((at, price))
    return found
