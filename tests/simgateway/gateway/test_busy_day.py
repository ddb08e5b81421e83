"""A day with more orders than are kept whole: nothing of it is lost, and little of it is left in memory."""

import json

import pytest

from tests.simgateway.gateway.talk import House

ORDERS = 1_500


def play(house: House, count: int, first: int = 1) -> None:
    client = house.clients[1]
    for number in range(first, first + count):
        client.place(number, "SELL" if number % 2 else "BUY", 1, ref=f"T-{number}")
        client.forget()
        house.now += 1_000


@pytest.fixture(scope="module")
def busy() -> House:
    house = House()
    house.quote()
    house.connect()
    play(house, ORDERS)
    return house


def heard_executions(house: House, **words: object) -> list[dict[str, str]]:
    client = house.clients[1]
    client.forget()
    client.ask("reqExecutions", id=50, **words)
    found = client.told("execDetails")
    costs = client.told("commissionReport")
    assert [row["exec"] for row in costs] == [row["exec"] for row in found]
    return found


def test_every_execution_of_the_day_is_told_with_its_order(busy: House) -> None:
    found = heard_executions(busy)
    assert [(row["id"], row["ref"]) for row in found] == [(str(n), f"T-{n}") for n in range(1, ORDERS + 1)]
    assert {(row["side"], row["price"]) for row in found} == {("SLD", "100"), ("BOT", "100.02")}
    assert len(heard_executions(busy, side="BUY")) == ORDERS // 2


def test_every_completed_order_is_told(busy: House) -> None:
    client = busy.clients[1]
    client.forget()
    client.ask("reqCompletedOrders")
    told = client.told("completedOrder")
    assert len(told) == ORDERS and client.actor.told[-1][0] == "completedOrdersEnd"


def test_an_order_done_long_ago_is_still_known_by_its_number(busy: House) -> None:
    client = busy.clients[1]
    client.forget()
    client.ask("cancelOrder", id=3)
    client.place(3, "BUY", 1)
    client.ask("cancelOrder", id=ORDERS + 100)
    assert [row["code"] for row in client.told("error")] == ["10148", "103", "10147"]


def test_an_early_print_can_be_corrected(busy: House) -> None:
    before = heard_executions(busy)
    busy.turn("correct", exec=before[2]["exec"], price="99.00")
    after = heard_executions(busy)
    assert after[2]["price"] == "99" and after[2]["exec"] != before[2]["exec"]
    assert [row["exec"] for row in after[:2] + after[3:]] == [row["exec"] for row in before[:2] + before[3:]]


def test_a_restart_keeps_what_was_packed(busy: House) -> None:
    state = json.loads(json.dumps(busy.gateway.dump()))
    again = House(state=state)
    again.connect()
    assert heard_executions(again) == heard_executions(busy)
    saved = json.loads(json.dumps(again.gateway.dump()))
    assert saved["past"] == state["past"] and saved["venue"]["today"] == state["venue"]["today"]


def test_an_order_leaves_little_behind() -> None:
    house = House()
    house.quote()
    house.connect()
    play(house, 1_200)
    before = len(json.dumps(house.gateway.dump()))
    play(house, 1_024, 1_201)
    grown = len(json.dumps(house.gateway.dump())) - before
    assert grown < 1_024 * 150, "packed, an order and its print take about 60 characters; whole, 2000"
    assert len(house.gateway.orders.tickets) <= 500
