"""Requests to the market scanner."""

from dataclasses import dataclass

from apps.simgateway.wire.reading import Reader
from apps.simgateway.wire.requests.layout import REQ_ID, VERSION, Request, Step, layout

_FILTERS = (
    "instrument",
    "location",
    "scan_code",
    "above_price",
    "below_price",
    "above_volume",
    "market_cap_above",
    "market_cap_below",
    "moody_above",
    "moody_below",
    "sp_above",
    "sp_below",
    "maturity_above",
    "maturity_below",
    "coupon_above",
    "coupon_below",
    "exclude_convertible",
    "option_volume_above",
    "setting_pairs",
    "stock_type_filter",
    "filter_options",
    "options",
)


@layout(22, REQ_ID, Step("rows", Reader.optional_integer), *(Step(name) for name in _FILTERS))
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqScannerSubscription(Request):
    """Subscribes to a scan."""

    req_id: int
    rows: int | None
    instrument: str = ""
    location: str = ""
    scan_code: str = ""
    above_price: str = ""
    below_price: str = ""
    above_volume: str = ""
    market_cap_above: str = ""
    market_cap_below: str = ""
    moody_above: str = ""
    moody_below: str = ""
    sp_above: str = ""
    sp_below: str = ""
    maturity_above: str = ""
    maturity_below: str = ""
    coupon_above: str = ""
    coupon_below: str = ""
    exclude_convertible: str = ""
    option_volume_above: str = ""
    setting_pairs: str = ""
    stock_type_filter: str = ""
    filter_options: str = ""
    options: str = ""


@layout(23, VERSION, REQ_ID)
@dataclass(frozen=True, slots=True, kw_only=True)
class CancelScannerSubscription(Request):
    """Ends a scan."""

    req_id: int


@layout(24, VERSION)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqScannerParameters(Request):
    """Asks what can be scanned for."""
