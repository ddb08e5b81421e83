"""The gateway's clock, on a wall clock that the test moves."""

import pytest

from apps.simgateway.clock import Clock, read_instant, read_span
from apps.simgateway.exchange.instant import HOUR, MINUTE, SECOND
from apps.simgateway.running import Options, Run


class Wall:
    def __init__(self) -> None:
        self.at = 5_000 * SECOND

    def __call__(self) -> int:
        return self.at


@pytest.fixture
def wall() -> Wall:
    return Wall()


def test_a_day_plays_in_a_minute(wall: Wall):
    clock = Clock(start=0, speed=1440, wall=wall)
    wall.at += 60 * SECOND
    assert clock.now() == 24 * HOUR
    assert clock.seconds_until(clock.now() + 144 * SECOND) == pytest.approx(0.1)


def test_a_paused_clock_stands_still_and_goes_on_where_it_stood(wall: Wall):
    clock = Clock(start=0, wall=wall)
    wall.at += 10 * SECOND
    clock.pause()
    wall.at += HOUR
    assert clock.now() == 10 * SECOND and clock.seconds_until(11 * SECOND) is None
    clock.resume()
    wall.at += SECOND
    assert clock.now() == 11 * SECOND


def test_a_paused_clock_can_be_stepped(wall: Wall):
    clock = Clock(start=0, wall=wall)
    clock.pause()
    assert clock.step(MINUTE) == MINUTE
    assert clock.move_to(HOUR) == HOUR and clock.is_paused


def test_a_change_of_speed_does_not_move_the_time(wall: Wall):
    clock = Clock(start=0, speed=10, wall=wall)
    wall.at += SECOND
    clock.run_at(100)
    assert clock.now() == 10 * SECOND
    wall.at += SECOND
    assert clock.now() == 110 * SECOND


def test_time_never_runs_backwards(wall: Wall):
    clock = Clock(start=0, wall=wall)
    wall.at += SECOND
    before = clock.now()
    wall.at -= 2 * SECOND
    assert clock.now() == before
    with pytest.raises(ValueError, match="backwards"):
        clock.step(-1)


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("500ms", 500_000),
        ("5 s", 5 * SECOND),
        ("2 min", 2 * MINUTE),
        ("1.5h", 90 * MINUTE),
        ("7", 7 * SECOND),
    ],
)
def test_spans_are_read_as_people_write_them(text: str, micros: int):
    assert read_span(text) == micros


def test_instants_take_a_zone_or_an_offset():
    opening = read_instant("2026-11-20T09:30:00 US/Eastern")
    assert opening == read_instant("2026-11-20 14:30:00") == read_instant("2026-11-20T15:30:00+01:00")


@pytest.mark.parametrize("text", ["yesterday", "2026-11-20T09:30 Mars/Base", "25:00"])
def test_what_is_no_time_is_refused_with_an_example(text: str):
    with pytest.raises(ValueError, match="write 2026-11-20"):
        read_instant(text)


@pytest.mark.parametrize("text", ["fast", "5 weeks", "1.2.3s"])
def test_what_is_no_span_is_refused(text: str):
    with pytest.raises(ValueError, match="not a span"):
        read_span(text)


@pytest.mark.parametrize(
    ("speed", "step"), [(1, None), (10, None), (60, "5000"), (390, "20000"), (1440, "300000")]
)
def test_quotes_change_in_longer_steps_on_a_faster_clock(speed: float, step: str | None):
    machine = Run(Options(start=0, speed=speed)).machine
    assert machine.ledger.latest(1, kind="start")[0]["switches"].get("step_ms") == step
    chosen = Run(Options(start=0, speed=speed, switches={"step_ms": "700"})).machine
    assert chosen.gateway.switches.step_ms == 700
