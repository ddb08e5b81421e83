"""Ways in which a message can say something else than the truth."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Protocol


class Wording(Protocol):
    """What a rewrite is told by its fault."""

    @property
    def field(self) -> int: ...
    @property
    def value(self) -> str: ...
    @property
    def by(self) -> Decimal: ...


# message → where its account, conId and quantity stand
_POSITION_PLACES = {"position": (2, 3, 14), "positionMulti": (3, 4, 15), "portfolioValue": (19, 2, 13)}
_TIME = re.compile(r"^(\d{8}[ -]+\d\d:\d\d:\d\d)( .+)?$")


def position_key(name: str, fields: list[str]) -> tuple[tuple[str, str], int]:
    """(account, conId) of a position message, and the place of its quantity."""
    account, con_id, quantity = _POSITION_PLACES[name]
    return (fields[account], fields[con_id]), quantity


def _set_field(name: str, fields: list[str], wording: Wording) -> list[str]:
    if 0 < wording.field < len(fields):
        fields[wording.field] = wording.value
    return fields


def _negate_field(name: str, fields: list[str], wording: Wording) -> list[str]:
    text = fields[wording.field]
    fields[wording.field] = text[1:] if text.startswith("-") else f"-{text}"
    return fields


def _shift_position(name: str, fields: list[str], wording: Wording) -> list[str]:
    _, place = position_key(name, fields)
    fields[place] = str(Decimal(fields[place]) + wording.by)
    return fields


def _rename_zone(name: str, fields: list[str], wording: Wording) -> list[str]:
    return [f"{found[1]} {wording.value}" if (found := _TIME.match(text)) else text for text in fields]


REWRITES: dict[str, Callable[[str, list[str], Wording], list[str]]] = {
    "rewrite": _set_field,
    "negate": _negate_field,
    "shift": _shift_position,
    "zone": _rename_zone,
}
