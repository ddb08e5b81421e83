"""The options that are held, and how each moves by the broker's model. What it did not tell is a dash."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from apps.dashboard.books import title_of
from apps.ledger.dayreading import total_of
from apps.market.queries import greeks_of
from tradingdesk.domain.market import MODEL_AGE, OPTIONS, Greeks


@dataclass(frozen=True, slots=True)
class OptionRow:
    """One position in an option. The Greeks are the whole position's."""

    contract_id: int
    title: str
    currency: str
    quantity: Decimal
    expiry: date | None
    days: int | None
    greeks: Greeks | None  # None while the model has not spoken, or not for long
    told_at: datetime | None

    @property
    def delta_money(self) -> Decimal | None:
        return None if self.greeks is None else self.greeks.delta * self.greeks.underlying

    @property
    def volatility(self) -> Decimal | None:
        told = self.greeks.implied_vol if self.greeks else None
        return None if told is None else 100 * told


@dataclass(frozen=True, slots=True)
class OptionTotal:
    """All options in one currency; one unknown part makes a sum unknown."""

    currency: str
    delta_money: Decimal | None
    vega: Decimal | None
    theta: Decimal | None


def options_of(held: Iterable[Any], today: date, now: datetime) -> list[OptionRow]:
    rows = [row for row in held if row.contract.sec_type in OPTIONS and row.quantity]
    told = greeks_of(row.contract_id for row in rows) if rows else {}
    return [_row(row, told.get(row.contract_id), today, now) for row in rows]


def _row(row: Any, greeks: Greeks | None, today: date, now: datetime) -> OptionRow:
    contract = row.contract.as_value()
    fresh = greeks if greeks is not None and greeks.told_within(MODEL_AGE, now) else None
    return OptionRow(
        contract_id=row.contract_id,
        title=title_of(row.contract),
        currency=contract.currency,
        quantity=row.quantity,
        expiry=contract.expiry,
        days=None if contract.expiry is None else (contract.expiry - today).days,
        greeks=None if fresh is None else fresh.of_position(row.quantity, contract),
        told_at=None if greeks is None else greeks.at,
    )


def totals_of(rows: Sequence[OptionRow]) -> list[OptionTotal]:
    found = []
    for currency in dict.fromkeys(row.currency for row in rows):
        mine = [row for row in rows if row.currency == currency]
        found.append(
            OptionTotal(
                currency,
                total_of(row.delta_money for row in mine),
                total_of(row.greeks.vega if row.greeks else None for row in mine),
                total_of(row.greeks.theta if row.greeks else None for row in mine),
            )
        )
    return found
