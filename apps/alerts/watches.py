"""What no journal line tells: a link that fell silent, a job that broke off or never ran."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from django.db.models import Q
from django.urls import reverse

from apps.alerts.facts import Fact
from apps.alerts.models import Alarm, Channel, Delivery, Message
from apps.alerts.patience import human
from apps.alerts.ports import CRITICAL, HIGH
from apps.alerts.queries import outside_beat
from apps.alerts.telling.alarms import gravity_of_link, link_down
from apps.broker.models import LinkState
from apps.broker.queries import is_in_doubt, link_view
from apps.desks.queries import beating_since, enabled_accounts
from apps.journal import clock
from apps.market.ports import CALENDAR
from apps.reconciliation.models import Break, Standing
from apps.risk.models import BreakerTrip, Stop
from apps.runbook.database.backups import wanted as backed_up_here
from apps.runbook.models import BrokenPromise, JobRun
from apps.runbook.situation import session_of_day, trading_day

CONNECTS_WITHIN = 30  # seconds that a link may take before somebody is called
RUNS_AT_MOST, CLOSES_WITHIN = 900, timedelta(minutes=30)
FAILURES_TOLD = 3  # of the outside sign of life, one after the other
# jobs whose failure costs more than a look the next day
WEIGHTY = frozenset({"close_day", "watch_invariants", "watch_breakers", "release_granted", "finish_stops"})


def wrong_now(now: datetime) -> Iterator[Fact]:
    """Everything that is wrong by the tables of this moment."""
    yield from _links(now)
    yield from _jobs(now)
    yield from _channels()
    yield from _outside()


def _links(now: datetime) -> Iterator[Fact]:
    """A desk that has just been started again gives its link the time that any new one has."""
    watched = beating_since("worker")
    for gateway in sorted({row.gateway_id for row in enabled_accounts()}):
        row = LinkState.objects.filter(gateway_id=gateway).first()
        view = link_view(gateway, now)
        if row is None or view.ready:
            continue  # a gateway that was never dialled is being set up
        quiet_since = row.beat_at if view.state == "dead" else view.since or row.beat_at
        late = now - max(quiet_since, watched or quiet_since) > human(CONNECTS_WITHIN)
        if view.state == "dead" and late:
            yield _silent(gateway, now)
        elif view.state != "dead" and (late or view.state == "not_ready"):
            yield link_down(gateway, view.reason or "The broker link is not ready", now)


def _silent(gateway: int, now: datetime) -> Fact:
    return Fact(
        code="link-silent",
        subject=str(gateway),
        severity=gravity_of_link(gateway, now),
        text="The link's process gives no sign of life. What is shown of orders is its last word; nothing "
        "new is sent. A stop from here is kept and carried out first thing when it is back.",
        href=reverse("system"),
    )


def _jobs(now: datetime) -> Iterator[Fact]:
    today = trading_day(now)
    days = {today, datetime.now(UTC).date(), datetime.now(UTC).date().replace(day=1)}
    rows = JobRun.objects.filter(session_date__in=days).select_related("account")
    for row in rows.filter(outcome=JobRun.FAILED):
        yield _failed(row)
    for row in rows.filter(outcome=JobRun.RUNNING, started_at__lt=now - human(RUNS_AT_MOST)):
        yield _job(row.kind, row, f"{row.kind} has been running since {row.started_at:%H:%M:%S} UTC.")
    yield from _missed(now)


def _failed(row: JobRun) -> Fact:
    return Fact(
        code="job-failed",
        subject=_subject(row.kind, row),
        account=row.account.code if row.account else "",
        severity=HIGH if row.kind in WEIGHTY else "",
        text=f"{row.kind} of {row.session_date} broke off: {row.told[:300]}. It is tried again.",
        href=reverse("system"),
    )


def _subject(kind: str, row: JobRun) -> str:
    return f"{kind}:{row.account.code if row.account else ''}:{row.session_date}"


def _job(kind: str, row: JobRun, text: str) -> Fact:
    return Fact(code="job-missed", subject=_subject(kind, row), text=text, href=reverse("system"))


def _missed(now: datetime) -> Iterator[Fact]:
    """Half an hour after the close each account's day must be closed; a backup is a day old at most."""
    session = session_of_day(CALENDAR, trading_day(now))
    if session is not None and now > session.close_at + CLOSES_WITHIN:
        for account in enabled_accounts():
            done = JobRun.objects.filter(kind="close_day", account=account, session_date=session.day)
            if not done.filter(outcome__in=[JobRun.DONE, JobRun.NOTHING]).exists():
                yield Fact(
                    code="job-missed",
                    subject=f"close_day:{account.code}:{session.day}",
                    account=account.code,
                    severity=HIGH,
                    text=f"The day {session.day} of {account.masked()} has not been closed.",
                    href=reverse("system"),
                )
    yield from _unsaved()


