"""An order as the exchange keeps it. The gateway keeps the client's own words beside it."""

from dataclasses import dataclass, field
from decimal import Decimal

from apps.simgateway.exchange.instant import Instant

ZERO = Decimal(0)

# the broker's own words for where an order is
PRE_SUBMITTED = "PreSubmitted"
SUBMITTED = "Submitted"
PENDING_CANCEL = "PendingCancel"
CANCELLED = "Cancelled"
FILLED = "Filled"
INACTIVE = "Inactive"
DONE = frozenset({CANCELLED, FILLED, INACTIVE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One leg of a combo."""

    con_id: int
    ratio: int
    side: str  # BUY or SELL, as seen by a BUY of the combo
    price: Decimal | None = None  # per-leg price, when the client gave them


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition of a conditional order. What does not apply to its kind stays empty."""

    kind: int  # 1 price, 3 time, 4 margin, 5 execution, 6 volume, 7 percent change
    conjunction: str  # "a" or "o", joining it to the next
    is_more: bool = True
    value: str = ""  # the price, time, percent or volume, as text
    con_id: int = 0
    exchange: str = ""
    symbol: str = ""
    sec_type: str = ""
    trigger_method: int = 0


@dataclass(slots=True, kw_only=True)
class Order:
    """What was asked, and what has become of it."""

    perm_id: int
    account: str
    con_id: int  # 0 for a combo
    side: str  # BUY or SELL
    quantity: Decimal
    order_type: str  # MKT LMT STP STP LMT TRAIL TRAIL LIMIT MOC LOC MIT LIT MIDPRICE
    limit: Decimal | None = None
    aux: Decimal | None = None  # stop price, or trailing amount
    trail_percent: Decimal | None = None
    trail_stop: Decimal | None = None
    tif: str = "DAY"  # DAY GTC IOC FOK OPG GTD
    outside_rth: bool = False
    all_or_none: bool = False
    transmit: bool = True
    exchange: str = "SMART"
    legs: tuple[Leg, ...] = ()
    guaranteed: bool = True  # False: the legs of a combo may fill unevenly
    oca_group: str = ""
    oca_type: int = 0
    parent: int = 0  # permId of the parent
    conditions: tuple[Condition, ...] = ()
    conditions_cancel: bool = False
    conditions_outside_rth: bool = False
    good_after: Instant | None = None
    good_till: Instant | None = None
    algo: str = ""  # Adaptive, Vwap, ...
    algo_params: tuple[tuple[str, str], ...] = ()
    reference: str = ""
    client_id: int = 0
    trigger_method: int = 0  # 0 by kind of instrument, 1 double bid/ask, 2 last, 4 bid/ask, 7 either, 8 mid
    limit_offset: Decimal | None = None  # of a TRAIL LIMIT: how far the limit stays from the stop

    status: str = PRE_SUBMITTED
    why_held: str = ""
    triggered: bool = False
    filled: Decimal = ZERO
    filled_value: Decimal = ZERO  # sum of price × shares
    last_fill_price: Decimal = ZERO
    accepted_at: Instant = 0
    priority: int = 0  # place in the queue among orders at the same price
    leg_filled: dict[int, Decimal] = field(default_factory=dict)  # con_id → shares, for combos

    @property
    def is_combo(self) -> bool:
        return bool(self.legs)

    @property
    def is_done(self) -> bool:
        return self.status in DONE

    @property
    def remaining(self) -> Decimal:
        return self.quantity - self.filled

    @property
    def average_price(self) -> Decimal:
        return self.filled_value / self.filled if self.filled else ZERO

    @property
    def sign(self) -> int:
        return 1 if self.side == "BUY" else -1
