"""What the gateway says about an order, a fill, a contract or a bar."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

ZERO = Decimal(0)
Money = Decimal | float | str | None  # None is "not computed"; text goes out as it is


@dataclass(slots=True, kw_only=True)
class Allocation:
    """What one account gets of a previewed order."""

    account: str
    position: Decimal = ZERO
    position_desired: Decimal = ZERO
    position_after: Decimal = ZERO
    desired_quantity: Decimal = ZERO
    allowed_quantity: Decimal = ZERO
    is_monetary: bool = False


@dataclass(slots=True, kw_only=True)
class OrderState:
    """Where an order is, and for a preview what it would do to the account."""

    status: str = ""
    init_margin_before: Money = None
    maint_margin_before: Money = None
    equity_with_loan_before: Money = None
    init_margin_change: Money = None
    maint_margin_change: Money = None
    equity_with_loan_change: Money = None
    init_margin_after: Money = None
    maint_margin_after: Money = None
    equity_with_loan_after: Money = None
    commission: Money = None
    min_commission: Money = None
    max_commission: Money = None
    commission_currency: str = ""
    margin_currency: str = ""
    outside_rth: tuple[Money, ...] = (None,) * 9  # the nine margins again, for outside trading hours
    suggested_size: Money = None
    reject_reason: str = ""
    allocations: list[Allocation] = field(default_factory=list)
    warning_text: str = ""
    routed: bool = False  # a smart order loses two filler values once it went to a venue
    completed_time: str = ""
    completed_status: str = ""


@dataclass(slots=True, kw_only=True)
class WireExecution:
    """One print, as execDetails tells it."""

    order_id: int = 0
    client_id: int = 0
    perm_id: int = 0
    exec_id: str = ""
    time: str = ""
    account: str = ""
    exchange: str = ""
    side: str = ""  # BOT or SLD
    shares: Decimal = ZERO
    price: Decimal = ZERO
    liquidation: int = 0
    cum_qty: Decimal = ZERO
    avg_price: Decimal = ZERO
    order_ref: str = ""
    ev_rule: str = ""
    ev_multiplier: str = ""
    model_code: str = ""
    last_liquidity: int = 0
    pending_price_revision: bool = False
    submitter: str = "simulated"


@dataclass(slots=True, kw_only=True)
class ContractRow:
    """One contract in full, as contractData tells it."""

    con_id: int
    symbol: str = ""
    sec_type: str = ""
    last_trade_date: str = ""  # for derivatives date, time and zone in one: 20260831 16:00:00 US/Eastern
    strike: Decimal = ZERO
    right: str = ""
    exchange: str = ""
    currency: str = ""
    local_symbol: str = ""
    market_name: str = ""
    trading_class: str = ""
    min_tick: Money = Decimal("0.01")
    multiplier: str = ""
    order_types: str = ""
    valid_exchanges: str = ""
    price_magnifier: int = 1
    under_con_id: int = 0
    long_name: str = ""
    primary_exchange: str = ""
    contract_month: str = ""
    industry: str = ""
    category: str = ""
    subcategory: str = ""
    time_zone_id: str = ""
    trading_hours: str = ""
    liquid_hours: str = ""
    ev_rule: str = ""
    ev_multiplier: str = ""
    sec_ids: Sequence[tuple[str, str]] = ()
    agg_group: int = 1
    under_symbol: str = ""
    under_sec_type: str = ""
    market_rule_ids: str = ""
    real_expiration_date: str = ""
    stock_type: str = ""
    min_size: Money = Decimal(1)
    size_increment: Money = Decimal(1)
    suggested_size_increment: Money = Decimal(100)
    fund: tuple[str, ...] = ("",) * 17  # for secType FUND, from version 179 on
    ineligibility_reasons: Sequence[tuple[str, str]] = ()


@dataclass(slots=True, kw_only=True)
class HistoricalBar:
    """One bar."""

    date: str
    open: Money
    high: Money
    low: Money
    close: Money
    volume: Money
    wap: Money
    count: int


@dataclass(slots=True, kw_only=True)
class HistoricalSession:
    """One session of a historical schedule."""

    start: str
    end: str
    ref_date: str


@dataclass(slots=True, kw_only=True)
class SymbolSample:
    """One row of symbolSamples."""

    con_id: int
    symbol: str
    sec_type: str
    primary_exchange: str
    currency: str
    derivatives: Sequence[str] = ()
    description: str = ""
    issuer_id: str = ""


@dataclass(slots=True, kw_only=True)
class BondRow:
    """One bond in full, as bondContractData tells it."""

    con_id: int
    symbol: str = ""
    sec_type: str = "BOND"
    cusip: str = ""
    coupon: Money = Decimal(0)
    maturity: str = ""
    issue_date: str = ""
    ratings: str = ""
    bond_type: str = ""
    coupon_type: str = ""
    convertible: bool = False
    callable: bool = False
    putable: bool = False
    description: str = ""
    exchange: str = ""
    currency: str = ""
    market_name: str = ""
    trading_class: str = ""
    min_tick: Money = Decimal("0.001")
    order_types: str = ""
    valid_exchanges: str = ""
    next_option_date: str = ""
    next_option_type: str = ""
    next_option_partial: bool = False
    notes: str = ""
    long_name: str = ""
    time_zone_id: str = ""
    trading_hours: str = ""
    liquid_hours: str = ""
    ev_rule: str = ""
    ev_multiplier: str = ""
    sec_ids: Sequence[tuple[str, str]] = ()
    agg_group: int = 1
    market_rule_ids: str = ""
    min_size: Money = Decimal(1)
    size_increment: Money = Decimal(1)
    suggested_size_increment: Money = Decimal(1)


@dataclass(slots=True, kw_only=True)
class ScannerRow:
    """One row of a scan."""

    rank: int
    con_id: int
    symbol: str
    sec_type: str
    expiry: str = ""
    strike: Decimal = ZERO
    right: str = ""
    exchange: str = ""
    currency: str = ""
    local_symbol: str = ""
    market_name: str = ""
    trading_class: str = ""
    distance: str = ""
    benchmark: str = ""
    projection: str = ""
    legs: str = ""
