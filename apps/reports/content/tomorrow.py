"""What comes in the next session: its hours, its moments, restarts of the gateway, ends of contracts."""

from datetime import date, datetime, timedelta
from typing import Any

from apps.broker.models import RestartWindow
from apps.desks.models import Account, Phase
from apps.ledger.models import Position
from apps.market.models import Session
from apps.market.ports import CALENDAR
from tradingdesk.domain.market import Session as SessionValue
from tradingdesk.domain.market import bracket_day

EXPIRES_WITHIN = timedelta(days=7)


def next_session(day: date) -> Session | None:
    return Session.objects.filter(calendar=CALENDAR, day__gt=day).order_by("day").first()


def tomorrow_of(account: Account, day: date) -> dict[str, Any]:
    """Without a known session it says so; nothing is made up."""
    session = next_session(day)
    if session is None:
        return {"day": None, "moments": []}
    moments = [_moment(session.open_at, "New York opens", "half day" if session.early else "full day")]
    moments += _bracket_moments(account, session)
    moments += [_moment(session.close_at, "New York closes", "early" if session.early else "")]
    moments.sort(key=lambda row: datetime.fromisoformat(row["at"]))
    moments += [
        {"at": f"{row.starts:%H:%M}", "what": row.title, "note": f"until {row.ends:%H:%M}, no orders"}
        for row in RestartWindow.objects.filter(gateway=account.gateway, enabled=True).order_by("starts")
        if str(session.day.isoweekday()) in row.weekdays
    ]
    return {"day": session.day.isoformat(), "moments": moments + _ends(account, session.day)}


def _bracket_moments(account: Account, session: Session) -> list[dict[str, str]]:
    """Of the strategy that plans brackets, where the account has one."""
    row = Phase.objects.filter(account=account, strategy__system=3).order_by("pk").first()
    if row is None:
        return []
    value = SessionValue(session.calendar, session.day, session.open_at, session.close_at, session.early)
    planned = bracket_day(value)
    return [
        _moment(planned.submit_at, "Brackets from the plan file", row.phase),
        _moment(planned.close_out_at, "Market-on-close of what is open", ""),
        _moment(planned.report_at, "Day report, verify flat", ""),
    ]


def _ends(account: Account, day: date) -> list[dict[str, str]]:
    """Contracts held that end within a week."""
    last = (day + EXPIRES_WITHIN).strftime("%Y%m%d")
    rows = Position.objects.filter(account=account, contract__expiry__gt="", contract__expiry__lte=last)
    return [
        {
            "at": row.contract.expiry,
            "what": f"{row.contract} ends",
            "note": f"{row.quantity.normalize():f} held",
        }
        for row in rows.exclude(quantity=0).select_related("contract")
    ]


def _moment(at: datetime, what: str, note: str) -> dict[str, str]:
    return {"at": at.isoformat(), "what": what, "note": note}
