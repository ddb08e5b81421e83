"""One account's books."""

from dataclasses import dataclass, field
from decimal import Decimal

from apps.simgateway.exchange.order import ZERO
from apps.simgateway.exchange.positions import Position


@dataclass(slots=True, kw_only=True)
class Account:
    """Cash by currency, positions by contract, and how both were when the day began."""

    name: str
    base: str = "USD"
    margin: bool = True  # False: a cash account
    kind: str = "INDIVIDUAL"
    denied: tuple[str, ...] = ()  # kinds of instrument without trading permission
    barred: tuple[str, ...] = ()  # symbols that are not for this account (error 203)
    cash: dict[str, Decimal] = field(default_factory=dict)
    positions: dict[int, Position] = field(default_factory=dict)
    opening: dict[int, Position] = field(default_factory=dict)  # as the day began
    previous_equity: Decimal | None = None  # as the last day ended
    opening_marks: dict[int, Decimal] = field(default_factory=dict)  # the value of each then

    def add_cash(self, currency: str, amount: Decimal) -> None:
        self.cash[currency] = self.cash.get(currency, ZERO) + amount

    def position(self, con_id: int) -> Position:
        """The holding, made when there is none; its state at the start of the day is kept beside it."""
        held = self.positions.get(con_id)
        if held is None:
            held = self.positions[con_id] = Position(con_id)
            self.opening[con_id] = Position(con_id)
        return held

    def quantity(self, con_id: int) -> Decimal:
        held = self.positions.get(con_id)
        return held.quantity if held is not None else ZERO

    def begin_day(self) -> None:
        """Closed holdings go, results start at nothing."""
        self.positions = {c: p for c, p in self.positions.items() if p.quantity}
        for held in self.positions.values():
            held.realized = held.flow = ZERO
        self.opening = {c: p.copy() for c, p in self.positions.items()}
        self.opening_marks = {}
