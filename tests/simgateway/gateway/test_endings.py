"""Cancels, refusals, and what a number that was used draws."""

import pytest

from tests.simgateway.gateway.talk import House, pair
from tests.simgateway.gateway.test_life_of_an_order import desk


def test_a_cancel_is_pending_then_done_then_an_error() -> None:
    _, client = desk(pending_cancel_shown=2)
    client.limit(1)
    client.forget()
    client.ask("cancelOrder", id=1)
    assert client.told("error")[0]["text"] == "Order Canceled - reason:"
    assert client.heard() == ["S1 PendingCancel 0/10", "S1 PendingCancel 0/10", "S1 Cancelled 0/10", "E1 202"]


def test_a_cancel_of_a_part_filled_order_keeps_what_it_filled() -> None:
    house, client = desk()
    house.quote(size="4")
    client.place(1, "BUY", 10)
    client.forget()
    client.ask("cancelOrder", id=1)
    assert client.heard() == ["S1 PendingCancel 4/6", "S1 Cancelled 4/6", "E1 202"]


def test_now_or_never() -> None:
    _, client = desk()
    client.limit(1, 99, tif="IOC")
    assert client.heard() == ["S1 PendingCancel 0/10", "S1 Cancelled 0/10", "E1 202"]
    client.limit(2, 99, tif="FOK")
    assert client.heard() == pair(2, "Inactive", "0/10")


def test_cancels_of_what_is_not_there_or_is_done() -> None:
    _, client = desk()
    client.place(1, "BUY", 10)
    client.limit(2)
    client.ask("cancelOrder", id=2)
    client.forget()
    for order_id in (1, 2, 77):
        client.ask("cancelOrder", id=order_id)
    texts = [told["text"] for told in client.told("error")]
    assert texts == [
        "OrderId 1 that needs to be cancelled cannot be cancelled, state: Filled.",
        "OrderId 2 that needs to be cancelled cannot be cancelled, state: Cancelled.",
        "OrderId 77 that needs to be cancelled is not found.",
    ]
    assert client.heard() == ["E1 10148", "E2 10148", "E77 10147"]


def test_a_finished_number_draws_104_or_201_and_after_a_reconnect_103() -> None:
    house, client = desk()
    client.place(1, "BUY", 10)
    client.limit(2)
    client.ask("cancelOrder", id=2)
    client.forget()
    client.limit(1)
    client.limit(2)
    assert client.heard() == ["E1 104", "E2 201"]
    client.close()
    again = house.connect()
    again.forget()
    again.limit(1)
    again.limit(2)
    assert again.heard() == ["E1 103", "E2 103"]


def test_a_number_below_the_highest_used_draws_103_and_the_old_order_lives() -> None:
    _, client = desk()
    client.limit(5)
    client.forget()
    client.limit(3)
    client.ask("reqOpenOrders")
    assert client.heard() == ["E3 103", *pair(5, "Submitted", "0/10"), "openOrderEnd"]


REFUSED = [
    ({"type": "MOO"}, 321),
    ({"type": "PEG MKT"}, 387),
    ({"side": "HOLD"}, 321),
    ({"tif": "NOW"}, 10052),
    ({"symbol": "NOSUCH"}, 200),
    ({"type": "LMT", "limit": "99.123"}, 110),
    ({"type": "LMT"}, 107),
    ({"quantity": "0"}, 434),
    ({"type": "MOC", "tif": "GTC"}, 113),
    ({"parent": "77"}, 10006),
    ({"account": "DU9999999"}, 321),
    ({"type": "LMT", "limit": "99", "tif": "GTD", "good_till": "tomorrow"}, 391),
    ({"what_if": "1", "transmit": "0"}, 413),
]


@pytest.mark.parametrize(("words", "code"), REFUSED, ids=lambda value: str(value))
def test_a_refused_order_draws_only_an_error_and_uses_its_number(words: dict[str, str], code: int) -> None:
    _, client = desk()
    base = {"symbol": "AAPL", "id": "1", "side": "BUY", "quantity": "10", "type": "MKT"}
    client.ask("placeOrder", **{**base, **words})
    assert client.heard() == [f"E1 {code}"]
    client.ask("reqIds")
    assert client.told("nextValidId") == [{"id": "1" if "what_if" in words else "2"}]


def test_an_order_the_server_rejects_is_told_as_inactive() -> None:
    house, client = desk(repeat_statuses=0)
    client.limit(1, 99, quantity=900_000)
    assert client.heard() == ["E1 201", *pair(1, "Inactive", "0/900000")]
    client.limit(2, ref="T-2")
    client.forget()
    house.turn("reject", ref="T-2", code=201, text="Order rejected - reason:because")
    assert client.heard() == ["E2 201", *pair(2, "Inactive", "0/10")]


def test_a_refused_change_leaves_the_order_as_it_was() -> None:
    _, client = desk(repeat_statuses=0)
    client.limit(1)
    client.forget()
    client.limit(1, "98.123")
    client.limit(1, 98, side="SELL")
    client.limit(1, 98, symbol="MSFT")
    client.place(1, "BUY", 10, "MOC")
    assert client.heard() == ["E1 110", "E1 105", "E1 105", "E1 329"]
    client.ask("reqOpenOrders")
    assert client.told("openOrder")[0]["limit"] == "99.0"


def test_a_global_cancel_takes_every_clients_orders() -> None:
    house, one = desk(pending_cancel_shown=0)
    two = house.connect(2)
    one.limit(1)
    two.limit(1, 98)
    one.place(2, "BUY", 10, "MOC")
    one.forget()
    two.forget()
    two.ask("reqGlobalCancel")
    assert two.heard() == ["S1 Cancelled 0/10", "E1 202"]
    assert one.told("error")[1]["text"] == "Order Canceled - reason:Order was discarded."
    assert one.heard() == ["S1 Cancelled 0/10", "E1 202", "S2 Cancelled 0/10", "E2 202", "E2 161"]


def test_a_read_only_gateway_refuses_orders_and_hides_them() -> None:
    house = House(read_only=True)
    client = house.connect()
    client.forget()
    client.limit(1)
    client.ask("reqOpenOrders")
    client.ask("reqCompletedOrders")
    client.ask("cancelOrder", id=1)
    assert client.heard() == ["E1 321", "E-1 321", "E-1 321", "E1 321"]
    assert house.gateway.venue.working() == []


def test_day_orders_end_with_the_session() -> None:
    house, client = desk()
    client.limit(1)
    client.limit(2, 98, tif="GTC")
    client.forget()
    house.until("2026-11-20T16:01 US/Eastern")
    told = client.heard()
    assert told[:2] == ["S1 Cancelled 0/10", "E1 202"]
    client.ask("reqOpenOrders")
    assert [of["id"] for of in client.told("openOrder")] == ["2"]
