"""A card that waits: more time, less of it, taken back, shown anew; and what is kept of the wait."""

from datetime import timedelta
from decimal import Decimal

import pytest

from apps.approvals.actions.move_request import hold_request
from apps.approvals.models import Request, Tightening
from apps.journal import clock
from apps.journal.models import Entry
from apps.plans.models import Plan
from apps.runbook.cutting import cut_request
from apps.runbook.gate import expire_requests, reject_request, withdraw_request
from apps.runbook.windows import recall_unsent
from apps.tickets.models import Ticket
from tests.apps.approvals.walking import let_walk
from tests.stations import PRICE, TRADER, Stations, later
from tradingdesk.domain.money import Reason


def test_a_refused_card_comes_anew_at_the_prices_of_now_and_is_approved_then(stations: Stations) -> None:
    request = stations.propose("WEC")
    stations.quote("WEC", bid=PRICE - 2, ask=PRICE - Decimal("1.9"), last=PRICE - 2)
    refused = stations.execute(request)
    assert (refused.approved, refused.reason.code) == (False, "APPROVAL_PRICE_MOVED")
    anew = Request.objects.get()
    assert (anew.digest != request.digest, anew.challenge != request.challenge) == (True, True)
    assert stations.execute(request).reason.code == "REQUEST_CHANGED"
    assert stations.execute(anew).approved
    assert Request.objects.get().decision["drift_bps"] == "0.0"


def test_new_limits_make_a_new_card_and_the_claim_knows_it(stations: Stations) -> None:
    request = stations.propose("WEC")
    stations.set_limits(order_quantity=4000)
    assert stations.execute(request).reason.code == "APPROVAL_LIMITS_CHANGED"
    anew = Request.objects.select_related("plan", "account").get()
    assert stations.execute(anew).approved
    assert set(stations.send_all().values()) == {None}


def test_holding_gives_ten_minutes_within_the_cut_off(stations: Stations) -> None:
    request = stations.propose("WEC")
    Request.objects.update(expires_at=later(2))
    request.refresh_from_db()
    assert hold_request(request, actor=TRADER, now=clock.now()) is None
    held = Request.objects.get()
    assert held.held == 1 and held.expires_at > later(9)
    Request.objects.update(cutoff_at=held.expires_at)
    held.refresh_from_db()
    assert hold_request(held, actor=TRADER, now=clock.now() + timedelta(minutes=1)).code == "APPROVAL_CUT_OFF"


def cut(request: Request, wished: dict[int, Decimal]) -> Request | Reason:
    return cut_request(
        request.pk, wished, row_version=request.row_version, actor=TRADER, now=clock.now(), how={}
    )


@pytest.mark.parametrize("wish", ["31", "-1", "29.5", "NaN", "Infinity"])
def test_a_quantity_only_goes_down(stations: Stations, wish: str) -> None:
    request = stations.propose("WEC")
    assert cut(request, {1: Decimal(wish)}).code == "EDIT_NOT_LOWER"
    assert cut(request, {1: Decimal(30)}).code == "EDIT_CHANGES_NOTHING"
    assert Plan.objects.count() == 1


def test_less_of_a_plan_is_a_new_version_and_the_old_word_is_void(stations: Stations) -> None:
    let_walk("crawl")
    request = stations.propose("WEC", "OWL")
    made = cut(request, {1: Decimal(10), 2: Decimal(0)})
    assert isinstance(made, Request)
    request.refresh_from_db()
    assert (request.state, made.plan.version, made.plan.supersedes_id) == ("superseded", 2, request.plan_id)
    assert {order["symbol"] for order in made.content["orders"]} == {"WEC"}
    assert Tightening.objects.get(plan=made.plan).phase == "crawl"
    assert stations.execute(request).reason.code == "REQUEST_ALREADY_DECIDED"
    assert cut(request, {1: Decimal(1)}).code == "REQUEST_ALREADY_DECIDED"
    assert stations.execute(made).approved


def test_withdrawing_takes_the_plan_along_and_after_the_approval_what_has_not_left(
    stations: Stations,
) -> None:
    request = stations.propose("WEC")
    withdrawn = withdraw_request(request, actor=TRADER, reason="not today", now=clock.now(), how={})
    assert (withdrawn.request.state, Plan.objects.get().state) == ("withdrawn", "withdrawn")
    other = stations.approve("OWL")
    assert recall_unsent(other.pk, actor=TRADER) == 2
    assert set(Ticket.objects.values_list("state", flat=True)) == {"WITHDRAWN"}


def test_of_every_decision_the_wait_and_the_drift_are_kept(stations: Stations) -> None:
    rejected, expired = stations.propose("WEC"), stations.propose("OWL")
    stations.quote("WEC", bid=PRICE, ask=PRICE + Decimal("0.20"))
    reject_request(rejected, actor=TRADER, reason="no", now=clock.now(), how={})
    assert expire_requests(later(11)) == 1
    rejected.refresh_from_db()
    expired.refresh_from_db()
    assert rejected.decision["drift_bps"] == "10.0" and rejected.decision["waited_s"] >= 0
    assert expired.decision["drift_bps"] == "0.0" and expired.decision["waited_s"] > 600


def test_above_the_sum_the_author_is_not_the_approver(stations: Stations) -> None:
    """J4, as far as the gate reaches."""
    stations.set_limits(four_eyes_above=2000)
    request = stations.propose("WEC")
    Plan.objects.update(author="trader")
    assert stations.execute(request).reason.code == "APPROVER_IS_AUTHOR"
    Plan.objects.update(author="somebody")
    assert stations.execute(request).approved
    assert Entry.objects.filter(reason_code="APPROVER_IS_AUTHOR").exists()


def test_a_strategy_may_ask_for_four_eyes_always(stations: Stations) -> None:
    request = stations.propose("WEC")
    request.strategy.parameters = {"four_eyes": True}
    request.strategy.save()
    Plan.objects.update(author="trader")
    assert stations.execute(request).reason.code == "APPROVER_IS_AUTHOR"
