"""An order at work: what the venue remembers of it besides the order itself."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from apps.simgateway.exchange.instant import Instant
from apps.simgateway.exchange.instrument import Instrument
from apps.simgateway.exchange.order import Order

# where an order is on its way to the book
HELD = "held"  # not transmitted
CHILD = "child"  # its parent has not filled
LATER = "later"  # its time has not come
CONDITION = "condition"  # its conditions are not met
LOCATE = "locate"  # shares are being located
CLOSED = "closed"  # its market is closed
TRIGGER = "trigger"  # its price was not touched
AUCTION = "auction"  # it waits for the open or the close
PATIENT = "patient"  # an algorithm takes its time
LIVE = "live"  # it can trade
OVER = "over"

NEEDS_TRIGGER = frozenset({"STP", "STP LMT", "TRAIL", "TRAIL LIMIT", "MIT", "LIT"})
AT_MARKET = frozenset({"MKT", "STP", "TRAIL", "MIT", "MOC"})
AT_CLOSE = frozenset({"MOC", "LOC"})


@dataclass(slots=True, eq=False, kw_only=True)
class Work:
    """One order that is not done, with its place."""

    order: Order
    instrument: Instrument | None  # None for a combo
    legs: tuple[Instrument, ...] = ()
    stage: str = ""
    expires: Instant | None = None
    children: list[int] = field(default_factory=list)
    rank: tuple[Any, ...] | None = None  # its entry in the book
    warned_closed: bool = False
    located: bool = False
    conditions_met: bool = False
    patient_until: Instant | None = None
    best_seen: Decimal | None = None  # the price a trailing stop has followed so far
    auction_day: date | None = None
    leg_value: dict[int, Decimal] = field(default_factory=dict)  # con_id → sum of price × shares

    @property
    def hours(self) -> str:
        return self.instrument.hours if self.instrument is not None else self.legs[0].hours

    @property
    def lead(self) -> Instrument:
        """The instrument that stands for the order: its own, or the first leg's."""
        return self.instrument if self.instrument is not None else self.legs[0]
