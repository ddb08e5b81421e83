"""What is told when a day has ended: what was traded, what it made, what ran by itself, what stands open."""

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from apps.alerts.actions.queue_message import queue_message
from apps.alerts.facts import address, headed
from apps.alerts.ports import END_OF_DAY
from apps.alerts.queries import alarms_between
from apps.approvals.models import Request
from apps.desks.models import Account
from apps.desks.queries import enabled_accounts, strategies_with_phase
from apps.journal.models import Entry
from apps.ledger.dayreading import total_of
from apps.ledger.models import DayResult
from apps.ledger.queries import account_value, cumulative_net, day_results, nav_points
from apps.market.ports import CALENDAR
from apps.market.queries import session_around
from apps.risk.queries import open_trips
from apps.runbook.models import JobRun
from apps.runbook.situation import session_of_day, trading_day
from apps.tickets.models import Ticket
from tradingdesk.domain.market import Session

SCORED_DAYS = 21
SETTLED_AFTER, AT_LATEST = timedelta(minutes=5), timedelta(minutes=15)
HISTORY = timedelta(days=90)


def tell_days(now: datetime) -> int:
    """Each account's day, once: when it was closed, or a while after the close in any case."""
    session = session_of_day(CALENDAR, trading_day(now))
    if session is None or now < session.close_at + SETTLED_AFTER:
        return 0
    return sum(tell_day(account, session) for account in enabled_accounts() if _is_due(account, session, now))


def _is_due(account: Account, session: Session, now: datetime) -> bool:
    """A desk that did not run that day has nothing to tell of it."""
    rows = JobRun.objects.filter(account=account, session_date=session.day)
    closed = rows.filter(kind="close_day", outcome__in=[JobRun.DONE, JobRun.NOTHING]).exists()
    return closed or (now > session.close_at + AT_LATEST and rows.exists())


@transaction.atomic
def tell_day(account: Account, session: Session) -> int:
    told: int = queue_message(
        f"day-{account.code}-{session.day}",
        END_OF_DAY,
        title=headed(f"{session.day:%a %-d %b} {_result_words(account, session)}", account.code),
        body="\n".join(line for line in day_lines(account, session) if line),
    )
    for strategy in run_by_themselves(account):
        told += queue_message(
            f"run-{account.code}-{strategy}-{session.day}",
            END_OF_DAY,
            title=headed(f"{strategy} ran by itself on {session.day:%-d %b}", account.code),
            body="\n".join(run_lines(account, strategy, session)),
        )
    return told


def day_lines(account: Account, session: Session) -> list[str]:
    """As the spoken report of a day goes: trades, how they ended, money, breakers, what comes."""
    currency = account.base_currency
    return [
        _trades_line(account, session),
        f"P&L {_result_words(account, session)}. {_cumulative_line(account, session, currency)}",
        _worth_line(account, currency, session),
        _breaker_line(),
        _alarm_line(account, session),
        _quarantine_line(session),
        _next_line(session),
        address(reverse("desk")),
    ]


def _tickets(account: Account, session: Session) -> list[Ticket]:
    rows = Ticket.objects.filter(account=account, created_at__gte=session.open_at - timedelta(hours=6))
    return list(rows.filter(created_at__lt=session.close_at + timedelta(hours=4)).select_related("contract"))


def _trades_line(account: Account, session: Session) -> str:
    tickets = _tickets(account, session)
    entries = [one for one in tickets if one.role == "entry"]
    if not tickets:
        return "Ran, nothing to do: no order was written."
    filled = [one for one in entries if one.filled > 0]
    exits = Counter(exit_word(one) for one in tickets if one.role != "entry" and one.filled > 0)
    rate = f" ({100 * len(filled) // len(entries)} %)" if entries else ""
    ended = ", ".join(f"{word} {exits.get(word, 0)}" for word in ("TP1", "TP2", "SL", "MOC"))
    return f"{len(filled)} of {len(entries)} entries filled{rate}. Exits: {ended}."


def exit_word(ticket: Ticket) -> str:
    """How a position was left, by the order that did it: A takes the first target, B the second."""
    if ticket.role == "target":
        return "TP1" if ticket.bracket.endswith("A") else "TP2"
    return {"stop": "SL", "close": "MOC"}.get(ticket.role, "MANUAL")


