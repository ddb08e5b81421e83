"""What a client hears of an order that works or fills, message by message."""

from tests.simgateway.gateway.talk import Client, House, pair


def desk(**switches: object) -> tuple[House, Client]:
    house = House(**switches)
    house.quote()
    client = house.connect()
    client.forget()
    return house, client


def test_a_resting_limit_is_told_twice_as_submitted() -> None:
    _, client = desk()
    client.limit(1)
    assert client.heard() == [*pair(1, "Submitted", "0/10"), *pair(1, "Submitted", "0/10")]


def test_older_builds_say_pre_submitted_first() -> None:
    _, client = desk(pre_submitted_first=True, repeat_statuses=0)
    client.limit(1)
    assert client.heard() == [*pair(1, "PreSubmitted", "0/10"), *pair(1, "Submitted", "0/10")]


def test_a_bought_market_order_in_one_print() -> None:
    _, client = desk()
    client.place(1, "BUY", 10)
    assert client.heard() == [
        *pair(1, "PreSubmitted", "0/10"),
        "X1 +10@100.02",
        *pair(1, "Filled", "10/0"),
        *pair(1, "Filled", "10/0", cost="1.00003"),
        "C 1.00003",
    ]


def test_a_sold_market_order_begins_as_submitted() -> None:
    _, client = desk(repeat_statuses=0)
    client.place(1, "SELL", 10)
    told = client.heard()
    assert told[:2] == pair(1, "Submitted", "0/10")
    assert told[2:5] == ["X1 -10@100", *pair(1, "Filled", "10/0")]
    assert told[5].startswith("C ") and len(told) == 6


def test_each_print_of_three_is_told_with_its_cost() -> None:
    house, client = desk()
    house.quote(size="40")
    client.place(1, "BUY", 100)
    house.wait(2)
    told = client.heard()
    assert told[:2] == pair(1, "Submitted", "0/100")
    assert [word for word in told if word.startswith("X")] == [
        "X1 +40@100.02",
        "X1 +40@100.02",
        "X1 +20@100.02",
    ]
    assert told[2:5] == ["X1 +40@100.02", *pair(1, "Submitted", "40/60")]
    assert told[-1].startswith("C ") and told[-2] == "S1 Filled 100/0"
    assert sum(word.startswith("C ") for word in told) == 3


def test_a_commission_can_come_long_after_the_fill() -> None:
    house, client = desk(commission_delay_ms=700)
    client.place(1, "BUY", 10)
    assert client.heard()[-1] == "S1 Filled 10/0"
    house.wait(1)
    assert client.heard() == [*pair(1, "Filled", "10/0", cost="1.00003"), "C 1.00003"]


def test_a_stop_waits_for_its_trigger() -> None:
    _, client = desk(repeat_statuses=0)
    client.place(1, "SELL", 10, "STP", aux=98)
    assert client.heard() == pair(1, "PreSubmitted", "0/10 trigger")


def test_outside_hours_an_order_waits_and_a_399_says_until_when() -> None:
    house = House("2026-11-20T18:00 US/Eastern")
    client = house.connect()
    client.forget()
    client.limit(1, 50)
    waits = pair(1, "PreSubmitted", "0/10")
    assert client.told("error")[0]["text"].endswith("until 2026-11-23 09:30:00 US/Eastern.")
    assert client.heard() == [*waits, "E1 399", *waits]


def test_closing_orders_are_taken_without_a_word() -> None:
    house, client = desk()
    client.place(1, "BUY", 100, "MOC")
    house.wait(60)
    assert client.heard() == []
    client.ask("reqOpenOrders")
    assert client.heard()[-1] == "openOrderEnd" and client.told("openOrder") == []
    client.ask("cancelOrder", id=1)
    assert client.heard() == [*pair(1, "PendingCancel", "0/100"), "S1 Cancelled 0/100", "E1 202"]


def test_the_silence_of_a_closing_order_can_end() -> None:
    house, client = desk(silent_seconds=8)
    client.place(1, "BUY", 100, "MOC")
    house.wait(7)
    assert client.heard() == []
    house.wait(2)
    assert client.heard()[0].startswith("O1 ")


def test_a_closing_order_fills_in_the_auction() -> None:
    house, client = desk()
    client.place(1, "BUY", 100, "MOC")
    house.until("2026-11-20T16:05 US/Eastern")
    told = client.heard()
    assert told[0].startswith("X1 +100@") and "S1 Filled 100/0" in told


def test_a_change_is_told_with_the_new_words() -> None:
    _, client = desk(repeat_statuses=0)
    client.limit(1, 99)
    client.limit(1, 98, quantity=20)
    told = client.told("openOrder")[-1]
    assert (told["limit"], told["quantity"]) == ("98.0", "20")
    assert client.heard()[-2:] == pair(1, "Submitted", "0/20")


def test_a_change_through_the_price_band_kills_the_order() -> None:
    _, client = desk()
    client.limit(1, 104, side="SELL")
    client.forget()
    client.limit(1, 80, side="SELL")
    limits = [told["limit"] for told in client.told("openOrder")]
    texts = [told["text"] for told in client.told("error")]
    assert limits == ["80.0", "104.0"]
    assert texts[0].startswith("Order Canceled - reason:We cannot accept an order at a limit price")
    assert texts[1] == "Order rejected - reason:Order has been cancelled already, too late to replace"
    assert client.heard() == [
        *pair(1, "PreSubmitted", "0/10"),
        "S1 PendingCancel 0/10",
        "S1 Submitted 0/10",
        *pair(1, "PreSubmitted", "0/10"),
        "S1 Cancelled 0/10",
        "E1 202",
        "E1 201",
    ]


def test_an_empty_time_in_force_can_draw_a_notice() -> None:
    _, client = desk(tif_preset_notice=True, repeat_statuses=0)
    client.limit(1)
    client.limit(2, tif="GTC")
    assert client.heard() == ["E1 10349", *pair(1, "Submitted", "0/10"), *pair(2, "Submitted", "0/10")]
