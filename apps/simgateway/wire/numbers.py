"""Numbers as a Java gateway spells them, and as the clients of several languages spell theirs."""

import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache

UNSET_DOUBLE = "1.7976931348623157E308"
UNSET_INTEGER = "2147483647"
UNSET_LONG = "9223372036854775807"
UNSET_NEGATIVE_LONG = "-9223372036854775808"

Number = Decimal | float | int

_NO_LONGS = frozenset({"", UNSET_INTEGER, UNSET_LONG, UNSET_NEGATIVE_LONG})
# the largest value of a Decimal in some clients: 2¹²⁷ - 1, nothing real is near it
_FARTHEST = 30  # powers of ten: beyond is "unset", below the inverse is nothing
_REMEMBERED = 2_000  # spellings: the same prices and sizes come again and again
_LONGEST = 20  # characters of an int; longer ones are some spelling of the largest double
_ZERO = Decimal(0)
_SMALL = {str(number): number for number in range(-1, 10)}
_WHOLE = re.compile(r"[+-]?[0-9]+")
_TRUE = frozenset({"1", "true", "True", "TRUE"})
_FALSE = frozenset({"", "0", "false", "False", "FALSE", UNSET_INTEGER})


@lru_cache(_REMEMBERED)
def double(value: Number | str | None) -> str:
    """A double as Java prints it; nothing is the largest double, and text passes as it is."""
    if value is None:
        return UNSET_DOUBLE
    if isinstance(value, str):
        return value
    number = float(value)
    size = abs(number)
    if 1e-3 <= size < 1e7:
        return repr(number)
    if size == 0.0:
        return "0.0"
    return _scientific(number)


def _scientific(number: float) -> str:
    """Java's form outside [0.001, 10⁷): one digit, a point, at least one digit, E and the power."""
    if number != number:
        return "NaN"
    if number in (float("inf"), float("-inf")):
        return "Infinity" if number > 0 else "-Infinity"
    sign, digits, exponent = Decimal(repr(number)).as_tuple()
    assert isinstance(exponent, int)
    text = "".join(map(str, digits)).rstrip("0") or "0"
    power = exponent + len(digits) - 1
    return f"{'-' if sign else ''}{text[0]}.{text[1:] or '0'}E{power}"


def double_or_empty(value: Number | str | None) -> str:
    """A double as Java prints it; nothing is the empty field."""
    return "" if value is None else double(value)


@lru_cache(_REMEMBERED)
def plain(value: Number | str | None) -> str:
    """A quantity or price without a useless fraction: 100, 0.5, 196.52. Nothing is 0."""
    if value is None:
        return "0"
    if isinstance(value, (str, int)):
        return str(value)
    if not isinstance(value, Decimal):
        value = Decimal(repr(value))
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def integer(value: int | None) -> str:
    """An int; nothing is the largest int."""
    return UNSET_INTEGER if value is None else str(value)


def long(value: int | None) -> str:
    """A long; nothing is the largest long."""
    return UNSET_LONG if value is None else str(value)


def flag(value: bool | None) -> str:
    return "1" if value else "0"


@lru_cache(_REMEMBERED)
def read_double(text: str) -> Decimal | None:
    """A number as a client spells it; every spelling of "unset" is None. ValueError on anything else."""
    if not text:
        return None
    if text in _NO_LONGS:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{text!r} is not a number") from None
    if not value.is_finite():
        if value.is_nan():
            raise ValueError(f"{text!r} is not a number")
        return None
    power = value.adjusted()
    if -_FARTHEST < power < _FARTHEST:
        return value
    return None if value and power > 0 else _ZERO


def read_amount(text: str) -> Decimal:
    """The same where nothing means zero."""
    value = read_double(text)
    return _ZERO if value is None else value


def read_optional_integer(text: str) -> int | None:
    """An int as a client spells it; every spelling of "unset" is None. ValueError on anything else."""
    if text in _SMALL:
        return _SMALL[text]
    if text in _NO_LONGS:
        return None
    if len(text) < _LONGEST and _WHOLE.fullmatch(text):
        return int(text)
    value = read_double(text)
    if value is None:
        return None
    if value != value.to_integral_value():
        raise ValueError(f"{text!r} is not a whole number")
    return int(value)


def read_integer(text: str) -> int:
    """The same where nothing means zero."""
    value = read_optional_integer(text)
    return 0 if value is None else value


def read_flag(text: str) -> bool:
    """A bool as 0, 1, true, false or nothing; any other whole number but zero is true."""
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    return read_integer(text) != 0


def read_optional_flag(text: str) -> bool | None:
    """A bool that may be left unset."""
    return None if text in _NO_LONGS else read_flag(text)
