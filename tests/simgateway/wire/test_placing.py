"""placeOrder of the real clients, and its way back as openOrder and completedOrder."""

import math
from typing import Any

import pytest

from apps.simgateway.wire.answers.orders import completed_order, open_order
from apps.simgateway.wire.requests import PlaceOrder, parse
from apps.simgateway.wire.state import OrderState
from tests.simgateway.wire import orders
from tests.simgateway.wire.clients import (
    sent_by_insync,
    sent_by_official,
    understood_by_insync,
    understood_by_official,
)

INSYNC_VERSIONS = (163, 164, 173, 176)
OFFICIAL_VERSIONS = (163, 165, 166, 168, 169, 170, 176, 177, 178, 183, 184, 187, 189, 190, 192, 194, 199, 200)
PLAIN_COUNTS = {164: 113, 176: 115, 178: 114, 186: 116, 194: 118, 200: 119}
CLIENTS = {
    "insync": (orders.insync, sent_by_insync, understood_by_insync),
    "official": (orders.official, sent_by_official, understood_by_official),
}
PEGS_SINCE = 170  # before, the clients themselves refuse PEG MID and PEG BEST
PAIRS = [("insync", v) for v in INSYNC_VERSIONS] + [("official", v) for v in OFFICIAL_VERSIONS]
CASES = [
    (client, version, name)
    for client, version in PAIRS
    for name in orders.ORDERS
    if version >= PEGS_SINCE or name not in ("peg mid", "peg best", "peg best to mid")
]
# what the gateway says differently than the client said it, or does not say in openOrder
NOT_ECHOED = {"conditions", "algoParams", "routing", "legPrices", "transmit"}


def placed(client: str, version: int, name: str) -> tuple[list[str], PlaceOrder, Any]:
    build, send, _ = CLIENTS[client]
    contract, order = build(*orders.ORDERS[name][:2])
    (fields,) = send(version, lambda connected: connected.placeOrder(17, contract, order))
    request = parse(fields, version)
    assert isinstance(request, PlaceOrder)
    return fields, request, order


@pytest.mark.parametrize(("client", "version", "name"), CASES)
def test_an_order_of_a_real_client_is_read_to_its_last_field(client: str, version: int, name: str) -> None:
    _, request, asked = placed(client, version, name)
    assert request.order_id == 17
    assert request.order.action == asked.action
    assert request.order.total_quantity == asked.totalQuantity
    assert request.order.order_type == asked.orderType
    assert request.order.transmit is asked.transmit


@pytest.mark.parametrize(("version", "count"), PLAIN_COUNTS.items())
def test_a_plain_limit_order_has_the_recorded_number_of_fields(version: int, count: int) -> None:
    fields, _, _ = placed("official", version, "limit")
    assert len(fields) == count


@pytest.mark.parametrize("name", [name for name, row in orders.ORDERS.items() if row[2] is not None])
@pytest.mark.parametrize(("client", "version"), [("insync", 176), ("official", 176), ("official", 200)])
def test_each_kind_of_order_adds_its_own_fields(client: str, version: int, name: str) -> None:
    fields, _, _ = placed(client, version, name)
    assert len(fields) == len(placed(client, version, "limit")[0]) + (orders.ORDERS[name][2] or 0)


@pytest.mark.parametrize("client", CLIENTS)
def test_what_the_gateway_acts_on_arrives(client: str) -> None:
    _, combo, _ = placed(client, 176, "combo")
    assert [(leg.con_id, leg.ratio, leg.action) for leg in combo.contract.combo_legs] == [
        (101, 1, "BUY"),
        (102, 1, "SELL"),
    ]
    assert not combo.order.is_guaranteed
    assert float(combo.order.lmt_price or 0) == -1.2
    _, by_legs, _ = placed(client, 176, "combo by legs")
    assert [float(price or 0) for price in by_legs.order.leg_prices] == [4.5, -3.25]
    assert by_legs.order.lmt_price is None
    assert by_legs.order.is_guaranteed
    _, algo, _ = placed(client, 176, "algo")
    assert algo.order.algo_params == [("adaptivePriority", "Normal")]
    _, held, _ = placed(client, 176, "held child")
    assert (held.order.transmit, held.order.parent_id, held.order.oca_group) == (False, 41, "g")
    _, option, _ = placed(client, 176, "option")
    assert (option.contract.strike, option.contract.right) == (612.5, "P")


