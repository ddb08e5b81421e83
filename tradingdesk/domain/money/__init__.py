"""Amounts, numbers from outside, and the form every refusal takes."""

from tradingdesk.domain.money.amount import CurrencyMismatch, Money
from tradingdesk.domain.money.numbers import NumberRefused, apart, finite, finite_or_unset, from_float
from tradingdesk.domain.money.reason import Reason
from tradingdesk.domain.money.side import Side

REASONS = {
    "NUMBER_UNSET": "The field holds one of the broker's spellings of 'no value'.",
    "NUMBER_MALFORMED": "The text is not a plain decimal number.",
    "NUMBER_NOT_FINITE": "The number is NaN or infinite.",
    "NUMBER_TOO_LARGE": "The number is larger than anything the desk trades.",
}

__all__ = [
    "REASONS",
    "CurrencyMismatch",
    "Money",
    "NumberRefused",
    "Reason",
    "Side",
    "apart",
    "finite",
    "finite_or_unset",
    "from_float",
]
