"""Requests about accounts and positions."""

from dataclasses import dataclass

from apps.simgateway.wire.reading import Reader
from apps.simgateway.wire.requests.layout import REQ_ID, VERSION, Request, Step, layout


@layout(6, VERSION, Step("subscribe", Reader.flag), Step("account"))
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqAccountUpdates(Request):
    """Subscribes to the values of one account, or ends it."""

    subscribe: bool
    account: str


@layout(61, VERSION)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqPositions(Request):
    """Subscribes to the positions of all accounts."""


@layout(64, VERSION)
@dataclass(frozen=True, slots=True, kw_only=True)
class CancelPositions(Request):
    """Ends that subscription."""


@layout(62, VERSION, REQ_ID, Step("group"), Step("tags"))
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqAccountSummary(Request):
    """Subscribes to some values of all accounts."""

    req_id: int
    group: str
    tags: str


@layout(63, VERSION, REQ_ID)
@dataclass(frozen=True, slots=True, kw_only=True)
class CancelAccountSummary(Request):
    """Ends a summary subscription."""

    req_id: int


@layout(74, VERSION, REQ_ID, Step("account"), Step("model_code"))
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqPositionsMulti(Request):
    """Subscribes to positions by account and model."""

    req_id: int
    account: str
    model_code: str


@layout(75, VERSION, REQ_ID)
@dataclass(frozen=True, slots=True, kw_only=True)
class CancelPositionsMulti(Request):
    """Ends that subscription."""

    req_id: int


@layout(76, VERSION, REQ_ID, Step("account"), Step("model_code"), Step("ledger_and_nlv", Reader.flag))
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqAccountUpdatesMulti(Request):
    """Subscribes to account values by account and model."""

    req_id: int
    account: str
    model_code: str
    ledger_and_nlv: bool


@layout(77, VERSION, REQ_ID)
@dataclass(frozen=True, slots=True, kw_only=True)
class CancelAccountUpdatesMulti(Request):
    """Ends that subscription."""

    req_id: int
