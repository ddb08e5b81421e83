"""The day's steps: a received plan goes before people when people could approve it, and not before."""

import os
import time
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.test import override_settings

from apps.approvals.actions.decide import reject
from apps.approvals.models import Request
from apps.broker.models import LinkState
from apps.desks.models import Strategy
from apps.journal import clock
from apps.ledger.models import DayResult
from apps.market.models import LastQuote, Lookup, Watch
from apps.plans.models import Plan
from apps.risk.models import Verdict
from apps.runbook.daily import expire_late, keep_watching, propose_again, propose_received, take_from_folder
from tests.plan_files import NAME, WEC, plan_bytes, row
from tests.stations import OPENING, TRADER, Stations, clock_line


def bring(stations: Stations, folder: Path, *rows: str) -> Plan:
    """A file in the folder whose symbols the broker knows."""
    path = folder / NAME
    path.write_bytes(plan_bytes(*rows))
    os.utime(path, (time.time() - 5,) * 2)
    assert "accepted" in take_from_folder(clock.now(), folder)
    plan = Plan.objects.get(file_name=NAME)
    for line in plan.lines.filter(state="taken"):
        contract = stations.contract(line.symbol)
        Lookup.objects.create(symbol=line.symbol, state="found", contract=contract, asked_at=clock.now())
        price = line.limit_price
        stations.quote(line.symbol, bid=price - Decimal("0.02"), ask=price + Decimal("0.02"), last=price)
    return plan


def test_a_file_becomes_a_request_that_waits_for_a_person(stations: Stations, tmp_path: Path) -> None:
    plan = bring(stations, tmp_path)
    assert "request" in propose_received(clock.now())
    request = Request.objects.get(plan=plan)
    assert request.state == "proposed" and request.order_count == 6
    assert propose_received(clock.now()) == ""


@pytest.mark.parametrize("missing", ["link", "quote", "session", "answer"])
def test_a_plan_waits_for_what_an_approval_would_be_bound_to(
    stations: Stations, tmp_path: Path, missing: str
) -> None:
    bring(stations, tmp_path)
    if missing == "link":
        stations.session.gateway.linkstate.delete()
    elif missing == "quote":
        LastQuote.objects.update(received_at=clock.now() - timedelta(minutes=1))
    elif missing == "answer":
        Lookup.objects.update(state="asked", contract=None)
    early = clock_line(OPENING - timedelta(minutes=15)) if missing == "session" else clock_line()
    with override_settings(CLOCK=early):
        assert propose_received(clock.now()) == ""
    assert not Request.objects.exists() and Plan.objects.get().state == "received"


def test_a_plan_that_lay_there_before_its_step_still_gets_the_time_for_fresh_quotes(
    stations: Stations, tmp_path: Path
) -> None:
    """Its step is due at 14:35: the seconds for quotes count from then, not from when the file came."""
    due = OPENING - timedelta(minutes=5)
    with override_settings(CLOCK=clock_line(OPENING - timedelta(minutes=8))):
        bring(stations, tmp_path)
    for seconds, proposed in ((5, False), (19, False), (21, True)):
        with override_settings(CLOCK=clock_line(due + timedelta(seconds=seconds))):
            LinkState.objects.update(beat_at=clock.now())
            LastQuote.objects.update(received_at=clock.now() - timedelta(seconds=100))
            propose_received(clock.now())
        assert Request.objects.exists() is proposed, seconds


def test_a_symbol_the_broker_does_not_know_is_skipped_and_asked_once(
    stations: Stations, tmp_path: Path
) -> None:
    plan = bring(stations, tmp_path, row(), row(instrument_id="NOPE"))
    Lookup.objects.filter(symbol="NOPE").update(
        state="refused", contract=None, problem="no security definition", answered_at=clock.now()
    )
    propose_received(clock.now())
    line = plan.lines.get(symbol="NOPE")
    assert (line.state, line.reason_code) == ("skipped", "CONTRACT_UNKNOWN")
    assert Lookup.objects.get(symbol="NOPE").state == "refused"
    assert Request.objects.get().order_count == 6


@pytest.mark.parametrize("times", [10, 100, 7600])
def test_a_fat_finger_never_becomes_something_a_person_could_approve(
    stations: Stations, tmp_path: Path, times: int
) -> None:
    bring(stations, tmp_path, row(quantity=str(113 * times)))
    propose_received(clock.now())
    request = Request.objects.first()
    if request is None:
        assert Plan.objects.get().lines.get().reason_code == "EXPOSURE_LIMIT"
        return
    assert Verdict.objects.filter(subject_id=request.pk, outcome="block").exists()
    assert not stations.execute(request).approved


@pytest.mark.parametrize("times", ["10", "100", "0.01"])
def test_a_price_in_another_unit_is_blocked(stations: Stations, tmp_path: Path, times: str) -> None:
    names = ("limit_price", "stop_loss", "take_profit_1", "take_profit_2")
    prices = {name: str((Decimal(WEC[name]) * Decimal(times)).quantize(Decimal("0.01"))) for name in names}
    bring(stations, tmp_path, row(quantity="4", **prices))
    stations.quote("WEC", bid=Decimal("115.70"), ask=Decimal("115.75"), last=Decimal("115.72"))
    propose_received(clock.now())
    request = Request.objects.get()
    assert not stations.execute(request).approved
    assert Verdict.objects.filter(
        subject_id=request.pk, check_name__in=["price_collar", "price_distance"], outcome="block"
    ).exists()


def test_a_request_nobody_decided_lapses_and_comes_back_only_where_that_is_wanted(
    stations: Stations, tmp_path: Path
) -> None:
    plan = bring(stations, tmp_path)
    propose_received(clock.now())
    later = clock.now() + timedelta(minutes=11)
    assert expire_late(later) == "1 requests expired"
    assert propose_again(later) == "" and Plan.objects.get().state == "proposed"
    Strategy.objects.update(parameters={"propose_again": True})
    assert "proposed again" in propose_again(later)
    stations.refresh()
    propose_received(clock.now())
    assert list(Request.objects.order_by("pk").values_list("state", flat=True)) == ["expired", "proposed"]
    assert Request.objects.filter(plan=plan).count() == 2


def test_what_a_person_rejected_never_comes_back(stations: Stations, tmp_path: Path) -> None:
    Strategy.objects.update(parameters={"propose_again": True})
    bring(stations, tmp_path)
    propose_received(clock.now())
    reject(Request.objects.get(), actor=TRADER, reason="not today", now=clock.now(), how={})
    assert propose_again(clock.now()) == "" and propose_received(clock.now()) == ""
    assert Request.objects.get().state == "rejected"


def test_a_plan_of_yesterday_is_over(stations: Stations, tmp_path: Path) -> None:
    plan = bring(stations, tmp_path)
    assert "over" in propose_received(clock.now() + timedelta(days=1))
    plan.refresh_from_db()
    assert plan.state == "nothing" and not Request.objects.exists()


def test_what_waits_for_a_person_keeps_its_quotes(stations: Stations, tmp_path: Path) -> None:
    bring(stations, tmp_path)
    propose_received(clock.now())
    Watch.objects.all().delete()
    assert keep_watching(clock.now()) == "1 contracts watched"
    assert keep_watching(clock.now()) == ""
    assert Watch.objects.get().contract.symbol == "WEC"
    assert not DayResult.objects.exists()
