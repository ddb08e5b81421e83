"""A day's report in the shape of its page: verdicts, figures, charts, tables."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from apps.alerts.codes import CODES
from apps.dashboard.charts import report as charts
from apps.dashboard.charts.figure import Chart
from apps.dashboard.charts.slippage import slippage
from apps.dashboard.days import EXCHANGE_ZONE, ZONE, span_of
from apps.dashboard.kept import Kept
from apps.dashboard.templatetags.desk import DASH, money, profit, signed, span_text
from apps.desks.queries import strategies_with_phase
from apps.journal.queries import entries_between
from apps.reports.queries import (
    Told,
    first_trades,
    history,
    neighbours,
    restated_since,
    sign_offs,
    trade_totals,
    versions_of,
)
from apps.reports.scores import score_for
from apps.risk.actions.change_limits import values_of
from apps.risk.queries import limits_in_force
from tradingdesk.domain.scorecard import Criterion

TRADES_SHOWN = 100
# What is drawn of a version of a report never changes, however often it is looked at.
CHARTS: Kept[dict[str, SafeString]] = Kept(8)
TRADES: Kept[SafeString] = Kept(8)
NOTED = {"change_limits": "limits", "set_stop": "stop", "set_phase": "phase", "trip_breaker": "breaker"}
NOTES_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Fact:
    """A cell of the strip or of the band: its title, the word or number, and the rest of it."""

    title: str
    text: Any
    sub: str
    alarm: str = ""


def moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def amount(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)


def verdicts(content: Mapping[str, Any]) -> list[Fact]:
    return [
        _flat(content["flat"]),
        _reconciliation(content.get("reconciliation")),
        _breaches(content),
        _steps(content["steps"]),
        _acts(content["acts"]),
        Fact(
            "Journal",
            "Stands",
            f"at line {content['journal']['sequence']:,}, {content['journal']['hash'][:8]}",
        ),
    ]


def _flat(flat: Mapping[str, Any]) -> Fact:
    sub = f"{len(flat['open'])} brackets open, {len(flat['working'])} orders working"
    return Fact("Flat at the report", "Yes" if flat["flat"] else "No", sub, "" if flat["flat"] else "high")


def _reconciliation(told: Mapping[str, Any] | None) -> Fact:
    if told is None or told["clean"] is None:
        return Fact("Reconciliation", "Unknown", "nothing was compared that day", "medium")
    count = sum(1 for row in told["breaks"] if row["state"] != "closed")
    sub = f"{count} open break{'s' * (count != 1)}" + (f", {told['bps']} bps" if told.get("bps") else "")
    return Fact(
        "Reconciliation", "Clean" if told["clean"] else "Breaks", sub, "" if told["clean"] else "high"
    )


def _breaches(content: Mapping[str, Any]) -> Fact:
    breaches, alarms = len(content["breaches"]), len(content["alarms"])
    word = "None" if not breaches else str(breaches)
    told = f"{alarms} alarm{'' if alarms == 1 else 's'}"
    return Fact("Breaches", word, told, "medium" if breaches or alarms else "")


def _steps(steps: Sequence[Mapping[str, Any]] | None) -> Fact:
    if steps is None:
        return Fact("Missed steps", DASH, "the timetable was not told")
    bad = [one for one in steps if one["outcome"] in ("missed", "failed")]
    good = sum(1 for one in steps if one["outcome"] in ("done", "nothing to do"))
    word = ", ".join(one["name"] for one in bad) or "None"
    return Fact("Missed steps", word, f"{good} of {len(steps)} done", "high" if bad else "")


def _acts(acts: Mapping[str, Any]) -> Fact:
    who = ", ".join(dict.fromkeys(row["who"] for row in acts["rows"]))
    return Fact("Operators", f"{acts['count']} act{'' if acts['count'] == 1 else 's'}", who or "nobody")


def figures(content: Mapping[str, Any], days: Sequence[Told]) -> list[Fact]:
    results, execution, slip = content["results"], content["execution"], content["slippage"]
    entries = sum(told.summary["entries"] for told in days)
    filled = sum(told.summary["entries_filled"] for told in days)
    rate = f"{100 * filled / entries:.1f} %" if entries else DASH
    provisional = " · provisional" if results["provisional"] else ""
    return [
        _nav(content),
        Fact(
            "Day P&L, net",
            profit(results["day"]["net"]),
            f"gross {signed(results['day']['gross'])} · fees {money(results['day']['commissions'])}"
            + provisional,
        ),
        _span("Month to date", results["month"]),
        _span("Since start", results["start"]),
        Fact(
            "Entries filled",
            f"{execution['entries_filled']} / {execution['entries']}",
            f"{len(days)} sessions {rate}",
        ),
        Fact(
            "Slippage, median",
            DASH if slip["p50"] is None else f"{signed(slip['p50'], 1)} bps",
            f"p90 {signed(slip['p90'], 1)} · n = {slip['n']}",
        ),
    ]


def _nav(content: Mapping[str, Any]) -> Fact:
    nav = content["nav"]
    ours, broker = amount(nav.get("books")), amount(nav["broker"])
    if ours is None:
        return Fact(
            f"NAV, {content['currency']}", money(broker, 0), "the broker's word" if broker else "not told"
        )
    gap = f" · diff {signed(10_000 * (ours - broker) / broker, 1)} bps" if broker else ""
    return Fact(f"NAV, {content['currency']}", money(ours, 0), f"broker {money(broker, 0)}{gap}")


def _span(title: str, told: Mapping[str, Any]) -> Fact:
    days = "1 day" if told["days"] == 1 else f"{told['days']} days"
    return Fact(title, profit(told["net"]), f"{days} with a result")


def notes_of(days: Sequence[Told]) -> list[tuple[str, str]]:
    """What people and breakers changed, where the curve was; the newest few."""
    if not days:
        return []
    start, end = span_of(days[0].day)[0], span_of(days[-1].day)[1]
    rows = entries_between(start, end, NOTED).reverse()
    found: dict[str, str] = {}
    for row in rows[: 10 * NOTES_SHOWN]:
        found.setdefault(row.at.date().isoformat(), NOTED[row.verb])
    return sorted(found.items())[-NOTES_SHOWN:]


def charts_of(report: Any, days: Sequence[Told]) -> dict[str, SafeString]:
    """By name. The key is all that they are made of."""
    collar = float(values_of(limits_in_force())["price_collar"])
    notes = notes_of(days)
    told = tuple((one.day, one.version) for one in days)
    key = (report.pk, report.digest, told, tuple(notes), collar)

    def draw() -> dict[str, SafeString]:
        made = _charts(report.content, days, notes, collar)
        return {name: render_to_string("dashboard/_chart.html", {"chart": one}) for name, one in made.items()}

    return CHARTS.get(key, draw)


def _charts(
    content: Mapping[str, Any], days: Sequence[Told], notes: Sequence[tuple[str, str]], collar: float
) -> dict[str, Chart]:
    currency = content["currency"]
    return {
        "equity": charts.equity(days, notes),
        "daily": charts.daily(days, currency),
        "exits": charts.exits(content, currency),
        "slippage": slippage(days, collar=collar),
        "fills": charts.fill_rate(days),
        "strategies": charts.by_strategy(days, currency),
        "exposure": charts.exposure(days, currency),
        "reconciliation": charts.reconciliation(days),
    }


@dataclass(frozen=True, slots=True)
class Scored:
    """One row of the score as the page shows it."""

    name: str
    measured: str
    required: str
    passed: bool | None
    days: tuple[tuple[str, str], ...]  # the evidence: what it is called and where it stands

    @property
    def glyph(self) -> str:
        return {True: "pass", False: "no", None: "wait"}[self.passed]

    @property
    def word(self) -> str:
        return {True: "pass", False: "fail", None: "not yet"}[self.passed]


def scored(row: Criterion, account_id: int) -> Scored:
    links = tuple(
        (f"{day:%-d %b}", reverse("report", args=[account_id, f"{day:%Y-%m-%d}"])) for day in row.days[:8]
    )
    name = row.name if row.name[:1].isupper() else row.name[:1].upper() + row.name[1:]
    return Scored(name, row.measured, row.required, row.passed, links)


def score_rows(account: Any, report: Any) -> tuple[str, list[Scored]]:
    """Of the strategy that traded that day, else of the first one under test; as of that session's end."""
    traded = set(report.summary["execution"])
    until = span_of(report.trading_day)[1]
    pairs = strategies_with_phase(account)
    for strategy, phase in sorted(pairs, key=lambda pair: pair[0].name not in traded):
        score = score_for(strategy, account, until)
        if score.sessions:
            title = f"{strategy.name}, {phase}, session {len(score.sessions)} of {score.wanted}"
            return title, [scored(row, account.pk) for row in score.criteria]
    return "", []


