"""Requests for what was."""

from dataclasses import dataclass

from apps.simgateway.wire.contract import WireContract
from apps.simgateway.wire.reading import Reader, contract_with_expired, legs
from apps.simgateway.wire.requests.layout import REQ_ID, VERSION, Request, Step, layout


def _combo_legs(reader: Reader) -> None:
    """The legs come long after their contract, and only for a combo."""
    if reader.contract is not None and reader.contract.is_combo:
        reader.contract.combo_legs = legs(reader)


@layout(
    20,
    REQ_ID,
    Step("contract", contract_with_expired),
    Step("end"),
    Step("bar_size"),
    Step("duration"),
    Step("use_rth", Reader.flag),
    Step("what_to_show"),
    Step("format_date", Reader.integer),
    Step("", _combo_legs),
    Step("keep_up_to_date", Reader.flag),
    Step("options"),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqHistoricalData(Request):
    """Asks for bars, and perhaps for their continuation."""

    req_id: int
    contract: WireContract
    end: str
    bar_size: str
    duration: str
    use_rth: bool
    what_to_show: str
    format_date: int
    keep_up_to_date: bool = False
    options: str = ""


@layout(25, VERSION, REQ_ID)
@dataclass(frozen=True, slots=True, kw_only=True)
class CancelHistoricalData(Request):
    """Ends a bar request."""

    req_id: int


@layout(
    87,
    REQ_ID,
    Step("contract", contract_with_expired),
    Step("use_rth", Reader.flag),
    Step("what_to_show"),
    Step("format_date", Reader.integer),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqHeadTimeStamp(Request):
    """Asks since when there is data."""

    req_id: int
    contract: WireContract
    use_rth: bool
    what_to_show: str
    format_date: int


@layout(90, REQ_ID)
@dataclass(frozen=True, slots=True, kw_only=True)
class CancelHeadTimeStamp(Request):
    """Ends such a request."""

    req_id: int


@layout(88, REQ_ID, Step("contract", contract_with_expired), Step("use_rth", Reader.flag), Step("period"))
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqHistogramData(Request):
    """Asks how much traded at which price."""

    req_id: int
    contract: WireContract
    use_rth: bool
    period: str


@layout(89, REQ_ID)
@dataclass(frozen=True, slots=True, kw_only=True)
class CancelHistogramData(Request):
    """Ends such a request."""

    req_id: int


@layout(
    96,
    REQ_ID,
    Step("contract", contract_with_expired),
    Step("start"),
    Step("end"),
    Step("count", Reader.integer),
    Step("what_to_show"),
    Step("use_rth", Reader.flag),
    Step("ignore_size", Reader.flag),
    Step("options"),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqHistoricalTicks(Request):
    """Asks for single ticks of the past."""

    req_id: int
    contract: WireContract
    start: str
    end: str
    count: int
    what_to_show: str
    use_rth: bool
    ignore_size: bool = False
    options: str = ""
