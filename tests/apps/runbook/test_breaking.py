"""The breakers at work: measured from the tables, tripped once, named, released by people."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from apps.broker.models import Ask, Intent, LinkState
from apps.journal import clock
from apps.journal.models import Entry
from apps.journal.ports import Actor
from apps.ledger.models import NavPoint
from apps.risk.actions.pause_breaker import PauseRefused, arm_breaker, pause_breaker
from apps.risk.models import BreakerReading, BreakerTrip, Stop
from apps.risk.queries import standing_level
from apps.runbook.breaking import watch_breakers
from apps.runbook.jobs import walk_journal
from apps.runbook.releasing import ReleaseRefused, checklist, release_stop
from apps.tickets.models import Ticket
from tests.people import make_person
from tests.stations import Stations

OLGA = Actor("user", "olga")


def look() -> str:
    BreakerReading.objects.all().delete()  # as if the last look were long ago
    return watch_breakers(clock.now())


def nav(stations: Stations, *values: int) -> None:
    for place, value in enumerate(values):
        at = clock.now() - timedelta(minutes=len(values) - place - 1)
        NavPoint.objects.create(account=stations.account, at=at, nav=Decimal(value), source="broker")


def test_a_quiet_desk_trips_nothing_and_every_breaker_is_read(stations: Stations) -> None:
    nav(stations, 100_000, 99_900)
    assert look() == ""
    assert BreakerReading.objects.get(name="day_loss").measured == Decimal("-0.1")
    assert set(BreakerReading.objects.values_list("name", flat=True)) >= {
        "journal",
        "clock_skew",
        "reject_rate",
    }
    assert watch_breakers(clock.now()) == "" and not BreakerTrip.objects.exists()


def test_a_days_loss_halts_everything_once_and_takes_back_what_waits(stations: Stations) -> None:
    stations.approve("WEC")
    nav(stations, 100_000, 97_000)
    assert look() == "day_loss tripped"
    assert standing_level("global", "") == "HALTED"
    assert set(Ticket.objects.values_list("state", flat=True)) == {"WITHDRAWN"}
    assert look() == "" and BreakerTrip.objects.count() == 1
    assert Entry.objects.filter(verb="trip_breaker", reason_code="BREAKER_DAY_LOSS").count() == 1


def test_a_trip_leaves_exits_that_work_alone(stations: Stations) -> None:
    stations.approve("WEC")
    stations.send_all()
    nav(stations, 100_000, 97_000)
    look()
    assert not Ask.objects.exists()


def test_a_strategy_that_enters_the_same_again_and_again_is_disabled_alone(stations: Stations) -> None:
    """I4: each time the order is gone again before the next plan comes."""
    for number in range(4):
        request = stations.propose_plan(stations.plan(["WEC"], quantity=30, name=f"again-{number}.csv"))
        assert stations.execute(request).approved
        stations.send_all()
        Intent.objects.update(state="CLOSED", closed_at=clock.now())
        Ticket.objects.update(state="CANCELLED")
    assert look() == "identical_orders tripped"
    assert (standing_level("strategy", "bracket-day"), standing_level("global", "")) == ("HALTED", "ACTIVE")
    decided = stations.execute(stations.propose("OWL"))
    assert decided.reason is not None and decided.reason.code == "STOP_HALTED"


def test_a_warning_stops_nothing_and_goes_by_itself(stations: Stations) -> None:
    stations.set_limits(cumulative_loss=100)  # nothing was made yet, and that is below it
    assert look() == "cumulative_loss tripped"
    assert not Stop.objects.exclude(level="ACTIVE").exists()
    stations.set_limits(cumulative_loss=-100)
    look()
    assert BreakerTrip.objects.get().reset_by == "desk"


def test_a_clock_that_is_off_lets_nothing_new_in(stations: Stations) -> None:
    LinkState.objects.update(clock_skew_ms=-2500)
    assert look() == "clock_skew tripped" and standing_level("global", "") == "REDUCE_ONLY"


def edit_a_line() -> int:
    """As a superuser of the database might: past the trigger."""
    number = Entry.objects.order_by("sequence").values_list("sequence", flat=True)[1]
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE journal_entry DISABLE TRIGGER USER")
        cursor.execute("UPDATE journal_entry SET actor = 'nobody' WHERE sequence = %s", [number])
        cursor.execute("ALTER TABLE journal_entry ENABLE TRIGGER USER")
    return int(number)


def test_an_edited_line_of_the_journal_halts_trading_and_is_named(stations: Stations) -> None:
    """C6."""
    stations.approve("WEC")
    number = edit_a_line()
    assert "journal tripped" in look()
    assert standing_level("global", "") == "HALTED" and stations.send_all() == {}
    assert walk_journal(clock.now()) == f"JOURNAL_EDITED at row {number}"


def test_switched_off_it_is_measured_and_trips_nothing_until_its_time(stations: Stations) -> None:
    make_person("olga", "risk")
    nav(stations, 100_000, 97_000)
    now = clock.now()
    pause_breaker("day_loss", until=now + timedelta(hours=1), actor=OLGA, reason="a known transfer", now=now)
    assert look() == "" and BreakerReading.objects.get(name="day_loss").measured == -3
    arm_breaker("day_loss", actor=OLGA, now=clock.now())
    assert look() == "day_loss tripped"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": "moon"}, "BREAKER_UNKNOWN"),
        ({"until": timedelta(days=8)}, "BREAKER_PAUSE_BAD"),
        ({"until": timedelta(0)}, "BREAKER_PAUSE_BAD"),
        ({"reason": "because"}, "BREAKER_PAUSE_BAD"),
    ],
)
def test_nothing_is_switched_off_for_good_or_without_a_reason(
    stations: Stations, changes: dict[str, Any], code: str
) -> None:
    make_person("olga", "risk")
    asked = {"name": "day_loss", "until": timedelta(hours=1), "reason": "a known transfer"} | changes
    now = clock.now()
    with pytest.raises(PauseRefused) as refused:
        pause_breaker(asked["name"], until=now + asked["until"], actor=OLGA, reason=asked["reason"], now=now)
    assert refused.value.reason.code == code


def released(stations: Stations, **changes: Any) -> Stop:
    stop = Stop.objects.get(scope="global")
    asked = {"epoch": stop.epoch, "actor": OLGA, "reason": "the transfer was booked", "now": clock.now()}
    return release_stop("global", "", **(asked | changes))


def fresh(stations: Stations) -> None:
    LinkState.objects.update(snapshot_at=clock.now(), beat_at=clock.now())


def test_a_release_wants_a_reading_after_the_stop_and_a_breaker_within(stations: Stations) -> None:
    nav(stations, 100_000, 97_000)
    look()
    with pytest.raises(ReleaseRefused) as refused:
        released(stations)
    assert refused.value.reason.code == "RELEASE_NOT_READY"
    fresh(stations)
    bad = [item.title for item in checklist(Stop.objects.get(scope="global"), clock.now()) if not item.good]
    assert bad == ["The stop is finished", "No breaker would trip again"]


def test_of_a_kill_and_a_release_within_a_second_the_later_epoch_decides(stations: Stations) -> None:
    """D8."""
    from tests.apps.runbook.test_stopping import stop

    stations.approve("WEC")
    claim = stations.claim(stations.brackets()[0])
    stop()
    seen = Stop.objects.get(scope="global").epoch
    stop(reason="and again")
    fresh(stations)
    with pytest.raises(ReleaseRefused) as refused:
        released(stations, epoch=seen)
    assert refused.value.reason.code == "RELEASE_OVERTAKEN"
    from apps.broker.actions.recover_intents import lapse_claim
    from apps.runbook.stopping import finish_stops

    lapse_claim(claim.intents, clock.now())  # type: ignore[union-attr]
    finish_stops()
    finish_stops()
    fresh(stations)
    assert released(stations).level == "ACTIVE"
    assert stations.brackets() == [] and stations.written == []  # nothing resumes by itself
    assert [why and why.code for why in stations.send(claim)] == ["INTENT_NOT_FRESH"]  # type: ignore[arg-type]
