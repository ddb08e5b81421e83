"""What the approver types besides the word: numbers that only the content in front of them gives.

A habit can type EXECUTE. It cannot type the notional and the first digits of the digest of a plan
it has not looked at.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

WORD = "EXECUTE"


def challenge(notional: Decimal, digest: str) -> str:
    """The whole notional and the head of the digest, e.g. "41285 9F3C"."""
    whole = notional.quantize(Decimal(1), ROUND_HALF_EVEN)
    return f"{whole:f} {digest[:4].upper()}"


def phrase(expected: str) -> str:
    """The line to type."""
    return f"{WORD} {expected}"


def typed_matches(typed: str, expected: str) -> bool:
    """Letter by letter; only the blanks around and between the words are forgiven."""
    return typed.split() == phrase(expected).split()
