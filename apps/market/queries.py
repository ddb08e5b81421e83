"""Reads of contracts, quotes and sessions."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db.models import Max

from apps.desks.models import Account
from apps.journal.statements import Part, Question, Reading, Row, rows_of
from apps.market.models import (
    VALUED,
    Contract,
    ContractChange,
    DayMark,
    FxRate,
    LastGreeks,
    LastQuote,
    Lookup,
    Mark,
    Session,
    contract_value,
)
from apps.market.ports import CALENDAR, desk_day
from tradingdesk.domain.market import TOLD_AFTER, Greeks
from tradingdesk.domain.market import Contract as ContractValue
from tradingdesk.domain.portfolio import Rate, Rates

UNKNOWN_AFTER = timedelta(days=10)  # no pause is as long: the table of sessions does not reach there
ANCHOR_FROM, ANCHOR_TO = timedelta(minutes=10), timedelta(seconds=30)
QUOTES, SESSIONS, LOOKUPS = Part(LastQuote, "q"), Part(Session, "s"), Part(Lookup, "l")
# a contract's columns in a fixed statement; numbers as texts, which are quickly told from one another
NUMBERS = {"multiplier", "size_limit", "min_tick", "strike"}
VALUE_COLUMNS = ", ".join(f'c."{name}"::text' if name in NUMBERS else f'c."{name}"' for name in VALUED)


@lru_cache(maxsize=4096)
def read_contract(*columns: Any) -> ContractValue:
    """Back from a row of `VALUE_COLUMNS`: as `Contract.as_value`, made once for rows that read alike."""
    told = dict(zip(VALUED, columns, strict=True))
    numbers = {name: None if told[name] is None else Decimal(told[name]) for name in NUMBERS}
    return contract_value(told | numbers | {"tick_steps": json.loads(told["tick_steps"])})


def contracts_by_symbol(symbols: Iterable[str]) -> dict[str, Contract]:
    """The qualified contracts of these symbols, as the broker answered for them."""
    found = Lookup.objects.filter(symbol__in=list(symbols), state=Lookup.FOUND).select_related("contract")
    return {lookup.symbol: lookup.contract for lookup in found if lookup.contract is not None}


def unanswered_symbols(symbols: Iterable[str]) -> list[str]:
    return list(
        Lookup.objects.filter(symbol__in=list(symbols), state=Lookup.ASKED).values_list("symbol", flat=True)
    )


def asked_lookups(limit: int = 20) -> list[Lookup]:
    """What the broker is to name next."""
    return LOOKUPS.rows("FROM market_lookup l WHERE l.state = %s LIMIT %s", [Lookup.ASKED, limit])


def refused_symbols(symbols: Iterable[str], *, since: datetime | None = None) -> dict[str, str]:
    """Symbols the broker knows no contract for, with what it said; or only what it said since then."""
    refused = Lookup.objects.filter(symbol__in=list(symbols), state=Lookup.REFUSED)
    if since is not None:
        refused = refused.filter(answered_at__gte=since)
    return dict(refused.values_list("symbol", "problem"))


@Reading
def last_quotes(contract_ids: Iterable[int]) -> Question[dict[int, LastQuote]]:
    """The newest quote of each contract that has one, by the contract's primary key."""

    def by_contract(rows: list[Row]) -> dict[int, LastQuote]:
        quotes = [QUOTES.read(iter(row)) for row in rows]
        return {quote.contract_id: quote for quote in quotes}

    wanted = f"SELECT {QUOTES.columns} FROM market_lastquote q WHERE contract_id = ANY(%s::bigint[])"
    return Question(wanted, [list(contract_ids)], by_contract)


def priced_day(now: datetime) -> date:
    """Whose result prices, rates and accruals of a moment move: once a day's is told, the next session's."""
    today = desk_day(now)
    session = session_around(CALENDAR, now - TOLD_AFTER)
    return session.day if session is not None and session.day - today < UNKNOWN_AFTER else today


COUNTED = """
    SELECT min(day) FILTER (WHERE day >= %(date)s), bool_or(day < %(date)s) FROM market_session
    WHERE calendar = %(calendar)s AND day BETWEEN %(first)s AND %(last)s
"""


def counted_day(day: date) -> date:
    """The session to which the books count a date: where the exchange does not open, the next one."""
    span = {"first": day - UNKNOWN_AFTER, "last": day + UNKNOWN_AFTER}
    ((session, reached),) = rows_of(COUNTED, {"date": day, "calendar": CALENDAR, **span})
    return session if session is not None and reached else day


def books_day(moment: datetime) -> date:
    """The session to whose day a fill, a fee and every other booking of that moment belongs."""
    return counted_day(desk_day(moment))


def session_on(calendar: str, day: date) -> Session | None:
    return Session.objects.filter(calendar=calendar, day=day).first()


