"""The whole of a session, gathered and put into the shape in which it is frozen."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from apps.desks.models import Account
from apps.journal.queries import head
from apps.ledger.models import Fill
from apps.market.models import Session
from apps.market.ports import CALENDAR
from apps.market.queries import session_on
from apps.reports.content.books import books_of, reconciliation_of
from apps.reports.content.events import acts_of, alarms_of, approvals_of, breaches_of
from apps.reports.content.execution import (
    closing_mids,
    execution_rows,
    execution_summary,
    slippage_summary,
    tickets_of_day,
)
from apps.reports.content.money import broker_nav, exposure_of, results_of
from apps.reports.content.tomorrow import next_session, tomorrow_of
from apps.reports.content.trades import fills_of_day, match_day, row_of
from apps.reports.models import DayReport
from apps.reports.ports import StepTold, span_of
from apps.reports.queries import told_between
from apps.tickets.models import Ticket
from apps.tickets.queries import LIVE
from tradingdesk.domain.scorecard import ExitType, Matched

OF_THE_DAY = ("exposure",)  # read from what the next day overwrites


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What a report will say: the figures, the text, and its two tables."""

    summary: dict[str, Any]
    content: dict[str, Any]
    trades: list[dict[str, Any]]
    executions: list[dict[str, Any]]


def plain(value: Any) -> Any:
    """As the database will give it back."""
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The rows a report is made of, each read once."""

    account: Account
    day: date
    session: Session | None
    since: datetime
    until: datetime  # nothing later than this belongs to the day
    told: tuple[datetime, datetime]  # between the report before and this one
    fills: Sequence[Fill]
    tickets: Sequence[Ticket]
    matched: Matched


def evidence_of(account: Account, day: date, now: datetime) -> Evidence:
    session, following = session_on(CALENDAR, day), next_session(day)
    start, end = span_of(day)
    told = told_between(account.pk, day, now)
    fills, tickets = fills_of_day(account, day), tickets_of_day(account, day, told)
    return Evidence(
        account=account,
        day=day,
        session=session,
        since=session.open_at if session else start,
        until=min(now, following.open_at if following else end),
        told=told,
        fills=fills,
        tickets=tickets,
        matched=match_day(account, fills, tickets, day),
    )


def gather(
    account: Account,
    day: date,
    *,
    now: datetime,
    steps: Sequence[StepTold] | None,
    before: DayReport | None = None,
) -> Gathered:
    """`before` is the version that stands: what only that day could tell is taken over from it."""
    seen = evidence_of(account, day, now)
    closing = closing_of(seen, before)
    executions = execution_rows(seen.tickets, seen.fills, closing)
    brackets = {trade.terms.key for trade in seen.matched.trades}
    entries = Ticket.objects.filter(bracket__in=brackets, role="entry")
    names = dict(entries.values_list("bracket", "strategy__name"))
    trades = [row_of(number, trade, names) for number, trade in enumerate(seen.matched.trades, 1)]
    content = _content(seen, executions, trades, steps)
    if before is not None:
        content |= {name: before.content[name] for name in OF_THE_DAY}
    return Gathered(
        summary=plain(_summary(content)), content=plain(content), trades=trades, executions=executions
    )


def closing_of(seen: Evidence, before: DayReport | None) -> dict[int, Decimal]:
    """Marks are kept for days, a report for ever."""
    contracts = {ticket.contract_id: ticket.contract.symbol for ticket in seen.tickets}
    if before is None:
        return closing_mids(contracts, seen.session.close_at if seen.session else None)
    told = before.executions.exclude(close_mid=None).values_list("symbol", "close_mid")
    known = {symbol: mid for symbol, mid in told if mid is not None}
    return {pk: known[symbol] for pk, symbol in contracts.items() if symbol in known}


def _content(
    seen: Evidence,
    executions: Sequence[dict[str, Any]],
    trades: Sequence[dict[str, Any]],
    steps: Sequence[StepTold] | None,
) -> dict[str, Any]:
    account, day = seen.account, seen.day
    results = results_of(account, day)
    sequence, newest = head()
    return {
        "currency": account.base_currency,
        "session": _session(seen.session),
        "nav": _nav(seen),
        "results": results,
        "exposure": exposure_of(account, day, since=seen.since, until=seen.until),
        "execution": execution_summary(seen.tickets, executions),
        "by_strategy": _by_strategy(seen, executions),
        "slippage": slippage_summary(executions),
        "exits": _exits(trades),
        "flat": _flat(seen),
        "gaps": _gaps(seen, results),
        "reconciliation": reconciliation_of(account, day, seen.told),
        "approvals": approvals_of(account, day),
        "alarms": alarms_of(account, seen.told),
        "breaches": breaches_of(account, seen.told),
        "acts": acts_of(account, seen.told),
        "steps": None if steps is None else [_step(one) for one in steps],
        "tomorrow": tomorrow_of(account, day),
        "journal": {"sequence": sequence, "hash": newest},
    }


def _session(session: Session | None) -> dict[str, Any] | None:
    if session is None:
        return None
    return {"open_at": session.open_at, "close_at": session.close_at, "early": session.early}


def _nav(seen: Evidence) -> dict[str, Any]:
    broker = broker_nav(seen.account, seen.since, seen.until)
    return {
        "broker": str(broker.value) if broker else None,
        "broker_at": broker.at if broker else None,
        **books_of(seen.account, seen.day, seen.until),
    }


def _by_strategy(seen: Evidence, executions: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What the score of each strategy is taken from."""
    names = sorted({ticket.strategy.name for ticket in seen.tickets})
    return {
        name: execution_summary(
            [row for row in seen.tickets if row.strategy.name == name],
            [row for row in executions if row["strategy"] == name],
        )
        for name in names
    }


