"""How states are called on a screen: a shape that says how far an order has come, and a word.

The broker's own word stands where there is one, because that is what its own screens say too.
"""

import re
from decimal import Decimal
from typing import Any, NamedTuple

from tradingdesk.domain.tickets import tells_an_end


class Said(NamedTuple):
    glyph: str  # the class of the shape; empty is the plain ring of a working order
    word: str


# the broker's word → the shape; whatever it says beyond these is a plain ring
BROKER_GLYPHS = {
    "PendingSubmit": "wait",
    "ApiPending": "wait",
    "PreSubmitted": "wait",
    "PendingCancel": "wait",
}

OURS = {
    "WRITTEN": Said("wait", "Not released"),
    "RELEASED": Said("wait", "To be sent"),
    "CLAIMED": Said("wait", "Claimed"),
    "SENDING": Said("wait", "Sending"),
    "UNKNOWN": Said("", "UNKNOWN"),
    "NOT_SENT": Said("off", "Not sent"),
    "FILLED": Said("done", "Filled"),
    "WITHDRAWN": Said("off", "Withdrawn"),
    "EXPIRED": Said("off", "Expired unsent"),
}

GONE = "Gone"  # another hand's, of which the broker's lists tell no end

WAITING = frozenset({"WRITTEN", "RELEASED", "CLAIMED", "SENDING"})
ALIVE = frozenset({"SENDING", "WORKING", "UNKNOWN"})
REFUSED = frozenset({"REFUSED", "NOT_SENT"})
DONE = frozenset({"FILLED", "CANCELLED", "REFUSED", "WITHDRAWN", "EXPIRED", "NOT_SENT"})

REQUEST_GLYPHS = {"proposed": "", "approved": "done", "rejected": "no", "expired": "off"}


def said_of(
    state: str, *, filled: Decimal, quantity: Decimal, broker: str = "", reason_code: str = ""
) -> Said:
    """The shape and the word of an order. A part that filled is never said to be success."""
    part = 0 < filled < quantity
    if state == "WORKING":
        if part:
            return Said("part", "Part filled")
        return Said(BROKER_GLYPHS.get(broker, ""), broker or "Working")
    if state == "RELEASED" and reason_code:
        return Said("wait", "Held")
    if state == "CANCELLED":
        # it may have ended by an error, a ruling, or without a word
        ended = broker if tells_an_end(broker) or broker == GONE else "Cancelled"
        return Said("off", "Part, cancelled" if part else ended)
    if state == "REFUSED":
        code = re.fullmatch(r"BROKER_(\d+)", reason_code)
        return Said("no", f"Rejected {code[1]}" if code else "Rejected")
    return OURS.get(state, Said("", state.capitalize()))


def sentence(code: str) -> str:
    """A reason code as words, for where there is nothing better."""
    return code.replace("_", " ").lower()


LINK_WORDS = {
    "ready": "connected",
    "not_ready": "not ready",
    "synchronising": "reading",
    "connecting": "connecting",
    "down": "down",
    "dead": "silent",
}


def headline_of(request: Any) -> str:
    """The order in words: BUY 3 names in 6 brackets."""
    entries = [order for order in request.content["orders"] if order["role"] == "entry"]
    sides = dict.fromkeys(order["side"] for order in entries)
    names = dict.fromkeys(order["symbol"] for order in entries)
    what = next(iter(names)) if len(names) == 1 else f"{len(names)} names"
    plural = "" if len(entries) == 1 else "s"
    return f"{' and '.join(sides)} {what} in {len(entries)} bracket{plural}"
