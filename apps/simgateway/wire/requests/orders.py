"""Requests about orders, except placeOrder itself."""

from dataclasses import dataclass, field

from apps.simgateway.wire.reading import Reader
from apps.simgateway.wire.requests.layout import REQ_ID, VERSION, Request, Step, layout

_QUOTE_REQUEST = tuple(Step("", since=187, before=190) for _ in range(3))  # came and went again


@layout(
    4,
    Step("", Reader.integer, before=192),
    Step("order_id", Reader.integer),
    Step("manual_time", since=169),
    *_QUOTE_REQUEST,
    Step("ext_operator", since=192),
    Step("manual_order_indicator", Reader.optional_integer, since=192),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOrder(Request):
    """Cancels one order."""

    order_id: int
    manual_time: str = ""
    ext_operator: str = ""
    manual_order_indicator: int | None = None


@layout(5, VERSION)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqOpenOrders(Request):
    """Asks for the working orders of this client."""


@layout(15, VERSION, Step("auto_bind", Reader.flag))
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqAutoOpenOrders(Request):
    """Binds orders that were made by hand to client 0."""

    auto_bind: bool


@layout(16, VERSION)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqAllOpenOrders(Request):
    """Asks for the working orders of all clients."""


@layout(
    58,
    Step("", Reader.integer, before=192),
    Step("ext_operator", since=192),
    Step("manual_order_indicator", Reader.optional_integer, since=192),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqGlobalCancel(Request):
    """Cancels every order there is."""

    ext_operator: str = ""
    manual_order_indicator: int | None = None


@layout(99, Step("api_only", Reader.flag))
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqCompletedOrders(Request):
    """Asks for the orders that are done today."""

    api_only: bool


@layout(
    7,
    VERSION,
    REQ_ID,
    Step("client_id", Reader.integer),
    Step("account"),
    Step("time"),
    Step("symbol"),
    Step("sec_type"),
    Step("exchange"),
    Step("side"),
    Step("last_days", Reader.optional_integer, since=200),
    Step("dates", Reader.texts, since=200),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqExecutions(Request):
    """Asks for the executions of the day that fit a filter."""

    req_id: int
    client_id: int = 0
    account: str = ""
    time: str = ""
    symbol: str = ""
    sec_type: str = ""
    exchange: str = ""
    side: str = ""
    last_days: int | None = None
    dates: list[str] = field(default_factory=list)
