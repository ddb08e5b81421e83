"""In a real browser: from a fill at the broker to five screens, and what each page weighs on a cold load."""

import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.error import URLError

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore

from apps.broker.models import Evidence, Order
from apps.desks.models import Strategy
from apps.journal.ports import SYSTEM
from apps.operators.actions.set_person import set_person
from apps.operators.models import Reach
from apps.runbook.bench.day import Day, wait_for
from apps.runbook.bench.figures import Figure, figure
from apps.runbook.bench.orders import play_round
from apps.runbook.bench.rig import child, manage
from tradingdesk import env

TABS = 5
PAGES = ("/", "/review/", "/orders/", "/positions/", "/plans/", "/risk/", "/journal/", "/system/")
SETTLE = 2.0
NO_BROWSER = 3
SKIPPED = "no Chromium here, so nothing is measured in a browser (Debian: apt-get install chromium)"


class NoBrowser(Exception):
    """Nothing to measure with."""


@contextmanager
def web_running(environment: dict[str, str], home: Path) -> Iterator[tuple[str, int]]:
    """The web process on a free port: its address and its number."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    words = manage("web", "--port", str(port))
    # the key that signs our own session
    more = {"TRADINGDESK_PORT": str(port), "SECRET_KEY": settings.SECRET_KEY}
    with child(words, environment | more, home / "web.log") as process:
        wait_for(lambda: answers(address), "the web process", 60)
        yield address, process.pid


def answers(address: str) -> bool:
    try:
        urllib.request.urlopen(f"{address}/healthz", timeout=2).close()
    except (URLError, ConnectionError, TimeoutError):
        return False
    return True


def somebody() -> User:
    """A person who may do everything."""
    person, made = User.objects.get_or_create(username="bench")
    if made:
        set_person(person, roles=["trader", "risk", "admin"], accounts=[Reach.EVERY], actor=SYSTEM)
    return person


def cookie() -> str:
    """A session of that person, as a login would have made it."""
    person = somebody()
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def browser(*words: str, **more: Any) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.bench.screens", *words],
        cwd=env.BASE_DIR, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **more,
    )  # fmt: skip


def heard(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line and process.wait(10) == NO_BROWSER:
        raise NoBrowser(SKIPPED)
    if not line:
        raise RuntimeError(f"the browser ended with {process.returncode}")
    return line


def fills_to_pixels(day: Day, prices: dict[str, Decimal], address: str) -> Iterator[Figure]:
    """On a page with the strategy's own orders; and on one with the hundreds of another hand as well."""
    rows = list(prices.items())
    half = len(rows) // 2
    mine = f"/orders/?strategy={Strategy.objects.get().name}"
    title = f"fill at the broker → shown in {TABS} tabs"
    yield fill_to_pixel(day, dict(rows[:half]), address, path=mine, title=title)
    others = Order.objects.filter(intent=None).count()
    title += f", beside {others} orders of another hand"
    yield fill_to_pixel(day, dict(rows[half:]), address, path="/orders/", title=title)


def fill_to_pixel(day: Day, prices: dict[str, Decimal], address: str, *, path: str, title: str) -> Figure:
    process = browser("watch", address, cookie(), path, str(TABS))
    try:
        heard(process)
        for symbol, price in prices.items():
            play_round(day, symbol, price)
        time.sleep(SETTLE)
        assert process.stdin is not None
        process.stdin.write("end\n")
        process.stdin.flush()
        tabs = json.loads(heard(process))
    finally:
        process.terminate()
        process.wait(20)
    traded, booked = filled_at(day), filled_at(day, heard_by_us=True)
    shown = [(key, at / 1000) for seen in tabs for key, at in seen.items() if at > 0 and key in traded]
    if not shown:
        raise RuntimeError("no tab ever showed a fill")
    return figure(
        title,
        [at - traded[key] for key, at in shown],
        beside="the link hears the execution",
        baseline=[booked[key] - traded[key] for key in {key for key, _ in shown} if key in booked],
        aim="p95 ≤ 500 ms",
    )


def filled_at(day: Day, *, heard_by_us: bool = False) -> dict[str, float]:
    """When each order of ours had its last execution, by the row of the orders page."""
    wall = {row["exec_id"]: row["wall"] / 1e6 for row in day.records("execution")}
    found: dict[str, float] = {}
    rows = Evidence.objects.filter(kind="execDetails", intent__isnull=False).select_related("intent__ticket")
    for row in rows.order_by("pk"):
        if row.exec_id in wall:
            at = day.wall_of(row.received_at) if heard_by_us else wall[row.exec_id]
            key = f"o-{row.intent.ticket.key}" if row.intent else ""
            found[key] = max(at, found.get(key, 0.0))
    return found


def page_weights(address: str) -> Iterator[Figure]:
    process = browser("weigh", address, cookie(), *PAGES)
    weights = json.loads(heard(process))
    process.wait(20)
    for path, (whole, html) in weights.items():
        yield figure(
            f"weight of {path} on a cold load",
            [whole],
            beside="its HTML alone",
            baseline=[html],
            aim="≤ 120 KB" if path == "/" else "",
            unit="KB",
        )


def in_a_browser(measure: Callable[[], list[Figure]], say: Callable[[str], Any]) -> list[Figure]:
    """What could be measured; one plain line where something stood in the way. The other figures go on."""
    try:
        return measure()
    except (NoBrowser, RuntimeError) as why:
        say(f"not measured: {why}")
        return []
