"""The Books page as rows: cash, rates, what the worth is made of, and what was earned why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from apps.dashboard.templatetags.desk import DASH
from apps.ledger.books import accruals_of, is_opened, nav_now
from apps.ledger.dayreading import Reading, read_day, total_of
from apps.ledger.ports import CAUSE_TITLES, EARNED
from apps.ledger.queries import adoptions, broker_cash, flows, known_value
from apps.ledger.results import (
    By,
    Period,
    added,
    book_day_of,
    drawdown_of,
    earned_until,
    from_outside,
    from_outside_in,
    restated_days,
    spans_until,
)
from apps.market.queries import books_day, open_changes, rates_of, told_rates
from apps.runbook.situation import MONEY_AGE, trading_day
from tradingdesk.domain.money import Money, Reason
from tradingdesk.domain.portfolio import Valued
from tradingdesk.domain.portfolio.fx import STALE_AFTER

ZERO = Decimal(0)
GROUPS = {"STK": "Shares and funds", "FUT": "Futures, gain only", "CFD": "CFDs, gain only", "OPT": "Options",
          "FOP": "Options on futures", "BOND": "Bonds"}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class CashRow:
    """One currency: ours beside the broker's. None is unknown."""

    currency: str
    ours: Decimal
    accrued: Decimal
    broker: Decimal | None
    broker_at: datetime | None
    rate: Decimal | None
    base: Decimal | None

    @property
    def difference(self) -> Decimal | None:
        return None if self.broker is None else self.ours - self.broker


@dataclass(frozen=True, slots=True, kw_only=True)
class RateRow:
    currency: str
    value: Decimal
    source: str
    at: datetime
    used: bool
    stale: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRow:
    """One kind of holding, or the cash: what it adds to the worth, and what it moves with the market."""

    title: str
    count: int | None
    value: Decimal | None
    exposure: Decimal | None


@dataclass(frozen=True, slots=True)
class EarnedRow:
    title: str
    amounts: tuple[Decimal | None, ...]


@dataclass(frozen=True, slots=True)
class EarnedTable:
    key: str
    title: str
    column: str
    rows: list[EarnedRow]


class Worth:
    """What the account is worth and what of: one reading of the books."""

    def __init__(self, account: Any, now: datetime) -> None:
        self.account, self.now = account, now
        self.today: date = trading_day(now)
        self.day: date = books_day(now)

    @cached_property
    def nav(self) -> Any:
        return nav_now(self.account, self.now)

    @cached_property
    def rates(self) -> Any:
        return rates_of(self.account, self.now)

    @cached_property
    def broker_nav(self) -> Decimal | None:
        return known_value(self.account.pk, "NetLiquidation", now=self.now, within=MONEY_AGE)

    @property
    def opened(self) -> bool:
        return is_opened(self.account)

    # cash and rates

    @cached_property
    def cash(self) -> list[CashRow]:
        ours = dict(self.nav.cash)
        accrued = {money.currency: money.amount for money in accruals_of(self.account)}
        broker = broker_cash(self.account.pk)
        return [
            CashRow(
                currency=currency,
                ours=ours.get(currency, ZERO) - accrued.get(currency, ZERO),
                accrued=accrued.get(currency, ZERO),
                broker=broker[currency].value if currency in broker else None,
                broker_at=broker[currency].at if currency in broker else None,
                rate=self._in_base(Money(Decimal(1), currency)),
                base=self._in_base(Money(ours.get(currency, ZERO), currency)),
            )
            for currency in sorted({*ours, *broker}, key=lambda one: (one != self.nav.base, one))
        ]

    @property
    def has_accruals(self) -> bool:
        return any(row.accrued for row in self.cash)

    def _in_base(self, money: Money) -> Decimal | None:
        found = self.rates.to_base(money, self.now)
        return None if isinstance(found, Reason) else found.money.amount

    @cached_property
    def rate_rows(self) -> list[RateRow]:
        rows = []
        for told in told_rates(self.account.base_currency, self.now):
            chosen = self.rates.rate_of(told.currency)
            rows.append(
                RateRow(
                    currency=told.currency,
                    value=told.value.normalize(),
                    source=told.source,
                    at=told.at,
                    used=chosen is not None and (chosen.source, chosen.at) == (told.source, told.at),
                    stale=self.now - told.at > STALE_AFTER,
                )
            )
        return rows

    # what the worth is made of

    @cached_property
    def parts(self) -> list[PartRow]:
        groups: dict[str, list[Valued]] = {}
        for one in self.nav.holdings:
            groups.setdefault(one.holding.contract.sec_type, []).append(one)
        cash = PartRow(title="Cash, all currencies", count=None, value=self.nav.cash_base, exposure=None)
        return [cash, *(_part(kind, groups[kind]) for kind in sorted(groups))]


