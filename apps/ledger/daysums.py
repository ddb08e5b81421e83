"""A day's parts added up: by strategy, as they are kept, or by contract, as a screen shows them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from apps.ledger.dayreading import Reading, total_of
from apps.ledger.ports import FEE
from apps.ledger.realizing import Key
from tradingdesk.domain.portfolio.cash import PLACES

By = Literal["strategy", "contract"]


@dataclass(slots=True)
class DaySum:
    """What one strategy or contract made on the day, in base. None is unknown."""

    parts: list[Decimal | None] = field(default_factory=list)
    fees: list[Decimal | None] = field(default_factory=list)
    realized: list[Decimal | None] = field(default_factory=list)
    fills: int = 0
    fees_pending: int = 0

    @property
    def net(self) -> Decimal | None:
        return _kept(total_of(self.parts))

    @property
    def commissions(self) -> Decimal | None:
        """What was paid: above zero, as the broker tells it."""
        paid = total_of(self.fees)
        return None if paid is None else _kept(-paid)

    @property
    def realised(self) -> Decimal | None:
        return _kept(total_of(self.realized))

    @property
    def provisional(self) -> bool:
        return self.net is None or self.fees_pending > 0


def sums_of(reading: Reading, by: By = "strategy") -> dict[int | None, DaySum]:
    """What traded or moved in worth. Nobody's of ours, and cash without a contract, stand under None."""
    place = ("strategy", "contract").index(by)
    keys = {row.con_id: row.pk for row in reading.facts.contracts.values()}
    sums: dict[int | None, DaySum] = {}
    for part in reading.earned:
        one = sums.setdefault((part.strategy, keys.get(part.con_id or 0))[place], DaySum())
        one.parts.append(part.amount)
        if part.why.value == FEE:
            one.fees.append(part.amount)
    for key, amount in _realized_in(reading):
        sums.setdefault(key[place], DaySum()).realized.append(amount)
    for *whose, fee in reading.facts.fees:
        one = sums.setdefault(whose[place], DaySum())
        one.fills += 1
        one.fees_pending += fee is None
    return sums


def _realized_in(reading: Reading) -> Iterator[tuple[Key, Decimal | None]]:
    """In base, by the trades of the day alone, fees apart. None where the unit or the rate is unknown."""
    facts = reading.facts
    for key, points in facts.points.items():
        contract = facts.contracts.get(key[1])
        known = contract is not None and contract.confirmed
        rate = reading.rates[contract.currency].closing if contract is not None and known else None
        if contract is None or rate is None:
            yield key, None
        else:
            yield key, points * contract.as_value().money_per_point * rate


def _kept(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else amount.quantize(PLACES)
