"""Requests for profit and loss as it moves."""

from dataclasses import dataclass

from apps.simgateway.wire.reading import Reader
from apps.simgateway.wire.requests.layout import REQ_ID, Request, Step, layout


@layout(92, REQ_ID, Step("account"), Step("model_code"))
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqPnL(Request):
    """Subscribes to the profit and loss of an account."""

    req_id: int
    account: str
    model_code: str


@layout(93, REQ_ID)
@dataclass(frozen=True, slots=True, kw_only=True)
class CancelPnL(Request):
    """Ends that subscription."""

    req_id: int


@layout(94, REQ_ID, Step("account"), Step("model_code"), Step("con_id", Reader.integer))
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqPnLSingle(Request):
    """Subscribes to the profit and loss of one position."""

    req_id: int
    account: str
    model_code: str
    con_id: int


@layout(95, REQ_ID)
@dataclass(frozen=True, slots=True, kw_only=True)
class CancelPnLSingle(Request):
    """Ends that subscription."""

    req_id: int
