"""The countdown on its own page and on every other; what CANCEL says is what happened."""

from collections.abc import Callable
from typing import Any

import pytest

from apps.approvals.models import Request, Window
from apps.desks.actions.beat import beat
from apps.journal import clock
from apps.journal.models import Entry
from apps.runbook.windows import release_due
from apps.tickets.models import Ticket
from tests.people import make_person
from tests.played_day import PlayedDay, let_it_walk

Fragment = Callable[..., Any]


@pytest.fixture
def walking(day: PlayedDay) -> Request:
    return let_it_walk(day)


def said(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_the_page_tells_when_it_sends_what_and_who_was_told(client: Any, ann: Any, walking: Request) -> None:
    page = said(client.get(f"/walk/{walking.pk}/"))
    assert "unless you cancel" in page and "Telegram 10:4" in page and "hold, then send" in page
    assert "CANCEL" in page and "Hold +5:00" in page and "Send now" in page
    assert client.get("/walk/").url == client.get(f"/review/{walking.pk}/").url == f"/walk/{walking.pk}/"


def test_every_open_page_counts_it_down_with_its_cancel(client: Any, ann: Any, walking: Request) -> None:
    for path in ("/", "/orders/", "/review/"):
        page = said(client.get(path))
        assert f'id="count-{walking.pk}"' in page and 'data-key="x"' in page
        assert "1 to cancel" in page


def test_a_cancel_from_the_strip_needs_one_press_and_tells_the_truth(
    fragment: Fragment, walking: Request
) -> None:
    answer = fragment(f"/walk/{walking.pk}/cancel/", {"from": "strip"})
    assert "Cancelled, nothing was sent." in said(answer)
    assert Request.objects.get(pk=walking.pk).decided_by == "ann"
    again = fragment(f"/walk/{walking.pk}/cancel/", {})
    assert "Cancelled before, nothing was sent." in said(again)


def test_too_late_offers_the_brokers_cancel(fragment: Fragment, day: PlayedDay, walking: Request) -> None:
    Window.objects.update(send_at=clock.now(), ends_at=clock.now())
    day.quote_all(moved="0.35")
    beat("web")
    assert release_due(walking.window.pk, link_ready=True, clock_jumped=False) is None
    day.send(Request.objects.get(pk=walking.pk))
    late = said(fragment(f"/walk/{walking.pk}/cancel/", {}))
    assert "Too late by" in late and "CANCEL AT BROKER" in late
    tapped = said(fragment(f"/walk/{walking.pk}/cancel/", {"at": "broker"}))
    assert "cancel is on its way to the broker" in tapped
    assert Ticket.objects.filter(request=walking, state="WITHDRAWN").count() == 0


def test_holding_is_a_post_and_sending_now_takes_a_proof(
    fragment: Fragment, client: Any, walking: Request
) -> None:
    session = client.session
    session["proved_at"] = 0
    session.save()
    before = Window.objects.get().send_at
    assert "Held." in said(fragment(f"/walk/{walking.pk}/hold/", {}))
    assert (Window.objects.get().send_at - before).total_seconds() == 300
    refused = said(fragment(f"/walk/{walking.pk}/send/", {"proof": "wrong"}))
    assert "Not done." in refused and "sign in again" in refused
    assert Entry.objects.filter(verb="hurry_window").count() == 0


def test_a_viewer_sees_the_countdown_and_finds_nothing_to_press(client: Any, walking: Request) -> None:
    client.force_login(make_person("vera", "viewer"))
    page = said(client.get(f"/walk/{walking.pk}/"))
    assert "unless you cancel" in page and "CANCEL" not in page and "Hold" not in page
    assert client.post(f"/walk/{walking.pk}/cancel/").status_code == 403
    assert Window.objects.get().state == "open"


def test_all_of_them_are_cancelled_with_one_press(fragment: Fragment, walking: Request) -> None:
    answer = said(fragment("/walk/cancel/", {}))
    assert "1 countdown cancelled." in answer and "Cancelled, nothing was sent." in answer
    assert "Nothing counted." in said(fragment("/walk/cancel/", {}))
