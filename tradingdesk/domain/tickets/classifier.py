"""What an error code of the gateway says about an order, given what was asked.

The same code means different things as an answer to different requests: 110 refuses a new order,
but as the answer to a modification it leaves the old order working. So the table is read by code
*and* by the kind of request that was outstanding for that order id.

A code that the table does not hold for that request proves nothing: the order is in doubt, and the
desk looks it up. It never ends an order. Client libraries that treat every unlisted code as a
cancellation have let orders shown as cancelled fill at the open.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from tradingdesk.domain.tickets.states import News


class RequestKind(StrEnum):
    """What the desk had asked when the code came; QUERY is everything that is not about an order."""

    PLACE = "place"
    MODIFY = "modify"
    CANCEL = "cancel"
    QUERY = "query"


class Meaning(StrEnum):
    """What a code says."""

    INFORMS = "INFORMS"
    REFUSES = "REFUSES"
    REJECTS = "REJECTS"
    KEEPS = "KEEPS"
    CONFIRMS_CANCEL = "CONFIRMS_CANCEL"
    CANNOT_CANCEL = "CANNOT_CANCEL"
    NOT_FOUND = "NOT_FOUND"
    FAILS_QUERY = "FAILS_QUERY"
    ABOUT_DATA = "ABOUT_DATA"
    ABOUT_LINK = "ABOUT_LINK"
    THROTTLES = "THROTTLES"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Reading:
    """A code understood: what it says, what that is to the order, whether the order must be looked up."""

    meaning: Meaning
    news: News | None = None
    look_up: bool = False


_READINGS = {
    Meaning.INFORMS: Reading(Meaning.INFORMS),
    Meaning.REFUSES: Reading(Meaning.REFUSES, News.REFUSED),
    Meaning.REJECTS: Reading(Meaning.REJECTS, News.REJECTED),
    Meaning.KEEPS: Reading(Meaning.KEEPS, look_up=True),
    Meaning.CONFIRMS_CANCEL: Reading(Meaning.CONFIRMS_CANCEL, News.ENDED),
    Meaning.CANNOT_CANCEL: Reading(Meaning.CANNOT_CANCEL, look_up=True),
    Meaning.NOT_FOUND: Reading(Meaning.NOT_FOUND, News.DOUBTED, look_up=True),
    Meaning.FAILS_QUERY: Reading(Meaning.FAILS_QUERY),
    Meaning.ABOUT_DATA: Reading(Meaning.ABOUT_DATA),
    Meaning.ABOUT_LINK: Reading(Meaning.ABOUT_LINK),
    Meaning.THROTTLES: Reading(Meaning.THROTTLES),
    Meaning.UNKNOWN: Reading(Meaning.UNKNOWN, News.DOUBTED, look_up=True),
}

_Table = dict[tuple[int, RequestKind], Meaning]
_ORDER_KINDS = (RequestKind.PLACE, RequestKind.MODIFY, RequestKind.CANCEL)


def _for(kinds: Iterable[RequestKind], meaning: Meaning, *codes: int) -> _Table:
    return {(code, kind): meaning for kind in kinds for code in codes}


# The placement was turned down before it became an order.
_TURNED_DOWN = (
    103, 107, 109, 110, 113, 200, 203, 320, 321, 322, 328, 382, 383, 387, 388, 391, 392, 413, 434, 435, 436,
    460, 10006, 10052, 10255, 10285, 10311, 10329, 10342,
)  # fmt: skip
# The change was turned down; the order stands as it was. 2102: the change came too early and is lost.
_CHANGE_LOST = (
    104,
    105,
    107,
    109,
    110,
    113,
    135,
    201,
    321,
    322,
    328,
    329,
    382,
    383,
    387,
    388,
    434,
    2102,
    10052,
)
# Notes on a living order: off-hours, shares being located, size or time in force set by a preset.
_NOTES = (399, 404, 481, 2109, 2137, 2161, 10349)
_DATA = (
    101, 162, 165, 354, 366, 420, 430, 2100, 2101, 2152, 10089, 10090, 10167, 10168, 10186, 10187, 10189,
    10197, 10358,
)  # fmt: skip
_FARMS = (2103, 2104, 2105, 2106, 2107, 2108, 2110, 2119, 2157, 2158)
_SOCKET = (326, 327, 502, 503, 504, 505, 506, 507, 508, 509)
_CONNECTIVITY = (1100, 1101, 1102, 1300)

TABLE: _Table = {
    **_for([RequestKind.PLACE], Meaning.REFUSES, *_TURNED_DOWN),
    **_for([RequestKind.PLACE], Meaning.REJECTS, 201),
    **_for([RequestKind.MODIFY], Meaning.KEEPS, *_CHANGE_LOST),
    **_for(_ORDER_KINDS, Meaning.INFORMS, *_NOTES),
    **_for(_ORDER_KINDS, Meaning.CONFIRMS_CANCEL, 202),
    **_for(_ORDER_KINDS, Meaning.CANNOT_CANCEL, 136, 161, 10148),
    **_for(_ORDER_KINDS, Meaning.NOT_FOUND, 10147),
    **_for([RequestKind.CANCEL], Meaning.NOT_FOUND, 135),
    **_for([RequestKind.QUERY], Meaning.FAILS_QUERY, 200, 201, 203, 320, 321, 322, 413, 435, 436, 460),
    **_for([RequestKind.QUERY], Meaning.INFORMS, 399, 404, 2109, 2137, 2161),
    **_for([RequestKind.QUERY], Meaning.ABOUT_DATA, *_DATA),
    **_for(RequestKind, Meaning.ABOUT_LINK, *_FARMS, *_CONNECTIVITY),
    **_for([RequestKind.QUERY], Meaning.ABOUT_LINK, *_SOCKET),
    **_for(RequestKind, Meaning.THROTTLES, 100),
}


def classify(code: int, kind: RequestKind) -> Reading:
    """What the code says as the answer to that kind of request; never an end it does not prove."""
    meaning = TABLE.get((code, kind), Meaning.UNKNOWN)
    if meaning is Meaning.UNKNOWN and kind is RequestKind.QUERY:
        return _READINGS[Meaning.FAILS_QUERY]
    return _READINGS[meaning]
