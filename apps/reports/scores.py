"""The paper test of a strategy on an account: each session of the calendar, and what its report says."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from apps.desks.models import Account, Strategy
from apps.market.models import Session
from apps.market.ports import CALENDAR
from apps.plans.models import Plan
from apps.reconciliation.stated import stated_differences
from apps.reports.queries import Told, history
from apps.tickets.models import Ticket
from tradingdesk.domain.scorecard import Score, SessionRecord, score_of
from tradingdesk.domain.scorecard.score import SESSIONS

NO_COUNTS: Mapping[str, int] = {}


def wanted_sessions(strategy: Strategy) -> int:
    """How long the test is; a strategy may ask for another length."""
    asked = strategy.parameters.get("scorecard_sessions", SESSIONS)
    return asked if isinstance(asked, int) and 1 <= asked <= 250 else SESSIONS


def first_day(strategy: Strategy, account: Account) -> date | None:
    """The test begins with the first plan: sessions before it were not missed."""
    days = Plan.objects.filter(strategy=strategy, account=account).order_by("trading_day")
    return days.values_list("trading_day", flat=True).first()


def sessions_of(strategy: Strategy, account: Account, now: datetime) -> list[date]:
    """What the calendar says was traded since then and is over."""
    first = first_day(strategy, account)
    if first is None:
        return []
    rows = Session.objects.filter(calendar=CALENDAR, day__gte=first, close_at__lte=now)
    return list(rows.order_by("day").values_list("day", flat=True))


def score_for(strategy: Strategy, account: Account, now: datetime, *, wanted: int | None = None) -> Score:
    """Read anew each time from what stands: asking twice changes nothing and counts nothing twice."""
    length = wanted or wanted_sessions(strategy)
    sessions = sessions_of(strategy, account, now)[-length:]
    if not sessions:
        return score_of([], {}, wanted=length)
    unknown = unresolved(strategy, account)
    stated = stated_differences(strategy, account, sessions[0])
    records = {
        told.day: with_statement(record_of(told, strategy.name, unknown.get(told.day, 0)), stated, told.day)
        for told in history(account.pk, since=sessions[0])
    }
    return score_of(sessions, records, wanted=length)


def with_statement(record: SessionRecord, stated: Mapping[date, Decimal | None], day: date) -> SessionRecord:
    """The broker's result is ours and how far its statement is from it."""
    off = stated.get(day)
    if off is None or record.pnl is None:
        return record
    return replace(record, statement_pnl=record.pnl + off)


def unresolved(strategy: Strategy, account: Account) -> Counter[date]:
    """Orders whose fate is unknown to this moment, by the day of their plan."""
    rows = Ticket.objects.filter(strategy=strategy, account=account, state="UNKNOWN")
    return Counter(day for day in rows.values_list("request__plan__trading_day", flat=True) if day)


def record_of(told: Told, strategy: str, unknowns: int) -> SessionRecord:
    counts = told.summary["execution"].get(strategy, NO_COUNTS)
    made = told.summary["by_strategy"].get(strategy, "0")
    return SessionRecord(
        entries=counts.get("entries", 0),
        entries_filled=counts.get("entries_filled", 0),
        rejections=counts.get("rejections", 0),
        data_complete=told.summary["gaps"] == 0,
        reconciled=told.summary.get("reconciled"),
        unknowns=unknowns,
        pnl=None if made is None else Decimal(made),
    )
