"""No test, and no process that a test starts, ever reaches a real channel or a real outside address."""

import os
import socket
from typing import Any

import apprise
import pytest
from django.conf import settings

from apps.alerts import outside
from apps.alerts.channels.sending import send_one, stays_here
from tests.database import environment_of

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
REAL = (
    "tgram://123456789:secret-secret-secret-secret-secret-xyz/987654321/",
    "mailto://user:password@example.org",
    "json://example.org/hook",
    "jsons://127.0.0.1.example.org/hook",
    "json://127.0.0.1@example.org/hook",
    "https://example.org/",
    "twilio://sid:token@+15550001111/+15550002222",
    "ntfy://topic",
)


@pytest.fixture
def no_socket(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Whatever tries to leave is noted, and stopped."""
    tried: list[Any] = []

    def note(*where: Any, **_: Any) -> Any:
        tried.append(where)
        raise OSError("a test tried to leave the machine")

    monkeypatch.setattr(socket.socket, "connect", note)
    monkeypatch.setattr(socket, "getaddrinfo", note)
    return tried


@pytest.mark.parametrize("url", REAL)
def test_a_real_address_is_refused_before_anything_leaves(url: str, no_socket: list[Any]) -> None:
    assert send_one(url, "title", "body") == "CHANNEL_FENCED"
    assert no_socket == []


def test_without_the_fence_the_same_call_would_have_left(settings: Any, no_socket: list[Any]) -> None:
    """Else the test above would pass with any broken channel."""
    settings.ALERTS_FENCED = False
    assert send_one("json://example.org/hook", "title", "body") == "CHANNEL_REFUSED"
    assert no_socket


def test_of_all_services_there_are_only_a_hook_of_this_machine_stays_here() -> None:
    schemes = {scheme for plugin in apprise.Apprise().details()["schemas"] for scheme in _schemes(plugin)}
    assert len(schemes) > 100
    assert {one for one in schemes if stays_here(f"{one}://127.0.0.1/x")} == {"json"}
    assert not any(stays_here(f"{one}://example.org/x") for one in schemes)


def _schemes(plugin: Any) -> list[str]:
    return [*(plugin["protocols"] or []), *(plugin["secure_protocols"] or [])]


def test_the_sign_of_life_stays_here_too(settings: Any, no_socket: list[Any]) -> None:
    assert outside.ask_for("https://hc-ping.example.org/x")[0] == "CHANNEL_FENCED"
    assert no_socket == []


def test_the_fence_stands_and_children_inherit_it(tmp_path: Any) -> None:
    assert settings.ALERTS_FENCED and os.environ["TRADINGDESK_ALERTS_FENCED"] == "yes"
    assert environment_of(tmp_path)["TRADINGDESK_ALERTS_FENCED"] == "yes"
