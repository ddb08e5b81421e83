from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from tradingdesk.domain.market import Contract, changed_fields

D = Decimal
WEC = Contract(con_id=13272, symbol="WEC")
FUTURE = Contract(con_id=7, symbol="ES", sec_type="FUT", multiplier=D(50), expiry=date(2026, 3, 20))


def test_notional_uses_multiplier_and_magnifier_from_the_contract():
    assert WEC.notional(D(113), D("115.79")).amount == D("13084.27")
    assert FUTURE.notional(D(-2), D("6302.50")).amount == D(630250)
    pence = replace(WEC, currency="GBP", price_magnifier=100)
    assert pence.notional(D(100), D(250)).amount == 250


KEPT = {
    "sec_type": "STK",
    "currency": "GBP",
    "multiplier": D(1),
    "price_magnifier": 100,
    "min_tick": D("0.01"),
}


def test_a_contract_told_as_it_was_kept_has_not_changed():
    assert changed_fields(KEPT, dict(KEPT)) == {}
    assert changed_fields(KEPT, KEPT | {"long_name": "WEC ENERGY", "checked_at": 1}) == {}
    assert changed_fields(KEPT, {"multiplier": D("1.0")}) == {}


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("sec_type", "FUT"),
        ("currency", "USD"),
        ("multiplier", D(10)),
        ("price_magnifier", 1),
        ("min_tick", D("0.05")),
    ],
)
def test_each_field_that_changes_the_money_in_a_price_is_named(name, told):
    assert changed_fields(KEPT, KEPT | {name: told}) == {name: (KEPT[name], told)}
