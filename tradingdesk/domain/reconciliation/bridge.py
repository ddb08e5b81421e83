"""The bridge from our net asset value to the broker's net liquidation, cause by cause.

Each cause explains a part of the difference by what both sides told; whatever is left is unexplained, and
only that is held against the limits. An explained difference need not stop anybody; an unexplained one of
the same size must.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tradingdesk.domain.reconciliation.compare import Difference, Kind

ZERO = Decimal(0)
BPS = Decimal(10_000)


class Cause(StrEnum):
    """Why the broker's figure is not ours, in the order in which the causes are asked."""

    UNKNOWN_POSITION = "unknown position"
    MISSING_FILL = "missing fill"
    FX_RATE = "FX rate"
    STALE_MARK = "stale mark"
    FUTURES_VARIATION = "futures variation"
    ACCRUALS = "accruals"
    UNSETTLED = "unsettled"
    FEES = "fees"


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """A position on both sides: how many units, and what each side takes one to be worth in base."""

    key: str
    quantity: Decimal
    our_worth: Decimal
    their_worth: Decimal
    future: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the broker told beside its net liquidation, in base."""

    net_liquidation: Decimal
    accrued: Decimal = ZERO
    unsettled: Decimal = ZERO
    fees_not_booked: Decimal = ZERO  # commissions the broker has charged and we have not heard


@dataclass(frozen=True, slots=True)
class Step:
    """A part of the difference with what shows it."""

    cause: Cause
    amount: Decimal
    evidence: str


@dataclass(frozen=True, slots=True)
class Bridge:
    """From our figure to theirs."""

    ours: Decimal
    theirs: Decimal
    steps: tuple[Step, ...]

    @property
    def difference(self) -> Decimal:
        return self.theirs - self.ours

    @property
    def unexplained(self) -> Decimal:
        return self.difference - sum((step.amount for step in self.steps), start=ZERO)

    @property
    def unexplained_bps(self) -> Decimal | None:
        """None when the broker says that the account is worth nothing."""
        return None if self.theirs <= 0 else BPS * abs(self.unexplained) / self.theirs


def bridge_of(
    ours: Decimal,
    told: Told,
    *,
    priced: Iterable[Priced] = (),
    cash: Mapping[str, Decimal] | None = None,
    rates: Mapping[str, tuple[Decimal, Decimal]] | None = None,
    differences: Iterable[Difference] = (),
) -> Bridge:
    """The steps that the facts of both sides show. A cause without evidence explains nothing.

    `cash` is ours by currency; `rates` is (ours, theirs) by currency.
    """
    found = [
        *_foreign_rates(cash or {}, rates or {}),
        *_marks(priced),
        *_rows(differences),
        _plain(Cause.ACCRUALS, told.accrued, "the broker's accrued interest and dividends"),
        _plain(Cause.UNSETTLED, told.unsettled, "trades the broker has not settled"),
        _plain(Cause.FEES, -told.fees_not_booked, "commissions charged and not told yet"),
    ]
    order = list(Cause)
    steps = sorted((step for step in found if step.amount), key=lambda step: order.index(step.cause))
    return Bridge(ours, told.net_liquidation, tuple(steps))


def _foreign_rates(
    cash: Mapping[str, Decimal], rates: Mapping[str, tuple[Decimal, Decimal]]
) -> Iterable[Step]:
    for currency in sorted(rates):
        ours, theirs = rates[currency]
        held = cash.get(currency, ZERO)
        if ours != theirs and held:
            yield Step(
                Cause.FX_RATE,
                held * (theirs - ours),
                f"{held:,f} {currency} at {theirs:f} instead of {ours:f}",
            )


def _marks(priced: Iterable[Priced]) -> Iterable[Step]:
    for row in priced:
        amount = row.quantity * (row.their_worth - row.our_worth)
        cause = Cause.FUTURES_VARIATION if row.future else Cause.STALE_MARK
        told = f"{row.key}: one is worth {row.their_worth:,f} to the broker, {row.our_worth:,f} to us"
        yield Step(cause, amount, told)


_CAUSE_OF_ROW = {
    Kind.POSITION_THEIRS_ONLY: Cause.UNKNOWN_POSITION,
    Kind.EXECUTION_THEIRS_ONLY: Cause.MISSING_FILL,
}


def _rows(differences: Iterable[Difference]) -> Iterable[Step]:
    """What only the broker has moves its figure; a row that nobody can price explains nothing."""
    for row in differences:
        cause = _CAUSE_OF_ROW.get(row.kind)
        if cause is not None and row.effect is not None:
            yield Step(cause, row.effect, f"{row.key}: {row.theirs} at the broker, {row.ours} here")


def _plain(cause: Cause, amount: Decimal, evidence: str) -> Step:
    return Step(cause, amount, evidence)
