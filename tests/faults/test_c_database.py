"""The database goes away, drops a connection, or stops calling: nothing is lost and nothing is sent twice."""

import contextlib
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.db.models import QuerySet

from apps.broker.models import LinkSession, OrderIdMark
from apps.ledger.models import Fill
from apps.tickets.models import Ticket
from tests.faults.database_wire import DatabaseWire
from tests.faults.harness import Stage
from tests.road.acts import execute
from tests.road.desk import LINK

OUTAGES = [pytest.param(4, id="short"), pytest.param(60, id="a-minute", marks=pytest.mark.deep)]


@pytest.fixture
def wire(stage: Stage) -> Iterator[DatabaseWire]:
    """The link's only way to the database; the test itself has its own."""
    with tempfile.TemporaryDirectory(prefix="wire-") as folder:
        made = DatabaseWire(Path(folder))
        stage.link.environment["DATABASE_URL"] = made.url
        yield made
        stage.link.stop()
        made.close()


def our_placements(stage: Stage) -> int:
    return sum(any(field.startswith("td-") for field in row) for row in stage.gateway.placements())


def end_connections_of_the_link(waiting_for_a_lock: bool = False) -> int:
    """As an administrator would, by pg_terminate_backend."""
    where = "AND wait_event_type = 'Lock'" if waiting_for_a_lock else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            f"WHERE datname = current_database() AND application_name = %s {where}",
            [LINK],
        )
        return int(cursor.fetchone()[0])


@contextlib.contextmanager
def row_held(rows: "QuerySet[Any]") -> Iterator[None]:
    """Whoever wants this row waits until the block is left."""
    held, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            assert list(rows.select_for_update())
            held.set()
            let_go.wait(30)
        connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        assert held.wait(10)
        yield
    finally:
        let_go.set()
        holder.join()


@pytest.mark.parametrize("seconds", OUTAGES)
def test_fills_during_an_outage_are_booked_after_it_and_nothing_is_sent_meanwhile(
    stage: Stage, wire: DatabaseWire, seconds: float
) -> None:
    """C1."""
    stage.ready()
    first = stage.approve("WEC")
    stage.eventually(lambda: set(stage.states(first).values()) == {"WORKING"}, "both brackets working")
    wire.cut()
    time.sleep(1)
    sent = our_placements(stage)
    stage.reach("WEC")
    stage.eventually(lambda: len(stage.executions()) >= 2, "fills at the broker")
    time.sleep(seconds)
    assert our_placements(stage) == sent
    assert not Fill.objects.exists()
    wire.mend()
    stage.eventually(stage.books_agree, "every execution of the outage", 30)
    entries = Ticket.objects.filter(request=first, role="entry")
    assert set(entries.values_list("state", flat=True)) == {"FILLED"}
    stage.eventually(stage.is_ready, "a link that sends again", 30)
    assert stage.at_broker().keys() == stage.intents().keys()
    assert our_placements(stage) == 6


def test_an_approval_given_during_an_outage_of_the_link_is_sent_once_when_it_is_over(
    stage: Stage, wire: DatabaseWire
) -> None:
    """C1: the screen has its database, the link has none."""
    stage.ready()
    request = stage.propose("WEC")
    wire.cut()
    approved: Any = execute(request)
    assert approved.approved, approved.reason
    time.sleep(2)
    assert our_placements(stage) == 0
    wire.mend()
    stage.eventually(lambda: set(stage.states(request).values()) == {"WORKING"}, "both brackets working", 40)
    assert our_placements(stage) == 6


def test_idle_connections_that_are_ended_cost_nothing(stage: Stage) -> None:
    """C2: AdminShutdown between two statements."""
    stage.ready()
    first = stage.approve("WEC")
    stage.eventually(lambda: set(stage.states(first).values()) == {"WORKING"}, "both brackets working")
    assert end_connections_of_the_link() >= 2
    stage.reach("WEC")
    stage.eventually(lambda: len(stage.executions()) >= 2, "fills at the broker")
    stage.eventually(stage.books_agree, "every execution", 30)
    stage.eventually(stage.is_ready, "a ready link", 40)
    stage.rest("ATO")
    again = stage.approve("ATO", name="second.csv")
    stage.eventually(lambda: set(stage.states(again).values()) == {"WORKING"}, "the next plan working", 30)
    assert our_placements(stage) == 12


def test_a_claim_whose_connection_is_ended_inside_is_made_again_and_sent_once(stage: Stage) -> None:
    """C2: AdminShutdown in the middle of the claim's transaction."""
    stage.ready()
    request = stage.propose("WEC")
    gateway = stage.account.gateway
    OrderIdMark.objects.get_or_create(gateway=gateway, client_id=gateway.client_id)
    with row_held(OrderIdMark.objects.filter(gateway=gateway)):
        approved: Any = execute(request)
        assert approved.approved, approved.reason
        stage.eventually(lambda: end_connections_of_the_link(waiting_for_a_lock=True), "a claim cut in two")
        assert our_placements(stage) == 0
    stage.eventually(lambda: set(stage.states(request).values()) == {"WORKING"}, "both brackets working", 40)
    assert our_placements(stage) == 6


def test_a_listener_that_hears_nothing_costs_at_most_the_poll(stage: Stage, wire: DatabaseWire) -> None:
    """C5: the connection looks alive; no notice comes through it."""
    stage.ready()
    request = stage.propose("WEC")
    wire.deafen()
    approved: Any = execute(request)
    assert approved.approved, approved.reason
    began = time.monotonic()
    stage.eventually(lambda: our_placements(stage) >= 1, "the first order at the gateway", 10)
    assert time.monotonic() - began < 3
    stage.eventually(lambda: set(stage.states(request).values()) == {"WORKING"}, "both brackets working")
    assert LinkSession.objects.count() == 1
