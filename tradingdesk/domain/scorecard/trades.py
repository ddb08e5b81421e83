"""Round trips of a bracket day: each exit matched to the entry it closed, named by the order that made it.

An exit of one of our orders belongs to that order's bracket and is what the order was. An exit of an order
that is not ours is given to the ticker's open brackets, oldest first, and is named by its price alone: within
two cents of a level it counts as that level, otherwise somebody did it by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from tradingdesk.domain.money import Side

NEAR = Decimal("0.02")
ZERO = Decimal(0)


class ExitType(StrEnum):
    TP1 = "TP1"
    TP2 = "TP2"
    SL = "SL"
    MOC = "MOC"
    MANUAL = "MANUAL"


class Role(StrEnum):
    """What an order of a bracket is for."""

    ENTRY = "entry"
    TARGET = "target"
    STOP = "stop"
    CLOSE = "close"
    HAND = "hand"  # a close that a person asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """A bracket as it was planned, with what the strategy said about its line."""

    key: str
    ticker: str
    label: str  # A or B
    side: Side
    stop: Decimal
    target_1: Decimal
    target_2: Decimal
    score: str = ""
    sector: str = ""

    @property
    def target(self) -> Decimal:
        return self.target_1 if self.label == "A" else self.target_2

    @property
    def target_type(self) -> ExitType:
        return ExitType.TP1 if self.label == "A" else ExitType.TP2


@dataclass(frozen=True, slots=True, kw_only=True)
class Print:
    """A fill that stands. Without a bracket it was not made by an order of ours."""

    at: datetime
    ticker: str
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal | None
    bracket: str = ""
    role: Role | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """One line of the day's table: a part of an entry and what closed it."""

    day: date
    terms: Terms
    quantity: Decimal
    entry_price: Decimal
    exit_price: Decimal
    exit_type: ExitType
    at: datetime
    commission: Decimal | None

    @property
    def pnl(self) -> Decimal:
        """Before fees, as the table of the paper test has it."""
        return self.terms.side.signed(self.quantity) * (self.exit_price - self.entry_price)

    @property
    def pnl_pct(self) -> Decimal:
        return 100 * self.pnl / (self.quantity * self.entry_price)


@dataclass(slots=True)
class Open:
    """What is left of a bracket's entry."""

    terms: Terms
    quantity: Decimal = ZERO
    cost: Decimal = ZERO
    fees: Decimal | None = ZERO
    entered: Decimal = ZERO
    exits: list[Print] = field(default_factory=list)

    @property
    def price(self) -> Decimal:
        return self.cost / self.entered


@dataclass(frozen=True, slots=True)
class Matched:
    """The day's trades, what is still open, and exits that closed nothing of ours."""

    trades: tuple[Trade, ...]
    open: dict[str, Decimal]
    strays: tuple[Print, ...]


def match(terms: Iterable[Terms], prints: Sequence[Print], day: date) -> Matched:
    """Entries first, whatever the order in which they were told; then each exit against what is open."""
    books = {one.key: Open(one) for one in terms}
    in_time = sorted(prints, key=lambda one: one.at)
    for entry in (one for one in in_time if one.role is Role.ENTRY and one.bracket in books):
        _enter(books[entry.bracket], entry)
    trades: list[Trade] = []
    strays: list[Print] = []
    for leaving in (one for one in in_time if one.role is not Role.ENTRY):
        left = leaving.quantity
        for book in _candidates(books, leaving):
            taken = min(left, book.quantity)
            if taken:
                trades.append(_close(book, leaving, taken, day))
                left -= taken
        if left:
            strays.append(leaving)
    still = {key: book.quantity for key, book in books.items() if book.quantity}
    return Matched(tuple(trades), still, tuple(strays))


def exit_type(leaving: Print, terms: Terms) -> ExitType:
    """By the order where there is one, else by the price."""
    by_role = {
        Role.TARGET: terms.target_type,
        Role.STOP: ExitType.SL,
        Role.CLOSE: ExitType.MOC,
        Role.HAND: ExitType.MANUAL,
    }
    if leaving.role is not None:
        return by_role[leaving.role]
    levels = {terms.target_type: terms.target, ExitType.SL: terms.stop}
    return next(
        (name for name, level in levels.items() if abs(leaving.price - level) <= NEAR), ExitType.MANUAL
    )


def _enter(book: Open, entry: Print) -> None:
    book.quantity += entry.quantity
    book.entered += entry.quantity
    book.cost += entry.quantity * entry.price
    book.fees = None if book.fees is None or entry.fee is None else book.fees + entry.fee


def _candidates(books: dict[str, Open], leaving: Print) -> list[Open]:
    if leaving.bracket:
        return [books[leaving.bracket]] if leaving.bracket in books else []
    return [
        book
        for book in books.values()
        if book.quantity and book.terms.ticker == leaving.ticker and book.terms.side is leaving.side.opposite
    ]


def _close(book: Open, leaving: Print, taken: Decimal, day: date) -> Trade:
    book.quantity -= taken
    fee: Decimal | None = None
    if book.fees is not None and leaving.fee is not None:
        fee = book.fees * taken / book.entered + leaving.fee * taken / leaving.quantity
    return Trade(
        day=day,
        terms=book.terms,
        quantity=taken,
        entry_price=book.price,
        exit_price=leaving.price,
        exit_type=exit_type(leaving, book.terms),
        at=leaving.at,
        commission=fee,
    )
