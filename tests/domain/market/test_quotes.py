from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradingdesk.domain.market import DataType, Quote, QuoteLimits, quote_problem
from tradingdesk.domain.money import Side

D = Decimal
NOW = datetime(2026, 2, 18, 14, 35, tzinfo=UTC)
GOOD = Quote(bid=D("115.70"), ask=D("115.80"), last=D("115.75"), at=NOW - timedelta(seconds=1))
LIMITS = QuoteLimits()
sentinels = st.sampled_from([D("NaN"), D("-Infinity"), D("Infinity"), D(-1), D(-100), D(0), None])


def code_of(quote, **more):
    problem = quote_problem(quote, NOW, LIMITS, **more)
    return problem and problem.code


def test_a_fresh_two_sided_live_quote_is_good():
    assert code_of(GOOD, previous_mid=D("115.60")) is None
    assert GOOD.mid == D("115.75")
    assert (GOOD.touch(Side.BUY), GOOD.touch(Side.SELL)) == (D("115.80"), D("115.70"))


@pytest.mark.parametrize(
    ("quote", "code"),
    [
        (None, "QUOTE_MISSING"),
        (replace(GOOD, bid=None), "QUOTE_MISSING"),
        (replace(GOOD, ask=D("NaN")), "QUOTE_NOT_A_NUMBER"),
        (replace(GOOD, bid=D(-1), ask=D(-1)), "QUOTE_NOT_A_NUMBER"),
        (replace(GOOD, bid=D(-100), ask=D(-100)), "QUOTE_NOT_A_NUMBER"),
        (replace(GOOD, bid=D(0)), "QUOTE_NOT_A_NUMBER"),
        (replace(GOOD, bid=D("115.90")), "QUOTE_CROSSED"),
        (replace(GOOD, bid=D("115.80")), "QUOTE_LOCKED"),
        (replace(GOOD, halted=True), "QUOTE_HALTED"),
        (replace(GOOD, data_type=DataType.FROZEN), "QUOTE_NOT_LIVE"),
        (replace(GOOD, data_type=DataType.DELAYED), "QUOTE_NOT_LIVE"),
        (replace(GOOD, at=NOW - timedelta(seconds=6)), "QUOTE_STALE"),
        (replace(GOOD, at=NOW + timedelta(seconds=3)), "QUOTE_AHEAD"),
        (replace(GOOD, last=D(80)), "QUOTE_JUMPED"),
    ],
)
def test_each_bad_quote_is_named(quote, code):
    assert code_of(quote) == code


def test_a_jump_from_the_quote_before_is_noticed():
    assert code_of(GOOD, previous_mid=D(80)) == "QUOTE_JUMPED"
    assert code_of(replace(GOOD, last=D("NaN")), previous_mid=D(-1)) is None


def test_a_locked_book_passes_only_where_it_is_allowed():
    locked = replace(GOOD, bid=D("115.80"))
    assert quote_problem(locked, NOW, QuoteLimits(locked_allowed=True)) is None


@given(sentinels, st.one_of(sentinels, st.just(D("115.80"))), st.booleans())
def test_no_sentinel_on_any_side_ever_passes(one, other, swapped):
    bid, ask = (other, one) if swapped else (one, other)
    assert code_of(replace(GOOD, bid=bid, ask=ask)) in {"QUOTE_MISSING", "QUOTE_NOT_A_NUMBER"}


def test_a_one_sided_quote_has_no_middle():
    with pytest.raises(ValueError, match="one-sided"):
        _ = replace(GOOD, ask=None).mid
