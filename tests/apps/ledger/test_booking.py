"""Executions become fills once each; corrections and busts restate what is held; fees come when they come."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from apps.broker.actions.record_events import record_events
from apps.broker.models import Evidence
from apps.broker.ports import Heard, MoneyTold, PositionTold
from apps.journal import clock
from apps.journal.models import Entry
from apps.ledger.actions.book_broker import book_money, book_positions
from apps.ledger.actions.book_fills import book_fills
from apps.ledger.models import AccountValue, Fill, PendingCommission, Position
from apps.ledger.queries import fills_on, held_positions
from tests.stations import TODAY, Stations

D = Decimal


def held(symbol: str = "WEC") -> Decimal:
    return Position.objects.get(contract__symbol=symbol).quantity


def test_the_same_execution_told_three_times_is_one_fill(stations: Stations) -> None:
    for _ in range(3):
        stations.executed("0001.01.01", "30")
    assert (Fill.objects.count(), held()) == (1, 30)
    assert Entry.objects.filter(verb="book_fill").count() == 1


def test_a_price_finer_than_the_table_is_still_the_same_execution(stations: Stations) -> None:
    for _ in range(2):
        stations.executed("0001.01.01", "30", price="100.12345678")
    assert Fill.objects.get().price == D("100.123457")
    assert not Entry.objects.filter(verb="conflicting_execution").exists()


def test_a_correction_takes_the_place_of_what_it_corrects(stations: Stations) -> None:
    stations.executed("0001.01.01", "30")
    stations.executed("0001.01.02", "20", price="99")
    assert [(f.exec_id, f.superseded) for f in Fill.objects.order_by("pk")] == [
        ("0001.01.01", True),
        ("0001.01.02", False),
    ]
    assert (held(), Position.objects.get().average_cost) == (20, 99)
    assert list(fills_on(TODAY)) == [Fill.objects.get(exec_id="0001.01.02")]


def test_a_correction_that_comes_before_the_original_still_counts(stations: Stations) -> None:
    stations.executed("0001.01.02", "20")
    stations.executed("0001.01.01", "30")
    assert (Fill.objects.count(), held()) == (1, 20)


def test_a_bust_takes_the_position_back_and_stays_to_be_seen(stations: Stations) -> None:
    stations.executed("0001.01.01", "30")
    stations.executed("0001.01.02", "0", price="0")
    assert held() == 0
    assert list(fills_on(TODAY)) == []
    assert Fill.objects.get(busted=True).exec_id == "0001.01.02"
    assert Entry.objects.filter(reason_code="EXECUTION_BUST").count() == 1


def test_a_late_fill_and_a_sale_move_position_cost_and_result(stations: Stations) -> None:
    stations.executed("0001.01.01", "10", price="100")
    stations.executed("0002.01.01", "10", price="102")
    assert Position.objects.get().average_cost == 101
    stations.executed("0003.01.01", "15", price="105", side="SLD")
    row = Position.objects.get()
    assert (row.quantity, row.realized, row.average_cost) == (5, 60, 101)


def test_the_execution_of_a_combination_is_kept_and_never_held(stations: Stations) -> None:
    stations.executed("0001.01.01", "1", con_id="28812380", symbol="SPX", sec_type="BAG", price="-2.5")
    stations.executed("0001.02.01", "1", con_id="501", symbol="SPX", sec_type="OPT", price="5")
    assert Fill.objects.count() == 2
    assert [row.contract.sec_type for row in held_positions(stations.account.pk)] == ["OPT"]


def test_two_stories_under_one_id_are_told_to_a_person_once(stations: Stations) -> None:
    stations.executed("0001.01.01", "30")
    for _ in range(4):
        stations.executed("0001.01.01", "31")
    assert (Fill.objects.count(), held()) == (1, 30)
    assert Entry.objects.filter(reason_code="EXECUTION_CONFLICT").count() == 1


def test_an_account_that_is_not_kept_here_is_not_booked(stations: Stations) -> None:
    stations.executed("0001.01.01", "30", account="DU9999999")
    assert not Fill.objects.exists() and not Position.objects.exists()


@pytest.mark.parametrize("first", ["fee", "fill"])
def test_a_fee_finds_its_fill_whichever_comes_first(stations: Stations, first: str) -> None:
    acts = {
        "fill": lambda: stations.executed("0001.01.01", "30"),
        "fee": lambda: stations.hear("commission", exec_id="0001.01.01", commission="1.05", currency="USD"),
    }
    for name in sorted(acts, key=lambda name: name != first):
        acts[name]()
    assert Fill.objects.get().commission == D("1.05")
    assert not PendingCommission.objects.exists()


def test_a_list_that_says_the_first_fee_again_takes_back_what_was_said_between(stations: Stations) -> None:
    stations.executed("0001.01.01", "30")
    for amount, asked in (("1.05", False), ("-1.05", True), ("1.05", True), ("1.05", True)):
        body = {"commission": amount, "currency": "USD"}
        told = Heard(kind="commission", at=clock.now(), raw=(), body=body, exec_id="0001.01.01")
        listed = replace(told, asked_at=told.at) if asked else told
        record_events(stations.session, [listed], book=book_fills)
    assert Fill.objects.get().commission == D("1.05")
    assert Evidence.objects.filter(kind="commission").count() == 3, "the last one says nothing new"


def test_a_fee_that_is_not_known_yet_stays_unknown_and_a_rebate_is_kept(stations: Stations) -> None:
    stations.executed("0001.01.01", "30")
    stations.hear("commission", exec_id="0001.01.01", commission="-1", currency="USD")
    assert Fill.objects.get().commission is None
    stations.hear("commission", exec_id="0001.01.01", commission="-0.35", currency="USD")
    assert Fill.objects.get().commission == D("-0.35")


def test_what_the_broker_no_longer_lists_is_nothing_there(stations: Stations) -> None:
    stations.executed("0001.01.01", "30")
    gateway, code = stations.account.gateway, stations.account.code
    told = PositionTold(
        account=code,
        con_id=stations.contract("WEC").con_id,
        symbol="WEC",
        quantity=D(30),
        average_cost=D(100),
    )
    book_positions(gateway, [told], clock.now())
    assert Position.objects.get().broker_quantity == 30
    book_positions(gateway, [], clock.now())
    row = Position.objects.get()
    assert (row.quantity, row.broker_quantity) == (30, 0)


def test_a_count_that_is_written_late_does_not_undo_the_list_that_came_after_it(stations: Stations) -> None:
    stations.executed("0001.01.01", "30")
    book_positions(stations.account.gateway, [], clock.now() + timedelta(seconds=1))
    told = {"account": stations.account.code, "con_id": str(stations.contract("WEC").con_id), "cost": "100"}
    stations.hear("position", **told, quantity="30")
    assert Position.objects.get().broker_quantity == 0
    book_positions(stations.account.gateway, [], clock.now())
    stations.hear("position", **told, quantity="30")
    assert Position.objects.get().broker_quantity == 30


def test_a_figure_told_twice_in_one_answer_is_the_later_one(stations: Stations) -> None:
    told = [
        MoneyTold(account=stations.account.code, tag="AvailableFunds", currency="USD", value=D(value))
        for value in (5, 7)
    ]
    book_money(stations.account.gateway, told, clock.now())
    assert AccountValue.objects.get(tag="AvailableFunds").value == 7


def test_the_table_itself_refuses_an_execution_twice(stations: Stations) -> None:
    stations.executed("0001.01.01", "30")
    again = Fill.objects.get()
    again.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        again.save()
