"""The desk gives a sign of life to the outside while it is well, and none when it is not."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from apps.alerts.actions.open_alarm import open_alarm
from apps.alerts.facts import Fact
from apps.alerts.jobs import watch_over
from apps.alerts.models import Alarm, OutsideBeat
from apps.alerts.outside import beat_outside
from apps.broker.models import LinkState
from apps.journal import clock
from apps.journal.models import Entry
from tests.stations import Stations, stations

__all__ = ["stations"]


class Listener(BaseHTTPRequestHandler):
    asked = 0
    answer = 200

    def do_GET(self) -> None:
        type(self).asked += 1
        self.send_response(self.answer)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def outside_address(settings: Any) -> Iterator[str]:
    Listener.asked, Listener.answer = 0, 200
    server = HTTPServer(("127.0.0.1", 0), Listener)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings.HEARTBEAT_URL = f"http://127.0.0.1:{server.server_port}/secret-word"
    yield settings.HEARTBEAT_URL
    server.shutdown()
    server.server_close()
    thread.join(5)


def test_a_desk_that_is_well_gives_its_sign_of_life(stations: Stations, outside_address: str) -> None:
    LinkState.objects.update(beat_at=clock.now())
    assert beat_outside() == "taken" and Listener.asked == 1
    assert OutsideBeat.objects.get().taken_at is not None


def test_a_desk_that_cannot_see_its_broker_in_the_session_falls_silent(
    stations: Stations, outside_address: str
) -> None:
    LinkState.objects.update(state="down", reason="gone", beat_at=clock.now())
    assert beat_outside() == "HEARTBEAT_WITHHELD" and Listener.asked == 0
    assert "gone" in OutsideBeat.objects.get().reason


def test_a_critical_alarm_that_nobody_answers_makes_it_fall_silent(
    stations: Stations, outside_address: str
) -> None:
    LinkState.objects.update(beat_at=clock.now())
    open_alarm(Fact(code="crisis", text="-2.3 %"))
    assert beat_outside() == "HEARTBEAT_WITHHELD" and Listener.asked == 0


def test_an_address_that_fails_three_times_is_an_alarm_and_its_words_stay_secret(
    stations: Stations, outside_address: str
) -> None:
    LinkState.objects.update(beat_at=clock.now())
    Listener.answer = 500
    for _ in range(3):
        assert beat_outside() == "HEARTBEAT_FAILED"
    watch_over()
    assert Alarm.objects.get().code == "heartbeat-failed"
    assert "secret-word" not in OutsideBeat.objects.get().reason
    assert Entry.objects.filter(verb="beat_outside").count() == 1
    Listener.answer = 200
    beat_outside()
    watch_over()
    assert Alarm.objects.get().ended_at is not None


def test_without_an_address_nothing_is_done(stations: Stations, settings: Any) -> None:
    settings.HEARTBEAT_URL = ""
    assert beat_outside() == "" and not OutsideBeat.objects.exists()
