"""Prints for who asks, corrections, prints nobody ordered, the line to the broker, and the state file."""

import json

from tests.simgateway.gateway.talk import House, pair
from tests.simgateway.gateway.test_life_of_an_order import desk


def test_executions_come_before_their_costs_and_the_end() -> None:
    _, client = desk()
    client.place(1, "BUY", 10, ref="T-1")
    client.place(2, "SELL", 5)
    client.forget()
    client.ask("reqExecutions", id=50)
    first = client.told("execDetails")[0]
    assert (first["req"], first["id"], first["ref"], first["client"]) == ("50", "1", "T-1", "1")
    assert first["time"] == "20261120 10:00:00 US/Eastern"
    told = client.heard()
    assert told[:2] == ["X1 +10@100.02", "X2 -5@100"] and told[-1] == "execDetailsEnd" and len(told) == 5


def test_costs_can_come_after_the_end() -> None:
    _, client = desk(commission_after_end=True, exec_time_style="dash")
    client.place(1, "BUY", 10)
    client.forget()
    client.ask("reqExecutions", id=50)
    assert client.told("execDetails")[0]["time"] == "20261120-15:00:00"
    assert client.heard() == ["X1 +10@100.02", "execDetailsEnd", "C 1.00003"]


def test_a_filter_narrows_executions() -> None:
    house, client = desk()
    client.place(1, "BUY", 10)
    house.wait(60)
    client.place(2, "SELL", 10)
    client.forget()
    for words in ({"side": "SELL"}, {"time": "20261120-15:00:30"}, {"symbol": "MSFT"}, {"client": "7"}):
        client.ask("reqExecutions", id=50, **words)
    assert [word for word in client.heard() if word[0] in "Xe"] == [
        *("X2 -10@100", "execDetailsEnd"),
        *("X2 -10@100", "execDetailsEnd"),
        *("execDetailsEnd", "execDetailsEnd"),
    ]


def test_a_corrected_print_carries_the_next_version_of_its_id() -> None:
    house, client = desk()
    client.place(1, "BUY", 10, ref="T-1")
    house.turn("correct", ref="T-1", price="99.50")
    before, after = client.told("execDetails")
    assert before["exec"].rpartition(".")[0] == after["exec"].rpartition(".")[0]
    assert after["exec"].endswith(".02") and after["price"] == "99.5"


def test_prints_nobody_ordered_have_no_order_id_and_one_permid() -> None:
    house, client = desk()
    client.forget()
    house.turn("foreign", symbol="AAPL", side="BUY", shares="7", price="100")
    house.turn("liquidate", symbol="SPY")
    foreign, liquidated = client.told("execDetails")
    assert (foreign["id"], foreign["client"], liquidated["id"], liquidated["liquidation"]) == (
        "0",
        "0",
        "-1",
        "1",
    )
    client.forget()
    client.ask("reqExecutions", id=50)
    assert [of["perm"] for of in client.told("execDetails")] == [foreign["perm"], liquidated["perm"]]


def test_what_is_asked_while_the_line_is_lost_is_done_when_it_is_back() -> None:
    house, client = desk(repeat_statuses=0)
    client.limit(1)
    client.forget()
    house.turn("link", code=1100)
    client.limit(2, 98)
    client.ask("cancelOrder", id=1)
    assert client.heard() == ["E-1 1100"]
    house.turn("link", code=1102)
    told = client.heard()
    assert told == [
        "E-1 1102",
        *pair(2, "Submitted", "0/10"),
        "S1 PendingCancel 0/10",
        "S1 Cancelled 0/10",
        "E1 202",
    ]


def test_a_change_during_an_outage_can_become_a_second_order() -> None:
    house, client = desk(outage_modify_duplicates=True)
    client.limit(1)
    house.turn("link", code=1100)
    client.limit(1, 98)
    house.turn("link", code=1102)
    client.ask("reqOpenOrders")
    told = {of["perm"]: of["id"] for of in client.told("openOrder")}
    assert list(told.values()) == ["1", "1"]


def test_state_survives_the_process() -> None:
    house, client = desk()
    client.limit(1, 99, tif="GTC", ref="T-1")
    client.place(2, "BUY", 10)
    client.limit(3, 98, transmit=0)
    perm = client.told("openOrder")[0]["perm"]
    state = json.loads(json.dumps(house.gateway.dump(), default=str))
    later = House("2026-11-20T11:00 US/Eastern", state=state)
    again = later.connect()
    order = again.told("openOrder")[0]
    assert (order["perm"], order["ref"], order["limit"], order["tif"]) == (perm, "T-1", "99.0", "GTC")
    assert again.told("nextValidId") == [{"id": "4"}]
    again.forget()
    again.ask("reqExecutions", id=50)
    assert again.told("execDetails")[0]["id"] == "2"
    again.limit(1, 97, tif="GTC")
    assert again.told("openOrder")[-1]["limit"] == "97.0"
    again.limit(4)
    assert int(again.told("openOrder")[-1]["perm"]) > int(perm)


def test_the_same_inputs_give_the_same_bytes() -> None:
    def played() -> list[tuple[str, dict[str, str]]]:
        house, client = desk()
        client.place(1, "BUY", 10)
        client.limit(2, 98)
        house.wait(30)
        client.ask("cancelOrder", id=2)
        return client.actor.told

    assert played() == played()
