"""E5: the database's clock takes a real step while a countdown runs; every statement reads it."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection

from apps.approvals.models import Request
from apps.broker.link.link import Doors, Link
from apps.broker.link.releasing import LEAST_SECONDS, release_due_windows
from apps.journal import clock
from apps.journal.database_clock import told_time
from apps.risk.actions.set_stop import set_stop
from apps.risk.queries import standing_level
from apps.runbook.invariants import broken_invariants
from apps.runbook.windows import release_due
from apps.tickets.models import Ticket
from tests.apps.approvals.walking import request_of, running_window
from tests.faults.harness import Stage
from tests.faults.test_e_link import counting
from tests.stations import ADMIN, Stations

Step = Callable[[int], None]
# found before PostgreSQL's own by whoever looks for it in this order
CLOCK = """
    CREATE SCHEMA stepped;
    CREATE TABLE stepped.step AS SELECT interval '0' AS by;
    CREATE FUNCTION stepped.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
        AS 'SELECT pg_catalog.clock_timestamp() + by FROM stepped.step';
"""
ORDER = "stepped, pg_catalog, public"


def run(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)


@pytest.fixture
def step(transactional_db: None) -> Iterator[Step]:
    """Move the clock of the whole database; connections that are opened from now on read it."""
    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    run(CLOCK)
    run(f"ALTER DATABASE {name} SET search_path = {ORDER}")
    run(f"SET search_path = {ORDER}")
    yield lambda seconds: run("UPDATE stepped.step SET by = by + make_interval(secs => %s)", seconds)
    run(f"ALTER DATABASE {name} RESET search_path")
    run("DROP SCHEMA stepped CASCADE")
    run("RESET search_path")


def link_of(stations: Stations) -> Link:
    """The link's own loop, with no socket: releasing needs none, and nothing may be sent without one."""
    door: Any = None
    doors = Doors(
        judge=door, market=door, book=door, book_positions=door, release=release_due, book_money=door,
        held=door, finish_stops=door, borne_out=door,
    )  # fmt: skip
    return Link(gateway=stations.account.gateway, broker=door, doors=doors, instance="desk")


@pytest.mark.parametrize("seconds", [600, -600])
def test_a_step_of_the_databases_clock_halts_and_releases_nothing(
    step: Step, stations: Stations, seconds: int
) -> None:
    window = running_window(stations)
    link = link_of(stations)

    async def look_twice() -> tuple[float, float]:
        first = await release_due_windows(link)
        await link.db.run(step, seconds)
        return first, await release_due_windows(link)

    before = told_time()
    pauses = asyncio.run(look_twice())
    link.db.stop()
    link.deadlines.stop()
    assert abs((told_time() - before).total_seconds() - seconds) < 60  # the clock did step
    assert min(pauses) >= LEAST_SECONDS
    request = request_of(window)
    assert (request.state, request.phase, request.phase_code) == ("proposed", "crawl", "CLOCK_JUMPED")
    assert standing_level("global", "") == "HALTED" and not Ticket.objects.exists()
    assert broken_invariants(clock.now()) == []


def test_a_clock_that_only_runs_is_no_step(step: Step, stations: Stations) -> None:
    window = running_window(stations)
    link = link_of(stations)

    async def look_often() -> None:
        for _ in range(5):
            await release_due_windows(link)

    step(1)  # a second: less than anybody has to know
    asyncio.run(look_often())
    link.db.stop()
    link.deadlines.stop()
    assert request_of(window).state == "counting" and standing_level("global", "") == "ACTIVE"


@pytest.mark.deep
@pytest.mark.parametrize("seconds", [600, -600])
def test_the_real_link_sends_nothing_after_a_step(
    step: Step, stage: Stage, settings: Any, seconds: int
) -> None:
    stage.ready()
    request = counting(stage, settings, 60)
    stage.settle(1.5)  # the link has compared the clocks at least once while it counted
    step(seconds)
    stage.eventually(lambda: Request.objects.get(pk=request.pk).state == "proposed", "the window given back")
    assert Request.objects.get(pk=request.pk).phase_code == "CLOCK_JUMPED"
    assert standing_level("global", "") == "HALTED"
    step(-seconds)
    set_stop("ACTIVE", actor=ADMIN, reason="the clock was set right")
    stage.settle(2)
    assert not [row for row in stage.gateway.placements() if any(text.startswith("td-") for text in row)]
