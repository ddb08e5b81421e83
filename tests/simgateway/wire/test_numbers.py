"""Spellings of numbers, out and in."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.simgateway.wire import numbers


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0.0"),
        (6, "6.0"),
        (Decimal("1.00"), "1.0"),
        (0.00006, "6.0E-5"),
        (0.00012, "1.2E-4"),
        (0.001, "0.001"),
        (1.0002399999999998, "1.0002399999999998"),
        (9999999, "9999999.0"),
        (10_000_000, "1.0E7"),
        (Decimal("-12345678.25"), "-1.234567825E7"),
        (None, "1.7976931348623157E308"),
        (1.7976931348623157e308, "1.7976931348623157E308"),
        (-1, "-1.0"),
        (float("inf"), "Infinity"),
        ("-0.8600000001024455", "-0.8600000001024455"),
    ],
)
def test_doubles_are_spelled_as_java_spells_them(value: numbers.Number | str | None, text: str) -> None:
    assert numbers.double(value) == text


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.floats(allow_nan=False))
def test_a_spelled_double_reads_back_exactly(value: float) -> None:
    assert float(numbers.double(value)) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("100"), "100"),
        (Decimal("1E+2"), "100"),
        (Decimal("0.50"), "0.5"),
        (Decimal("-0"), "0"),
        (196.52, "196.52"),
        (5, "5"),
        (None, "0"),
    ],
)
def test_quantities_are_spelled_without_useless_fractions(value: numbers.Number | None, text: str) -> None:
    assert numbers.plain(value) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2147483647",
        "9223372036854775807",
        "-9223372036854775808",
        "1.7976931348623157E308",
        "1.7976931348623157e+308",
        "179769313486231570" + "0" * 291,
        "170141183460469231731687303715884105727",
        "Infinity",
    ],
)
def test_every_spelling_of_unset_is_nothing(text: str) -> None:
    assert numbers.read_double(text) is None
    assert numbers.read_optional_integer(text) is None
    assert numbers.read_integer(text) == 0


@pytest.mark.parametrize(
    ("text", "value"), [("10", 10), ("10.0", 10), ("1e-05", Decimal("0.00001")), ("6.0E-5", Decimal("6E-5"))]
)
def test_prices_of_every_language_are_read(text: str, value: Decimal) -> None:
    assert numbers.read_double(text) == value


@pytest.mark.parametrize("text", ["abc", "1,5", "nan", "--1", "0x10"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        numbers.read_double(text)
    with pytest.raises(ValueError, match="number"):
        numbers.read_integer(text)


def test_whole_numbers_may_have_a_fraction_of_zero_only() -> None:
    assert numbers.read_integer("5.0") == 5
    with pytest.raises(ValueError, match="not a whole number"):
        numbers.read_integer("5.5")


def test_flags_are_read_in_every_spelling() -> None:
    assert [numbers.read_flag(text) for text in ("1", "true", "True", "2")] == [True] * 4
    assert [numbers.read_flag(text) for text in ("", "0", "false", "False", "2147483647")] == [False] * 5
    assert [numbers.read_optional_flag(text) for text in ("", "0", "1")] == [None, False, True]
