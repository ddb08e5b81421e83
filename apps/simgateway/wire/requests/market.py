"""Requests for quotes and depth as they come."""

from dataclasses import dataclass

from apps.simgateway.wire.contract import WireContract
from apps.simgateway.wire.reading import Reader, contract, delta_neutral, legs
from apps.simgateway.wire.requests.layout import REQ_ID, VERSION, Request, Step, layout


def _market_contract(reader: Reader) -> WireContract:
    read = contract(reader)
    if read.is_combo:
        read.combo_legs = legs(reader)
    read.delta_neutral = delta_neutral(reader)
    return read


@layout(
    1,
    VERSION,
    REQ_ID,
    Step("contract", _market_contract),
    Step("generic_ticks"),
    Step("snapshot", Reader.flag),
    Step("regulatory_snapshot", Reader.flag),
    Step("options"),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqMktData(Request):
    """Subscribes to quotes, or asks for one snapshot."""

    req_id: int
    contract: WireContract
    generic_ticks: str = ""
    snapshot: bool = False
    regulatory_snapshot: bool = False
    options: str = ""


@layout(2, VERSION, REQ_ID)
@dataclass(frozen=True, slots=True, kw_only=True)
class CancelMktData(Request):
    """Ends a quote subscription."""

    req_id: int


@layout(59, VERSION, Step("data_type", Reader.integer))
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqMarketDataType(Request):
    """Chooses live (1), frozen (2), delayed (3) or delayed-frozen (4) quotes."""

    data_type: int


@layout(
    10,
    VERSION,
    REQ_ID,
    Step("contract", contract),
    Step("rows", Reader.integer),
    Step("is_smart_depth", Reader.flag),
    Step("options"),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqMktDepth(Request):
    """Subscribes to the book."""

    req_id: int
    contract: WireContract
    rows: int
    is_smart_depth: bool = False
    options: str = ""


@layout(11, VERSION, REQ_ID, Step("is_smart_depth", Reader.flag))
@dataclass(frozen=True, slots=True, kw_only=True)
class CancelMktDepth(Request):
    """Ends a book subscription."""

    req_id: int
    is_smart_depth: bool = False


@layout(
    97,
    REQ_ID,
    Step("contract", contract),
    Step("tick_type"),
    Step("count", Reader.integer),
    Step("ignore_size", Reader.flag),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqTickByTickData(Request):
    """Subscribes to single ticks."""

    req_id: int
    contract: WireContract
    tick_type: str
    count: int = 0
    ignore_size: bool = False


@layout(98, REQ_ID)
@dataclass(frozen=True, slots=True, kw_only=True)
class CancelTickByTickData(Request):
    """Ends a single-tick subscription."""

    req_id: int


@layout(
    50,
    VERSION,
    REQ_ID,
    Step("contract", contract),
    Step("bar_size", Reader.integer),
    Step("what_to_show"),
    Step("use_rth", Reader.flag),
    Step("options"),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqRealTimeBars(Request):
    """Subscribes to five-second bars."""

    req_id: int
    contract: WireContract
    bar_size: int
    what_to_show: str
    use_rth: bool = False
    options: str = ""


@layout(51, VERSION, REQ_ID)
@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRealTimeBars(Request):
    """Ends a five-second bar subscription."""

    req_id: int
