"""The stop's pages: who may press, what is asked for, and how letting go waits for another person."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from apps.broker.models import LinkState
from apps.desks.ports import mask
from apps.journal import clock
from apps.journal.ports import SYSTEM
from apps.operators.models import Second
from apps.risk.actions.set_stop import set_stop
from apps.risk.models import BreakerPause, Stop, Stopping
from apps.risk.queries import standing_level
from apps.runbook.breaking import watch_breakers
from apps.runbook.second_words import told
from tests.people import make_person
from tests.played_day import PlayedDay

Fragment = Any


def press(client: Client, **more: str) -> Any:
    return client.post(
        "/stop/", {"scope": "global", "level": "cancel"} | more, headers={"HX-Request": "true"}
    )


def test_one_press_stops_and_tells_of_each_order(fragment: Fragment, client: Client, day: PlayedDay) -> None:
    told = press(client).content.decode()
    assert standing_level("global", "") == "HALTED"
    assert "0 of 8 gone" in told and "asked" in told
    number = Stopping.objects.get().pk
    assert client.get(f"/stops/{number}/").status_code == 200


def test_flatten_asks_for_the_word_and_a_proof(fragment: Fragment, client: Client, day: PlayedDay) -> None:
    client.logout()
    client.force_login(User.objects.get(username="ann"))  # without the proof that the fixture gave
    for wrong in ({}, {"word": "flatten"}, {"word": "FLATTEN", "proof": "guess"}):
        answer = press(client, level="flatten", **wrong)
        assert answer.status_code == 422 and "nothing was closed" in answer.content.decode()
    assert not Stopping.objects.exists()
    press(client, level="flatten", word="FLATTEN", proof="long-enough-for-ann")
    assert Stopping.objects.get().flatten


def test_a_viewer_finds_nothing_to_press(client: Client, day: PlayedDay) -> None:
    client.force_login(make_person("vera", "viewer"))
    page = client.get("/risk/").content.decode()
    assert "data-kill" not in page and "Release" not in page and ">Change<" not in page
    assert press(client).status_code == 403 and not Stopping.objects.exists()


def test_whoever_has_one_account_stops_that_one(client: Client, day: PlayedDay) -> None:
    client.force_login(make_person("mia", "trader", accounts=("DU9999999",)))
    assert press(client).status_code == 403
    assert press(client, scope=f"account:{day.account.code}").status_code == 403
    assert not Stopping.objects.exists()


@pytest.fixture
def stopped(ann: User, day: PlayedDay) -> Stop:
    return set_stop("HALTED", actor=SYSTEM, reason="drill")


def test_a_release_waits_for_every_line_of_its_list(stopped: Stop, client: Client) -> None:
    page = client.get("/stops/release/?scope=global").content.decode()
    assert "cannot be released yet" in page and "NO" in page
    sent = {"scope": "global", "epoch": stopped.epoch, "word": "RELEASE", "reason": "the drill is over"}
    client.post("/stops/release/ask/", sent | {"proof": "long-enough-for-ann"})
    assert not Second.objects.exists() and standing_level("global", "") == "HALTED"


def test_an_account_that_is_stopped_is_named_as_everywhere_else(
    ann: User, client: Client, day: PlayedDay
) -> None:
    code = day.account.code
    set_stop("HALTED", scope="account", key=code, actor=SYSTEM, reason="drill, down -2.50 %")
    page = client.get(f"/stops/release/?scope=account:{code}").content.decode()
    assert f"Let trading go on: {mask(code)}" in page and "down −2.50 %" in page
    _, words = told(Second(kind="release_stop", payload={"scope": "account", "key": code, "epoch": 1}))
    assert words[0].startswith(f"Trading goes on for {mask(code)}.")


def test_a_breaker_is_switched_off_for_a_while_and_the_page_says_until_when(
    ann: User, client: Client, day: PlayedDay
) -> None:
    watch_breakers(clock.now())
    sent = {"hours": "4", "reason": "a known transfer of cash", "proof": "long-enough-for-ann"}
    client.post("/risk/breakers/day_loss/", sent)
    assert BreakerPause.objects.get().by == "ann"
    page = client.get("/risk/").content.decode()
    assert "DISABLED" in page and "1 disabled" in page
    assert "Arm it now" in client.get("/risk/breakers/day_loss/").content.decode()
    assert client.get("/risk/breakers/moon/").status_code == 404


def test_the_banner_of_a_breaker_that_is_off_stands_on_every_page(
    ann: User, client: Client, day: PlayedDay
) -> None:
    sent = {"hours": "4", "reason": "a known transfer of cash", "proof": "long-enough-for-ann"}
    client.post("/risk/breakers/day_loss/", sent)
    for path in ("/", "/orders/", "/risk/"):
        assert "Day loss is switched off until" in client.get(path).content.decode(), path
    assert LinkState.objects.exists()
