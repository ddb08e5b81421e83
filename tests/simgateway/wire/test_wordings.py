"""Orders that are worded alike are read and told by short cuts, which have to say what the long way says."""

from dataclasses import replace
from decimal import Decimal

import pytest

from apps.simgateway.wire.answers.openorder import open_order
from apps.simgateway.wire.answers.prepared import prepare, shape_of
from apps.simgateway.wire.failures import WrongFields
from apps.simgateway.wire.framing import read_back
from apps.simgateway.wire.requests import PlaceOrder, parse
from apps.simgateway.wire.requests.placing import forget_wordings, read_again
from apps.simgateway.wire.state import OrderState
from tests.simgateway.wire import orders
from tests.simgateway.wire.test_placing import placed

CASES = [
    (*pair, name)
    for pair in (("insync", 176), ("official", 178), ("official", 200))
    for name in orders.ORDERS
]
WITH_PARTS = {"combo", "combo by legs", "algo", "six conditions", "delta neutral"}
OWN = {1: "18", 17: "250", 19: "11.5", 20: "9.75", 26: "another"}  # id, quantity, limit, stop, reference


def later(fields: list[str]) -> list[str]:
    """The next order of the same wording."""
    return [OWN.get(place, text) for place, text in enumerate(fields)]


def read_afresh(fields: list[str], version: int) -> PlaceOrder:
    forget_wordings()
    request = parse(fields, version)
    assert isinstance(request, PlaceOrder)
    return request


@pytest.mark.parametrize(("client", "version", "name"), CASES)
def test_the_next_order_of_a_wording_is_read_as_if_it_were_the_first(
    client: str, version: int, name: str
) -> None:
    fields, _, _ = placed(client, version, name)
    fresh = read_afresh(later(fields), version)
    read_afresh(fields, version)
    again = parse(later(fields), version)
    assert (again.order_id, again.contract, again.order) == (18, fresh.contract, fresh.order)
    if name not in WITH_PARTS and not fresh.contract.delta_neutral:
        assert again.wording is not None, "it was read the long way"


def test_other_words_are_another_wording() -> None:
    fields, _, _ = placed("insync", 176, "limit")
    read_afresh(fields, 176)
    for place in (3, 16, 18, 21, 25, 27, 40, 80, len(fields) - 1):
        changed = [*fields[:place], "7", *fields[place + 1 :]]
        assert read_again(changed, 176) is None, place
    assert read_again(fields, 173) is None
    assert read_again(fields[:-1], 176) is None


@pytest.mark.parametrize("place", [1, 17, 19, 20])
def test_a_number_that_is_none_is_refused_by_the_short_cut_too(place: int) -> None:
    fields, _, _ = placed("insync", 176, "limit")
    read_afresh(fields, 176)
    with pytest.raises(WrongFields):
        parse([*fields[:place], "x", *fields[place + 1 :]], 176)


def test_one_order_does_not_change_the_next_of_its_wording() -> None:
    fields, _, _ = placed("insync", 176, "limit")
    read_afresh(fields, 176)
    first, second = parse(fields, 176), parse(fields, 176)
    first.order.conditions.append("something")
    first.order.tif, first.order.total_quantity = "GTC", Decimal(1)
    assert (second.order.conditions, second.order.tif, second.order.total_quantity) == ([], "", 100)


STATES = [("PreSubmitted", "", ""), ("Filled", "1.000003", "USD")]


@pytest.mark.parametrize(("client", "version", "name"), CASES)
def test_a_prepared_order_is_told_as_if_it_were_made_anew(client: str, version: int, name: str) -> None:
    _, request, _ = placed(client, version, name)
    order = replace(request.order, order_id=17, client_id=3, perm_id=99, account="DU1")
    ready = prepare(version, contract=request.contract, order=order)
    for status, commission, currency in STATES:
        state = OrderState(status=status, commission=commission, commission_currency=currency)
        anew = open_order(version, contract=request.contract, order=order, state=state)
        assert read_back(ready.told(status, commission, currency, again=False)) == anew
        routed = open_order(
            version, contract=request.contract, order=order, state=replace(state, routed=True)
        )
        assert read_back(ready.told(status, commission, currency, again=True)) == routed


@pytest.mark.parametrize(("client", "version", "name"), CASES)
def test_the_shape_of_a_wording_tells_each_of_its_orders(client: str, version: int, name: str) -> None:
    _, request, _ = placed(client, version, name)
    if request.wording is None:
        read_afresh(placed(client, version, name)[0], version)
    first = replace(request.order, order_id=17, client_id=3, perm_id=99, account="DU1")
    if first.leg_prices:
        return  # orders with legs have no shape
    shape = shape_of(version, contract=request.contract, order=first)
    own = {
        "total_quantity": Decimal("2.5"),
        "lmt_price": Decimal("1E-5"),
        "aux_price": None,
        "order_ref": "Zürich",
    }
    for order in (first, replace(first, order_id=18, client_id=4, perm_id=100, **own)):
        anew = prepare(version, contract=request.contract, order=order)
        for again in (False, True):
            assert shape.of(order).told("Submitted", again=again) == anew.told("Submitted", again=again)
