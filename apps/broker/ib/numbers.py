"""Floats stop here. The library speaks in floats and sentinels; the desk in Decimals and None."""

import math
from decimal import Decimal, InvalidOperation
from typing import Any

_UNSET = frozenset(
    {"", "1.7976931348623157E308", "2147483647", "9223372036854775807", "-9223372036854775808"}
)


def decimal(value: Any) -> Decimal | None:
    """The number, or None for every spelling of "not set", NaN and infinity."""
    text = repr(value) if isinstance(value, float) else str(value)
    if value is None or text.upper().replace("E+", "E") in _UNSET:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < Decimal("1e300") else None


def price(value: Any) -> Decimal | None:
    """A tick's price: -1, and -100 of an instrument quoted in pence, are the broker's words for none."""
    number = decimal(value)
    return None if number is None or number <= 0 else number


def text(value: Any) -> str | None:
    """A field as text for the record; None where it was not set."""
    if isinstance(value, float):
        number = decimal(value)
        return None if number is None else format(number.normalize(), "f")
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int):
        return None if value == 2147483647 else str(value)
    return str(value) if value not in (None, "") else None


def wire(value: Decimal | None) -> float | str:
    """A number for the library. What is not finite never passes."""
    if value is None:
        return ""
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{value} is not a number that may go to the broker")
    return number
