"""What execution cost over some sessions: counted in the database, distribution first.

Only the newest version of each session counts. Orders of which a benchmark is not known are left out of it,
and the number that was counted stands beside every figure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from apps.journal.statements import rows_of
from apps.reports.models import DayReport

BENCHMARKS = ("arrival", "decision", "close")
LOWEST, BINS = -20, 40  # basis points, a bin each; what lies beyond counts in the last ones
FEW = 20  # below so many a figure is shown in grey

STANDING = """
    FROM reports_executionrow e JOIN reports_dayreport r ON r.id = e.report_id
    WHERE r.account_id = %(account)s AND r.closed
    AND e.trading_day >= %(since)s AND e.trading_day <= %(until)s
    AND NOT EXISTS (SELECT 1 FROM reports_dayreport n WHERE n.supersedes_id = r.id)
"""
SPREADS = """CASE WHEN e.spread_bps IS NULL THEN 'unknown' WHEN e.spread_bps < 2 THEN 'under 2 bps'
    WHEN e.spread_bps < 5 THEN '2 to 5 bps'
    WHEN e.spread_bps < 10 THEN '5 to 10 bps' ELSE '10 bps and more' END"""
SIZES = """CASE WHEN e.worth IS NULL THEN 'nothing filled' WHEN e.worth < 2500 THEN 'under 2,500'
    WHEN e.worth < 5000 THEN '2,500 to 5,000' WHEN e.worth < 10000 THEN '5,000 to 10,000'
    ELSE '10,000 and more' END"""
CUTS: Mapping[str, tuple[str, str]] = {
    "strategy": ("Strategy", "e.strategy"),
    "symbol": ("Symbol", "e.symbol"),
    "type": ("Order type", "e.order_type"),
    "hour": ("Hour sent", "lpad(e.hour::text, 2, '0') || ':00'"),
    "spread": ("Spread as it was sent", SPREADS),
    "size": ("Size of what filled", SIZES),
    "phase": ("Phase", "coalesce(nullif(e.phase, ''), 'a stop')"),
}


@dataclass(frozen=True, slots=True)
class Span:
    """Which sessions of which account."""

    account: int
    since: date
    until: date
    sessions: int

    @property
    def values(self) -> dict[str, Any]:
        return {"account": self.account, "since": self.since, "until": self.until}


def span_of_sessions(account_id: int, count: int) -> Span | None:
    """The newest so many that have a report."""
    days = DayReport.objects.filter(account_id=account_id, closed=True).order_by("-trading_day")
    newest = list(days.values_list("trading_day", flat=True).distinct()[:count])
    return Span(account_id, newest[-1], newest[0], len(newest)) if newest else None


def column_of(benchmark: str) -> str:
    """Only names of this list ever stand in a statement."""
    return f"e.{benchmark if benchmark in BENCHMARKS else BENCHMARKS[0]}_bps"


@dataclass(frozen=True, slots=True)
class Distribution:
    """How costs lie, in basis points."""

    n: int
    mean: float | None
    weighted: float | None  # by what filled
    quantiles: Mapping[str, float | None]
    bins: Mapping[int, int]


def distribution(span: Span, benchmark: str) -> Distribution:
    bps = column_of(benchmark)
    ((n, mean, weighted, p50, p90, p99),) = rows_of(
        f"""SELECT count({bps}), avg({bps}), sum({bps} * e.worth) / nullif(sum(e.worth)
                FILTER (WHERE {bps} IS NOT NULL), 0),
            percentile_cont(0.5) WITHIN GROUP (ORDER BY {bps}),
            percentile_cont(0.9) WITHIN GROUP (ORDER BY {bps}),
            percentile_cont(0.99) WITHIN GROUP (ORDER BY {bps}) {STANDING}""",
        span.values,
    )
    high = LOWEST + BINS
    found = rows_of(
        f"""SELECT least(greatest(width_bucket({bps}, {LOWEST}, {high}, {BINS}), 1), {BINS}), count(*)
            {STANDING} AND {bps} IS NOT NULL GROUP BY 1 ORDER BY 1""",
        span.values,
    )
    bins = {LOWEST + bucket - 1: count for bucket, count in found}
    return Distribution(
        n, mean, None if weighted is None else float(weighted), {"p50": p50, "p90": p90, "p99": p99}, bins
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """One row of a cut: how many orders, how many filled, and what the fills cost."""

    name: str
    orders: int
    filled: int
    share: Decimal | None  # of the quantity
    n: int
    p50: float | None
    p90: float | None
    mean: float | None
    worth: Decimal | None
    fees: Decimal | None

    @property
    def few(self) -> bool:
        return self.n < FEW

    @property
    def rate(self) -> Decimal:
        return Decimal(100 * self.filled) / self.orders


def cut(span: Span, by: str, benchmark: str, limit: int = 40) -> list[Cut]:
    """Entries and closes; what waits for its price, as targets and stops do, has no fill rate of its own."""
    _, group = CUTS[by]
    bps = column_of(benchmark)
    rows = rows_of(
        f"""SELECT {group}, count(*), count(*) FILTER (WHERE e.filled > 0),
            100 * sum(e.filled) / nullif(sum(e.quantity), 0), count({bps}),
            percentile_cont(0.5) WITHIN GROUP (ORDER BY {bps}),
            percentile_cont(0.9) WITHIN GROUP (ORDER BY {bps}),
            avg({bps}), sum(e.worth), sum(e.commission)
            {STANDING} AND e.role IN ('entry', 'close') GROUP BY 1
            ORDER BY count(*) DESC, 1 LIMIT {int(limit)}""",
        span.values,
    )
    names = ("name", "orders", "filled", "share", "n", "p50", "p90", "mean", "worth", "fees")
    return [Cut(**dict(zip(names, row, strict=True))) for row in rows]


@dataclass(frozen=True, slots=True)
class Worst:
    """One of the orders that cost most, in money."""

    day: date
    ticket_key: str
    symbol: str
    side: str
    filled: Decimal
    price: Decimal
    benchmark: Decimal
    bps: float
    cost: Decimal


def worst(span: Span, benchmark: str, limit: int = 10) -> list[Worst]:
    bps = column_of(benchmark)
    against = bps.replace("_bps", "_mid")
    rows = rows_of(
        f"""SELECT e.trading_day, e.ticket_key, e.symbol, e.side, e.filled, e.average_price, {against}, {bps},
            round({bps}::numeric * e.worth / 10000, 2) AS cost
            {STANDING} AND {bps} > 0 AND e.worth IS NOT NULL ORDER BY cost DESC, e.id LIMIT {int(limit)}""",
        span.values,
    )
    return [Worst(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Waited:
    """What a phase's waiting came to: how long, how it ended, and how far the market had moved by then."""

    phase: str
    requests: int
    approved: int
    expired: int
    seconds: float | None  # the median from the proposal to the decision
    orders: int
    cost: Decimal | None
    bps: Decimal | None


