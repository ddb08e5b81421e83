"""All sessions that have a report: their figures in a row, the line of their results, and a search."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import accumulate
from typing import Any

from apps.dashboard.lines import spark_of
from apps.reports.queries import Told, days_with_ticker, history, signed_days

AT_ONCE = 60
WORDS: Mapping[str, Any] = {
    "unsigned": lambda row: not row.signed,
    "signed": lambda row: bool(row.signed),
    "incomplete": lambda row: row.told.summary["gaps"] > 0,
    "breach": lambda row: row.told.summary["breaches"] > 0,
    "alarm": lambda row: row.told.summary["alarms"] > 0,
    "reissued": lambda row: row.told.version > 1,
    "loss": lambda row: (row.net or 0) < 0,
    "gain": lambda row: (row.net or 0) > 0,
}


@dataclass(frozen=True, slots=True)
class Row:
    """One session of the index."""

    told: Told
    net: Decimal | None
    total: Decimal  # of all that is known up to it
    signed: int

    @property
    def day(self) -> date:
        return self.told.day

    @property
    def exits(self) -> str:
        found = self.told.summary["exits"]
        return " · ".join(f"{kind} {count}" for kind, count in found.items() if count)


def rows_of(account_id: int) -> list[Row]:
    days, signed = history(account_id), signed_days(account_id)
    nets = [told.number("net") for told in days]
    totals = accumulate((net or Decimal(0)) for net in nets)
    return [
        Row(told, net, total, signed.get(told.day, 0))
        for told, net, total in zip(days, nets, totals, strict=True)
    ]


def matching(rows: Sequence[Row], text: str, account_id: int) -> list[Row]:
    """Every word must fit: a beginning of a date, a word of state, or a ticker that was traded."""
    found = list(rows)
    for word in text.lower().split():
        if word in WORDS:
            found = [row for row in found if WORDS[word](row)]
        elif word[:1].isdigit():
            found = [row for row in found if row.day.isoformat().startswith(word)]
        else:
            days = days_with_ticker(account_id, word)
            found = [row for row in found if row.day in days]
    return found


def index_of(account: Any, text: str, *, before: str) -> dict[str, Any]:
    rows = rows_of(account.pk)
    found = matching(rows, text, account.pk)[::-1]
    later = [row for row in found if not before or row.day.isoformat() < before]
    shown = later[:AT_ONCE]
    return {
        "account": account,
        "rows": shown,
        "count": len(rows),
        "found": len(found),
        "q": text,
        "words": ", ".join(WORDS),
        "older": shown[-1].day.isoformat() if len(later) > AT_ONCE else "",
        "spark": spark_of([row.total for row in rows], f"Net result of {len(rows)} sessions", zero=True),
        "last": rows[-1] if rows else None,
    }


def cumulative_of(account_id: int) -> dict[str, Any]:
    """As the paper test keeps it. A result that is not known stays null and is not added."""
    rows = rows_of(account_id)
    navs = [(row.told.number("nav"), row.net) for row in rows]
    initial = next((nav - net for nav, net in navs if nav is not None and net is not None), None)
    total = rows[-1].total if rows else Decimal(0)
    return {
        "start_date": rows[0].day.isoformat() if rows else None,
        "initial_capital": None if initial is None else str(initial),
        "trading_days": len(rows),
        "cumulative_pnl": str(total),
        "cumulative_pnl_pct": None if not initial else f"{100 * total / initial:.4f}",
        "daily_history": [_daily(row) for row in rows],
    }


def _daily(row: Row) -> dict[str, Any]:
    summary = row.told.summary
    hits = {kind: summary["exits"].get(kind, 0) for kind in ("TP1", "TP2", "SL", "MOC", "MANUAL")}
    return {
        "date": row.day.isoformat(),
        "pnl": None if row.net is None else str(row.net),
        "trades": sum(hits.values()),
        "filled": summary["entries_filled"],
        "tp1_hits": hits["TP1"],
        "tp2_hits": hits["TP2"],
        "sl_hits": hits["SL"],
        "moc_exits": hits["MOC"],
    }
