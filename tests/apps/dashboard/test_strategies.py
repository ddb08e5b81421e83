"""The page of trust: what a pair has shown, a promotion that only asks, and the way back in one press."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from apps.approvals.actions.give_grant import give_grant
from apps.approvals.models import Grant
from apps.dashboard.pages import strategies as page_of
from apps.desks.models import Phase, Strategy
from apps.journal import clock
from apps.journal.models import Entry
from apps.journal.ports import SYSTEM
from apps.operators.models import Second
from apps.runbook import trust
from tests.people import make_person
from tests.stations import Stations, stations
from tradingdesk.domain.approvals import Evidence

Act = Callable[..., Any]
__all__ = ["stations"]
WORD, WHY = "WALK bracket-day", "five quiet weeks"


@pytest.fixture
def key(stations: Stations) -> str:
    return f"{Strategy.objects.get().pk}-{stations.account.pk}"


@pytest.fixture
def enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pair has shown what is asked for; how that is counted is tested where it is counted."""
    shown = Evidence(sessions=12, fills=40, unknown=0)
    for module in (page_of, trust):
        monkeypatch.setattr(module, "evidence_of", lambda strategy, account: shown)


def page(client: Client) -> str:
    return " ".join(client.get("/strategies/").content.decode().split())


def put(phase: str) -> None:
    Phase.objects.update(phase=phase)


def forget_proof(client: Client) -> None:
    session = client.session
    session["proved_at"] = 0
    session.save()


def granted(stations: Stations) -> Grant:
    put("run")
    ends = clock.now() + timedelta(hours=8)
    terms = {"ends_at": ends, "cap": Decimal(50_000), "reason": "a day", "now": clock.now()}
    return give_grant(Strategy.objects.get(), stations.account, actor=SYSTEM, **terms)


def test_it_says_how_far_each_is_trusted_and_what_the_next_step_misses(
    client: Client, ann: User, key: str, stations: Stations
) -> None:
    text = page(client)
    assert "bracket-day" in text and '<span class="word">CRAWL</span>' in text
    assert stations.account.masked() in text and "sessions on the scorecard" in text
    assert "of 5 sessions" in text and 'class="btn" disabled>Ask for walk' in text
    assert f"/strategies/{key}/demote/" not in text  # there is nothing below crawl


def test_a_promotion_below_the_minimum_is_refused_whatever_is_posted(
    client: Client, ann: User, key: str
) -> None:
    client.post(f"/strategies/{key}/promote/", {"word": WORD, "reason": WHY})
    assert not Second.objects.exists() and "Not done:" in page(client)
    assert Phase.objects.get().phase == "crawl"


def test_a_promotion_takes_the_word_a_proof_and_another_person(
    client: Client, ann: User, key: str, enough: None
) -> None:
    assert 'class="btn">Ask for walk' in page(client)
    client.post(f"/strategies/{key}/promote/", {"word": "walk", "reason": WHY})
    assert not Second.objects.exists() and f"type {WORD}" in page(client)
    forget_proof(client)
    client.post(f"/strategies/{key}/promote/", {"word": WORD, "reason": WHY, "proof": "guess"})
    assert not Second.objects.exists() and "did not prove who you are" in page(client)
    client.post(f"/strategies/{key}/promote/", {"word": WORD, "reason": WHY, "proof": "long-enough-for-ann"})
    asked = Second.objects.get()
    assert (asked.kind, asked.asked_by, asked.payload["phase"]) == ("promote", "ann", "walk")
    assert Phase.objects.get().phase == "crawl"


def test_back_is_one_press_without_a_word_or_a_proof(client: Client, ann: User, key: str) -> None:
    put("run")
    forget_proof(client)
    text = page(client)
    assert "Back to crawl" in text and "Back to walk" in text
    client.post(f"/strategies/{key}/demote/", {"phase": "crawl"})
    assert Phase.objects.get().phase == "crawl"
    assert Entry.objects.filter(verb="set_phase", actor="ann").exists()
    client.post(f"/strategies/{key}/demote/", {"phase": "run"})  # that is not back
    assert Phase.objects.get().phase == "crawl"


def test_a_grant_is_asked_for_with_a_proof_and_ended_with_one_press(
    client: Client, ann: User, key: str, stations: Stations
) -> None:
    put("run")
    assert "none; its plans wait in crawl" in page(client)
    for wrong in ({"hours": "x", "cap": "1"}, {"hours": "8", "cap": "-1"}, {"hours": "8", "cap": "NaN"}):
        client.post(f"/strategies/{key}/grant/", wrong | {"reason": WHY})
    assert not Second.objects.exists()
    forget_proof(client)
    client.post(f"/strategies/{key}/grant/", {"hours": "8", "cap": "50,000", "reason": WHY})
    assert not Second.objects.exists()
    proof = {"proof": "long-enough-for-ann"}
    client.post(f"/strategies/{key}/grant/", {"hours": "8", "cap": "50,000", "reason": WHY} | proof)
    assert Second.objects.get().payload["cap"] == "50000" and not Grant.objects.exists()
    granted(stations)
    assert "0.00 of 50,000.00" in page(client) and "End the grant" in page(client)
    client.post(f"/strategies/{key}/revoke/")
    assert Grant.objects.get().revoked_at is not None and "none; its plans wait in crawl" in page(client)


def test_a_viewer_finds_nothing_to_press_and_presses_in_vain(client: Client, key: str) -> None:
    client.force_login(make_person("vera", "viewer"))
    put("walk")
    text = page(client)
    assert "bracket-day" in text and 'action="/strategies/' not in text
    for act in ("promote", "demote", "grant", "revoke"):
        assert client.post(f"/strategies/{key}/{act}/", {"phase": "crawl"}).status_code == 403
    assert Phase.objects.get().phase == "walk"


def test_a_pair_out_of_reach_is_not_there(client: Client, key: str) -> None:
    client.force_login(make_person("mia", accounts=("DU9999999",)))
    put("walk")
    assert "bracket-day" not in page(client)
    assert client.post(f"/strategies/{key}/demote/", {"phase": "crawl"}).status_code in (403, 404)
    assert Phase.objects.get().phase == "walk"


def test_without_a_strategy_the_page_says_where_to_begin(client: Client, ann: User) -> None:
    assert "No strategy is set up." in page(client)
