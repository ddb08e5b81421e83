"""In which day's statement an execution stands: the broker counts some of what trades after the close to the
next session, by kind and hour, where our books keep the exchange's date.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from apps.desks.models import Account
from apps.ledger.models import Fill
from apps.market.ports import CALENDAR
from apps.market.queries import sessions_between
from apps.reconciliation.models import Statement
from apps.reconciliation.theirs import COMBO
from tradingdesk.domain.portfolio import root_and_revision

REACH = timedelta(days=10)  # no pause between two sessions is as long


@dataclass(frozen=True, slots=True)
class Counted:
    """Our executions by the statement of one day."""

    day: date
    of_day: tuple[Fill, ...]  # it should have these
    later: frozenset[int]  # of our day or before, and the next statement's
    earlier: frozenset[int]  # of a later day by our books, and in this one


def counted_by(account: Account, day: date, told: Iterable[str]) -> Counted:
    """`told` are the roots of the statement's executions.

    What came after a close is asked of the day after where the statement of its own day has not named it.
    """
    before = Statement.objects.filter(account=account, day__lt=day, day__gte=day - REACH)
    last = before.order_by("-day", "-pk").first()
    said = dict.fromkeys(roots_of(last.body), last.day) if last is not None else {}
    said |= dict.fromkeys(told, day)
    days = {day} if last is None else {day, last.day}
    rows = Fill.objects.filter(account=account, superseded=False, busted=False)
    rows = rows.exclude(contract__sec_type=COMBO).select_related("contract")
    fills = list(rows.filter(trading_day__in=days) | rows.filter(exec_root__in=list(said)))
    due = statement_days(fills, said)
    return Counted(
        day=day,
        of_day=tuple(fill for fill in fills if due[fill.pk] == day),
        later=frozenset(fill.pk for fill in fills if fill.trading_day <= day < due[fill.pk]),
        earlier=frozenset(fill.pk for fill in fills if due[fill.pk] <= day < fill.trading_day),
    )


def statement_days(fills: Iterable[Fill], said: Mapping[str, date]) -> dict[int, date]:
    """By the fill's key: the day of the statement that names it, else of the one that should.

    `said` is the day of every root that a statement names.
    """
    rows = list(fills)
    if not rows:
        return {}
    days = [fill.trading_day for fill in rows]
    sessions = sessions_between(CALENDAR, min(days), max(days) + REACH)
    closes, known = {row.day: row.close_at for row in sessions}, [row.day for row in sessions]
    found = {}
    for fill in rows:
        close, due = closes.get(fill.trading_day), fill.trading_day
        if close is not None and fill.at > close:
            following = bisect_right(known, fill.trading_day)
            due = known[following] if following < len(known) else fill.trading_day + timedelta(days=1)
        found[fill.pk] = said.get(fill.exec_root, due)
    return found


def roots_of(body: Mapping[str, list[dict[str, str]]]) -> list[str]:
    return [root_and_revision(row["exec_id"])[0] for row in body["executions"]]
