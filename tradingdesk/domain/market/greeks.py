"""How an option moves, as the broker's model tells it. What it did not tell is unknown, never 0."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from tradingdesk.domain.market.contract import Contract

OPTIONS = frozenset({"OPT", "FOP", "WAR"})
MODEL_AGE = timedelta(minutes=10)  # the broker's model speaks when it moves, not when time passes


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeks:
    """Of one unit of an option, by quoted points; `underlying` is the price that the model stood on."""

    delta: Decimal
    underlying: Decimal
    gamma: Decimal | None = None
    vega: Decimal | None = None
    theta: Decimal | None = None
    implied_vol: Decimal | None = None
    at: datetime

    def told_within(self, age: timedelta, now: datetime) -> bool:
        return now - self.at <= age

    def of_position(self, quantity: Decimal, contract: Contract) -> Greeks:
        """The same of so many contracts, in the contract's money for a point of the underlying."""
        units = quantity * contract.money_per_point
        return Greeks(
            delta=self.delta * units,
            underlying=self.underlying,
            gamma=None if self.gamma is None else self.gamma * units,
            vega=None if self.vega is None else self.vega * units,
            theta=None if self.theta is None else self.theta * units,
            implied_vol=self.implied_vol,
            at=self.at,
        )


def face_of_option(contract: Contract, quantity: Decimal, greeks: Greeks | None) -> Decimal | None:
    """The amount of the underlying that the position moves with, in the contract's money and with its sign.

    Without a model it is the whole face at the strike: more than any delta can make of it.
    """
    units = quantity * contract.money_per_point
    if greeks is not None:
        return units * greeks.delta * greeks.underlying
    if contract.strike is None or contract.right not in ("C", "P"):
        return None
    return units * contract.strike * (1 if contract.right == "C" else -1)
