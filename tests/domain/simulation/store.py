"""The modelled database: what survives a crash. Every change is one journalled commit."""

from dataclasses import dataclass, field
from decimal import Decimal

from tradingdesk.domain.approvals import Window
from tradingdesk.domain.portfolio import Booking, book
from tradingdesk.domain.risk import Reservation, StopLevel
from tradingdesk.domain.tickets import Attempt, IntentState, State

PRICE = Decimal(10)
LIMIT = Decimal(900)


@dataclass
class Row:
    """One ticket with its current attempt."""

    key: str
    quantity: Decimal
    not_after: int
    state: State = State.WRITTEN
    approved_until: int = -1
    tries: int = 0
    ref: str = ""
    order_id: int = 0
    epoch: int = 0
    session: int = 0
    stop_epoch: int = 0
    sent_at: int = -1
    intent: IntentState | None = None
    attempt: Attempt | None = None
    reservation: Reservation | None = None
    ruled: bool = False
    ruled_over: bool = False
    cancel_asked: bool = False
    snapshots: list = field(default_factory=list)
    spent: Decimal = Decimal(0)
    content: int = 0  # what would be sent, as a number that an edit raises
    approved: int = 0  # the content that somebody was shown
    window: Window | None = None
    opened_at: int = -1
    released_at: int = -1
    hurried: bool = False
    told: str = ""  # what the person who cancelled was told


class Store:
    """Tickets, fills, journal, lease and stop level."""

    def __init__(self):
        self.rows = {}
        self.journal = []
        self.fills = {}
        self.refs = {}
        self.ids = {}
        self.highest_id = 99
        self.epoch = 0
        self.stop = StopLevel.ACTIVE
        self.stop_epoch = 0
        self.stops = []
        self.walking = []
        self.next_ids = []
        self.version = 0

    def change(self, row, **values):
        """One transaction: the row's new values and the journal line that tells of the state."""
        self.version += 1
        before = row.state
        for name, value in values.items():
            setattr(row, name, value)
        if row.state is not before:
            self.journal.append((row.key, before, row.state))

    def take_fill(self, fill):
        """Insert once; the unique execution id is the guard."""
        family = self.fills.setdefault(fill.root, [])
        if book(family, fill) not in (Booking.DUPLICATE, Booking.CONFLICT):
            family.append(fill)

    def reservations(self):
        return [row.reservation for row in self.rows.values() if row.reservation]
