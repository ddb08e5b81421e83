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
ALARMS = {
    "raise_alarm": "alarm",
    "left_not_flat": "not flat after a stop",
    "conflicting_execution": "two executions under one id",
    "see_foreign_order": "an order that is not ours",
    "see_foreign_execution": "an execution that is not ours",
    "break_promise": "an invariant is broken",
    "still_unknown": "an order of unknown fate",
    "trip_breaker": "a breaker tripped",
}


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
    return [
        {
            "at": row.at.isoformat(),
            "what": ALARMS[row.verb],
            "code": row.reason_code,
            "text": row.reason or f"{row.subject_kind.rpartition('.')[2]} {row.subject_id}",
            "sequence": row.sequence,
        }
        for row in _entries(account, told).filter(verb__in=list(ALARMS))[:MOST]
    ]


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
