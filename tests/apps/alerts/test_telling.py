"""An alert is delivered or it is not, by a real channel, within five seconds; its link works once."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, time
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.test import Client

from apps.alerts.actions.save_channel import save_channel
from apps.alerts.channels.sending import send_by_all
from apps.alerts.jobs import tell_people
from apps.alerts.links import cancel_link, sign
from apps.alerts.models import Channel, Delivery, Message, SpentLink
from apps.alerts.ports import CLASSES, AlertRefused, QuietHours, masked, wanted
from apps.alerts.secrecy import open_up
from apps.approvals.models import Window
from apps.journal.models import Entry
from apps.journal.ports import Actor
from tests.apps.approvals.walking import proposed_window, running_window
from tests.stations import Stations, stations

__all__ = ["stations"]
ADMIN = Actor("user", "admin")
# apprise asks for a module that Python is about to drop; it has its own replacement
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


class Ear(BaseHTTPRequestHandler):
    heard: list[dict[str, Any]] = []
    answer = 200
    pause = threading.Event()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.heard.append(json.loads(body))
        if self.answer == 0:
            self.pause.wait(10)
        self.send_response(self.answer or 200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def webhook() -> Iterator[str]:
    """A service of its own, listening on this machine."""
    Ear.heard, Ear.answer = [], 200
    Ear.pause.clear()
    server = HTTPServer(("127.0.0.1", 0), Ear)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"json://127.0.0.1:{server.server_port}/hook"
    Ear.pause.set()
    server.shutdown()
    server.server_close()
    thread.join(5)


def channel(url: str, name: str = "phone", **more: Any) -> Channel:
    return save_channel(Channel(), actor=ADMIN, name=name, url=url, **more)


def test_a_window_opens_when_its_alert_was_delivered(stations: Stations, webhook: str) -> None:
    channel(webhook)
    window = proposed_window(stations)
    tell_people()
    window.refresh_from_db()
    assert window.state == "open" and window.delivered[0]["channel"] == "phone"
    (told,) = [one for one in Ear.heard if "sends in 60 s" in one["title"]]
    assert "BUY 10 WEC LMT 100" in told["message"] and "New York" in told["message"]
    assert "/cancel/" in told["message"] and "DU•••0001" in told["title"]
    assert Delivery.objects.get(message__key=f"window-{window.pk}").arrived


def test_a_channel_that_refuses_or_falls_silent_opens_no_window(stations: Stations, webhook: str) -> None:
    """E4."""
    channel(webhook)
    channel("nonsense://x", name="odd")
    Ear.answer = 500
    window = proposed_window(stations)
    tell_people()
    window.refresh_from_db()
    assert (window.state, window.reason_code) == ("returned", "WINDOW_ALERT_UNDELIVERED")
    codes = dict(
        Delivery.objects.filter(message__key=f"window-{window.pk}").values_list(
            "channel__name", "reason_code"
        )
    )
    assert codes == {"phone": "CHANNEL_REFUSED", "odd": "CHANNEL_FENCED"}


def test_nobody_waits_longer_than_the_deadline_for_a_channel(stations: Stations, webhook: str) -> None:
    """E4."""
    Ear.answer = 0
    message = Message(key="x", kind="alarm", title="slow", body="")
    (answer,) = send_by_all([channel(webhook)], message, within=0.3)
    assert (answer.arrived, answer.reason_code) == (False, "CHANNEL_SILENT")


def test_an_address_is_encrypted_masked_and_never_in_the_journal(stations: Stations) -> None:
    made = channel("tgram://123:secret/456")
    assert "secret" not in made.address and made.shown == masked("tgram://123:secret/456") == "tgram://•••"
    assert open_up(made.address) == "tgram://123:secret/456"
    told = Entry.objects.get(verb="save_channel")
    assert "secret" not in json.dumps([told.before, told.after])
    with pytest.raises(AlertRefused):
        open_up("gibberish")


def test_quiet_hours_never_silence_a_countdown_or_a_critical_alarm() -> None:
    night = QuietHours(time(22), time(7), "America/New_York")
    at_night = datetime(2026, 11, 19, 5, tzinfo=UTC)
    heard = {kind for kind in CLASSES if wanted(kind, list(CLASSES), night, at_night)}
    assert heard == {"critical", "countdown"}
    assert not wanted("critical", ["fill"], None, at_night)


def word_of(window: Window) -> str:
    return cancel_link(window.pk).rsplit("/", 2)[1]


def test_the_links_page_shows_by_get_and_cancels_by_post_once(stations: Stations, client: Client) -> None:
    window = running_window(stations)
    path = f"/cancel/{word_of(window)}/"
    assert "CANCEL" in client.get(path).content.decode()
    window.refresh_from_db()
    assert window.state == "open" and not SpentLink.objects.exists()
    assert "Cancelled, nothing was sent." in client.post(path).content.decode()
    assert Entry.objects.get(verb="cancel_window").actor_kind == "token"
    assert client.post(path).status_code == 410 and client.get(path).status_code == 410


@pytest.mark.parametrize("word", ["forged", "another kind"])
def test_a_forged_link_does_nothing(stations: Stations, client: Client, word: str) -> None:
    window = running_window(stations)
    made = sign("kill", window.pk) if word == "another kind" else word_of(window)[:-1] + "x"
    assert client.post(f"/cancel/{made}/").status_code == 410
    window.refresh_from_db()
    assert window.state == "open"


def test_a_link_is_over_five_minutes_after_its_deadline(stations: Stations, client: Client) -> None:
    from tests.apps.approvals.walking import end_now

    window = running_window(stations)
    path = f"/cancel/{word_of(window)}/"
    end_now(window, late=299)
    assert client.get(path).status_code == 200
    end_now(window, late=301)
    assert client.get(path).status_code == 410
