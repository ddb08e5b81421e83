"""Two hands, ten tabs, one decision: duplicate and parallel acts of people."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from apps.approvals.actions.decide import Decided, reject
from apps.approvals.models import Request
from apps.journal import clock
from apps.journal.models import Entry
from apps.journal.ports import Actor
from apps.journal.queries import verify
from apps.plans.models import Plan
from apps.risk.models import Reservation
from apps.risk.queries import reserved
from apps.runbook.gate import expire_requests
from apps.runbook.invariants import broken_invariants
from apps.tickets.models import Ticket
from tests.builders import make_line, make_plan
from tests.people import make_person
from tests.stations import PRICE, TODAY, TRADER, Stations, later

AT_ONCE = 25  # as many hands as the tests' server has connections to spare; the others press right behind


def at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    """From threads of their own, each with its own connection, the first of them released together."""
    hands = min(len(acts), AT_ONCE)
    together = threading.Barrier(hands)

    def run(numbered: tuple[int, Callable[[], Any]]) -> Any:
        number, act = numbered
        try:
            if number < hands:
                together.wait(20)
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(hands) as threads:
        return list(threads.map(run, enumerate(acts)))


def told_as_second(decided: Decided) -> bool:
    return decided.reason is not None and decided.reason.code == "REQUEST_ALREADY_DECIDED"


def test_fifty_parallel_posts_are_one_approval_and_forty_nine_that_are_told_so(
    transactional_db: None, stations: Stations
) -> None:
    """D1."""
    request = stations.propose("WEC")
    answers = at_once([lambda: stations.execute(request)] * 50)
    assert sum(decided.approved and decided.reason is None for decided in answers) == 1
    second = [decided for decided in answers if told_as_second(decided)]
    assert len(second) == 49
    assert all("approved by trader at 14:4" in decided.reason.text for decided in second)
    assert Ticket.objects.count() == 6
    assert Entry.objects.filter(verb="request_approved").count() == 1
    assert verify().finding is None
    assert broken_invariants(clock.now()) == []


def test_of_two_operators_who_approve_one_does_and_both_know_who(
    transactional_db: None, stations: Stations
) -> None:
    """D2."""
    request = stations.propose("WEC")
    people = [Actor("user", make_person(name).username) for name in ("anna", "ben")]
    answers = at_once([lambda who=who: stations.execute(request, who=who) for who in people])
    assert sorted(told_as_second(decided) for decided in answers) == [False, True]
    winner = Request.objects.get().decided_by
    assert all(decided.request.decided_by == winner for decided in answers)
    assert next(d for d in answers if told_as_second(d)).reason.text.startswith(
        f"already approved by {winner}"
    )


@pytest.mark.parametrize("round_number", range(8))
def test_approve_against_reject_has_one_winner_and_both_are_told(
    transactional_db: None, stations: Stations, round_number: int
) -> None:
    """D2."""
    request = stations.propose("WEC")
    own = Request.objects.select_related("plan", "account").get()
    no = {
        "actor": Actor("user", make_person("ben").username),
        "reason": "not today",
        "now": clock.now(),
        "how": {},
    }
    approved, rejected = at_once([lambda: stations.execute(request), lambda: reject(own, **no)])
    state = Request.objects.get().state
    assert state in ("approved", "rejected")
    assert [told_as_second(approved), told_as_second(rejected)] == [state == "rejected", state == "approved"]
    assert Ticket.objects.count() == (6 if state == "approved" else 0)
    assert Entry.objects.filter(verb__in=["request_approved", "request_rejected"]).count() == 1


def test_content_that_changed_behind_the_page_is_refused(stations: Stations) -> None:
    """D3: the page was opened, then the line was edited."""
    request = stations.propose("WEC", "OWL")
    request.plan.lines.filter(symbol="OWL").update(limit_price=PRICE + 1)
    decided = stations.execute(request)
    assert decided.reason.code == "APPROVAL_CONTENT_CHANGED"
    assert not Ticket.objects.exists()
    assert Entry.objects.latest("pk").verb == "refuse_approval"


def test_a_line_taken_out_behind_the_page_is_a_change_too(stations: Stations) -> None:
    """D3."""
    request = stations.propose("WEC", "OWL")
    request.plan.lines.filter(symbol="OWL").update(state="skipped", reason_code="LINE_REMOVED")
    assert stations.execute(request).reason.code == "APPROVAL_CONTENT_CHANGED"


def test_the_same_bytes_from_eight_workers_are_one_plan(transactional_db: None, stations: Stations) -> None:
    """D4."""
    lines = [make_line(1, "WEC", PRICE)]

    def bring() -> Plan:
        return make_plan(stations.account, lines, day=TODAY, at=clock.now())

    plans = at_once([bring] * 8)
    assert {plan.pk for plan in plans} == {Plan.objects.get().pk}
    assert Entry.objects.filter(verb="accept_plan").count() == 1


def test_a_card_left_open_overnight_sends_nothing(stations: Stations) -> None:
    """D5."""
    request = stations.propose("WEC")
    Request.objects.update(expires_at=later(-1), opened_at=later(-900))
    request.refresh_from_db()
    decided = stations.execute(request)
    assert (decided.approved, decided.request.state, decided.reason.code) == (
        False, "expired", "APPROVAL_EXPIRED",
    )  # fmt: skip
    assert expire_requests(clock.now()) == 0
    assert stations.send_all() == {} and not Ticket.objects.exists()


def test_an_approval_that_grew_old_in_the_queue_is_not_sent(stations: Stations) -> None:
    """D5: approved in time, claimed too late."""
    stations.approve("WEC")
    Ticket.objects.update(not_after=later(-1))
    assert {why.code for why in stations.send_all().values()} == {"TICKET_EXPIRED"}
    assert stations.written == [] and set(Ticket.objects.values_list("state", flat=True)) == {"EXPIRED"}


def test_ten_plans_approved_at_once_fill_the_limit_and_the_rest_are_refused_with_the_reason(
    transactional_db: None, stations: Stations
) -> None:
    """D6: each is worth 4,000; the limit lets three through."""
    stations.set_limits(daily_notional=13_000, quote_age=600)  # ten at once take their time on a busy machine
    requests = [stations.propose(f"S{number}", quantity=40) for number in range(10)]
    stations.refresh()
    answers = at_once([lambda one=one: stations.execute(one) for one in requests])
    assert sum(decided.approved for decided in answers) == 3
    refused = [decided.reason for decided in answers if not decided.approved]
    assert {reason.code for reason in refused} == {"CHECK_BLOCKED"}
    assert all("Value of all orders in a day" in reason.text for reason in refused)
    stations.refresh()
    assert set(stations.send_all().values()) == {None}
    assert reserved(stations.account.code, TODAY) == 12_000
    assert broken_invariants(clock.now()) == []


def test_a_limit_cut_after_the_approval_lets_out_what_fits_in_order(stations: Stations) -> None:
    """D6, D10: approved together, claimed one by one against the stricter value."""
    stations.approve("AAA", "BBB", "CCC", quantity=40)
    stations.set_limits(daily_exposure=9_000)
    answers = stations.send_all()
    assert [why and why.code for why in answers.values()] == [
        None, None, None, None, "DAILY_EXPOSURE_EXCEEDED", "DAILY_EXPOSURE_EXCEEDED",
    ]  # fmt: skip
    ended = Ticket.objects.filter(state="WITHDRAWN")
    assert set(ended.values_list("contract__symbol", flat=True)) == {"CCC"}
    assert set(ended.values_list("reason_code", flat=True)) == {"DAILY_EXPOSURE_EXCEEDED"}
    assert Reservation.objects.filter(state="held").count() == 4
    assert broken_invariants(clock.now()) == []


def test_a_replayed_form_of_another_request_approves_nothing(stations: Stations) -> None:
    """J3, as far as this gate reaches: a digest belongs to one request."""
    first, second = stations.propose("WEC"), stations.propose("OWL")
    decided = stations.execute(second, digest=first.digest, typed=f"EXECUTE {first.challenge}")
    assert decided.reason.code == "APPROVAL_CONTENT_CHANGED"
    assert stations.execute(first, who=TRADER).approved
