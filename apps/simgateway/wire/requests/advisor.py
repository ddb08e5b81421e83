"""Requests of advisors, and of windows that show one contract together."""

from dataclasses import dataclass

from apps.simgateway.wire.reading import Reader
from apps.simgateway.wire.requests.layout import REQ_ID, VERSION, Request, Step, layout


@layout(18, VERSION, Step("data_type", Reader.integer))
@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFA(Request):
    """Asks for the advisor groups or aliases."""

    data_type: int


@layout(19, VERSION, Step("data_type", Reader.integer), Step("xml"), REQ_ID)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceFA(Request):
    """Replaces the advisor groups."""

    req_id: int
    data_type: int
    xml: str


@layout(67, VERSION, REQ_ID)
@dataclass(frozen=True, slots=True, kw_only=True)
class QueryDisplayGroups(Request):
    """Asks for the display groups."""

    req_id: int


@layout(68, VERSION, REQ_ID, Step("group_id", Reader.integer))
@dataclass(frozen=True, slots=True, kw_only=True)
class SubscribeToGroupEvents(Request):
    """Follows a display group."""

    req_id: int
    group_id: int


@layout(69, VERSION, REQ_ID, Step("contract_info"))
@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateDisplayGroup(Request):
    """Shows another contract in a display group."""

    req_id: int
    contract_info: str


@layout(70, VERSION, REQ_ID)
@dataclass(frozen=True, slots=True, kw_only=True)
class UnsubscribeFromGroupEvents(Request):
    """Stops following."""

    req_id: int
