"""What the exchange tells: each call answers with a list of these, in the order in which they happened."""

from dataclasses import dataclass
from decimal import Decimal

from apps.simgateway.exchange.instant import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The order exists now; its status says whether it works or waits."""

    perm_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The order, or the change of it, was not taken. A refused change leaves the order as it was."""

    perm_id: int
    code: int
    text: str
    inactive: bool = False  # True: the refusal came after acceptance, and the order stands as Inactive


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """Something to know about an order that lives on (399, 404, 2109, ...)."""

    perm_id: int
    code: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChanged:
    """The order's `status` or `why_held` is another now. `reason` goes with a cancellation."""

    perm_id: int
    status: str
    why_held: str = ""
    reason: str = ""
    code: int = 202  # the error that tells the client of a cancellation


@dataclass(frozen=True, slots=True, kw_only=True)
class Modified:
    """A change of the order was taken."""

    perm_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRefused:
    """The order could not be cancelled: it is done already."""

    perm_id: int
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One print. A combo has one for the combo itself (`con_id` 0) and one for each leg."""

    exec_id: str
    perm_id: int
    account: str
    con_id: int
    side: str  # BOT or SLD
    shares: Decimal
    price: Decimal
    venue: str
    at: Instant
    cum_quantity: Decimal
    average_price: Decimal
    liquidity: int = 2  # 1 added, 2 removed
    liquidation: bool = False
    corrects: str = ""  # the exec_id that this one restates
    order_filled: Decimal = Decimal(0)  # filled of the whole order after this print


@dataclass(frozen=True, slots=True, kw_only=True)
class Commission:
    """What a print cost. `realized` is None on an opening print."""

    exec_id: str
    amount: Decimal
    currency: str
    realized: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionChanged:
    account: str
    con_id: int


Event = (
    Accepted
    | Refused
    | Warned
    | StatusChanged
    | Modified
    | CancelRefused
    | Execution
    | Commission
    | PositionChanged
)