WAITING = f"""
    WITH asked AS (
        SELECT q.phase, count(*) AS requests, count(*) FILTER (WHERE q.state = 'approved') AS approved,
            count(*) FILTER (WHERE q.state = 'expired') AS expired,
            percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM q.decided_at - q.opened_at))
                AS seconds
        FROM approvals_request q JOIN plans_plan p ON p.id = q.plan_id
        WHERE q.account_id = %(account)s AND p.trading_day >= %(since)s AND p.trading_day <= %(until)s
        GROUP BY 1),
    cost AS (
        SELECT e.phase, count(e.waiting_cost) AS orders, sum(e.waiting_cost) AS cost,
            10000 * sum(e.waiting_cost)
                / nullif(sum(e.worth) FILTER (WHERE e.waiting_cost IS NOT NULL), 0) AS bps
        {STANDING} GROUP BY 1)
    SELECT a.phase, a.requests, a.approved, a.expired, a.seconds, coalesce(c.orders, 0), c.cost, c.bps
    FROM asked a LEFT JOIN cost c USING (phase) ORDER BY a.phase
"""


def waited(span: Span) -> list[Waited]:
    return [Waited(*row) for row in rows_of(WAITING, span.values)]


@dataclass(frozen=True, slots=True)
class Totals:
    """The whole span in a row."""

    orders: int
    entries: int
    entries_filled: int
    entries_part: int
    share: Decimal | None
    attempts: Decimal | None
    seconds: float | None
    worth: Decimal | None
    fees: Decimal | None
    refused: int
    cancelled: int


def totals(span: Span) -> Totals:
    (row,) = rows_of(
        f"""SELECT count(*), count(*) FILTER (WHERE e.role = 'entry'),
            count(*) FILTER (WHERE e.role = 'entry' AND e.filled > 0),
            count(*) FILTER (WHERE e.role = 'entry' AND e.filled > 0 AND e.filled < e.quantity),
            100 * sum(e.filled) FILTER (WHERE e.role = 'entry')
                / nullif(sum(e.quantity) FILTER (WHERE e.role = 'entry'), 0),
            avg(e.attempts),
            percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM e.filled_at - e.sent_at))
                FILTER (WHERE e.role = 'entry'),
            sum(e.worth), sum(e.commission), count(*) FILTER (WHERE e.state = 'REFUSED'),
            count(*) FILTER (WHERE e.state = 'CANCELLED') {STANDING}""",
        span.values,
    )
    return Totals(*row)
