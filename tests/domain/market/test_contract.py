from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from tradingdesk.domain.market import Contract, contract_problem

D = Decimal
DAY = date(2026, 2, 18)
WEC = Contract(con_id=13272, symbol="WEC")
FUTURE = Contract(con_id=7, symbol="ES", sec_type="FUT", multiplier=D(50), expiry=date(2026, 3, 20))


def test_notional_uses_multiplier_and_magnifier_from_the_contract():
    assert WEC.notional(D(113), D("115.79")).amount == D("13084.27")
    assert FUTURE.notional(D(-2), D("6302.50")).amount == D(630250)
    pence = replace(WEC, currency="GBP", price_magnifier=100)
    assert pence.notional(D(100), D(250)).amount == 250


def test_an_unchanged_contract_has_no_problem():
    assert contract_problem(WEC, (WEC,), DAY) is None
    assert contract_problem(WEC, (replace(WEC, local_symbol="WEC"),), DAY) is None
    assert contract_problem(FUTURE, (FUTURE,), DAY) is None


@pytest.mark.parametrize(
    ("found", "code"),
    [
        ((), "CONTRACT_UNKNOWN"),
        ((WEC, WEC), "CONTRACT_UNKNOWN"),
        ((replace(WEC, con_id=1),), "CONTRACT_CHANGED"),
        ((replace(WEC, multiplier=D(10)),), "CONTRACT_CHANGED"),
        ((replace(WEC, price_magnifier=100),), "CONTRACT_CHANGED"),
        ((replace(WEC, currency="CAD"),), "CONTRACT_CHANGED"),
    ],
)
def test_a_vanished_ambiguous_or_changed_contract_is_refused(found, code):
    assert contract_problem(WEC, found, DAY).code == code


def test_a_contract_on_its_last_day_is_refused():
    assert contract_problem(FUTURE, (FUTURE,), date(2026, 3, 20)).code == "CONTRACT_EXPIRED"
