"""Keep the newest quote of each watched contract, and a price of each for every quarter of a minute."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F

from apps.journal.statements import upsert_rows
from apps.market.models import DayMark, LastGreeks, LastQuote, Mark
from apps.market.queries import Valued
from tradingdesk.domain.market import Greeks

QUARTER = 15  # seconds


def save_quotes(rows: Sequence[dict[str, Any]]) -> None:
    """One statement for all of them; no journal line, since a quote is not an act."""
    upsert_rows([LastQuote(**row) for row in rows], "contract")


def save_greeks(told: Mapping[int, Greeks]) -> None:
    """What the broker's model says of each option now, by contract."""
    rows = [LastGreeks(contract_id=contract_id, **asdict(greeks)) for contract_id, greeks in told.items()]
    upsert_rows(rows, "contract")


def save_marks(now: datetime) -> int:
    """The middle of each live two-sided quote, once a quarter of a minute; the first of a quarter stays."""
    at = now.replace(second=now.second - now.second % QUARTER, microsecond=0)
    done = Mark.objects.filter(at=at).values("contract_id")
    live = LastQuote.objects.filter(
        received_at__gt=now - timedelta(seconds=QUARTER), bid__gt=0, ask__gte=F("bid")
    )
    marks = [
        Mark(contract_id=row.contract_id, at=at, price=(row.bid + row.ask) / 2)
        for row in live.exclude(contract_id__in=done)
        if row.bid is not None and row.ask is not None
    ]
    return len(Mark.objects.bulk_create(marks, ignore_conflicts=True))


def save_day_marks(day: date, prices: Mapping[int, Valued], *, settled: bool) -> None:
    """The price at which the books valued each contract last on a day. A settled one stands."""
    rows = [
        DayMark(contract_id=one, day=day, price=mark.price, at=mark.at, settled=settled)
        for one, mark in sorted(prices.items())
    ]
    upsert_rows(rows, "contract", "day", unless="settled")
