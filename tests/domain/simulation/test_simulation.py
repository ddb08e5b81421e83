"""Thousands of seeded days, none of which may break a promise; and broken desks, none of which may pass.

A failing seed is lived through again with `live_through(seed)`.
"""

import pytest

from .desk import Desk
from .variants import BROKEN
from .world import CRASH_POINTS, World, live_through

ORDINARY, DEEP, PIECE = 10_000, 1_000_000, 10_000


def broken_days(seeds, desk_class=Desk, crash_at=None):
    return {seed: found for seed in seeds if (found := live_through(seed, desk_class, crash_at))}


def test_no_seeded_day_breaks_a_promise():
    assert broken_days(range(ORDINARY)) == {}


@pytest.mark.deep
@pytest.mark.parametrize("first", range(ORDINARY, ORDINARY + DEEP, PIECE))
def test_no_day_of_a_million_breaks_a_promise(first):
    """In pieces, so that the run's processes share them and a failing one says where to look."""
    assert broken_days(range(first, first + PIECE)) == {}


@pytest.mark.parametrize("point", CRASH_POINTS)
def test_each_crash_point_is_visited_by_name(point):
    seeds = range(300)
    assert broken_days(seeds, crash_at=point) == {}
    visited = [world for world in (World(seed, crash_at=point) for seed in seeds) if not world.run()]
    assert sum(world.crash_at is None for world in visited) > 150


@pytest.mark.parametrize(
    ("variant", "promise"), BROKEN.items(), ids=lambda value: getattr(value, "__name__", value)
)
def test_a_broken_desk_is_caught_by_the_promise_it_breaks(variant, promise):
    for seed in range(3_000):
        if any(found.startswith(f"{promise} ") for found in live_through(seed, variant)):
            return
    pytest.fail(f"{variant.__name__} was never caught breaking {promise}")


def test_every_promise_has_a_broken_desk_that_breaks_it():
    assert {f"S{number}" for number in range(1, 13)} == set(BROKEN.values())


def test_the_same_seed_is_the_same_day():
    first, second = World(7), World(7)
    assert first.run() == second.run()
    assert first.store.journal == second.store.journal
    assert [vars(order) for order in first.broker.orders] == [vars(order) for order in second.broker.orders]


def test_the_days_are_eventful_enough_to_prove_anything():
    worlds = [World(seed) for seed in range(300)]
    for world in worlds:
        world.run()
    rows = [row for world in worlds for row in world.rows]
    states = {after.value for world in worlds for _, _, after in world.store.journal}
    alarms = {alarm.value for row in rows if row.attempt for alarm in row.attempt.alarms}
    assert {"RELEASED", "WORKING", "UNKNOWN", "FILLED", "CANCELLED", "REFUSED"} <= states
    assert {"EXECUTION_CORRECTED", "LATE_FILL", "REVIVED"} <= alarms
    assert sum(row.tries for row in rows) > 500
    assert sum(row.ruled_over for row in rows) > 30
    windows = [row.window.state.value for row in rows if row.window]
    assert {"released", "cancelled", "returned"} <= set(windows)
    assert sum(row.hurried for row in rows) > 3 and sum(bool(row.told) for row in rows) > 10
    walked = [row for row in rows if row.released_at >= 0 and row.tries]
    assert len(walked) > 20
