"""Requests about options: calculations and exercise."""

from dataclasses import dataclass
from decimal import Decimal

from apps.simgateway.wire.contract import WireContract
from apps.simgateway.wire.reading import Reader, contract, contract_without_primary
from apps.simgateway.wire.requests.layout import REQ_ID, VERSION, Request, Step, layout, options_or_counted


@layout(
    54,
    VERSION,
    REQ_ID,
    Step("contract", contract),
    Step("option_price", Reader.number),
    Step("under_price", Reader.number),
    Step("options", options_or_counted),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class CalculateImpliedVolatility(Request):
    """Asks which volatility a price means."""

    req_id: int
    contract: WireContract
    option_price: Decimal | None
    under_price: Decimal | None
    options: str = ""


@layout(56, VERSION, REQ_ID)
@dataclass(frozen=True, slots=True, kw_only=True)
class CancelCalculateImpliedVolatility(Request):
    """Ends such a calculation."""

    req_id: int


@layout(
    55,
    VERSION,
    REQ_ID,
    Step("contract", contract),
    Step("volatility", Reader.number),
    Step("under_price", Reader.number),
    Step("options", options_or_counted),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class CalculateOptionPrice(Request):
    """Asks which price a volatility means."""

    req_id: int
    contract: WireContract
    volatility: Decimal | None
    under_price: Decimal | None
    options: str = ""


@layout(57, VERSION, REQ_ID)
@dataclass(frozen=True, slots=True, kw_only=True)
class CancelCalculateOptionPrice(Request):
    """Ends such a calculation."""

    req_id: int


@layout(
    21,
    VERSION,
    REQ_ID,
    Step("contract", contract_without_primary),
    Step("action", Reader.integer),
    Step("quantity", Reader.integer),
    Step("account"),
    Step("override", Reader.flag),
    Step("manual_time", since=180),
    Step("customer_account", since=183),
    Step("professional_customer", Reader.flag, since=184),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseOptions(Request):
    """Exercises (1) or lapses (2) options."""

    req_id: int
    contract: WireContract
    action: int
    quantity: int
    account: str
    override: bool
    manual_time: str = ""
    customer_account: str = ""
    professional_customer: bool = False
