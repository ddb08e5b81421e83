"""whatIf: one openOrder with figures, and nothing that stays."""

from tests.simgateway.gateway.test_life_of_an_order import desk

UNSET = 1.7976931348623157e308


def test_a_preview_is_one_open_order_with_margins_and_leaves_nothing() -> None:
    house, client = desk()
    client.limit(1, 99, quantity=100, what_if=1)
    (told,) = client.told("openOrder")
    assert (told["what_if"], told["status"], told["commission_currency"]) == ("1", "PreSubmitted", "USD")
    assert float(told["init_after"]) - float(told["init_before"]) == float(told["init_change"])
    assert float(told["init_change"]) > 0 and float(told["commission"]) == 1.0003
    assert client.heard() == ["O1 PreSubmitted cost 1.0003"]
    assert house.gateway.venue.working() == [] and not house.gateway.orders.tickets


def test_a_preview_can_begin_with_unset_figures() -> None:
    _, client = desk(whatif_unset_first=True)
    client.limit(1, 99, what_if=1)
    first, second = client.told("openOrder")
    assert float(first["init_after"]) == UNSET and first["warning"]
    assert float(second["init_after"]) < UNSET


def test_a_preview_of_an_option_tells_a_range_of_commission() -> None:
    _, client = desk()
    client.ask(
        "reqContractDetails", id=9, symbol="AAPL", sec_type="OPT", strike="270.0", right="C", expiry="202612"
    )
    con_id = client.told("contractData")[0]["con_id"]
    client.place(1, "BUY", 1, "MKT", con_id=con_id, symbol="AAPL", sec_type="OPT", what_if=1)
    (told,) = client.told("openOrder")
    assert told["commission"] == "" and float(told["min_commission"]) <= float(told["max_commission"])


def test_a_preview_that_would_be_refused_draws_only_the_error() -> None:
    _, client = desk()
    client.limit(1, "99.123", what_if=1)
    client.limit(1, 99, what_if=1, symbol="NOSUCH")
    assert client.heard() == ["E1 110", "E1 200"]
