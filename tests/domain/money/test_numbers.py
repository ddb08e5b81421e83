from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradingdesk.domain.money import NumberRefused, apart, finite, finite_or_unset, from_float

UNSET = ["", "1.7976931348623157E308", "1.7976931348623157e+308", "2147483647", "9223372036854775807",
         "2147483647.0"]  # fmt: skip


@pytest.mark.parametrize("text", UNSET)
def test_every_spelling_of_unset_is_no_number(text):
    assert finite_or_unset(text) is None
    with pytest.raises(NumberRefused) as refused:
        finite(text)
    assert refused.value.reason.code == "NUMBER_UNSET"


def test_the_largest_whole_number_stands_for_no_value_as_an_amount_too():
    with pytest.raises(NumberRefused):
        finite(Decimal(2147483647))
    assert finite(Decimal("2147483646.99")) == Decimal("2147483646.99")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nan", "NUMBER_NOT_FINITE"),
        ("-Infinity", "NUMBER_NOT_FINITE"),
        ("sNaN", "NUMBER_NOT_FINITE"),
        ("1_000", "NUMBER_MALFORMED"),
        (" 1", "NUMBER_MALFORMED"),
        ("1,000", "NUMBER_MALFORMED"),
        ("0x10", "NUMBER_MALFORMED"),
        ("١٢", "NUMBER_MALFORMED"),
        ("=1+1", "NUMBER_MALFORMED"),
        ("1e999999", "NUMBER_MALFORMED"),
        ("1e400", "NUMBER_TOO_LARGE"),
        ("1000000000000000", "NUMBER_TOO_LARGE"),
    ],
)
def test_a_bad_number_is_refused_by_name(text, code):
    with pytest.raises(NumberRefused) as refused:
        finite(text)
    assert refused.value.reason.code == code
    with pytest.raises(NumberRefused):
        finite_or_unset(text)


@given(st.text(max_size=30))
def test_any_text_is_either_finite_or_refused(text):
    try:
        number = finite(text)
    except NumberRefused:
        return
    assert number.is_finite()
    assert abs(number) < 10**15


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=6))
def test_a_plain_decimal_keeps_its_value(number):
    assert finite(f"{number:f}") == number


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_a_float_passes_only_when_it_is_a_real_number(value):
    if value == value and abs(value) < 1e15:
        assert float(from_float(value)) == value
    else:
        with pytest.raises(NumberRefused):
            from_float(value)


def test_float_noise_does_not_pass_the_door():
    assert from_float(0.1) == Decimal("0.1")
    assert finite_or_unset(None) is None
    assert finite_or_unset("0.5") == Decimal("0.5")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1124886.88", "1,124,886.88"),
        ("-900000", "-900,000"),
        ("80", "80"),
        ("+3 at 1072.14", "+3 at 1072.14"),
        ("—", "—"),
        ("", ""),
        ("nan", "nan"),
    ],
)
def test_only_a_number_has_its_thousands_set_apart(text: str, told: str) -> None:
    assert apart(text) == told
