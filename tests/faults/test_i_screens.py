"""Two hundred open screens, a fifth of which never reads, beside the orders' way to the broker."""

import base64
import itertools
import os
import selectors
import socket
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, Self

import pytest
from django.conf import settings as standing
from django.contrib.auth.models import User
from django.db import connection

from apps.market.models import LastQuote
from tests.apps.runbook.test_desk_runs import free_port
from tests.browser.conftest import Web, cookie_of
from tests.faults.harness import Stage
from tests.faults.test_i_overload import MANY, arrivals, price_them, propose_below, widen_limits
from tests.people import make_person
from tests.road.acts import execute

pytestmark = pytest.mark.deep

SCREENS, DEAF, ROUNDS = 200, 40, 8
FACTOR, GRACE = 3.0, 0.05  # the median with the screens against the one without; two cores do all of it
SMALL = 2048  # bytes a deaf client has room for
# Topics that wake screens and not the link: what is measured is what screens cost it.
NEWS = "fills,positions,reconciliation,account,people,alerts"
NEWS_A_SECOND = 60.0
QUIET = 1.5  # seconds in which the pace of the last plan is over
HELD = {"AAPL"}  # by the simulated account from the start: no plan of ours buys more of it


@pytest.fixture
def web(stage: Stage, tmp_path: Path) -> Iterator[Web]:
    port = free_port()
    more = {
        "SECRET_KEY": standing.SECRET_KEY, "TRADINGDESK_PORT": str(port), "TRADINGDESK_ENV_FILE": "",
    }  # fmt: skip
    made = Web(environment=stage.link.environment | more, port=port, log=tmp_path / "web.log")
    try:
        made.start()
        yield made
    finally:
        made.stop()


def small_socket(web: Web) -> socket.socket:
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
    made.connect(("127.0.0.1", web.port))
    return made


def headers(web: Web, user: User) -> dict[str, str]:
    cookie = cookie_of(user, web.url)
    return {"Cookie": f"{cookie['name']}={cookie['value']}"}


def bare_screen(web: Web, cookie: dict[str, str], *, small: bool) -> socket.socket:
    """Only the handshake; what comes after it is bytes, or nobody ever looks."""
    made = small_socket(web) if small else socket.create_connection(("127.0.0.1", web.port))
    words = {
        "Host": f"127.0.0.1:{web.port}", "Origin": web.url, "Upgrade": "websocket", "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
        **cookie,
    }  # fmt: skip
    lines = ["GET /feed/ HTTP/1.1", *(f"{name}: {value}" for name, value in words.items()), "", ""]
    made.sendall("\r\n".join(lines).encode())
    assert made.recv(12) == b"HTTP/1.1 101"
    return made


class Behind(threading.Thread):
    """Something that goes on behind what is measured, until it is told to end."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.over = threading.Event()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        self.over.set()
        self.join(10)


class Crowd(Behind):
    """Reads whatever comes, as an open page does."""

    def __init__(self, wires: list[socket.socket]) -> None:
        super().__init__()
        self.waiting = selectors.DefaultSelector()
        self.bytes = 0
        for wire in wires:
            self.waiting.register(wire, selectors.EVENT_READ)

    def run(self) -> None:
        while not self.over.is_set():
            for key, _ in self.waiting.select(0.2):
                read = key.fileobj.recv(65536)  # type: ignore[union-attr]
                self.bytes += len(read)
                if not read:
                    self.waiting.unregister(key.fileobj)


class News(Behind):
    """A busy journal: notices as its commits send them."""

    def __init__(self, a_second: float) -> None:
        super().__init__()
        self.pause = 1 / a_second

    def run(self) -> None:
        with closing(connection.copy()) as mine, mine.cursor() as cursor:
            for number in itertools.count(1):
                if self.over.wait(self.pause):
                    return
                cursor.execute("SELECT pg_notify('journal', %s)", [f"{number} now {NEWS}"])


def way_of_orders(stage: Stage, quotes: dict[str, LastQuote]) -> list[float]:
    """Seconds from a committed EXECUTE to its first order at the gateway, one plan after the other."""
    took = []
    for symbol, row in quotes.items():
        request = propose_below(stage, {symbol: row}, quantity=4)
        mark = f"td-desk-{request.plan_id}-"
        stage.settle(QUIET)
        decided: Any = execute(request)
        committed = time.time()
        assert decided.approved, decided.reason
        stage.eventually(lambda: set(stage.states(request).values()) == {"WORKING"}, "all at work", 30)  # noqa: B023
        took.append(min(at for at, ref in arrivals(stage) if ref.startswith(mark)) - committed)
    return took


def test_i5_two_hundred_screens_of_which_a_fifth_is_deaf_do_not_stand_in_the_orders_way(
    stage: Stage, web: Web
) -> None:
    widen_limits()
    stage.ready()
    free = [symbol for symbol in MANY if symbol not in HELD]
    quotes = price_them(stage, free[: 2 * ROUNDS + 1])
    rows = list(quotes.items())
    way_of_orders(stage, dict(rows[:1]))  # the first one after a connect travels alone
    alone = way_of_orders(stage, dict(rows[1 : ROUNDS + 1]))
    cookie = headers(web, make_person("ann"))
    with ExitStack() as stack:
        wires = [
            stack.enter_context(closing(bare_screen(web, cookie, small=n < DEAF))) for n in range(SCREENS)
        ]
        crowd = stack.enter_context(Crowd(wires[DEAF:]))
        stack.enter_context(News(NEWS_A_SECOND))
        crowded = way_of_orders(stage, dict(rows[ROUNDS + 1 :]))
    before, beside = statistics.median(alone), statistics.median(crowded)
    print(
        f"EXECUTE → gateway, median of {ROUNDS}: {1000 * before:.0f} ms alone, {1000 * beside:.0f} ms beside"
    )
    print(f"worst {1000 * max(alone):.0f} and {1000 * max(crowded):.0f} ms; {SCREENS} screens, {DEAF} deaf;")
    print(f"{crowd.bytes} bytes read by those who read")
    assert beside <= FACTOR * before + GRACE
