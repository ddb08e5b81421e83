"""Send, then cancel: only what rests in the book goes first, and the window is the time to take it back."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from apps.approvals.actions.hold_window import hold_window, hurry_window
from apps.approvals.models import Request, Window
from apps.desks.models import Strategy
from apps.journal import clock
from apps.market.models import LastQuote
from apps.plans.models import Line
from apps.runbook.cancelled import answer_of
from apps.runbook.invariants import broken_invariants
from apps.runbook.walking import passive, walk_terms
from apps.runbook.windows import cancel_at_broker, cancel_counting
from apps.tickets.models import Ticket
from tests.apps.approvals.walking import proposed_window, release, request_of, running_window
from tests.stations import PRICE, TRADER, Stations, later

CENT = Decimal("0.01")
ABOVE = {"bid": PRICE + Decimal("0.80"), "ask": PRICE + Decimal("0.85"), "last": PRICE + Decimal("0.80")}


@pytest.fixture
def patient(stations: Stations, monkeypatch: pytest.MonkeyPatch) -> Stations:
    """Its strategy asks to send first, and the market stands above its entries."""
    Strategy.objects.update(parameters={"walk": "send-then-cancel"})
    kept = stations.quote

    def quote(symbol: str, **values: Any) -> None:
        kept(symbol, **(ABOVE | values))

    monkeypatch.setattr(stations, "quote", quote)
    return stations


def test_orders_that_rest_are_sent_at_once_and_stay_cancellable_for_the_window(patient: Stations) -> None:
    window = running_window(patient)
    assert window.sent_first and window.send_at == window.opened_at
    assert window.ends_at - window.send_at == timedelta(seconds=60)
    assert release(window) is None
    assert set(patient.send_all().values()) == {None}
    told = cancel_counting(window.pk, actor=TRADER, how={})
    answer = answer_of(told)
    assert told.outcome == "late" and answer.at_broker
    asked = cancel_at_broker(window.pk, actor=TRADER)
    assert {leg.said for leg in asked.legs} == {"asked"} and len(asked.legs) == 6
    assert broken_invariants(clock.now()) == []


def test_before_its_alert_is_delivered_nothing_is_sent_first_either(patient: Stations) -> None:
    window = proposed_window(patient)
    assert window.sent_first and release(window).code == "WINDOW_ENDED"
    assert not Ticket.objects.exists()


MARKETABLE = {
    "the ask is at the limit": {"ask": PRICE, "bid": PRICE - CENT},
    "the ask is below the limit": {"ask": PRICE - CENT, "bid": PRICE - 2 * CENT},
    "nobody asks": {"ask": None},
    "nobody bids": {"bid": None},
}


@pytest.mark.parametrize("what", MARKETABLE)
def test_what_could_trade_at_once_is_held_first_whatever_its_strategy_asks(
    patient: Stations, what: str
) -> None:
    plan = patient.plan(["WEC"])
    patient.quote("WEC", **MARKETABLE[what])
    terms = walk_terms(Strategy.objects.get().parameters, list(plan.lines.all()))
    assert (terms.seconds, terms.sent_first) == (60, False)


def test_without_any_quote_or_line_nothing_counts_as_resting(patient: Stations) -> None:
    plan = patient.plan(["WEC"])
    LastQuote.objects.all().delete()
    assert not passive(list(plan.lines.all())) and not passive([])


def test_one_marketable_line_holds_the_whole_plan(patient: Stations) -> None:
    plan = patient.plan(["WEC", "OWL"])
    lines = list(plan.lines.all())
    assert passive(lines)
    Line.objects.filter(symbol="OWL").update(limit_price=PRICE + 1)
    assert not passive(list(plan.lines.all()))


def test_a_sale_rests_above_the_bid(patient: Stations) -> None:
    plan = patient.plan(["WEC"])
    Line.objects.update(side="SELL", limit_price=PRICE + 1)
    assert passive(list(plan.lines.all()))
    Line.objects.update(limit_price=ABOVE["bid"])
    assert not passive(list(plan.lines.all()))


def test_a_market_that_comes_to_the_orders_before_the_release_brings_them_to_people(
    patient: Stations,
) -> None:
    """The alert took a while; meanwhile what was to rest would trade at once."""
    window = running_window(patient)
    patient.set_limits(price_drift=500)
    patient.quote("WEC", bid=PRICE - CENT, ask=PRICE, last=PRICE)
    problem = release(window)
    assert problem is not None and problem.code in ("ORDERS_NOT_PASSIVE", "APPROVAL_LIMITS_CHANGED")
    request = request_of(window)
    assert (request.state, request.phase) == ("proposed", "crawl") and not Ticket.objects.exists()


def test_a_window_that_sent_first_is_neither_held_nor_hurried(patient: Stations) -> None:
    window = running_window(patient)
    assert hold_window(window.pk, actor=TRADER).code == "WINDOW_ENDED"
    assert release(window) is None
    assert hurry_window(window.pk, actor=TRADER, proved=True).code == "WINDOW_ENDED"


def test_it_is_late_like_any_other(patient: Stations) -> None:
    window = running_window(patient)
    Window.objects.update(send_at=later(-1), opened_at=later(-1))
    assert release(window).code == "WINDOW_LATE"
    assert Request.objects.get().phase == "crawl"
