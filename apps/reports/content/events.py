"""What happened beside the trading: decisions, alarms, breaches, and what people did."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from apps.approvals.models import Request
from apps.desks.models import Account
from apps.journal.models import Entry
from apps.risk.models import BreakerTrip, Stopping, Verdict

MOST = 200
Span = tuple[datetime, datetime]  # between two reports
# Coming and going, looking and asking: no act on the desk's business.
PRIVATE = frozenset(
    {
        "log_in", "log_out", "enter_once", "export_orders", "export_report", "offer_entry", "take_welcome",
        "save_preference", "end_sessions", "page_failed", "sign_report", "reissue_report",
    }
)  # fmt: skip
RAISED, AGAIN, HEARD, OVER = "open_alarm", "open_alarm_again", "acknowledge_alarm", "end_alarm"


def approvals_of(account: Account, day: date) -> list[dict[str, Any]]:
    """Every request of the day's plans: how long it waited, and how far prices moved meanwhile."""
    rows = Request.objects.filter(account=account, plan__trading_day=day).select_related("strategy")
    return [
        {
            "request": row.pk,
            "plan": row.plan_id,
            "strategy": row.strategy.name,
            "phase": row.phase,
            "state": row.state,
            "by": row.decided_by,
            "orders": row.order_count,
            "notional": str(row.notional),
            "opened_at": row.opened_at.isoformat(),
            "decided_at": row.decided_at.isoformat() if row.decided_at else None,
            "waited": (row.decided_at - row.opened_at).total_seconds() if row.decided_at else None,
            "drift_bps": row.decision.get("drift_bps"),
            "reason": row.reason or row.reason_code,
        }
        for row in rows.order_by("opened_at", "pk")
    ]


def alarms_of(account: Account, told: Span) -> list[dict[str, Any]]:
    """Every alarm that was raised, how often, who took it on, and when it was over."""
    found: dict[str, dict[str, Any]] = {}
    for row in _entries(account, told).filter(verb__in=[RAISED, AGAIN, HEARD, OVER]):
        alarm = found.get(row.subject_id)
        if row.verb in (RAISED, AGAIN):
            if alarm is None:
                alarm = found[row.subject_id] = _alarm(row)
            alarm["times"] += 1
            alarm["ended_at"] = None  # what came back is not over
        elif alarm is not None and row.verb == HEARD:
            alarm["acknowledged_by"] = row.actor
        elif alarm is not None:
            alarm["ended_at"] = row.at.isoformat()
    return list(found.values())[:MOST]


def _alarm(row: Entry) -> dict[str, Any]:
    what = row.after if isinstance(row.after, dict) else {}
    return {
        "at": row.at.isoformat(),
        "code": what.get("code", ""),
        "severity": what.get("severity", ""),
        "text": row.reason,
        "times": 0,
        "acknowledged_by": "",
        "ended_at": None,
        "sequence": row.sequence,
    }


def breaches_of(account: Account, told: Span) -> list[dict[str, Any]]:
    """Checks that blocked, breakers that tripped, stops that were asked for; not the timetable's."""
    start, end = told
    trips = BreakerTrip.objects.filter(tripped_at__gte=start, tripped_at__lt=end)
    stops = Stopping.objects.filter(asked_at__gte=start, asked_at__lt=end)
    ours = Q(scope="global") | Q(scope="account", key=account.code) | Q(scope="strategy")
    found = [_breach(row.tripped_at, "breaker", row.name, row.reason) for row in trips]
    found += [
        _breach(row.asked_at, "stop", f"{row.scope} {row.level}", row.reason)
        for row in stops.filter(ours, purpose=Stopping.STOP)
    ]
    found += [
        _breach(row.at, "check", row.title, f"{row.about}: {row.measured}, allowed {row.limit}")
        for row in _blocks(account, start, end)
    ]
    return sorted(found, key=lambda one: one["at"])[:MOST]


def _blocks(account: Account, start: datetime, end: datetime) -> Iterable[Verdict]:
    """What a check forbade at an approval or a claim; at the proposal the line was simply not taken."""
    rows = Verdict.objects.filter(at__gte=start, at__lt=end, outcome="block", stage__in=["approval", "claim"])
    requests = Request.objects.filter(account=account).values("pk")
    tickets = account.ticket_set.values("pk")
    return rows.filter(
        Q(subject_kind="request", subject_id__in=requests) | Q(subject_kind="ticket", subject_id__in=tickets)
    )[:MOST]


def _breach(at: datetime, kind: str, name: str, text: str) -> dict[str, Any]:
    return {"at": at.isoformat(), "kind": kind, "name": name, "text": text}


def acts_of(account: Account, told: Span) -> dict[str, Any]:
    """What people and programs did, by the journal; the first ones in full and the number of all."""
    rows = _entries(account, told).filter(actor_kind__in=["user", "token"]).exclude(verb__in=PRIVATE)
    return {
        "count": rows.count(),
        "rows": [
            {
                "at": row.at.isoformat(),
                "who": row.actor,
                "verb": row.verb,
                "about": f"{row.subject_kind.rpartition('.')[2]} {row.subject_id}",
                "reason": row.reason,
                "sequence": row.sequence,
            }
            for row in rows[:MOST]
        ],
    }


def _entries(account: Account, told: Span) -> Any:
    start, end = told
    rows = Entry.objects.filter(at__gte=start, at__lt=end, account__in=["", account.code])
    return rows.order_by("sequence")
