"""Every limit the desk knows, in one table, and versions of their values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tradingdesk.domain.money import Reason


class Severity(StrEnum):
    """What a breach does. No page can override a hard one."""

    HARD = "hard"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class Limit:
    """What a limit is called, counts and defaults to, and which way is looser."""

    name: str
    title: str
    unit: str
    default: Decimal
    severity: Severity = Severity.HARD
    higher_is_looser: bool = True
    is_switch: bool = False  # 1 is yes, 0 is no, and nothing else is a value

    def told(self, number: str) -> str:
        """A value with its unit, as people read it."""
        return {"1": "yes", "0": "no"}.get(number, number) if self.is_switch else f"{number} {self.unit}"


def _limit(name: str, title: str, *, unit: str, default: str) -> Limit:
    return Limit(name, title, unit, Decimal(default))


LIMITS: dict[str, Limit] = {
    limit.name: limit
    for limit in (
        _limit("order_quantity", "Largest order", unit="units", default="5000"),
        _limit("order_notional", "Largest order value", unit="USD", default="50000"),
        Limit("min_quantity", "Smallest quantity of a line", "units", Decimal(2), higher_is_looser=False),
        _limit("median_multiple", "Order value over the strategy's median", unit="times", default="8"),
        _limit("daily_notional", "Value of all orders in a day", unit="USD", default="250000"),
        _limit("daily_exposure", "Entries planned in a day", unit="USD", default="50000"),
        _limit("gross_exposure", "Gross exposure of the account", unit="USD", default="200000"),
        _limit("open_positions", "Positions held at once", unit="positions", default="20"),
        _limit("balance_share", "Share of available funds one order may use", unit="%", default="100"),
        Limit(
            "cumulative_loss", "Cumulative result of the strategy", "USD", Decimal(-5000), Severity.WARN,
            higher_is_looser=False,
        ),
        _limit("price_collar", "Limit price beyond the market", unit="bps", default="300"),
        _limit("price_distance", "Limit price away from the market", unit="bps", default="2000"),
        _limit("quote_age", "Age of the quote", unit="s", default="5"),
        _limit("quote_jump", "Jump of the price", unit="%", default="10"),
        _limit("order_rate", "Orders in a minute", unit="orders", default="120"),
        _limit("price_drift", "Move of a price since its card was shown", unit="bps", default="100"),
        _limit("four_eyes_above", "Approved by its own author up to", unit="USD", default="100000"),
        Limit("foreign_counts", "Others' positions and orders count", "1 yes, 0 no", Decimal(1),
              higher_is_looser=False, is_switch=True),
        Limit("minutes_to_close", "Last entry before the close", "min", Decimal(15), higher_is_looser=False),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LimitSet:
    """One version of all values; what it does not hold stands at its default."""

    version: int
    values: Mapping[str, Decimal]

    def __getitem__(self, name: str) -> Decimal:
        return self.values.get(name, LIMITS[name].default)


@dataclass(frozen=True, slots=True)
class LimitChange:
    """One limit's old and new value. Looser needs more people than tighter."""

    name: str
    old: Decimal
    new: Decimal
    looser: bool


def changes_between(old: LimitSet, new: LimitSet) -> tuple[LimitChange, ...]:
    """What differs, in the order of the table."""
    return tuple(
        LimitChange(name, old[name], new[name], (new[name] > old[name]) is limit.higher_is_looser)
        for name, limit in LIMITS.items()
        if old[name] != new[name]
    )


def values_problem(values: Mapping[str, Decimal]) -> Reason | None:
    """Whether these values can stand in a limit set."""
    for name, value in values.items():
        if name not in LIMITS:
            return Reason("LIMIT_UNKNOWN", f"there is no limit called {name[:40]!r}")
        if not value.is_finite():
            return Reason("LIMIT_NOT_A_NUMBER", f"{LIMITS[name].title} cannot be {value}")
        if value < 0 and LIMITS[name].default >= 0:
            return Reason("LIMIT_NEGATIVE", f"{LIMITS[name].title} cannot be below zero")
        if LIMITS[name].is_switch and value not in (0, 1):
            return Reason("LIMIT_NOT_A_SWITCH", f"{LIMITS[name].title} is 1 for yes or 0 for no, not {value}")
    return None
