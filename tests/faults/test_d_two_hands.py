"""Two people at two browsers press EXECUTE on one plan: one approval and one set of orders, each time."""

import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from apps.approvals.models import Request
from apps.broker.models import LinkState
from apps.journal import clock
from apps.journal.models import Entry
from apps.journal.ports import SYSTEM, Actor
from apps.operators.actions.set_person import set_person
from apps.operators.pages.asking import PROVED_AT
from apps.runbook import gate
from apps.runbook.invariants import broken_invariants
from apps.tickets.models import Ticket
from tests.faults.harness import Stage
from tests.faults.test_d_operators import at_once, told_as_second
from tests.faults.test_e_windows import roomy
from tests.people import make_person
from tests.stations import TRADER, Stations, later

ORDERS = 6  # two brackets of three


def people() -> list[User]:
    return [make_person(name) for name in ("anna", "ben")]


def browser(user: User) -> Client:
    made = Client()
    made.force_login(user)
    assert made.get("/review/").status_code == 200  # the first page of a process takes its time
    return made


def press(browser: Client, request: Request) -> tuple[int, str]:
    """The form as the page of this moment holds it, sent once by somebody who has just proved it is them."""
    session = browser.session
    session[PROVED_AT] = time.time()
    session.save()
    form = {
        "word": f"EXECUTE {request.challenge}",
        "digest": request.digest,
        "row_version": request.row_version,
    }
    answer = browser.post(f"/review/{request.pk}/approve/", form, headers={"HX-Request": "true"})
    return answer.status_code, answer.content.decode()


def check_one(stations: Stations, request: Request) -> None:
    """One approval in the journal, one set of tickets, each of them written once."""
    stations.refresh()
    stations.send_all()
    approvals = Entry.objects.filter(verb="request_approved", subject_id=str(request.pk))
    assert approvals.count() == 1
    keys = list(Ticket.objects.filter(request=request).values_list("key", flat=True))
    sent = Counter(ref.removeprefix("td-desk-") for ref in stations.written)
    assert len(keys) == ORDERS
    assert {f"{key}-1": 1 for key in keys}.items() <= sent.items()


@pytest.mark.parametrize("rounds", [2, pytest.param(200, marks=pytest.mark.deep)])
def test_two_people_who_execute_one_plan_make_one_approval_and_one_set_of_orders(
    transactional_db: None, stations: Stations, rounds: int
) -> None:
    """D1, D2, at the gate itself."""
    roomy(stations)
    stations.set_limits(quote_age=600)  # two presses take their time on a busy machine
    both = [Actor("user", user.username) for user in people()]
    for number in range(rounds):
        stations.refresh()
        request = stations.propose(f"S{number}")
        answers = at_once([lambda who=who, r=request: stations.execute(r, who=who) for who in both])
        assert sorted(map(told_as_second, answers)) == [False, True]
        check_one(stations, request)
    assert len(stations.written) == len(set(stations.written)) == ORDERS * rounds
    assert broken_invariants(clock.now()) == []


@pytest.mark.deep
def test_two_browsers_that_execute_one_plan_make_one_approval_and_one_set_of_orders(
    transactional_db: None, stations: Stations
) -> None:
    """D1, D2, through the pages: the second is shown the card with the name of the first."""
    roomy(stations)
    stations.set_limits(quote_age=600)  # two presses take their time on a busy machine
    browsers = {user.username: browser(user) for user in people()}
    for number in range(200):
        request = stations.propose(f"S{number}")
        stations.refresh()
        # the page refuses under a link that has not beaten for a while, and a busy machine takes its time
        LinkState.objects.update(beat_at=later(1))
        answers = at_once([lambda who=who, r=request: press(who, r) for who in browsers.values()])
        assert sorted(status for status, _ in answers) == [200, 409], answers
        winner = Request.objects.get(pk=request.pk).decided_by
        assert winner in browsers and winner in next(text for status, text in answers if status == 409)
        check_one(stations, request)
    assert len(stations.written) == len(set(stations.written)) == ORDERS * 200
    assert broken_invariants(clock.now()) == []


@pytest.mark.deep
def test_the_gateway_receives_one_set_of_orders_whoever_pressed(stage: Stage) -> None:
    """D1, D2, with the real link: what came over the wire is counted at the other end of it."""
    symbols = ("WEC", "ATO", "PNW")
    stage.symbols = symbols
    stage.rest()
    stage.ready()
    browsers = [browser(user) for user in people()]
    for number, symbol in enumerate(symbols):
        request = stage.propose(symbol, name=f"plan-{number}.csv")
        answers = at_once([lambda who=who, r=request: press(who, r) for who in browsers])
        assert sorted(status for status, _ in answers) == [200, 409]
        stage.eventually(lambda r=request: set(stage.states(r).values()) == {"WORKING"}, "orders at work", 60)
    wanted = {f"td-desk-{key}-1" for key in stage.states()}
    arrived = [field for row in stage.gateway.placements() for field in row if field.startswith("td-")]
    assert len(wanted) == ORDERS * len(symbols) and Counter(arrived) == Counter(wanted)


def take_away(name: str) -> None:
    set_person(User.objects.get(username=name), roles=["viewer"], accounts=["*"], actor=SYSTEM)


def remembered(patch: pytest.MonkeyPatch) -> None:
    """The broken variant: what a person may do is read once and kept."""
    real, kept = gate.standing_of_name, {}

    def ask(name: str) -> Any:
        return kept.setdefault(name, real(name))

    patch.setattr(gate, "standing_of_name", ask)


@pytest.mark.parametrize("broken", [False, True])
def test_a_permission_taken_between_two_presses_bites_at_the_second(
    stations: Stations, monkeypatch: pytest.MonkeyPatch, broken: bool
) -> None:
    """J5: the card is open, the right is gone. With a kept permission it would go through."""
    if broken:
        remembered(monkeypatch)
    assert stations.execute(stations.propose("WEC")).approved
    request = stations.propose("OWL")
    take_away(TRADER.name)
    decided = stations.execute(request)
    codes: Sequence[str | None] = ["APPROVER_NOT_PERMITTED", None]
    assert (decided.reason.code if decided.reason else None) == codes[broken]
    assert Ticket.objects.filter(request=request).exists() is broken
