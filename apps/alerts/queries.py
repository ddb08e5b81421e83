"""Reads of channels, of alarms, and of what was told."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import Case, F, IntegerField, Max, Q, QuerySet, Value, When

from apps.alerts.models import Alarm, Channel, Delivery, Message, OutsideBeat, Policy
from apps.alerts.ports import ALARM, CRITICAL, RANK, QuietHours, wanted
from apps.operators.queries import standing_of

SEVERITY_RANK = Case(
    *[When(severity=severity, then=Value(rank)) for severity, rank in RANK.items()],
    output_field=IntegerField(),
)


def policy() -> Policy:
    return Policy.objects.filter(pk=1).first() or Policy()


def channels() -> QuerySet[Channel]:
    return Channel.objects.order_by("step", "pk")


def channel_of(channel_id: int) -> Channel | None:
    return Channel.objects.filter(pk=channel_id).first()


def quiet_of(row: Channel) -> QuietHours | None:
    if row.quiet_from is None or row.quiet_to is None:
        return None
    return QuietHours(row.quiet_from, row.quiet_to, row.zone)


def channels_for(message: Message, now: datetime) -> list[Channel]:
    """Where a message goes now. A test goes where it was asked for, at any hour."""
    if message.only is not None:
        return [message.only]
    rows = Channel.objects.filter(enabled=True).order_by("pk")
    found = [row for row in rows if wanted(message.row, row.classes, quiet_of(row), now)]
    found = [row for row in found if _may_hear(row, message.account)]
    return at_step(found, message.step) if message.row == CRITICAL else found


def at_step(rows: list[Channel], step: int) -> list[Channel]:
    """A critical alarm begins at the lowest step and goes up; past the last one all are told again."""
    steps = sorted({row.step for row in rows})
    if step >= len(steps):
        return rows
    return [row for row in rows if row.step == steps[step]]


def steps_of_critical() -> int:
    """How many steps there are to escalate over."""
    rows = Channel.objects.filter(enabled=True)
    return len({row.step for row in rows if CRITICAL in row.classes})


def _may_hear(row: Channel, account: str) -> bool:
    """Nobody's phone tells of an account that its holder may not see, nor to somebody who is shut out."""
    if not row.holder:
        return True
    user = User.objects.filter(username=row.holder, is_active=True).first()
    return user is not None and standing_of(user).may("see", account)


def still_to_tell(message: Message, now: datetime) -> list[Channel]:
    """Of those, the ones it has not arrived by."""
    arrived = set(message.deliveries.filter(arrived=True).values_list("channel_id", flat=True))
    return [row for row in channels_for(message, now) if row.pk not in arrived]


def last_deliveries() -> dict[int, Delivery]:
    """What each channel answered last."""
    rows = Delivery.objects.select_related("message").order_by("channel_id", "-at", "-pk")
    return {row.channel_id: row for row in rows.distinct("channel_id")}


def deliveries_of(key: str) -> list[Delivery]:
    rows = Delivery.objects.filter(message__key=key).select_related("channel")
    return list(rows.order_by("at", "pk"))


def recent_messages(limit: int = 50) -> QuerySet[Message]:
    rows = Message.objects.select_related("only").prefetch_related("deliveries__channel")
    return rows.order_by("-pk")[:limit]


# A row is numbered before its commit, so one may appear behind the newest: so many are told again, by number.
LATE = 10


def messages_after(number: int, limit: int = 20) -> list[Message]:
    """For an open browser: what was told since it last asked, and the last few before it."""
    return list(Message.objects.filter(pk__gt=number - LATE, only=None).order_by("pk")[: limit + LATE])


def newest_message() -> int:
    return Message.objects.aggregate(newest=Max("pk"))["newest"] or 0


def open_alarms() -> QuerySet[Alarm]:
    """Not over: unacknowledged first, then the gravest, then the newest."""
    rows = Alarm.objects.filter(ended_at=None).annotate(rank=SEVERITY_RANK)
    return rows.order_by(F("acknowledged_at").asc(nulls_first=True), "rank", "-last_at", "-pk")


def ended_alarms(limit: int = 50) -> QuerySet[Alarm]:
    return Alarm.objects.exclude(ended_at=None).order_by("-ended_at", "-pk")[:limit]


def alarm_of(number: int) -> Alarm | None:
    return Alarm.objects.filter(pk=number).first()


def account_of_alarm(number: int) -> str | None:
    return Alarm.objects.filter(pk=number).values_list("account", flat=True).first()


def alarms_to_escalate(now: datetime) -> list[int]:
    rows = Alarm.objects.filter(ended_at=None, acknowledged_at=None, severity=CRITICAL, escalates_at__lte=now)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def alarms_between(start: datetime, end: datetime, accounts: Iterable[str] = ()) -> QuerySet[Alarm]:
    """Raised in a span of time, of these accounts or of none."""
    whose = Q(account="") | Q(account__in=list(accounts))
    return Alarm.objects.filter(whose, first_at__gte=start, first_at__lt=end).order_by("first_at", "pk")


def outside_beat() -> OutsideBeat | None:
    return OutsideBeat.objects.filter(pk=1).first()


def undelivered(since: datetime) -> QuerySet[Message]:
    return Message.objects.filter(kind=ALARM, state=Message.FAILED, made_at__gte=since).order_by("-pk")


def is_standing(code: str, subject: str) -> bool:
    """Whether that alarm is open now."""
    return Alarm.objects.filter(code=code, subject=subject, ended_at=None).exists()
