"""Connecting, numbers, who hears what, and coming back."""

import json

import pytest

from tests.simgateway.gateway.talk import House, pair
from tests.simgateway.gateway.test_life_of_an_order import desk
from tests.simgateway.scripts.actors import framed
from tests.simgateway.scripts.requests import request_fields


def test_ids_go_on_where_the_client_left_and_are_each_clients_own() -> None:
    house, client = desk()
    client.limit(41)
    client.close()
    assert house.connect(1).told("nextValidId") == [{"id": "42"}]
    assert house.connect(2).told("nextValidId") == [{"id": "1"}]


def test_working_orders_are_announced_before_the_ids() -> None:
    house, client = desk()
    client.limit(1, 99, tif="GTC")
    client.place(2, "BUY", 10)
    client.close()
    told = house.connect().heard()
    assert told[:5] == [*pair(1, "Submitted", "0/10"), "openOrderEnd", "managedAccts", "nextValidId"]


def test_older_gateways_announce_nothing() -> None:
    house, client = desk(unsolicited_snapshot=False)
    client.limit(1)
    client.close()
    assert house.connect().heard()[:2] == ["managedAccts", "nextValidId"]


def test_the_thirty_third_client_is_turned_away() -> None:
    house = House(max_clients=2)
    house.connect(1)
    house.connect(2)
    assert house.connect(3).actor.closed
    assert not house.clients[1].actor.closed


def test_nothing_is_answered_before_start() -> None:
    house = House()
    client = house.connect()
    fresh = type(client)(house, 9)
    house.clients[9] = fresh
    house.machine.open(9, house.now)
    fresh.write(b"API\0\0\0\0\x09v100..200")
    assert fresh.actor.version == "178"
    fresh.ask("reqIds")
    assert fresh.heard() == ["E-1 321"]


def test_one_client_hears_nothing_of_anothers_orders_but_the_master_does() -> None:
    house = House(master_client_id=9)
    house.quote()
    one, two, master = house.connect(1), house.connect(2), house.connect(9)
    for client in (one, two, master):
        client.forget()
    one.limit(1)
    assert two.heard() == []
    assert master.heard() == one.heard()
    two.ask("reqAllOpenOrders")
    assert two.heard() == [*pair(1, "Submitted", "0/10"), "openOrderEnd"]


def test_anothers_order_cannot_be_cancelled_unless_the_switch_says_so() -> None:
    for allowed, answer in ((False, ["E1 10147"]), (True, [])):
        house, one = desk(cross_client_cancel=allowed)
        one.limit(1)
        one.forget()
        two = house.connect(2)
        two.forget()
        two.ask("cancelOrder", id=1)
        assert two.heard() == answer
        assert bool(one.heard()) is allowed


def test_only_client_0_may_bind() -> None:
    house = House()
    client = house.connect(1)
    client.forget()
    client.ask("reqAutoOpenOrders")
    assert client.heard() == ["E-1 327"]


def test_client_0_binds_orders_made_by_hand() -> None:
    house = House()
    house.quote()
    house.turn("manual", symbol="AAPL", side="BUY", shares="10", price="99")
    zero, one = house.connect(0), house.connect(1)
    zero.forget()
    one.forget()
    one.ask("reqAllOpenOrders")
    assert one.heard() == [*pair(0, "Submitted", "0/10"), "openOrderEnd"]
    zero.ask("reqAutoOpenOrders")
    assert zero.heard() == ["orderBound", *pair(-1, "Submitted", "0/10")]
    house.turn("manual", symbol="AAPL", side="BUY", shares="5", price="98")
    assert zero.heard() == ["orderBound", *pair(-2, "Submitted", "0/5")]
    zero.ask("cancelOrder", id=-1)
    assert zero.heard() == ["S-1 PendingCancel 0/10", "S-1 Cancelled 0/10", "E-1 202"]
    assert one.heard() == []


def test_an_order_made_by_hand_survives_the_process() -> None:
    house = House()
    house.quote()
    house.turn("manual", symbol="AAPL", side="BUY", shares="10", price="99", tif="GTC")
    later = House(
        "2026-11-20T11:00 US/Eastern", state=json.loads(json.dumps(house.gateway.dump(), default=str))
    )
    client = later.connect(2)
    client.forget()
    client.ask("reqAllOpenOrders")
    (told,) = client.told("openOrder")
    assert (told["id"], told["limit"], told["tif"], told["quantity"]) == ("0", "99.0", "GTC", "10")


def test_completed_orders_say_how_they_ended() -> None:
    _, client = desk()
    client.place(1, "BUY", 10)
    client.limit(2)
    client.ask("cancelOrder", id=2)
    client.forget()
    client.ask("reqCompletedOrders")
    told = client.told("completedOrder")
    assert [(of["status"], of["quantity"]) for of in told] == [("Filled", "0"), ("Cancelled", "10")]
    assert client.heard()[-1] == "completedOrdersEnd"


def test_midnight_empties_executions_and_completed_orders() -> None:
    house, client = desk()
    client.place(1, "BUY", 10)
    client.limit(2, 98, tif="GTC")
    house.until("2026-11-21T00:00:01 US/Eastern")
    client.forget()
    client.ask("reqExecutions", id=50)
    client.ask("reqCompletedOrders")
    client.ask("reqOpenOrders")
    told = client.heard()
    assert told[:2] == ["execDetailsEnd", "completedOrdersEnd"] and told[2].startswith("O2 ")


def test_a_restart_forgets_what_was_never_transmitted() -> None:
    house, client = desk()
    client.limit(1, transmit=0)
    client.limit(2, 98, tif="GTC")
    house.turn("restart")
    assert client.actor.closed
    told = house.connect().heard()
    assert told[:3] == [*pair(2, "Submitted", "0/10"), "openOrderEnd"]
    assert len(house.gateway.orders.tickets) == 1


def test_after_a_rollback_a_used_number_draws_103_and_a_new_one_ends_the_rollback() -> None:
    house, client = desk()
    for order_id in (1, 2, 3):
        client.limit(order_id, tif="GTC")
    client.ask("cancelOrder", id=2)
    house.turn("restart", roll_back=2)
    again = house.connect()
    assert again.told("nextValidId") == [{"id": "2"}]
    again.limit(2)
    assert again.heard()[-1] == "E2 103"
    again.limit(4)
    again.forget()
    again.ask("reqIds")
    assert again.told("nextValidId") == [{"id": "5"}]


@pytest.mark.parametrize(
    ("versions", "last", "refused"), [("v157..162", -2, True), ("v157..176", None, False)]
)
def test_an_order_in_fractions_needs_a_version_that_has_words_for_them(
    versions: str, last: int | None, refused: bool
) -> None:
    house = House()
    client = house.connect(1, versions)
    pair = {"symbol": "EUR", "sec_type": "CASH", "exchange": "IDEALPRO", "currency": "USD"}
    order = {"id": "1", "side": "BUY", "quantity": "20000", "type": "MKT"}
    client.write(framed(request_fields("placeOrder", order | pair)[:last]))
    assert [told["code"] for told in client.told("error") if told["id"] == "1"] == ["10285"] * refused
    assert (client.told("openOrder") == []) is refused
