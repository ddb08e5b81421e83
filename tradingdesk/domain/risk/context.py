"""What the checks look at. Whatever the desk does not know is None, and None never passes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from tradingdesk.domain.market import Contract, Quote, Session
from tradingdesk.domain.money import Reason, Side
from tradingdesk.domain.plans import Line
from tradingdesk.domain.risk.limits import LimitSet


@dataclass(frozen=True, slots=True)
class LiveOrder:
    """An order of ours that may still fill, those of unknown fate included."""

    con_id: int
    side: Side
    price: Decimal | None
    ticket_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """The account at this moment, in the worst case: held, working and unknown together."""

    positions: Mapping[int, Decimal] = field(default_factory=dict)
    live_orders: tuple[LiveOrder, ...] = ()
    committed_today: Decimal = Decimal(0)
    ordered_today: Decimal = Decimal(0)
    gross_exposure: Decimal | None = None
    available_funds: Decimal | None = None
    cumulative_result: Decimal | None = None
    median_order: Decimal | None = None
    orders_last_minute: int = 0
    breaks: Mapping[int, Reason] = field(default_factory=dict)  # by conId, why nothing may be added to it
    frozen: Reason | None = None  # why nothing may be added to the account at all


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One line to be judged, with the market and the book it would enter."""

    line: Line
    contract: Contract
    limits: LimitSet
    book: Book
    now: datetime
    quote: Quote | None = None
    previous_mid: Decimal | None = None
    session: Session | None = None
    clock_skew: timedelta = timedelta(0)
    orders_to_send: int = 6

    @property
    def notional(self) -> Decimal:
        """What the line costs at its limit price, in the contract's currency."""
        return self.contract.notional(self.line.quantity, self.line.limit_price).amount
