"""The name an order carries to the broker and back: the only identity that survives a restart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_KEY = r"[0-9]{1,12}-[0-9]{1,6}[A-R][0-9]{0,3}[TS]?"
_TICKET_KEY = re.compile(_KEY)
_INSTANCE = re.compile(r"[a-z0-9]{2,12}")
_ORDER_REF = re.compile(rf"td-([a-z0-9]{{2,12}})-({_KEY})-([1-9][0-9]{{0,3}})")


class Role(StrEnum):
    """What a ticket does in its bracket."""

    ENTRY = "entry"
    TARGET = "target"
    STOP = "stop"
    CLOSE = "close"


NO_PLAN = 0  # stands where a key names its plan: the ticket closes a position because somebody stopped
_CLOSE_PARTS = 999
_ROLE_MARK = {Role.ENTRY: "", Role.TARGET: "T", Role.STOP: "S", Role.CLOSE: ""}


@dataclass(frozen=True, slots=True)
class OrderRef:
    """One attempt of one ticket of one installation of the desk."""

    instance: str
    ticket_key: str
    attempt: int

    def __post_init__(self) -> None:
        if not (_INSTANCE.fullmatch(self.instance) and _TICKET_KEY.fullmatch(self.ticket_key)):
            raise ValueError(f"no reference can be made of {self.instance!r} and {self.ticket_key!r}")
        if not 1 <= self.attempt <= 9999:
            raise ValueError(f"attempt {self.attempt} is out of range")

    def __str__(self) -> str:
        return f"td-{self.instance}-{self.ticket_key}-{self.attempt}"


def parse_order_ref(text: str) -> OrderRef | None:
    """The reference, or None for anything the desk did not write."""
    match = _ORDER_REF.fullmatch(text)
    return OrderRef(match[1], match[2], int(match[3])) if match else None


def ticket_key(plan: int, line: int, label: str, *, part: int = 1, role: Role = Role.ENTRY) -> str:
    """81-1A for bracket A of line 1 of plan 81; its second part is 81-1A2, that one's stop 81-1A2S."""
    key = f"{plan}-{line}{label}{part if part > 1 else ''}{_ROLE_MARK[role]}"
    if not _TICKET_KEY.fullmatch(key):
        raise ValueError(f"{key!r} is not a ticket key")
    return key


def close_key(stopping: int, part: int) -> str:
    """0-12C3 is the third close that stopping 12 sends."""
    if not 1 <= part <= _CLOSE_PARTS:
        raise ValueError(f"a stopping sends {_CLOSE_PARTS} closes at most, not {part}")
    return ticket_key(NO_PLAN, stopping, "C", part=part, role=Role.CLOSE)


def is_close(key: str) -> bool:
    """Whether the ticket or bracket of this key was written by a stop."""
    return key.startswith(f"{NO_PLAN}-")