def trades_of(account: Any, report: Any) -> SafeString:
    def draw() -> SafeString:
        told = {
            "account": account,
            "report": report,
            "rows": first_trades(report, TRADES_SHOWN),
            "totals": trade_totals(report),
            "zone": EXCHANGE_ZONE,
        }
        return render_to_string("dashboard/_report_trades.html", told)

    return TRADES.get((report.pk, report.digest), draw)


def page_of(account: Any, report: Any) -> dict[str, Any]:
    """Everything the template reads. What was frozen is shown as it was frozen."""
    content, day = report.content, report.trading_day
    days = history(account.pk, until=day)
    before, after = neighbours(account.pk, day)
    title, rows = score_rows(account, report)
    return {
        "report": report,
        "content": content,
        "account": account,
        "verdicts": verdicts(content),
        "figures": figures(content, days),
        "charts": charts_of(report, days),
        "trades": trades_of(account, report),
        "score_title": title,
        "score": rows,
        "approvals": [_approval(row) for row in content["approvals"]],
        "events": sorted(
            (_event(row, day) for row in content["alarms"] + content["breaches"]), key=lambda row: row["at"]
        ),
        "breaks": (content.get("reconciliation") or {}).get("breaks", []),
        "acts": [_act(row, day) for row in content["acts"]["rows"]],
        "tomorrow": _tomorrow(content["tomorrow"]),
        "versions": versions_of(account.pk, day),
        "restated": restated_since(report),
        "signed": sign_offs(report),
        "before": before,
        "after": after,
        "session_number": len(days),
    }