def _exits(trades: Sequence[dict[str, Any]]) -> dict[str, Any]:
    found = {}
    for kind in ExitType:
        rows = [row for row in trades if row["exit_type"] == kind.value]
        fees = [row["commission"] for row in rows]
        net = sum((row["pnl"] for row in rows), Decimal(0)) - sum(
            (fee or Decimal(0) for fee in fees), Decimal(0)
        )
        found[kind.value] = {"exits": len(rows), "net": None if None in fees else str(net)}
    return found


def _flat(seen: Evidence) -> dict[str, Any]:
    """What the day's own brackets still hold, and which of its orders may still fill."""
    working = [ticket.key for ticket in seen.tickets if ticket.state in LIVE]
    still = {key: str(left) for key, left in seen.matched.open.items()}
    return {"flat": not still and not working, "open": still, "working": working}


def _gaps(seen: Evidence, results: dict[str, Any]) -> list[str]:
    """What keeps the day's data from being complete, in words."""
    unpaid = sum(1 for fill in seen.fills if fill.commission is None)
    unknown = sum(1 for ticket in seen.tickets if ticket.state == "UNKNOWN")
    found = [
        f"{unpaid} fills without their commission" if unpaid else "",
        f"{unknown} orders of unknown fate" if unknown else "",
        "the day's result is provisional" if results["provisional"] else "",
        "the day's result is unknown" if results["day"]["net"] is None else "",
        "no session is known for this day" if seen.session is None else "",
        "the broker told no net asset value"
        if broker_nav(seen.account, seen.since, seen.until) is None
        else "",
    ]
    return [text for text in found if text]


def _step(one: StepTold) -> dict[str, Any]:
    return {
        "name": one.name,
        "due_at": one.due_at,
        "outcome": one.outcome,
        "ended_at": one.ended_at,
        "told": one.told,
    }


def _summary(content: dict[str, Any]) -> dict[str, Any]:
    """What the histories, the index and the scorecard read: small, so that 750 of them are read at once."""
    results, steps = content["results"], content["steps"]
    return {
        "nav": content["nav"]["broker"],
        "reconciled": content["reconciliation"]["clean"],
        "difference_bps": content["reconciliation"]["bps"],
        "net": results["day"]["net"],
        "gross": results["day"]["gross"],
        "commissions": results["day"]["commissions"],
        "since_start": results["start"]["net"],
        "by_strategy": {row["strategy"]: row["net"] for row in results["strategies"]},
        "execution": {name: _counts(row) for name, row in content["by_strategy"].items()},
        "entries": content["execution"]["entries"],
        "entries_filled": content["execution"]["entries_filled"],
        "slippage": content["slippage"],
        "exposure": content["exposure"],
        "exits": {name: row["exits"] for name, row in content["exits"].items()},
        "flat": content["flat"]["flat"],
        "gaps": len(content["gaps"]),
        "alarms": len(content["alarms"]),
        "breaches": len(content["breaches"]),
        "steps_missed": None if steps is None else sum(1 for one in steps if one["outcome"] in BAD),
    }


BAD = frozenset({"missed", "failed"})
COUNTED = ("entries", "entries_filled", "rejections", "unknowns")


def _counts(row: dict[str, Any]) -> dict[str, int]:
    return {name: row[name] for name in COUNTED}
