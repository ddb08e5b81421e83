"""Numbers from outside become Decimals here, or are refused here."""

from __future__ import annotations

import re
from decimal import Decimal

from tradingdesk.domain.money.reason import Reason

# The gateway and its clients write "no value" in all of these ways.
_UNSET_DOUBLE = re.compile(r"\+?1\.7976931348623157e\+?308", re.IGNORECASE)
_UNSET_WHOLE = {"2147483647", "9223372036854775807", "170141183460469231731687303715884105727"}
_UNSET_AMOUNT = Decimal(2147483647)  # the only one of them that is no larger than an amount may be
_NOT_FINITE = re.compile(r"[+-]?(s?nan|inf|infinity|∞)", re.IGNORECASE)
_PLAIN = re.compile(r"[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})([eE][+-]?\d{1,3})?", re.ASCII)

CEILING = Decimal(10) ** 15


class NumberRefused(ValueError):
    """The text is no number the desk will calculate with."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(str(reason))
        self.reason = reason


def is_unset(text: str) -> bool:
    """True for every spelling of 'no value' the broker's clients use."""
    bare = text.removesuffix(".0")
    return text == "" or bare in _UNSET_WHOLE or _UNSET_DOUBLE.fullmatch(text) is not None


def finite(value: str | int | Decimal) -> Decimal:
    """A finite Decimal of sane size, or NumberRefused: nothing in between."""
    if type(value) is Decimal and value.is_finite() and abs(value) < CEILING and value != _UNSET_AMOUNT:
        return value
    text = str(value)
    if is_unset(text):
        raise NumberRefused(Reason("NUMBER_UNSET", f"{text!r} stands for no value"))
    if _NOT_FINITE.fullmatch(text):
        raise NumberRefused(Reason("NUMBER_NOT_FINITE", f"{text!r} is not finite"))
    if not _PLAIN.fullmatch(text):
        raise NumberRefused(Reason("NUMBER_MALFORMED", f"{text[:60]!r} is not a number"))
    number = Decimal(text)
    if abs(number) >= CEILING:
        raise NumberRefused(Reason("NUMBER_TOO_LARGE", f"{text[:60]!r} is beyond {CEILING:f}"))
    return number


def finite_or_unset(value: str | int | Decimal | None) -> Decimal | None:
    """None where the broker says 'no value'; otherwise as strict as finite()."""
    if value is None or is_unset(str(value)):
        return None
    return finite(value)


def from_float(value: float) -> Decimal:
    """The one door for a library's float: its shortest decimal spelling, judged as text."""
    return finite(repr(value))


def apart(text: str) -> str:
    """A number with its thousands set apart, for people; any other text as it is."""
    try:
        return f"{finite(text):,f}"
    except NumberRefused:
        return text
