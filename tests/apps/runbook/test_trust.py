"""Trust grows by evidence and two people, runs under a grant, and goes with one click."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from apps.approvals.actions.give_grant import GrantRefused, give_grant, revoke_grants
from apps.approvals.models import Grant, Request
from apps.desks.models import Phase as PhaseRow
from apps.desks.models import Strategy
from apps.desks.queries import phase_of
from apps.journal import clock
from apps.journal.ports import Actor
from apps.operators.models import Second
from apps.operators.ports import SecondRefused
from apps.runbook import second_words, trust
from apps.runbook.invariants import broken_invariants
from apps.runbook.running import release_granted
from apps.runbook.second_words import confirm
from apps.runbook.trust import ask_grant, ask_promotion, demote
from apps.tickets.models import Ticket
from tests.apps.approvals.walking import let_walk, running_window
from tests.apps.dashboard.conftest import prove
from tests.people import make_person
from tests.stations import ADMIN, Stations, later, stations
from tradingdesk.domain.approvals import Evidence, Phase

__all__ = ["stations"]


def strategy() -> Strategy:
    return Strategy.objects.get()


def grant(stations: Stations, *, cap: int = 10_000, hours: float = 1) -> Grant:
    ends = clock.now() + timedelta(hours=hours)
    return give_grant(
        strategy(),
        stations.account,
        ends_at=ends,
        cap=Decimal(cap),
        actor=ADMIN,
        reason="a day",
        now=clock.now(),
    )


def run(stations: Stations, *symbols: str) -> Request:
    let_walk("run")
    request = stations.propose(*symbols or ("WEC",))
    release_granted(clock.now())
    request.refresh_from_db()
    return request


def test_under_a_grant_it_goes_at_once_and_counts_against_the_sum(stations: Stations) -> None:
    given = grant(stations)
    request = run(stations)
    assert (request.state, request.grant_id, request.decided_by) == (
        "approved",
        given.pk,
        f"grant {given.pk}",
    )
    given.refresh_from_db()
    assert given.used == request.notional
    assert set(stations.send_all().values()) == {None}
    assert broken_invariants(clock.now()) == []


def test_without_a_grant_or_past_its_sum_a_person_decides(stations: Stations) -> None:
    request = run(stations)
    assert (request.state, request.phase, request.phase_code) == ("proposed", "crawl", "GRANT_ABSENT")
    grant(stations, cap=100)
    assert run(stations, "OWL").phase_code == "GRANT_CAP_EXCEEDED"
    assert stations.execute(request).approved


def test_a_grant_that_was_taken_back_stops_what_was_released_and_not_claimed(stations: Stations) -> None:
    grant(stations)
    assert run(stations).state == "approved"
    assert revoke_grants(strategy(), stations.account, actor=ADMIN, now=clock.now()) == 1
    assert {why.code for why in stations.send_all().values()} == {"GRANT_REVOKED"}
    assert stations.written == []


def test_an_ended_grant_is_asked_again_at_the_claim(stations: Stations) -> None:
    given = grant(stations)
    assert run(stations).state == "approved"
    Grant.objects.filter(pk=given.pk).update(given_at=later(-9), ends_at=later(-1))
    assert {why.code for why in stations.send_all().values()} == {"GRANT_EXPIRED"}


@pytest.mark.parametrize(("cap", "hours"), [(0, 1), (100, -1), (100, 24 * 40)])
def test_terms_that_are_none_are_refused(stations: Stations, cap: int, hours: float) -> None:
    with pytest.raises(GrantRefused):
        grant(stations, cap=cap, hours=hours)


def test_promotion_asks_for_evidence_a_word_and_a_second_person(
    stations: Stations, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_person("ann")
    make_person("bob")
    ann, bob = Actor("user", "ann"), Actor("user", "bob")
    asked: dict[str, Any] = {"by": ann, "reason": "a quiet month", "now": clock.now()}
    pair = (strategy(), stations.account)
    early = ask_promotion(*pair, Phase.WALK, typed="WALK bracket-day", **asked)
    assert early.code == "PHASE_CRITERIA_MISSED"
    assert "sessions on the scorecard" in early.text  # the minimum alone is not enough
    enough = Evidence(sessions=12, fills=40, unknown=0)
    monkeypatch.setattr(trust, "evidence_of", lambda s, a: enough)
    assert (
        ask_promotion(strategy(), stations.account, Phase.WALK, typed="walk", **asked).code
        == "PHASE_WORD_WRONG"
    )
    assert (
        ask_promotion(strategy(), stations.account, Phase.RUN, typed="x", **asked).code
        == "PHASE_STEP_SKIPPED"
    )
    second = ask_promotion(strategy(), stations.account, Phase.WALK, typed="WALK bracket-day", **asked)
    assert isinstance(second, Second) and phase_of(strategy(), stations.account) == "crawl"
    with pytest.raises(SecondRefused, match="0 of 10 fills"):
        confirm(second.pk, by=bob, now=clock.now())
    monkeypatch.setattr(second_words, "evidence_of", lambda s, a: enough)
    confirm(second.pk, by=bob, now=clock.now())
    assert phase_of(strategy(), stations.account) == "walk"


def test_a_grant_takes_two_people_too(stations: Stations) -> None:
    make_person("ann")
    make_person("bob")
    let_walk("run")
    ends, ann = clock.now() + timedelta(hours=2), Actor("user", "ann")
    asked = ask_grant(
        strategy(), stations.account, ends_at=ends, cap=Decimal(5000), by=ann, reason="today", now=clock.now()
    )
    assert isinstance(asked, Second) and not Grant.objects.exists()
    confirm(asked.pk, by=Actor("user", "bob"), now=clock.now())
    given = Grant.objects.get()
    assert (given.given_by, given.seconded_by, given.cap) == ("ann", "bob", 5000)


def test_demotion_is_immediate_and_takes_grants_and_countdowns_along(stations: Stations) -> None:
    window = running_window(stations)
    PhaseRow.objects.update(phase="run")
    grant(stations)
    demote(strategy(), stations.account, Phase.CRAWL, by=ADMIN, reason="odd fills", now=clock.now())
    assert phase_of(strategy(), stations.account) == "crawl"
    assert not Grant.objects.filter(revoked_at=None).exists()
    request = Request.objects.get(pk=window.request_id)
    assert (request.state, request.phase_code) == ("proposed", "PHASE_TIGHTENED")
    assert not Ticket.objects.exists()


def test_the_admin_takes_the_same_along_and_saving_the_same_phase_takes_nothing(stations: Stations) -> None:
    window = running_window(stations)
    PhaseRow.objects.update(phase="run")
    grant(stations)
    client = Client()
    client.force_login(make_person("bob"))
    prove(client)
    page = f"/admin/desks/phase/{PhaseRow.objects.get().pk}/change/"
    assert client.post(page, {"phase": "run", "reason": "looked again"}).status_code == 302
    assert Grant.objects.filter(revoked_at=None).count() == 1
    assert client.post(page, {"phase": "crawl", "reason": "odd fills"}).status_code == 302
    assert not Grant.objects.filter(revoked_at=None).exists()
    request = Request.objects.get(pk=window.request_id)
    assert (request.state, request.phase_code) == ("proposed", "PHASE_TIGHTENED")
