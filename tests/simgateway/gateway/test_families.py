"""Brackets, OCA groups and combos as their client hears of them."""

from tests.simgateway.gateway.talk import AAPL, MSFT, Client, pair
from tests.simgateway.gateway.test_life_of_an_order import desk


def send_bracket(client: Client) -> None:
    client.limit(1, 99, transmit=0)
    client.limit(2, 105, side="SELL", parent=1, transmit=0)
    client.place(3, "SELL", 10, "STP", aux=95, parent=1)


def test_a_bracket_is_silent_until_its_last_leg_and_then_told_at_once() -> None:
    _, client = desk(repeat_statuses=0)
    client.limit(1, 99, transmit=0)
    client.limit(2, 105, side="SELL", parent=1, transmit=0)
    assert client.heard() == []
    client.place(3, "SELL", 10, "STP", aux=95, parent=1)
    parent, target, stop = client.told("openOrder")
    assert target["oca"] == stop["oca"] == parent["perm"] and parent["oca"] == ""
    assert (target["parent"], target["oca_type"]) == ("1", "3")
    assert int(target["perm"]) == int(parent["perm"]) + 1
    assert client.heard() == [
        *pair(1, "Submitted", "0/10"),
        *pair(2, "PreSubmitted", "0/10 child"),
        *pair(3, "PreSubmitted", "0/10 child,trigger"),
    ]


def test_the_entry_brings_its_exits_to_life_and_one_exit_ends_the_other() -> None:
    house, client = desk(repeat_statuses=0)
    send_bracket(client)
    client.forget()
    house.quote(bid="98.90", ask="99.00")
    house.wait(1)
    told = client.heard()
    assert told[:3] == ["X1 +10@99", *pair(1, "Filled", "10/0")]
    assert told[4:] == [*pair(2, "Submitted", "0/10"), *pair(3, "PreSubmitted", "0/10 trigger")]
    house.quote(bid="105.00", ask="105.02")
    house.wait(1)
    told = client.heard()
    assert told[:3] == ["X2 -10@105", *pair(2, "Filled", "10/0")]
    assert told[-2:] == ["S3 Cancelled 0/10", "E3 202"]


def test_a_cancel_of_the_entry_takes_the_exits() -> None:
    _, client = desk(pending_cancel_shown=0)
    send_bracket(client)
    client.forget()
    client.ask("cancelOrder", id=1)
    assert client.heard() == [
        *("S1 Cancelled 0/10", "E1 202"),
        *("S2 Cancelled 0/10", "E2 202"),
        *("S3 Cancelled 0/10", "E3 202"),
    ]


def test_a_cancel_of_what_was_never_transmitted() -> None:
    _, client = desk()
    client.limit(1, transmit=0)
    client.ask("cancelOrder", id=1)
    assert client.heard() == ["S1 ApiCancelled 0/10", "E1 202"]


def test_an_untransmitted_order_is_sent_by_a_change() -> None:
    _, client = desk(repeat_statuses=0)
    client.limit(1, transmit=0)
    client.limit(1)
    assert client.heard() == pair(1, "Submitted", "0/10")


def test_a_filled_peer_ends_the_others_of_its_group() -> None:
    house, client = desk(repeat_statuses=0)
    client.limit(1, 99, oca="G", oca_type=1)
    client.limit(2, 98, oca="G", oca_type=1)
    client.forget()
    house.quote(bid="98.98", ask="99.00")
    house.wait(1)
    told = client.heard()
    assert told[0] == "X1 +10@99" and told[-2:] == ["S2 Cancelled 0/10", "E2 202"]


def test_some_builds_do_not_find_a_filled_parent() -> None:
    house, client = desk(child_parent_modify_135=True, repeat_statuses=0)
    send_bracket(client)
    house.quote(bid="98.90", ask="99.00")
    house.wait(1)
    client.forget()
    client.limit(2, 104, side="SELL", parent=1)
    client.limit(2, 104, side="SELL")
    assert client.heard() == ["E2 135", *pair(2, "Submitted", "0/10")]


def combo(client: Client, **words: object) -> None:
    legs = f"{AAPL}*1*BUY,{MSFT}*1*SELL"
    base = {"symbol": "AAPL,MSFT", "sec_type": "BAG", "legs": legs}
    client.place(1, "BUY", 10, "LMT", **{**base, "limit": "-99.90", **words})


def test_a_combo_prints_itself_and_each_leg() -> None:
    house, client = desk(repeat_statuses=0)
    house.quote("MSFT", "200.00", "200.02")
    combo(client)
    order = client.told("openOrder")[0]
    assert (order["con_id"], order["class"], order["limit"]) == ("28812380", "COMB", "-99.9")
    assert order["legs"] == f"{AAPL}|1,{MSFT}|-1"
    prints = client.told("execDetails")
    assert [of["sec_type"] for of in prints] == ["BAG", "STK", "STK"]
    assert float(prints[0]["price"]) == float(prints[1]["price"]) - float(prints[2]["price"])
    assert len({of["exec"] for of in prints}) == 3 and len({of["perm"] for of in prints}) == 1
    reported = [of["exec"] for of in client.told("commissionReport")]
    assert reported == [of["exec"] for of in prints[1:]]
    assert client.told("orderStatus")[-1]["filled"] == "10"


def test_the_combos_own_print_can_have_a_report_too() -> None:
    house, client = desk(combo_commission=True)
    house.quote("MSFT", "200.00", "200.02")
    combo(client)
    house.wait(1)
    reported = {of["exec"] for of in client.told("commissionReport")}
    assert reported == {of["exec"] for of in client.told("execDetails")}


def test_legs_that_fill_unevenly_come_before_the_combos_own_print() -> None:
    house, client = desk(repeat_statuses=0)
    house.quote("MSFT", "200.00", "200.02", size="4")
    combo(client, routing="NonGuaranteed:1")
    kinds = [of["sec_type"] for of in client.told("execDetails")]
    assert kinds and "BAG" not in kinds
    house.wait(5)
    assert [of["sec_type"] for of in client.told("execDetails")].count("BAG") == 1
    assert client.told("execDetails")[-1]["sec_type"] == "BAG"


def test_per_leg_prices_leave_the_combo_without_a_limit() -> None:
    house, client = desk(repeat_statuses=0)
    house.quote("MSFT", "200.00", "200.02")
    combo(client, limit="", leg_prices="100.05,199.90")
    assert client.told("openOrder")[0]["limit"] == ""
    assert len(client.told("execDetails")) == 3
