"""Watches the breakers: measures each from the stations' tables, trips what is beyond its threshold."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Count, F

from apps.broker.models import Intent, LinkSession, LinkState
from apps.broker.queries import beat_limit
from apps.desks.models import Strategy
from apps.desks.queries import enabled_accounts
from apps.ledger.models import NavPoint
from apps.ledger.queries import net_by_strategy
from apps.ledger.results import day_change
from apps.market.queries import books_day
from apps.risk.actions.change_limits import values_of
from apps.risk.actions.set_stop import set_stop
from apps.risk.actions.trip_breaker import BREAKER, end_warning, trip_breaker
from apps.risk.models import BreakerReading, BreakerTrip, LimitTouch, Stop
from apps.risk.queries import breaker_readings, limits_in_force, open_trips, paused_breakers
from apps.runbook.invariants.truth import journal_broken
from apps.runbook.situation import DESK_ZONE
from apps.runbook.stopping import kill
from tradingdesk.domain.money import Reason
from tradingdesk.domain.risk.breakers import (
    BREAKERS,
    REJECTS_AMONG,
    Breaker,
    Reading,
    drawdown,
    rate,
    trip_problem,
)
from tradingdesk.domain.risk.stops import StopLevel

EVERY = timedelta(seconds=3)
CHAIN_EVERY = timedelta(seconds=30)
LOOKED_INTO = ("limits",)  # a release is the very act by which these are over
FRESH = timedelta(minutes=5)
TEN_MINUTES, HOUR, LONG = timedelta(minutes=10), timedelta(hours=1), timedelta(days=90)

Measures = Iterable[tuple[str, Decimal | None]]  # of which strategy ("" is the desk), and how much


def watch_breakers(now: datetime) -> str:
    """Every few seconds. What is switched off is measured and shown, and trips nothing."""
    known = breaker_readings()
    newest = max((row.at for (name, _), row in known.items() if name != "journal"), default=None)
    if newest is not None and now - newest < EVERY:
        return ""
    readings = [reading for breaker in _due(known, now) for reading in _read(breaker, now)]
    _keep(readings, now)
    paused = paused_breakers(now)
    tripped = [one for one in readings if one.breaker.name not in paused and act_on(one, now)]
    return ", ".join(f"{one.breaker.name} tripped" for one in tripped)


def _due(known: dict[tuple[str, str], BreakerReading], now: datetime) -> list[Breaker]:
    """The journal's chain is walked less often than the rest: it is two thousand lines."""
    walked = known.get(("journal", ""))
    skip = "journal" if walked is not None and now - walked.at < CHAIN_EVERY else ""
    return [breaker for name, breaker in BREAKERS.items() if name != skip]


def act_on(reading: Reading, now: datetime) -> bool:
    """Trip it if it is beyond, once. True when this very look tripped it."""
    reason = trip_problem(reading)
    if reason is None:
        end_warning(reading, now=now)
        return False
    trip = trip_breaker(reading, reason, now=now)
    if trip is None:
        _finish(reading, now)
        return False
    _stop(reading, trip.reason, now)
    return True


def _finish(reading: Reading, now: datetime) -> None:
    """A process that died between the trip and its stop: whoever looks next sets the stop."""
    scope, key = _scope(reading)
    trip = BreakerTrip.objects.get(name=reading.breaker.name, strategy=reading.strategy, reset_at=None)
    stood = Stop.objects.filter(scope=scope, key=key, since__gte=trip.tripped_at).exists()
    if reading.breaker.level is not StopLevel.ACTIVE and not stood:
        _stop(reading, trip.reason, now)


def _scope(reading: Reading) -> tuple[str, str]:
    return ("strategy", reading.strategy) if reading.strategy else ("global", "")


def _stop(reading: Reading, reason: str, now: datetime) -> None:
    """Nothing new leaves, and nothing that waits will. Exits that work go on."""
    if reading.breaker.level is StopLevel.ACTIVE:
        return
    scope, key = _scope(reading)
    kill(scope, key, level=Stop.REDUCE_ONLY, flatten=False, actor=BREAKER, reason=reason, now=now)
    if reading.breaker.level is StopLevel.HALTED:
        set_stop(Stop.HALTED, scope=scope, key=key, actor=BREAKER, reason=reason)


def trip_for_journal(text: str, now: datetime) -> None:
    """The whole chain was walked and a line is wrong: the same trip as that of the newest lines."""
    reading = Reading(breaker=BREAKERS["journal"], measured=Decimal(1))
    _keep([reading], now)
    if trip_breaker(reading, Reason("BREAKER_JOURNAL", text), now=now) is not None:
        _stop(reading, text, now)


def _keep(readings: list[Reading], now: datetime) -> None:
    BreakerReading.objects.bulk_create(
        [
            BreakerReading(
                name=one.breaker.name,
                strategy=one.strategy,
                measured=one.measured,
                threshold=one.trips_at,
                at=now,
            )
            for one in readings
        ],
        update_conflicts=True,
        unique_fields=["name", "strategy"],
        update_fields=["measured", "threshold", "at"],
    )


def _read(breaker: Breaker, now: datetime) -> list[Reading]:
    limit = _threshold(breaker)
    return [
        Reading(breaker=breaker, measured=measured, strategy=strategy, threshold=limit)
        for strategy, measured in MEASURES[breaker.name](now)
    ]


