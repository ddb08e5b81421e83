"""How an alarm is put into a message."""

from django.urls import reverse

from apps.alerts.codes import CODES
from apps.alerts.facts import address, headed
from apps.alerts.links import kill_link
from apps.alerts.models import Alarm
from apps.alerts.ports import CRITICAL


def title_of(alarm: Alarm, *, before: str = "") -> str:
    """Where, how grave, what; the first thing anybody reads of it."""
    again = f" ({alarm.count} times)" if alarm.count > 1 else ""
    return headed(f"{before}{alarm.severity.upper()} {CODES[alarm.code].title}{again}", alarm.account)


def body_of(alarm: Alarm, *, before: str = "") -> str:
    lines = [
        before,
        alarm.text,
        f"Look: {address(alarm.href)}" if alarm.href else "",
        f"What to do: {address(reverse('runbook-page', args=[alarm.code]))}",
        f"Acknowledge: {address(reverse('alarms'))}",
        # the one act that a phone without a login may need at once
        f"Stop everything: {kill_link()}" if alarm.severity == CRITICAL else "",
    ]
    return "\n".join(line for line in lines if line)


def over_title(alarm: Alarm) -> str:
    return headed(f"over: {CODES[alarm.code].title}", alarm.account)


def over_body(alarm: Alarm) -> str:
    assert alarm.ended_at is not None
    lasted = int((alarm.ended_at - alarm.first_at).total_seconds())
    span = f"{lasted} s" if lasted < 120 else f"{lasted // 60} min"
    return f"{alarm.text}\nIt lasted {span}. Look: {address(alarm.href or reverse('alarms'))}"