def _approval(row: Mapping[str, Any]) -> dict[str, Any]:
    waited = row["waited"]
    return {
        **row,
        "opened_at": moment(row["opened_at"]),
        "waited": DASH if waited is None else span_text(waited),
        "drift": DASH if row["drift_bps"] is None else f"{row['drift_bps']} bps",
    }


def _when(text: str, day: date) -> str:
    """By the exchange's clock; with its date where it was before the session's own."""
    at = datetime.fromisoformat(text).astimezone(ZONE)
    return f"{at:%H:%M:%S}" if at.date() == day else f"{at:%-d %b %H:%M:%S}"


def _act(row: Mapping[str, Any], day: date) -> dict[str, Any]:
    return {**row, "when": _when(row["at"], day), "verb": row["verb"].replace("_", " ")}


def _event(row: Mapping[str, Any], day: date) -> dict[str, Any]:
    """An alarm by its title; of older reports by what was written there. A breach by its kind."""
    code = CODES.get(row.get("code", ""))
    return {
        "at": moment(row["at"]),
        "when": _when(row["at"], day),
        "severity": row.get("severity", ""),
        "what": code.title if code else row.get("what") or row.get("code") or f"{row['kind']}: {row['name']}",
        "text": " ".join([row["text"], *_what_became(row, day)]),
    }


def _what_became(row: Mapping[str, Any], day: date) -> Iterator[str]:
    if row.get("times", 1) > 1:
        yield f"Raised {row['times']} times."
    if row.get("acknowledged_by"):
        yield f"Acknowledged by {row['acknowledged_by']}."
    if row.get("ended_at"):
        yield f"Over at {_when(row['ended_at'], day)}."


def _tomorrow(told: Mapping[str, Any]) -> dict[str, Any]:
    """Times of the clock stay as they are; moments are shown at the exchange's."""
    moments = [
        {**row, "at": moment(row["at"]) if "T" in row["at"] else None, "clock": row["at"]}
        for row in told["moments"]
    ]
    return {"day": date.fromisoformat(told["day"]) if told["day"] else None, "moments": moments}