def _threshold(breaker: Breaker) -> Decimal | None:
    """The warning of cumulative loss stands at its limit; the others at the table's value."""
    return values_of(limits_in_force())["cumulative_loss"] if breaker.name == "cumulative_loss" else None


# what is measured


def _day_loss(now: datetime) -> Measures:
    """The account that lost most: by the books' result of the day, which is the one that is shown.

    Where the books do not know it, the broker's own figures say what became of the account's value.
    """
    yield "", _worst(_of_day(account.pk, now) for account in enabled_accounts())


def _of_day(account_id: int, now: datetime) -> Decimal | None:
    ours = day_change(account_id, books_day(now), since=now - FRESH)
    midnight = now.astimezone(DESK_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    return _change(account_id, midnight, now) if ours is None else ours


def _change(account_id: int, since: datetime, now: datetime) -> Decimal | None:
    points = NavPoint.objects.filter(account_id=account_id, source="broker", at__gte=since).order_by("at")
    first, last = points.first(), points.last()
    if first is None or last is None or now - last.at > FRESH or first.nav <= 0:
        return None
    return (last.nav - first.nav) / first.nav * 100


def _worst(values: Iterable[Decimal | None]) -> Decimal | None:
    return min((value for value in values if value is not None), default=None)


def _drawdown(now: datetime) -> Measures:
    yield "", _worst(_below_top(account.pk, now) for account in enabled_accounts())


def _below_top(account_id: int, now: datetime) -> Decimal | None:
    points = NavPoint.objects.filter(account_id=account_id, source="broker", at__gte=now - LONG)
    top, last = points.order_by("-nav").first(), points.order_by("-at").first()
    if top is None or last is None or now - last.at > FRESH:
        return None
    return drawdown((top.nav, last.nav))


def _cumulative_loss(now: datetime) -> Measures:
    totals = net_by_strategy()
    for name in Strategy.objects.order_by("pk").values_list("name", flat=True):
        yield name, totals.get(name, Decimal(0))


def _reject_rate(now: datetime) -> Measures:
    sent = Intent.objects.filter(sending_at__gte=now - TEN_MINUTES)
    yield "", rate(sent.filter(state="REFUSED").count(), sent.count(), at_least=REJECTS_AMONG)


def _identical_orders(now: datetime) -> Measures:
    """Lines that entered the same contract on the same side with the same size: parts of one line are one."""
    entries = Intent.objects.filter(sending_at__gte=now - TEN_MINUTES, ticket__role="entry")
    same = entries.annotate(strategy=F("ticket__strategy__name")).values(
        "strategy", "ticket__contract", "ticket__side", "ticket__quantity"
    )
    most: dict[str, int] = dict.fromkeys(Strategy.objects.values_list("name", flat=True), 0)
    for row in same.annotate(lines=Count("ticket__line", distinct=True)):
        most[row["strategy"]] = max(most[row["strategy"]], row["lines"])
    for name, lines in most.items():
        yield name, Decimal(lines)


def _states(now: datetime) -> list[LinkState]:
    return list(LinkState.objects.filter(beat_at__gte=now - beat_limit()))


def _message_rate(now: datetime) -> Measures:
    told = [Decimal(row.pacing.get("messages", 0)) for row in _states(now)]
    yield "", max(told, default=None)


def _link_flaps(now: datetime) -> Measures:
    closed = LinkSession.objects.filter(closed_at__gte=now - HOUR).exclude(why_closed="told to stop")
    counts = closed.values("gateway").annotate(number=Count("pk")).values_list("number", flat=True)
    yield "", Decimal(max(counts, default=0))


def _clock_skew(now: datetime) -> Measures:
    told = [abs(row.clock_skew_ms) for row in _states(now) if row.clock_skew_ms is not None]
    yield "", Decimal(str(round(max(told) / 1000, 2))) if told else None


def _journal(now: datetime) -> Measures:
    yield "", Decimal(len(list(journal_broken(now))))


def _limits(now: datetime) -> Measures:
    """Touches that nobody has looked into yet: the release of the stop is the word that somebody has."""
    yield "", Decimal(LimitTouch.objects.filter(seen=False).count())


MEASURES: dict[str, Callable[[datetime], Measures]] = {
    "day_loss": _day_loss,
    "cumulative_loss": _cumulative_loss,
    "drawdown": _drawdown,
    "reject_rate": _reject_rate,
    "identical_orders": _identical_orders,
    "message_rate": _message_rate,
    "link_flaps": _link_flaps,
    "clock_skew": _clock_skew,
    "journal": _journal,
    "limits": _limits,
}


def trips_in_the_way(strategy: str, now: datetime) -> list[str]:
    """Breakers of a scope that would trip again at once: nobody lets go meanwhile."""
    paused, readings = paused_breakers(now), breaker_readings()
    told = []
    for name, of in open_trips():
        row = readings.get((name, of))
        other = of != strategy or name in paused or name in LOOKED_INTO
        if other or row is None or BREAKERS[name].level is StopLevel.ACTIVE:
            continue
        reading = Reading(breaker=BREAKERS[name], measured=row.measured, strategy=of, threshold=row.threshold)
        if reading.beyond:
            told.append(BREAKERS[name].title)
    return told
