"""The invariants in production: told once, a halt when it is grave, over when it holds again."""

import pytest
from django.db import transaction

from apps.broker.models import Intent
from apps.journal import clock
from apps.journal.models import Entry
from apps.risk.actions.set_stop import set_stop
from apps.risk.models import Reservation, Stop
from apps.runbook import jobs
from apps.runbook.actions.watch_promises import watch_promises
from apps.runbook.models import BrokenPromise, JobRun
from apps.runbook.queries import broken_promises
from tests.stations import TRADER, Stations, stations

__all__ = ["stations"]


@pytest.fixture
def sent(stations: Stations) -> Stations:
    stations.approve("WEC")
    stations.send_all()
    return stations


def lose_the_room(amount: int) -> None:
    Reservation.objects.filter(ticket_key__endswith="A").update(amount=amount)


def level() -> str:
    return str(Stop.objects.filter(scope="global").values_list("level", flat=True).first())


def test_a_desk_in_order_is_looked_at_without_a_word(sent: Stations) -> None:
    lines = Entry.objects.count()
    assert watch_promises(clock.now()) == ""
    assert Entry.objects.count() == lines and broken_promises() == []


def test_a_grave_one_halts_once_is_told_once_and_ends_when_it_holds(sent: Stations) -> None:
    room = Reservation.objects.get(ticket_key__endswith="A").amount
    lose_the_room(1)
    assert watch_promises(clock.now()).startswith("1 new, 1 broken: S6")
    assert level() == Stop.HALTED
    assert broken_promises() and broken_promises()[0].startswith("S6: ")
    watch_promises(clock.now())
    assert Entry.objects.filter(reason_code="INVARIANT_BROKEN").count() == 1
    set_stop(Stop.ACTIVE, actor=TRADER, reason="looked at, and released")
    watch_promises(clock.now())
    assert level() == Stop.ACTIVE  # the person who released it has seen this one
    lose_the_room(int(room))
    assert watch_promises(clock.now()) == "1 over"
    assert broken_promises() == []
    assert BrokenPromise.objects.get().ended_at is not None
    assert Entry.objects.filter(reason_code="INVARIANT_HOLDS_AGAIN").count() == 1


def test_one_that_is_past_is_an_alarm_and_no_stop(sent: Stations) -> None:
    Intent.objects.filter(ticket__role="entry").update(sending_at=clock.now().replace(hour=23))
    watch_promises(clock.now())
    assert {row.invariant for row in BrokenPromise.objects.all()} == {"S11"}
    assert level() != Stop.HALTED


def test_the_job_reads_one_instant_and_leaves_its_row(transactional_db: None, sent: Stations) -> None:
    """Outside a transaction the look is one that cannot write and sees no half of another's work."""
    assert not transaction.get_connection().in_atomic_block
    jobs.watch_invariants()
    run = JobRun.objects.get(kind="watch_invariants")
    assert run.outcome == JobRun.NOTHING
    lose_the_room(1)
    jobs.watch_invariants()
    run.refresh_from_db()
    assert run.outcome == JobRun.DONE and "S6" in run.told and run.runs == 2