class Earned(Worth):
    """What was earned, over which span and why."""

    @cached_property
    def reading(self) -> Reading:
        """Today at this moment: the same reading that the Desk shows."""
        return read_day(self.account, self.day, self.now)

    @cached_property
    def periods(self) -> list[Period]:
        spans = spans_until(self.account.pk, self.day)
        return [Period(title, first, earned_until(self.reading, first, by="cause")) for title, first in spans]

    @cached_property
    def causes(self) -> list[EarnedRow]:
        return [
            EarnedRow(CAUSE_TITLES[cause], tuple(one.parts.get(cause, ZERO) for one in self.periods))
            for cause in EARNED
        ]

    @cached_property
    def outside(self) -> list[EarnedRow]:
        yesterday, today = self.day - timedelta(days=1), from_outside_in(self.reading)
        spans = [one.first for one in self.periods]
        kept = [{} if one > yesterday else from_outside(self.account.pk, one, yesterday) for one in spans]
        told = [added(one, today) for one in kept]
        return list(_rows(told, CAUSE_TITLES))

    @property
    def totals(self) -> tuple[Decimal | None, ...]:
        return tuple(one.total for one in self.periods)

    @cached_property
    def by_strategy(self) -> list[EarnedRow]:
        return self._by("strategy", "The account itself")

    @cached_property
    def by_contract(self) -> list[EarnedRow]:
        """The largest of the longest span first."""
        rows = self._by("contract", "Cash")
        return sorted(rows, key=lambda row: -abs(row.amounts[-1] or ZERO))[:24]

    @cached_property
    def by_currency(self) -> list[EarnedRow]:
        return self._by("currency", "")

    def _by(self, by: By, nobody: str) -> list[EarnedRow]:
        told = [earned_until(self.reading, one.first, by=by) for one in self.periods]
        return list(_rows(told, {"": nobody}))

    @property
    def tables(self) -> list[EarnedTable]:
        return [
            EarnedTable("strategies", "P&L by strategy", "Strategy", self.by_strategy),
            EarnedTable("contracts", "P&L by contract", "Contract", self.by_contract),
            EarnedTable("currencies", "P&L by currency", "Currency", self.by_currency),
        ]


class Sheet(Earned):
    """All of the page."""

    @cached_property
    def book_day(self) -> Any:
        return book_day_of(self.account.pk, self.day)

    @cached_property
    def drawdown(self) -> Any:
        return drawdown_of(self.account.pk)

    @property
    def difference_bps(self) -> Decimal | None:
        nav, broker = self.nav.total, self.broker_nav
        return None if nav is None or not broker else 10_000 * (nav - broker) / broker

    @property
    def nav_reasons(self) -> list[tuple[str, str]]:
        return [(reason.code, reason.text) for reason in self.nav.reasons[:5]]

    @property
    def drawdown_text(self) -> str:
        return _percent(self.drawdown.current)

    @property
    def deepest_text(self) -> str:
        return _percent(self.drawdown.deepest)

    @cached_property
    def adoptions(self) -> list[Any]:
        return adoptions(self.account.pk)

    @cached_property
    def flows(self) -> list[Any]:
        return flows(self.account.pk)

    @cached_property
    def restated(self) -> list[Any]:
        return restated_days(self.account.pk)

    @cached_property
    def changes(self) -> list[Any]:
        return open_changes()


def _part(kind: str, rows: Sequence[Valued]) -> PartRow:
    return PartRow(
        title=GROUPS.get(kind, kind),
        count=len(rows),
        value=total_of(row.nav_base for row in rows),
        exposure=total_of(row.exposure_base for row in rows),
    )


def _percent(share: Decimal | None) -> str:
    return DASH if share is None else f"{100 * share:.2f} %".replace("-", "−")


def _rows(told: Sequence[dict[str, Decimal | None]], titles: dict[str, str]) -> Iterator[EarnedRow]:
    for key in sorted({key for span in told for key in span}, key=lambda one: (one == "", one)):
        yield EarnedRow(titles.get(key, key), tuple(span.get(key, ZERO) for span in told))