@pytest.mark.parametrize("client", CLIENTS)
def test_six_conditions_arrive_in_their_order(client: str) -> None:
    _, request, _ = placed(client, 176, "six conditions")
    read = request.order.conditions
    assert [condition.kind for condition in read] == [1, 3, 4, 5, 6, 7]
    assert [condition.conjunction for condition in read] == ["a", "o", "a", "a", "a", "a"]
    assert (read[0].value, read[0].con_id, read[0].trigger_method) == ("250.5", 265598, 2)
    assert (read[3].sec_type, read[3].exchange, read[3].symbol) == ("STK", "SMART", "MSFT")
    assert request.order.conditions_ignore_rth
    assert request.order.conditions_cancel_order


# completedOrder does not carry these
NOT_COMPLETED = NOT_ECHOED | {
    "totalQuantity", "parentId", "deltaNeutralOpenClose", "adjustedOrderType", "triggerPrice",
    "adjustedStopPrice", "usePriceMgmtAlgo", "duration",
}  # fmt: skip


def echo(client: str, version: int, name: str) -> tuple[Any, Any, Any, Any]:
    """The order as sent, and contract, order and state as the same client reads them in openOrder."""
    _, request, asked = placed(client, version, name)
    request.order.order_id, request.order.client_id, request.order.perm_id = 17, 3, 1824933227
    state = OrderState(status="Submitted", commission="1.0", commission_currency="USD")
    fields = open_order(version, contract=request.contract, order=request.order, state=state)
    ((method, given),) = CLIENTS[client][2](version, fields)
    assert method == "openOrder"
    assert given[0] == 17
    return asked, *given[1:]


@pytest.mark.parametrize(("client", "version", "name"), CASES)
def test_an_order_comes_back_as_it_was_sent(client: str, version: int, name: str) -> None:
    asked, contract, order, state = echo(client, version, name)
    assert (order.orderId, order.clientId, order.permId) == (17, 3, 1824933227)
    assert (contract.symbol, state.status) == (orders.ORDERS[name][0]["symbol"], "Submitted")
    for attribute in set(orders.ORDERS[name][1]) - NOT_ECHOED:
        sent, back = getattr(asked, attribute), getattr(order, attribute)
        assert back == sent or math.isclose(back, sent), attribute
    assert order.tif == (asked.tif or "DAY")
    assert order.orderRef == asked.orderRef
    assert len(order.conditions or []) == len(asked.conditions)
    for sent, back in zip(asked.conditions, order.conditions or [], strict=True):
        assert vars(back) == vars(sent)


@pytest.mark.parametrize("client", CLIENTS)
def test_a_combo_comes_back_with_legs_prices_and_routing(client: str) -> None:
    _, contract, order, _ = echo(client, 176, "combo")
    assert [(leg.conId, leg.action) for leg in contract.comboLegs] == [(101, "BUY"), (102, "SELL")]
    assert contract.comboLegsDescrip == "101|1,102|-1"
    assert [(p.tag, p.value) for p in order.smartComboRoutingParams] == [("NonGuaranteed", "1")]
    _, _, by_legs, _ = echo(client, 176, "combo by legs")
    assert [leg.price for leg in by_legs.orderComboLegs] == [4.5, -3.25]
    assert by_legs.lmtPrice > 1e300  # unset: the legs have the prices


@pytest.mark.parametrize("name", orders.ORDERS)
@pytest.mark.parametrize(("client", "version"), [("insync", 176), ("official", 178), ("official", 200)])
def test_a_completed_order_is_understood(client: str, version: int, name: str) -> None:
    _, request, asked = placed(client, version, name)
    request.order.perm_id, request.order.filled_quantity = 77, request.order.total_quantity
    state = OrderState(
        status="Filled", completed_time="20260413 15:27:04 US/Eastern", completed_status="Filled Size: 100"
    )
    fields = completed_order(version, contract=request.contract, order=request.order, state=state)
    ((method, (_, order, ended)),) = CLIENTS[client][2](version, fields)
    assert method == "completedOrder"
    assert (order.permId, order.totalQuantity, order.filledQuantity) == (77, 0, asked.totalQuantity)
    assert order.parentPermId == 9223372036854775807
    assert (ended.status, ended.completedStatus) == ("Filled", "Filled Size: 100")
    assert ended.completedTime == "20260413 15:27:04 US/Eastern"
    for attribute in set(orders.ORDERS[name][1]) - NOT_COMPLETED:
        sent, back = getattr(asked, attribute), getattr(order, attribute)
        assert back == sent or math.isclose(back, sent), attribute
