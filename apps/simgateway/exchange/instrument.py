"""What can be traded, as the contract data of the broker describes it."""

from dataclasses import dataclass
from decimal import Decimal

ONE = Decimal(1)
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One contract. Prices are in tick units: pence for a share with `price_magnifier` 100."""

    con_id: int
    symbol: str
    sec_type: str  # STK FUT OPT FOP CASH IND
    currency: str
    primary_exchange: str  # where it is listed, and whose cut-offs and auctions it has
    valid_exchanges: tuple[str, ...]  # SMART first where smart routing is possible
    market_rule_ids: tuple[int, ...]  # parallel to valid_exchanges
    local_symbol: str
    trading_class: str
    long_name: str
    hours: str  # a key of the sessions table: XNYS, XLON, CMES, ...
    order_types: tuple[str, ...]
    multiplier: Decimal = ONE
    price_magnifier: int = 1
    min_tick: Decimal = Decimal("0.01")
    expiry: str = ""  # yyyymmdd
    strike: Decimal = ZERO
    right: str = ""  # C, P or nothing
    under_con_id: int = 0
    under_symbol: str = ""
    under_sec_type: str = ""
    contract_month: str = ""  # yyyymm
    stock_type: str = ""  # COMMON, ETF, ...
    industry: str = ""
    category: str = ""
    subcategory: str = ""
    isin: str = ""
    min_size: Decimal = ONE
    size_increment: Decimal = ONE
    size_limit: Decimal | None = None  # the broker's precautionary size cap (error 383)
    tradeable: bool = True  # an index is not
    shortable_shares: int = 10_000_000  # 0: a short sale waits for a locate (404)

    @property
    def exchange(self) -> str:
        """The exchange a contract answers with when none was asked for."""
        return self.valid_exchanges[0]

    @property
    def is_option(self) -> bool:
        return self.sec_type in ("OPT", "FOP")

    @property
    def money_per_point(self) -> Decimal:
        """Money in `currency` for one unit at one tick-unit of price: multiplier, less the magnifier."""
        return self.multiplier / self.price_magnifier
