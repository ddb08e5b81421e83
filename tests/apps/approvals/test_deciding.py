"""One request, one decision, on exactly what was shown."""

from datetime import timedelta
from decimal import Decimal

import pytest

from apps.approvals.actions.decide import reject
from apps.approvals.models import Request
from apps.approvals.queries import as_value, waiting
from apps.journal import clock
from apps.journal.models import Entry
from apps.market.models import LastQuote, Session
from apps.plans.models import Line
from apps.risk.actions.set_stop import set_stop
from apps.risk.models import Verdict
from apps.runbook.gate import expire_requests
from apps.tickets.models import Ticket
from tests.stations import ADMIN, PRICE, TRADER, Stations, later


def test_execute_with_the_challenge_approves_and_writes_the_tickets(stations: Stations) -> None:
    request = stations.propose("WEC")
    decided = stations.execute(request)
    assert decided.approved
    assert (decided.request.decided_by, decided.request.row_version) == ("trader", 2)
    assert Ticket.objects.filter(request=request).count() == request.order_count == 6
    told = Entry.objects.order_by("-pk").values_list("verb", flat=True)[:2]
    assert list(told) == ["write_tickets", "request_approved"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"typed": "EXECUTE"}, "PHRASE_WRONG"),
        ({"typed": "execute 3000 ABCD"}, "PHRASE_WRONG"),
        ({"digest": "0" * 64}, "APPROVAL_CONTENT_CHANGED"),
        ({"row_version": 7}, "REQUEST_CHANGED"),
    ],
)
def test_a_form_that_is_not_the_one_shown_changes_nothing(
    stations: Stations, changes: dict[str, object], code: str
) -> None:
    request = stations.propose("WEC")
    decided = stations.execute(request, **changes)
    assert (decided.approved, decided.reason.code) == (False, code)
    assert Request.objects.get(pk=request.pk).state == "proposed"
    assert not Ticket.objects.exists()
    assert Entry.objects.latest("pk").reason_code == code


def test_a_changed_line_no_longer_fits_its_digest(stations: Stations) -> None:
    request = stations.propose("WEC")
    Line.objects.filter(plan=request.plan_id).update(quantity=31)
    assert stations.execute(request).reason.code == "APPROVAL_CONTENT_CHANGED"


def test_other_limits_than_those_shown_need_a_new_look(stations: Stations) -> None:
    request = stations.propose("WEC")
    stations.set_limits(order_quantity=4000)
    assert stations.execute(request).reason.code == "APPROVAL_LIMITS_CHANGED"


def test_a_price_that_moved_too_far_needs_a_new_look(stations: Stations) -> None:
    request = stations.propose("WEC")
    stations.quote("WEC", bid=PRICE - 2, ask=PRICE - Decimal("1.9"), last=PRICE - 2)
    reason = stations.execute(request).reason
    assert reason.code == "APPROVAL_PRICE_MOVED" and reason.text.startswith("WEC moved ")


def test_a_check_that_blocks_is_named_to_the_person(stations: Stations) -> None:
    request = stations.propose("WEC")
    LastQuote.objects.update(received_at=later(-1))
    decided = stations.execute(request)
    assert decided.reason.code == "CHECK_BLOCKED"
    assert "Quote fit to price from" in decided.reason.text and "60.0 s old" in decided.reason.text
    kept = Verdict.objects.filter(subject_id=request.pk, stage="approval", outcome="block")
    assert "QUOTE_STALE" in set(kept.values_list("reason_code", flat=True))


def test_nothing_is_approved_while_trading_is_halted(stations: Stations) -> None:
    request = stations.propose("WEC")
    set_stop("HALTED", actor=ADMIN, reason="drill")
    assert stations.execute(request).reason.code == "STOP_HALTED"


def test_a_person_may_turn_it_down_only_with_a_reason(stations: Stations) -> None:
    request = stations.propose("WEC")
    empty = reject(request, actor=TRADER, reason=" ", now=clock.now(), how={})
    assert empty.reason.code == "REJECTION_UNEXPLAINED" and request.state == "proposed"
    turned = reject(request, actor=TRADER, reason="too much of one sector", now=clock.now(), how={})
    assert (turned.reason, turned.request.state) == (None, "rejected")
    assert list(waiting()) == []


def test_time_decides_what_nobody_did(stations: Stations) -> None:
    request = stations.propose("WEC")
    assert expire_requests(clock.now()) == 0
    assert expire_requests(later(11)) == 1
    request.refresh_from_db()
    assert (request.state, request.reason_code) == ("expired", "APPROVAL_EXPIRED")


def test_the_cut_off_is_that_of_the_plans_own_day(stations: Stations) -> None:
    request = stations.propose("WEC")
    close = Session.objects.get(day=request.plan.trading_day).close_at
    assert request.cutoff_at == close - timedelta(minutes=15)


def test_a_plan_of_a_day_without_a_session_is_past_its_cut_off_at_once(stations: Stations) -> None:
    plan = stations.plan(["WEC"])
    plan.trading_day = plan.trading_day + timedelta(days=3)  # a Saturday
    plan.save()
    request = stations.propose_plan(plan)
    assert stations.execute(request).reason.code == "APPROVAL_CUT_OFF"


def test_a_broken_quote_is_not_shown_as_a_price(stations: Stations) -> None:
    plan = stations.plan(["WEC", "OWL"])
    stations.quote("OWL", bid=Decimal(-1), ask=Decimal(1))
    shown = as_value(stations.propose_plan(plan)).shown.mids
    assert shown == {stations.contract("WEC").con_id: PRICE}