def sessions_between(calendar: str, first: date, last: date) -> list[Session]:
    """The sessions from one day to another, both counted."""
    return list(Session.objects.filter(calendar=calendar, day__gte=first, day__lte=last).order_by("day"))


@Reading
def session_around(calendar: str, now: datetime) -> Question[Session | None]:
    """The session that runs now, else the next one."""
    around = f"SELECT {SESSIONS.columns} FROM market_session s WHERE calendar = %s AND close_at > %s"
    first = f"{around} ORDER BY close_at LIMIT 1"
    return Question(first, [calendar, now], lambda rows: SESSIONS.read(iter(rows[0])) if rows else None)


ANCHORS = """
    SELECT DISTINCT ON (contract_id) contract_id, price FROM market_mark
    WHERE contract_id = ANY(%s::bigint[]) AND at BETWEEN %s AND %s ORDER BY contract_id, at DESC
"""


@Reading
def anchors(contract_ids: Iterable[int], now: datetime) -> Question[dict[int, Decimal]]:
    """Where each contract stood half a minute ago, by its newest mark of then: a jump is seen by it."""
    asked = [list(contract_ids), now - ANCHOR_FROM, now - ANCHOR_TO]
    return Question(ANCHORS, asked, lambda rows: dict(rows))


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


RATES_REACH = timedelta(days=14)  # an older rate is no better than none, and is not shown either


def told_rates(base: str, now: datetime) -> list[FxRate]:
    """The newest word of each source about each currency."""
    rows = FxRate.objects.filter(base=base, at__lte=now, at__gte=now - RATES_REACH)
    return list(rows.order_by("currency", "source", "-day").distinct("currency", "source"))


def rates_of(account: Account, now: datetime) -> Rates:
    """Rates into the account's base currency; what is missing or stale is said by whoever converts."""
    return _as_rates(account.base_currency, told_rates(account.base_currency, now))


def closing_rates(account: Account, day: date) -> Rates:
    """The last word of a day, or of the last day before it on which there was one."""
    rows = FxRate.objects.filter(base=account.base_currency, day__lte=day, day__gte=day - RATES_REACH)
    newest = rows.order_by("currency", "source", "-day").distinct("currency", "source")
    return _as_rates(account.base_currency, newest)


def _as_rates(base: str, rows: Iterable[FxRate]) -> Rates:
    told = [Rate(currency=r.currency, value=r.value, at=r.at, source=r.source) for r in rows]
    return Rates(base, told)


@dataclass(frozen=True, slots=True)
class Valued:
    """A price to value a contract at, with its time."""

    price: Decimal
    at: datetime


TOLD_PRICES = """
    SELECT contract_id, received_at, bid, ask, last, close FROM market_lastquote
    WHERE contract_id = ANY(%s::bigint[])
"""


def value_marks(contract_ids: Iterable[int]) -> dict[int, Valued]:
    """What to value contracts at: the middle of the market, else the last trade, the close, the last mark."""
    wanted = set(contract_ids)
    found: dict[int, Valued] = {}
    for contract_id, at, *told in rows_of(TOLD_PRICES, [list(wanted)]) if wanted else ():
        price = _reference(*told)
        if price is not None:
            found[contract_id] = Valued(price, at)
    missing = wanted - set(found)
    if missing:
        newest = DayMark.objects.filter(contract_id__in=missing).order_by("contract_id", "-day")
        for mark in newest.distinct("contract_id"):
            found[mark.contract_id] = Valued(mark.price, mark.at)
    return found


def greeks_of(contract_ids: Iterable[int]) -> dict[int, Greeks]:
    """What the broker's model said last of each of these that is an option."""
    rows = LastGreeks.objects.filter(contract_id__in=set(contract_ids))
    return {row.contract_id: row.as_value() for row in rows}


def _reference(
    bid: Decimal | None, ask: Decimal | None, last: Decimal | None, close: Decimal | None
) -> Decimal | None:
    if bid and ask and 0 < bid <= ask:
        return (bid + ask) / 2
    return next((one for one in (last, close) if one is not None and one > 0), None)


def day_marks_of(day: date, contract_ids: Iterable[int]) -> dict[int, DayMark]:
    """The last mark of each contract on that day or before it."""
    rows = DayMark.objects.filter(contract_id__in=set(contract_ids), day__lte=day)
    return {row.contract_id: row for row in rows.order_by("contract_id", "-day").distinct("contract_id")}


def open_changes() -> list[ContractChange]:
    """Contracts that the broker describes otherwise than the desk keeps them, and nobody has looked into."""
    rows = ContractChange.objects.filter(settled_at=None).select_related("contract")
    return list(rows.order_by("-last_at"))


def newest_rate_at(base: str) -> datetime | None:
    newest: datetime | None = FxRate.objects.filter(base=base, source="gateway").aggregate(at=Max("at"))["at"]
    return newest
