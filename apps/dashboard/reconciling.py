"""What the Reconciliation page shows: the verdict, the bridge, the cases and the newest comparisons."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from apps.dashboard.chip import BADGES, WORDS
from apps.dashboard.days import ZONE, span_of
from apps.dashboard.lines import Spark, spark_of, thinned
from apps.dashboard.templatetags.desk import DASH, money, signed
from apps.reconciliation.queries import Verdict, newest_runs, runs_since, verdict_of
from apps.runbook.situation import trading_day
from tradingdesk.domain.reconciliation import Bounds

SEVERITIES = {"critical": "critical", "high": "high", "medium": "medium", "low": "advisory"}


@dataclass(frozen=True, slots=True)
class BridgeRow:
    title: str
    amount: str
    evidence: str = ""
    strong: bool = False
    muted: bool = False


def bridge_rows(account: Any) -> tuple[list[BridgeRow], str]:
    """From our figure to the broker's, step by step; and in words why there is no bridge."""
    run = newest_runs(account.pk).get("books")
    if run is None:
        return [], "Positions and money were never compared."
    if run.unexplained is None or run.ours is None or run.theirs is None:
        return [], run.reason
    rows = [BridgeRow("Our net asset value", money(run.ours), strong=True)]
    rows += [
        BridgeRow(
            step["cause"].capitalize().replace("Fx", "FX"), signed(Decimal(step["amount"])), step["evidence"]
        )
        for step in run.steps
    ]
    rows.append(BridgeRow("Unexplained", signed(run.unexplained), f"{run.unexplained_bps or 0:,.2f} bps"))
    rows.append(BridgeRow("Broker's net liquidation", money(run.theirs), strong=True))
    return rows, ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on top of the page."""

    verdict: Verdict
    word: str
    css: str
    limits: str
    spark: Spark | None
    spark_told: str


def judgement_of(account: Any, now: datetime) -> Judgement:
    verdict, bounds = verdict_of(account, now), Bounds()
    since = span_of(trading_day(now))[0]
    told = [run.unexplained_bps for run in runs_since(account.pk, "books", since)]
    points = [value for value in told if value is not None]
    return Judgement(
        verdict=verdict,
        word=WORDS[verdict.level],
        css=BADGES.get(verdict.level, ""),
        limits=f"halt above {bounds.halt_bps:f} bps, emergency above {bounds.emergency_bps:f} bps",
        spark=spark_of(thinned(points), "unexplained bps today", zero=True),
        spark_told=f"largest today {max(points):,.2f} bps" if points else DASH,
    )


@dataclass(frozen=True, slots=True)
class CaseRow:
    row: Any
    css: str
    size: str
    opened: str


def case_rows(rows: Any) -> list[CaseRow]:
    return [
        CaseRow(
            row=row,
            css=SEVERITIES[row.severity],
            size=DASH if row.size is None else f"{money(row.size)} {row.currency}",
            opened=f"{row.opened_at.astimezone(ZONE):%d %b %H:%M}",
        )
        for row in rows
    ]


IGNORE_FOR = {
    "1": timedelta(hours=1),
    "4": timedelta(hours=4),
    "24": timedelta(days=1),
    "72": timedelta(days=3),
}