def _result_words(account: Account, session: Session) -> str:
    """The same figures as the report's: the result of the day, and what of it was realised."""
    rows = list(day_results(session.day, account.pk))
    if not rows:
        return "nothing booked"
    net, realized = total_of(row.net for row in rows), total_of(row.realized for row in rows)
    fees = total_of(row.commissions for row in rows)
    provisional = " (provisional)" if any(row.provisional for row in rows) else ""
    if net is None:
        return "is not known yet"
    told = [f"realised {realized:+,.2f}" if realized is not None else ""]
    told.append(f"fees {fees:,.2f}" if fees is not None else "")
    split = ", ".join(text for text in told if text)
    return f"{net:+,.2f} {account.base_currency} net of fees{provisional}" + (f" ({split})" if split else "")


def _cumulative_line(account: Account, session: Session, currency: str) -> str:
    days = DayResult.objects.filter(account=account, trading_day__lte=session.day, fills__gt=0)
    number = days.values("trading_day").distinct().count()
    return f"Cumulative {cumulative_net(account.pk):+,.2f} {currency}, day {number} of {SCORED_DAYS}."


def _worth_line(account: Account, currency: str, session: Session) -> str:
    """What the broker says it is worth; a figure nobody has told is left out, never zero."""
    told = []
    nav = account_value(account.pk, "NetLiquidation").value
    if nav is not None:
        told.append(f"NAV {nav:,.2f} {currency} (broker)")
    gross = account_value(account.pk, "GrossPositionValue").value
    if gross is not None:
        told.append(f"gross exposure {gross:,.2f}")
    points = [value for _, value in nav_points(account.pk, session.close_at - HISTORY)]
    if points and max(points) > 0:
        told.append(f"drawdown {100 * (points[-1] - max(points)) / max(points):.1f} % of the 90-day high")
    return f"{', '.join(told)}." if told else "The broker has not told what the account is worth."


def _breaker_line() -> str:
    trips = [f"{name}{f' of {strategy}' if strategy else ''}" for name, strategy in open_trips()]
    return f"Breakers tripped: {', '.join(trips)}." if trips else "No breaker is tripped."


def _alarm_line(account: Account, session: Session) -> str:
    rows = alarms_between(session.open_at - timedelta(hours=1), session.close_at + AT_LATEST, [account.code])
    counts = Counter(row.severity for row in rows)
    unseen = sum(row.acknowledged_at is None and row.ended_at is None for row in rows)
    if not counts:
        return "No alarms."
    told = ", ".join(f"{number} {severity}" for severity, number in counts.items())
    return f"Alarms: {told}; {unseen} not acknowledged."


def _quarantine_line(session: Session) -> str:
    refused = Entry.objects.filter(
        verb="quarantine_file", at__gte=session.open_at - timedelta(hours=6)
    ).count()
    return f"{refused} files were refused." if refused else ""


def _next_line(session: Session) -> str:
    after = session_around(CALENDAR, session.close_at + timedelta(minutes=1))
    return f"Next session {after.open_at:%a %-d %b %H:%M} UTC." if after is not None else ""


def run_by_themselves(account: Account) -> list[str]:
    return [strategy.name for strategy, phase in strategies_with_phase(account) if phase == "run"]


def run_lines(account: Account, strategy: str, session: Session) -> list[str]:
    """What nobody looked at before it went: the plans, what they were worth, and what came back to people."""
    rows = Request.objects.filter(
        account=account, strategy__name=strategy, opened_at__gte=session.open_at - timedelta(hours=6)
    )
    released = [row for row in rows if row.grant_id is not None]
    stopped = [row for row in rows if row.grant_id is None]
    if not released and not stopped:
        return ["Ran, nothing to do: it proposed nothing."]
    worth = sum((row.notional for row in released), Decimal(0))
    told = [f"{len(released)} plans released under its grant, {worth:,.2f} {account.base_currency}."]
    told += [f"Plan {row.plan_id}: {row.notional:,.2f}, {row.order_count} orders" for row in released[:10]]
    told += [f"Plan {row.plan_id} came to a person: {row.phase_reason or row.state}" for row in stopped[:10]]
    return [*told, f"Mode {settings.MODE}. Take the grant back: {address(reverse('strategies'))}"]
