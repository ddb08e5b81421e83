"""A row is drawn once for what it shows, sent once to a screen that shows it, and read once for all tabs."""

import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.test import Client

from apps.broker.models import Intent
from apps.broker.standing import our_orders
from apps.dashboard import sharing
from apps.dashboard.feed import feed
from apps.dashboard.sharing import read_once, shared
from apps.dashboard.words import DONE
from apps.journal import clock
from apps.operators.ports import Standing
from apps.tickets.queries import ticket_ids_between
from tests.played_day import PlayedDay

ROWS = re.compile(r'<tr id="o-([^"]+)"( data-same)?')


def mark_in(page: str) -> str:
    found = re.search(r'"seen": "([^"]+)"', page)
    assert found, page[:500]
    return found[1]


def sent(client: Client, seen: str) -> tuple[str, dict[str, bool]]:
    """The fragment, and for each row whether only its name came."""
    page = client.get("/orders/rows/", {"seen": seen}).content.decode()
    return page, {key: bool(same) for key, same in ROWS.findall(page)}


def test_a_screen_is_sent_the_rows_that_changed_and_the_names_of_the_others(
    client: Client, ann: User, day: PlayedDay
) -> None:
    first = client.get("/orders/").content.decode()
    assert {key: bool(same) for key, same in ROWS.findall(first)} == dict.fromkeys(
        [key for key, _ in ROWS.findall(first)], False
    )
    mark = mark_in(first)
    _, rows = sent(client, mark)
    assert len(rows) == 12 and all(rows.values())
    day.fill(Intent.objects.get(ticket__key="1-2A"), 8, "148.19")
    page, rows = sent(client, mark)
    assert [key for key, same in rows.items() if not same] == ["1-2A"]
    assert re.search(r'id="o-1-2A".*?Filled', page, re.DOTALL)
    _, again = sent(client, mark_in(page))
    assert all(again.values())


def test_a_screen_that_nobody_remembers_is_sent_everything(client: Client, ann: User, day: PlayedDay) -> None:
    for seen in ("", "7f", "<b>", mark_in(client.get("/orders/?group=done").content.decode())[:-1]):
        _, rows = sent(client, seen)
        assert len(rows) == 12 and not any(rows.values()), seen


def test_another_column_or_another_zone_is_another_row(client: Client, ann: User, day: PlayedDay) -> None:
    mark = mark_in(client.get("/orders/").content.decode())
    page = client.get("/orders/rows/", {"seen": mark, "cols": "at,perm_id"}).content.decode()
    assert not any(same for _, same in ROWS.findall(page))


@pytest.fixture
def heard() -> Iterator[None]:
    """A feed that hears, and nothing left of an earlier test."""
    before, feed.hears = feed.hears, True
    sharing._readings.clear()
    yield
    feed.hears = before


def asked(**more: Any) -> HttpRequest:
    told: dict[str, Any] = {"session": {}, "standing": Standing("ann", ("trader",), frozenset("*")), "v": "1"}
    told |= more
    request = HttpRequest()
    request.path, request.META["CSRF_COOKIE"] = "/orders/rows/", told.get("secret", "s")
    session = dict(told["session"])
    request.session = SimpleNamespace(session_key=told.get("login", "one"), get=session.get)  # type: ignore[assignment]
    request.htmx, request.standing = True, told["standing"]  # type: ignore[attr-defined]
    request.feed_versions = {"orders": told["v"], "risk": told.get("risk", "1")}  # type: ignore[attr-defined]
    return request


def test_tabs_that_ask_at_once_get_one_reading(heard: None) -> None:
    let_go, read = threading.Event(), []

    def reading() -> str:
        read.append(1)
        assert let_go.wait(5)
        return f"reading {len(read)}"

    got: list[str] = []
    tabs = [
        threading.Thread(target=lambda: got.append(read_once(asked(), "page", ("orders",), reading)))
        for _ in range(5)
    ]
    for tab in tabs:
        tab.start()
    let_go.set()
    for tab in tabs:
        tab.join(5)
    assert got == ["reading 1"] * 5 and len(read) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"v": "2"},
        {"login": "two"},
        {"secret": "t"},
        {"session": {"account": 2}},
        {"standing": Standing("ann", ("viewer",), frozenset("*"))},
        {"standing": Standing("ann", ("trader",), frozenset(["DU1"]))},
    ],
)
def test_whatever_two_answers_could_differ_by_is_read_again(heard: None, other: dict[str, Any]) -> None:
    read: list[int] = []
    for request in (asked(), asked(), asked(risk="2"), asked(**other)):
        read_once(request, "page", ("orders",), lambda: read.append(1))
    assert len(read) == 2


def test_nothing_is_shared_while_nobody_hears_changes(heard: None) -> None:
    read: list[int] = []
    feed.hears = False
    for _ in range(2):
        read_once(asked(), "page", ("orders",), lambda: read.append(1))
    assert len(read) == 2


def test_a_reading_grows_old_and_one_that_failed_fails_for_its_askers_only(
    heard: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing() -> str:
        raise LookupError("no database")

    with pytest.raises(LookupError):
        read_once(asked(), "page", ("orders",), failing)
    assert read_once(asked(), "page", ("orders",), lambda: "well again") == "well again"
    assert read_once(asked(), "page", ("orders",), failing) == "well again"
    monkeypatch.setattr(sharing, "SHARED_SECONDS", 0.0)
    assert read_once(asked(), "page", ("orders",), lambda: "newer") == "newer"


def test_each_tab_gets_an_answer_of_its_own(heard: None) -> None:
    from django.http import HttpResponse

    view = shared("orders")(lambda request: HttpResponse("drawn", headers={"X-Panel": "1"}))
    one, two = view(asked()), view(asked())
    assert one is not two and one.content == two.content == b"drawn" and two["X-Panel"] == "1"


def test_of_too_many_orders_the_newest_are_read_and_all_that_live(day: PlayedDay) -> None:
    now = clock.now()
    span = (now - timedelta(days=2), now + timedelta(days=2))
    (all_ids, none_left), (newest, left_out) = (ticket_ids_between(*span, newest=most) for most in (2000, 1))
    rows = our_orders(all_ids)
    everything, few = [row.key for row in rows], [row.key for row in our_orders(newest)]
    assert left_out and not none_left and not ticket_ids_between(*span, newest=len(rows))[1]
    assert everything[:3] == ["1-1A", "1-1AT", "1-1AS"] and everything[-1] == few[-1]
    assert few == [row.key for row in rows if row.state not in DONE]


def test_a_table_that_leaves_orders_out_says_so(
    client: Client, ann: User, day: PlayedDay, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "The newest" not in client.get("/orders/?day=all").content.decode()
    monkeypatch.setattr("apps.dashboard.blotter.NEWEST", 3)
    page = client.get("/orders/?day=all").content.decode()
    assert "The newest 3 orders are shown" in page and "/reports/" in page
