"""What the account is worth, and what the day, the month, the year and the whole time made."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from apps.desks.models import Account
from apps.journal.statements import rows_of
from apps.ledger.models import DayResult, NavPoint
from apps.ledger.queries import account_money
from apps.risk.actions.change_limits import values_of
from apps.risk.queries import limits_in_force, reserved

BEGINNING = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Nav:
    """The account's worth by somebody's arithmetic, and when."""

    value: Decimal
    at: datetime


def broker_nav(account: Account, since: datetime, until: datetime) -> Nav | None:
    """The broker's last word of the span."""
    rows = NavPoint.objects.filter(account=account, source="broker", at__gte=since, at__lte=until)
    row = rows.order_by("-at").first()
    return Nav(row.nav, row.at) if row else None


# Realized results and fees add up over days; the open result is a level, so a span takes its change.
SPAN = """
    WITH rows AS (SELECT * FROM ledger_dayresult WHERE account_id = %(account)s AND trading_day <= %(day)s),
    levels AS (
        SELECT coalesce(strategy_id, 0) AS strategy,
            (array_agg(unrealized ORDER BY trading_day DESC))[1] AS after,
            (array_agg(unrealized ORDER BY trading_day DESC)
                FILTER (WHERE trading_day < %(since)s))[1] AS before,
            count(*) FILTER (WHERE trading_day < %(since)s) AS earlier
        FROM rows GROUP BY 1),
    sums AS (
        SELECT coalesce(strategy_id, 0) AS strategy, coalesce(sum(realized), 0) AS realized,
            coalesce(sum(commissions), 0) AS commissions, sum(fills) AS fills,
            bool_or(provisional) AS provisional, count(DISTINCT trading_day) AS days
        FROM rows WHERE trading_day >= %(since)s GROUP BY 1)
    SELECT s.strategy, coalesce(d.name, ''), s.realized, s.commissions,
        l.after - CASE WHEN l.earlier > 0 THEN l.before ELSE 0 END, s.fills, s.provisional, s.days
    FROM sums s JOIN levels l USING (strategy) LEFT JOIN desks_strategy d ON d.id = s.strategy ORDER BY 2
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a strategy made over a span. The open result's change is unknown where one of its ends is."""

    strategy: str
    realized: Decimal
    commissions: Decimal
    unrealized: Decimal | None
    fills: int
    provisional: bool
    days: int

    @property
    def gross(self) -> Decimal | None:
        return None if self.unrealized is None else self.realized + self.unrealized

    @property
    def net(self) -> Decimal | None:
        return None if self.gross is None else self.gross - self.commissions


def made_between(account: Account, since: date, day: date) -> list[Made]:
    rows = rows_of(SPAN, {"account": account.pk, "since": since, "day": day})
    return [
        Made(
            strategy=name,
            realized=realized,
            commissions=commissions,
            unrealized=change,
            fills=int(fills),
            provisional=provisional,
            days=days,
        )
        for _, name, realized, commissions, change, fills, provisional, days in rows
    ]


def total_of(made: Iterable[Made]) -> dict[str, Any]:
    """One unknown part makes the whole unknown."""
    rows = list(made)
    nets = [row.net for row in rows]
    grosses = [row.gross for row in rows]
    return {
        "net": None if None in nets else str(sum((net for net in nets if net is not None), Decimal(0))),
        "gross": None
        if None in grosses
        else str(sum((one for one in grosses if one is not None), Decimal(0))),
        "commissions": str(sum((row.commissions for row in rows), Decimal(0))),
    }


def results_of(account: Account, day: date) -> dict[str, Any]:
    """The day by strategy, and the spans that end with it."""
    today = made_between(account, day, day)
    sessions = DayResult.objects.filter(account=account, trading_day__lte=day)
    spans = {
        "month": day.replace(day=1),
        "year": day.replace(month=1, day=1),
        "start": BEGINNING,
    }
    return {
        "day": total_of(today),
        "strategies": [
            {
                "strategy": row.strategy,
                "realized": str(row.realized),
                "unrealized": None if row.unrealized is None else str(row.unrealized),
                "commissions": str(row.commissions),
                "net": None if row.net is None else str(row.net),
                "fills": row.fills,
                "provisional": row.provisional,
            }
            for row in today
        ],
        "provisional": any(row.provisional for row in today),
        **{
            name: total_of(made_between(account, since, day))
            | {"days": sessions.filter(trading_day__gte=since).values("trading_day").distinct().count()}
            for name, since in spans.items()
        },
    }


def exposure_of(account: Account, day: date, *, since: datetime, until: datetime) -> dict[str, Any]:
    """What was held at the day's last word of the broker, what the day's entries took, and both limits."""
    limits = values_of(limits_in_force(), f"account:{account.code}")
    gross = account_money(account.pk).get("GrossPositionValue")
    told = gross is not None and gross.at is not None and since <= gross.at <= until
    return {
        "gross": str(gross.value) if gross is not None and told else None,
        "gross_limit": str(limits["gross_exposure"]),
        "entries": str(reserved(account.code, day)),
        "entries_limit": str(limits["daily_exposure"]),
        "limit_set": limits.version,
    }
