"""An open socket of a real web process: whose page it is, and how soon a permission taken away bites."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth.models import User
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from apps.journal.ports import SYSTEM
from apps.operators.actions.set_person import set_person, shut_out
from tests.browser.conftest import Web, cookie_of
from tests.people import make_person

SHUT_WITHIN = 5.0  # seconds, on a machine that does much else; a quiet one needs less than one


@contextmanager
def opened(web: Web, user: User | None, *, origin: str | None) -> Iterator[ClientConnection]:
    made = cookie_of(user, web.url) if user is not None else None
    headers = {"Cookie": f"{made['name']}={made['value']}"} if made else {}
    address = web.url.replace("http", "ws", 1) + "/feed/"
    with connect(address, origin=origin, additional_headers=headers) as wire:  # type: ignore[arg-type]
        yield wire


def hears(wire: ClientConnection, kind: str, seconds: float = 5) -> dict[str, Any]:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        said: dict[str, Any] = json.loads(wire.recv(timeout=seconds))
        if said["type"] == kind:
            return said
    raise AssertionError(f"never heard {kind}")


def seconds_until_shut(wire: ClientConnection) -> tuple[float, int]:
    began = time.monotonic()
    try:
        while True:
            wire.recv(timeout=10)
    except ConnectionClosed as closed:
        return time.monotonic() - began, closed.rcvd.code if closed.rcvd else 0


def test_what_is_taken_away_bites_on_open_sockets_and_strangers_open_none(web: Web, ann: User) -> None:
    """J2, J5. One web process for all of it: a login, three ways to lose it, and doors that stay shut."""
    for origin, user in (
        (None, ann),  # no page of ours has no origin
        ("https://elsewhere.example", ann),
        (web.url, None),
        (web.url, User.objects.create_user("nobody")),  # logged in and without a role
    ):
        shut = pytest.raises((InvalidStatus, ConnectionClosed))
        with shut, opened(web, user, origin=origin) as wire:
            wire.recv(timeout=5)
    make_person("root", "admin")
    ways: dict[str, Any] = {
        "shut out": lambda one: shut_out(one, actor=SYSTEM, reason="test"),
        "roles taken": lambda one: set_person(one, roles=[], accounts=["*"], actor=SYSTEM),
        "disabled in the table": lambda one: User.objects.filter(pk=one.pk).update(is_active=False),
    }
    took = {}
    for number, (way, take) in enumerate(ways.items()):
        mia = make_person(f"mia{number}", "trader")
        with opened(web, mia, origin=web.url) as wire, opened(web, ann, origin=web.url) as other:
            hears(wire, "hello")
            hears(other, "hello")
            for said in ('{"type": "feed.leave"}', '{"type": "cancel", "number": 3}', "x" * 10_000):
                other.send(said)  # J1: the socket only ever tells, whatever is said to it
            take(mia)
            took[way], code = seconds_until_shut(wire)
            assert code == 4401, way
            hears(other, "beat")  # somebody else's screen goes on
    # the guard looks every 0.4 s; how busy this machine is decides the rest
    print(f"an open socket was shut after {took}")
    assert max(took.values()) <= SHUT_WITHIN, took
