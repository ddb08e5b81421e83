"""The books beside the broker's: the last worth of the day, and what the comparisons of the day came to."""

from datetime import date, datetime
from typing import Any

from apps.desks.models import Account
from apps.ledger.models import NavSnapshot
from apps.reconciliation.models import Break, Run
from apps.reconciliation.queries import breaks_of_day, clean_between


def books_of(account: Account, day: date, until: datetime) -> dict[str, Any]:
    """By our own arithmetic; unknown where a part of it is, with the reasons."""
    row = NavSnapshot.objects.filter(account=account, trading_day=day, at__lte=until).order_by("-at").first()
    if row is None:
        return {"books": None, "reasons": ["no worth was kept on this day"]}
    return {
        "books": None if row.nav is None else str(row.nav),
        "books_at": row.at,
        "cash": None if row.cash_base is None else str(row.cash_base),
        "gross": str(row.gross),
        "net": str(row.net),
        "long": str(row.long),
        "short": str(row.short),
        "reasons": [text for _, text in row.reasons],
    }


def reconciliation_of(account: Account, day: date, told: tuple[datetime, datetime]) -> dict[str, Any]:
    """Whether both sides agreed, how far apart they were at the last comparison of worth, and every case."""
    since, until = told
    runs = Run.objects.filter(account=account, at__gt=since, at__lte=until).exclude(about=Run.STATEMENT)
    worth = runs.filter(about=Run.BOOKS).exclude(unexplained_bps=None).order_by("-at").first()
    return {
        "clean": clean_between(account, day, since, until),
        "comparisons": runs.count(),
        "bps": str(worth.unexplained_bps) if worth else None,
        "breaks": [_case(row) for row in breaks_of_day(account, day, since)],
    }


def _case(row: Break) -> dict[str, Any]:
    return {
        "number": row.pk,
        "what": row.title,
        "text": f"ours {row.ours_told}, broker {row.theirs_told}; {row.cause}",
        "size": None if row.size is None else str(row.size),
        "severity": row.severity,
        "state": row.state,
        "closure": row.closure,
        "reason": row.reason,
        "opened_at": row.opened_at,
        "closed_at": row.closed_at,
    }
