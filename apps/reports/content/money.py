"""What the account is worth, and what the day, the month, the year and the whole time made."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from apps.desks.models import Account
from apps.journal.statements import rows_of
from apps.ledger.dayreading import total_of
from apps.ledger.models import DayResult, NavPoint
from apps.ledger.queries import account_money
from apps.ledger.results import is_provisional
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


# The parts of the days, added up by strategy; a sum with an unknown part is unknown.
SPAN = """
    SELECT coalesce(d.name, ''), CASE WHEN count(*) = count(net) THEN sum(net) END,
        CASE WHEN count(*) = count(realized) THEN sum(realized) END,
        CASE WHEN count(*) = count(commissions) THEN sum(commissions) END,
        sum(fills), bool_or(r.provisional), count(DISTINCT trading_day)
    FROM ledger_dayresult r LEFT JOIN desks_strategy d ON d.id = r.strategy_id
    WHERE account_id = %(account)s AND trading_day BETWEEN %(since)s AND %(day)s GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a strategy made over a span, in base. None is unknown."""

    strategy: str
    net: Decimal | None
    realized: Decimal | None
    commissions: Decimal | None
    fills: int
    provisional: bool
    days: int

    @property
    def gross(self) -> Decimal | None:
        return None if self.net is None or self.commissions is None else self.net + self.commissions

    @property
    def unrealized(self) -> Decimal | None:
        """What was not realised: the change of what is held, by price and by rate, and accruals."""
        return None if self.gross is None or self.realized is None else self.gross - self.realized


def made_between(account: Account, since: date, day: date) -> list[Made]:
    rows = rows_of(SPAN, {"account": account.pk, "since": since, "day": day})
    return [
        Made(
            strategy=name,
            net=net,
            realized=realized,
            commissions=commissions,
            fills=int(fills),
            provisional=provisional,
            days=days,
        )
        for name, net, realized, commissions, fills, provisional, days in rows
    ]


def total_made(made: Iterable[Made]) -> dict[str, Any]:
    """One unknown part makes the whole unknown."""
    rows = list(made)
    return {
        "net": _told(total_of(row.net for row in rows)),
        "gross": _told(total_of(row.gross for row in rows)),
        "commissions": _told(total_of(row.commissions for row in rows)),
    }


def _told(amount: Decimal | None) -> str | None:
    """As the books keep it: to a hundred-millionth, without the noughts at its end."""
    return None if amount is None else f"{amount.normalize():f}"


def results_of(account: Account, day: date) -> dict[str, Any]:
    """The day by strategy, and the spans that end with it."""
    today = made_between(account, day, day)
    sessions = DayResult.objects.filter(account=account, trading_day__lte=day, fills__gt=0)
    spans = {
        "month": day.replace(day=1),
        "year": day.replace(month=1, day=1),
        "start": BEGINNING,
    }
    return {
        "day": total_made(today),
        "strategies": [
            {
                "strategy": row.strategy,
                "realized": _told(row.realized),
                "unrealized": _told(row.unrealized),
                "commissions": _told(row.commissions),
                "net": _told(row.net),
                "fills": row.fills,
                "provisional": row.provisional,
            }
            for row in today
        ],
        "provisional": any(row.provisional for row in today) or is_provisional(account.pk, day),
        **{
            name: total_made(made_between(account, since, day))
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
