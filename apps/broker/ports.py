"""What the link needs of a broker connection, in the desk's own words.

Three things can come back from a question: `Known` rows (none is an answer too), `Refused` with the broker's
code, or `Unknown` when no complete answer came. Unknown is never empty. What the broker says unasked is
`Heard`, in order, with its raw fields; nothing here has an opinion about what it means.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Generic, Protocol, TypeVar

from tradingdesk.domain.market import Greeks

Row = TypeVar("Row")
REREAD = "reread"  # a journal line with this topic has the link read all of the broker's lists at once


@dataclass(frozen=True, slots=True)
class Known(Generic[Row]):
    rows: tuple[Row, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Refused:
    code: int
    text: str


@dataclass(frozen=True, slots=True)
class Unknown:
    why: str


Answer = Known[Row] | Refused | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One thing the broker said, as it said it."""

    kind: str
    at: datetime
    raw: tuple[str, ...]
    body: dict[str, Any] = field(default_factory=dict)  # the same by name: numbers as text, unset left out
    order_id: int | None = None
    client_id: int | None = None
    perm_id: int | None = None
    order_ref: str = ""
    exec_id: str = ""
    code: int | None = None
    asked_at: datetime | None = None  # a row of a list we asked for then: it may say again what was said


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractAsked:
    symbol: str
    sec_type: str = "STK"
    exchange: str = "SMART"
    currency: str = "USD"
    con_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractTold:
    """A contract as the broker describes it."""

    con_id: int
    symbol: str
    sec_type: str
    currency: str
    exchange: str
    primary_exchange: str
    local_symbol: str
    trading_class: str
    long_name: str
    multiplier: Decimal
    price_magnifier: int
    min_tick: Decimal
    market_rule: int | None
    time_zone: str
    liquid_hours: str
    expiry: str
    strike: Decimal
    right: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """One order, complete: nothing on the wire is left to a default of the library or the gateway."""

    order_id: int
    order_ref: str
    account: str
    con_id: int
    symbol: str
    sec_type: str
    currency: str
    exchange: str
    side: str
    quantity: Decimal
    order_type: str
    limit_price: Decimal | None
    stop_price: Decimal | None
    tif: str
    outside_rth: bool
    transmit: bool
    parent_order_id: int = 0
    oca_group: str = ""
    algo: str = ""
    algo_params: tuple[tuple[str, str], ...] = ()
    what_if: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionTold:
    account: str
    con_id: int
    symbol: str
    quantity: Decimal
    average_cost: Decimal  # money for one unit, fees and multiplier in it
    sec_type: str = "STK"
    currency: str = "USD"


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyTold:
    account: str
    tag: str
    currency: str
    value: Decimal


@dataclass(slots=True, kw_only=True)
class Ticks:
    """The newest of each tick of one subscription; None is no price."""

    con_id: int
    bid: Decimal | None = None
    ask: Decimal | None = None
    bid_size: Decimal | None = None
    ask_size: Decimal | None = None
    last: Decimal | None = None
    close: Decimal | None = None
    volume: Decimal | None = None
    halted: bool = False
    data_type: int = 1
    at: datetime | None = None
    greeks: Greeks | None = None  # of an option, as the broker's model told them last
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A finished handshake."""

    server_version: int
    accounts: tuple[str, ...]
    next_valid_id: int


class NotWritten(ConnectionError):
    """The message is certainly not on the wire: it never reached the socket."""


class ClientIdTaken(ConnectionError):
    """Another connection holds our client id. We wait for it; we never take another."""


class SessionPort(Protocol):
    """The socket itself."""

    heard: Callable[[Heard], None]
    closed: Callable[[str], None]

    async def open(self, host: str, port: int, *, client_id: int, timeout: float) -> Opened: ...

    def close(self) -> None: ...

    @property
    def is_open(self) -> bool: ...

    @property
    def last_heard_at(self) -> datetime | None: ...

    async def server_time(self) -> Answer[datetime]: ...


class OrdersPort(Protocol):
    """Orders: the two messages that move money, and every list in which they are found again."""

    def place(self, placement: Placement) -> None: ...

    def cancel(self, order_id: int) -> None: ...

    def cancel_all(self) -> None: ...

    async def open_orders(self) -> Answer[Heard]: ...

    async def completed_orders(self) -> Answer[Heard]: ...

    async def executions(self) -> Answer[Heard]: ...

    async def what_if(self, placement: Placement) -> Answer[dict[str, str]]: ...


class BooksPort(Protocol):
    """What the broker says that we hold."""

    async def positions(self) -> Answer[PositionTold]: ...

    async def money(self) -> Answer[MoneyTold]: ...


class ReferencePort(Protocol):
    """Contracts and their rules."""

    async def contract(self, asked: ContractAsked) -> Answer[ContractTold]: ...

    async def market_rule(self, number: int) -> Answer[tuple[Decimal, Decimal]]: ...


class QuotesPort(Protocol):
    """Subscriptions to quotes."""

    def watch(self, asked: ContractAsked) -> Ticks: ...

    def unwatch(self, con_id: int) -> None: ...


class Broker(SessionPort, OrdersPort, BooksPort, ReferencePort, QuotesPort, Protocol):
    """One connection to one gateway with one client id."""
