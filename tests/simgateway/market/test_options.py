from math import exp

import pytest
import QuantLib as ql
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.simgateway.exchange.options import Terms, implied_volatility, surface, value
from tests.simgateway.market.conftest import NOON, TODAY, Exchange

CASES = [
    (100.0, 100.0, 30, 0.04, 0.0, 0.25),
    (603.0, 560.0, 18, 0.04, 0.005, 0.31),
    (603.0, 640.0, 4, 0.04, 0.005, 0.18),
    (6700.0, 6200.0, 365, 0.04, 0.012, 0.17),
    (17.5, 30.0, 60, 0.04, 0.0, 0.95),
    (57.4, 50.0, 200, 0.02, 0.03, 0.33),
]


def oracle(terms: Terms, days: int, vol: float) -> ql.VanillaOption:
    """The same option in QuantLib, with whole days."""
    today = ql.Date(20, 11, 2026)
    ql.Settings.instance().evaluationDate = today
    count = ql.Actual365Fixed()
    curves = [
        ql.YieldTermStructureHandle(ql.FlatForward(today, rate, count))
        for rate in (terms.dividend, terms.rate)
    ]
    flat = ql.BlackVolTermStructureHandle(ql.BlackConstantVol(today, ql.NullCalendar(), vol, count))
    process = ql.BlackScholesMertonProcess(ql.QuoteHandle(ql.SimpleQuote(terms.spot)), *curves, flat)
    kind = ql.Option.Call if terms.call else ql.Option.Put
    option = ql.VanillaOption(ql.PlainVanillaPayoff(kind, terms.strike), ql.EuropeanExercise(today + days))
    option.setPricingEngine(ql.AnalyticEuropeanEngine(process))
    return option


@pytest.mark.parametrize("call", [True, False])
@pytest.mark.parametrize(("spot", "strike", "days", "rate", "dividend", "vol"), CASES)
def test_prices_and_greeks_are_quantlibs(
    spot: float, strike: float, days: int, rate: float, dividend: float, vol: float, call: bool
) -> None:
    terms = Terms(spot, strike, days / 365, rate, dividend, call)
    mine, theirs = value(terms, vol), oracle(terms, days, vol)
    assert mine.price == pytest.approx(theirs.NPV(), rel=1e-9, abs=1e-12)
    assert mine.delta == pytest.approx(theirs.delta(), rel=1e-9, abs=1e-12)
    assert mine.gamma == pytest.approx(theirs.gamma(), rel=1e-9, abs=1e-12)
    assert mine.vega == pytest.approx(theirs.vega() / 100, rel=1e-9, abs=1e-12)
    assert mine.theta == pytest.approx(theirs.theta() / 365, rel=1e-9, abs=1e-12)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(
    moneyness=st.floats(-0.4, 0.4),
    days=st.integers(2, 700),
    vol=st.floats(0.08, 1.2),
    call=st.booleans(),
)
def test_the_implied_volatility_gives_the_price_back(
    moneyness: float, days: int, vol: float, call: bool
) -> None:
    terms = Terms(100.0, 100.0 * exp(moneyness), days / 365, 0.04, 0.01, call)
    price = value(terms, vol).price
    found = implied_volatility(terms, price)
    if found is not None:
        assert value(terms, found).price == pytest.approx(price, abs=1e-6)


def test_no_volatility_explains_an_impossible_price() -> None:
    terms = Terms(100.0, 90.0, 0.25, 0.04, 0.0, True)
    assert implied_volatility(terms, 5.0) is None
    assert implied_volatility(terms, 150.0) is None


def test_at_its_end_an_option_is_worth_what_it_pays() -> None:
    assert value(Terms(605.0, 600.0, 0.0, 0.04, 0.0, True), 0.2).price == 5.0
    assert value(Terms(605.0, 600.0, 0.0, 0.04, 0.0, False), 0.2).price == 0.0


def test_downside_volatility_is_higher() -> None:
    style = {"vol": 0.2, "skew": -0.9, "smile": 1.0}
    vols = [surface(style, Terms(100.0, k, 0.1, 0.04, 0.0, False)) for k in (85.0, 95.0, 105.0)]
    assert vols[0] > vols[1] > vols[2]


def test_a_chain_is_ordered_by_strike_and_keeps_parity(exchange: Exchange) -> None:
    under = exchange.one("QQQ")
    chain = exchange.catalogue.chain(under.con_id, "20261218", TODAY)
    spot = exchange.market.fair.value(under, NOON)
    values = {(i.right, float(i.strike)): exchange.market.greeks(i.con_id, NOON) for i in chain}
    strikes = [s for r, s in values if r == "C" and 0.85 * spot < s < 1.15 * spot]
    calls = [values["C", s].price for s in strikes]  # type: ignore[union-attr]
    puts = [values["P", s].price for s in strikes]  # type: ignore[union-attr]
    assert calls == sorted(calls, reverse=True)
    assert puts == sorted(puts)
    terms = exchange.market.fair.pricing(chain[0], NOON)
    for strike, call, put in zip(strikes, calls, puts, strict=True):
        forward = spot * exp(-terms.dividend * terms.years) - strike * exp(-terms.rate * terms.years)
        exercised = max(0.0, strike - spot)  # an American put is worth that at least
        assert put >= exercised and call >= max(0.0, spot - strike)
        assert call - put == pytest.approx(forward, abs=1e-6) or put == exercised


def test_greeks_of_a_traded_price_carry_the_volatility_it_implies(exchange: Exchange) -> None:
    option = exchange.catalogue.chain(exchange.one("AAPL").con_id, "20261218", TODAY)[30]
    model = exchange.market.greeks(option.con_id, NOON)
    assert model is not None
    dearer = exchange.market.greeks(option.con_id, NOON, price=model.price * 1.05)
    assert dearer is not None
    assert dearer.iv > model.iv
    assert dearer.price == pytest.approx(model.price * 1.05)
    vol = exchange.market.implied_volatility(
        option.con_id, model.price, under_price=model.under_price, now=NOON
    )
    assert vol == pytest.approx(model.iv, abs=1e-6)
    back = exchange.market.option_price(option.con_id, model.iv, under_price=model.under_price, now=NOON)
    assert back.price == pytest.approx(model.price)
