"""A simulated day's clock: one line or several, from the environment or a file that is followed."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from apps.journal import clock
from apps.journal.database_clock import database_now

MORNING = datetime(2026, 11, 18, 14, 31, tzinfo=UTC)


def test_each_line_holds_from_its_own_moment_on_and_the_clock_never_goes_back() -> None:
    wall = time.time()
    slow, fast = clock.Line(MORNING, wall), clock.Line(MORNING + timedelta(seconds=10), wall + 10, 120)
    last = clock.Line(fast.at(wall + 20), wall + 20)
    with override_settings(CLOCK=";".join(map(str, (slow, fast, last)))):
        told = []
        for second in range(30):
            line = clock.line_at(wall + second)
            assert line is not None
            told.append(line.at(wall + second))
    assert told == sorted(told)
    assert told[9] == MORNING + timedelta(seconds=9)
    assert told[11] == MORNING + timedelta(seconds=130)
    assert told[29] - told[21] == timedelta(seconds=8)


def test_a_followed_file_turns_every_reader_at_the_moment_it_tells(tmp_path: Path) -> None:
    file, wall = tmp_path / "clock", time.time()
    file.write_text(str(clock.Line(MORNING, wall)))
    with override_settings(CLOCK=f"follow:{file}"):
        assert clock.speed() == 1.0 and clock.is_simulated()
        first = clock.now()
        file.write_text(f"{clock.Line(MORNING, wall)};{clock.Line(MORNING, wall, 3600.0)}")
        deadline = time.monotonic() + 5
        while clock.speed() == 1.0 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert clock.speed() == 3600.0 and clock.now() > first


def test_a_limit_of_the_wall_is_as_long_as_the_desk_s_clock_ran_through_it() -> None:
    wall, limit = time.time(), timedelta(seconds=5)
    assert clock.stretched(limit) == limit
    for ago, pace, least, most in ((60, 120.0, 590, 610), (60, 1.0, 5, 5.1), (60, 0.0, 5, 5)):
        with override_settings(CLOCK=str(clock.Line(MORNING, wall - ago, pace))):
            assert least <= clock.stretched(limit).total_seconds() <= most
    turned = clock.Line(MORNING, wall - 60, 120.0)
    lines = f"{turned};{clock.Line(turned.at(wall - 2), wall - 2)}"
    with override_settings(CLOCK=lines):  # three of the five seconds were fast ones
        assert 350 < clock.stretched(limit).total_seconds() < 370


def test_the_database_goes_by_the_line_that_holds_now(db: None) -> None:
    wall = time.time()
    lines = f"{clock.Line(MORNING, wall - 5)};{clock.Line(MORNING + timedelta(hours=1), wall - 1, 0.0)}"
    with override_settings(CLOCK=lines):
        assert database_now() == MORNING + timedelta(hours=1)


def test_a_line_that_is_none_is_refused() -> None:
    with override_settings(CLOCK="tomorrow"), pytest.raises(ImproperlyConfigured, match="INSTANT@WALL"):
        clock.now()