def _unsaved() -> Iterator[Fact]:
    """By the machine's own day: a backup that never came."""
    rows = JobRun.objects.filter(kind="back_up")
    newest = rows.filter(outcome=JobRun.DONE).order_by("-session_date").first()
    today = datetime.now(UTC).date()
    if backed_up_here() and newest is not None and today - newest.session_date > timedelta(days=1):
        yield _job("back_up", newest, f"The newest backup is of {newest.session_date}.")


def _channels() -> Iterator[Fact]:
    """A channel whose last message was given up."""
    newest = Delivery.objects.filter(channel__enabled=True, message__only=None).order_by(
        "channel_id", "-at", "-pk"
    )
    for row in newest.distinct("channel_id").select_related("channel", "message"):
        over = row.message.state in (Message.DONE, Message.FAILED)
        if row.arrived or not over:
            continue
        nobody = row.message.state == Message.FAILED and row.message.severity == CRITICAL
        yield Fact(
            code="channel-failed",
            subject=str(row.channel_id),
            severity=HIGH if nobody else "",
            text=f"{row.channel.name} was given up after {row.attempt} attempts: {row.reason_code}."
            + (" A critical alarm reached nobody." if nobody else ""),
            href=reverse("notifications"),
        )


def _outside() -> Iterator[Fact]:
    row = outside_beat()
    if row is not None and row.failures >= FAILURES_TOLD and row.reason_code == "HEARTBEAT_FAILED":
        text = (
            f"{row.failures} times one after the other: {row.reason}. Nobody outside watches this desk now."
        )
        yield Fact(code="heartbeat-failed", text=text, href=reverse("notifications"))


# whether the cause of a standing alarm is gone


def _number(alarm: Alarm) -> int:
    return int(alarm.subject) if alarm.subject.isdigit() else 0


def _stop_is_over(alarm: Alarm) -> bool:
    scope, _, key = alarm.subject.partition(":")
    return not Stop.objects.filter(~Q(level=Stop.ACTIVE), scope=scope, key=key).exists()


def _trip_is_over(alarm: Alarm) -> bool:
    return not BreakerTrip.objects.filter(pk=_number(alarm), reset_at=None).exists()


def _promise_is_kept(alarm: Alarm) -> bool:
    return not BrokenPromise.objects.filter(pk=_number(alarm), ended_at=None).exists()


def _intent_is_known(alarm: Alarm) -> bool:
    return not is_in_doubt(_number(alarm))


def _link_is_ready(alarm: Alarm) -> bool:
    return link_view(_number(alarm), clock.now()).ready


def _link_reports(alarm: Alarm) -> bool:
    return link_view(_number(alarm), clock.now()).state != "dead"


def _channel_delivers(alarm: Alarm) -> bool:
    row = Channel.objects.filter(pk=_number(alarm)).first()
    last = Delivery.objects.filter(channel_id=_number(alarm)).order_by("-at", "-pk").first()
    return row is None or not row.enabled or last is None or last.arrived


def _outside_hears(_alarm: Alarm) -> bool:
    row = outside_beat()
    return row is None or row.failures == 0


def _is_done(outcomes: tuple[str, ...]) -> Callable[[Alarm], bool]:
    def look(alarm: Alarm) -> bool:
        kind, account, day = alarm.subject.split(":")
        rows = JobRun.objects.filter(kind=kind, session_date=day)
        rows = rows.filter(account__code=account) if account else rows.filter(account=None)
        newer = JobRun.objects.filter(kind=kind, session_date__gt=day, outcome__in=outcomes)
        return rows.filter(outcome__in=outcomes).exists() or newer.exists()

    return look


def _halt_is_over(alarm: Alarm) -> bool:
    rows = Standing.objects.filter(account__code=alarm.account)
    return not rows.exclude(level="PASS").exists()


def _break_is_over(alarm: Alarm) -> bool:
    return not Break.objects.filter(pk=_number(alarm), state="open").exists()


ENDED = (JobRun.DONE, JobRun.NOTHING)
OVER: dict[str, Callable[[Alarm], bool]] = {
    "stop-set": _stop_is_over,
    "breaker-tripped": _trip_is_over,
    "invariant-broken": _promise_is_kept,
    "order-unknown": _intent_is_known,
    "order-still-unknown": _intent_is_known,
    "link-down": _link_is_ready,
    "reconciliation-halt": _halt_is_over,
    "break-opened": _break_is_over,
    "link-silent": _link_reports,
    "channel-failed": _channel_delivers,
    "heartbeat-failed": _outside_hears,
    "job-failed": _is_done(ENDED),
    "job-missed": _is_done(ENDED),
}
