"""Net asset value and exposure: futures by their gain, pence by the contract, unknown parts never zero."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradingdesk.domain.market import Contract, Greeks
from tradingdesk.domain.money import Money, Reason
from tradingdesk.domain.portfolio import Exposure, Holding, Rate, Rates, nav_of, value_of
from tradingdesk.domain.portfolio.nav import exposure_of

D = Decimal
NOW = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
CSPX = Contract(con_id=1, symbol="CSPX", currency="USD")
ISF = Contract(con_id=2, symbol="ISF", currency="GBP", price_magnifier=100)
MES = Contract(con_id=3, symbol="MES", sec_type="FUT", multiplier=D(5))
CALL = Contract(con_id=4, symbol="VIX", sec_type="OPT", multiplier=D(100))


def rates(**values: str) -> Rates:
    return Rates("USD", [Rate(currency=name, value=D(value), at=NOW) for name, value in values.items()])


def held(
    contract: Contract, quantity: int, *, cost: str, mark: str | None, delta: str | None = None
) -> Holding:
    return Holding(
        contract=contract,
        quantity=D(quantity),
        average_cost=D(cost),
        mark=None if mark is None else D(mark),
        greeks=None if delta is None else Greeks(delta=D(delta), underlying=D(18), at=NOW),
    )


def test_a_future_adds_its_gain_to_the_nav_and_its_face_to_the_exposure() -> None:
    nav = nav_of([Money(D(100_000), "USD")], [held(MES, -6, cost="6742.50", mark="6729.25")], rates(), NOW)
    assert nav.total == D(100_000) + D("397.50")
    assert nav.exposure.short == 6 * 5 * D("6729.25") and nav.exposure.long == 0


def test_pence_become_pounds_by_the_contract_and_are_converted_once() -> None:
    nav = nav_of([], [held(ISF, 1000, cost="800", mark="812.5")], rates(GBP="1.25"), NOW)
    assert nav.total == D(1000) * D("8.125") * D("1.25")


def test_an_option_moves_with_its_delta_of_the_underlying_and_is_worth_its_premium() -> None:
    nav = nav_of([], [held(CALL, 4, cost="1.10", mark="1.50", delta="0.25")], rates(), NOW)
    assert nav.total == 600 and nav.exposure.long == 4 * 100 * D("0.25") * 18


def test_a_bought_put_is_short_of_the_market_and_so_is_a_sold_call() -> None:
    put = held(replace(CALL, right="P"), 4, cost="1.10", mark="1.50", delta="-0.25")
    call = held(CALL, -4, cost="1.10", mark="1.50", delta="0.25")
    for one in (put, call):
        assert exposure_of([value_of(one, rates(), NOW)]) == Exposure(short=D(1800))


@pytest.mark.parametrize(("right", "sign"), [("C", 1), ("P", -1)])
def test_without_a_model_an_option_counts_with_its_whole_face_at_the_strike(right: str, sign: int) -> None:
    bare = held(replace(CALL, strike=D(20), right=right), 4, cost="1.10", mark="1.50")
    old = replace(bare, greeks=Greeks(delta=D("0.25"), underlying=D(18), at=NOW - timedelta(minutes=11)))
    for one in (bare, old):
        valued = value_of(one, rates(), NOW)
        assert valued.exposure_base == sign * 4 * 100 * 20 and valued.reason is None


def test_an_option_of_which_nothing_is_known_is_worth_its_premium_and_its_exposure_is_unknown() -> None:
    nav = nav_of([], [held(CALL, 4, cost="1.10", mark="1.50")], rates(), NOW)
    assert nav.total == 600 and nav.holdings[0].exposure_base is None
    assert [reason.code for reason in nav.reasons] == ["FACE_UNKNOWN"]


@pytest.mark.parametrize(
    ("rate", "code"),
    [
        ({}, "FX_RATE_MISSING"),
        ({"GBP": "0"}, "FX_RATE_IMPOSSIBLE"),
    ],
)
def test_without_a_rate_the_whole_is_unknown_and_says_why(rate: dict[str, str], code: str) -> None:
    nav = nav_of([Money(D(5), "USD")], [held(ISF, 10, cost="1", mark="1")], rates(**rate), NOW)
    assert nav.total is None and [reason.code for reason in nav.reasons] == [code]


def test_a_day_old_rate_is_no_rate() -> None:
    old = Rates("USD", [Rate(currency="EUR", value=D("1.1"), at=NOW - timedelta(hours=24, seconds=1))])
    told = old.to_base(Money(D(1), "EUR"), NOW)
    assert isinstance(told, Reason) and told.code == "FX_RATE_STALE"
    assert not isinstance(old.to_base(Money(D(1), "EUR"), NOW - timedelta(seconds=2)), Reason)


def test_a_second_source_speaks_only_when_the_gateway_s_rate_is_stale() -> None:
    def chosen(hours: int) -> str:
        told = [
            Rate(currency="EUR", value=D("1.10"), at=NOW - timedelta(hours=hours)),
            Rate(currency="EUR", value=D("1.20"), at=NOW, source="second"),
        ]
        found = {Rates("USD", order).rate_of("EUR") for order in (told, told[::-1])}
        (one,) = found
        assert one is not None
        return one.source

    assert (chosen(23), chosen(25)) == ("gateway", "second")


def test_a_position_without_a_price_is_unknown_and_never_zero() -> None:
    nav = nav_of([], [held(CSPX, 1, cost="1", mark=None), held(CSPX, 1, cost="1", mark="NaN")], rates(), NOW)
    assert nav.total is None and [reason.code for reason in nav.reasons] == ["MARK_MISSING"] * 2
    assert nav_of([], [held(CSPX, 0, cost="1", mark=None)], rates(), NOW).total == 0


holdings = st.lists(
    st.tuples(
        st.sampled_from([CSPX, ISF, MES]), st.integers(-500, 500), st.integers(1, 900), st.integers(1, 900)
    ),
    max_size=12,
)


@given(holdings, st.integers(-10_000, 10_000), st.integers(-10_000, 10_000))
def test_the_parts_make_the_whole_in_every_currency(
    made: list[tuple[Contract, int, int, int]], dollars: int, pounds: int
) -> None:
    told = rates(GBP="1.25")
    rows = [held(contract, size, cost=str(cost), mark=str(mark)) for contract, size, cost, mark in made]
    nav = nav_of([Money(D(dollars), "USD"), Money(D(pounds), "GBP")], rows, told, NOW)
    by_currency: dict[str, Decimal] = dict(nav.cash)
    for one in (value_of(row, told, NOW) for row in rows if row.quantity):
        assert one.nav_value is not None
        money = one.nav_value
        by_currency[money.currency] = by_currency.get(money.currency, D(0)) + money.amount
    assert nav.total == by_currency.get("USD", D(0)) + by_currency.get("GBP", D(0)) * D("1.25")
    assert nav.exposure.gross >= abs(nav.exposure.net)
