"""What the account holds and made today, at the newest prices: one reading for all tiles of a page."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from apps.dashboard.days import span_of
from apps.dashboard.lines import ROW, Spark, spark_of, thinned
from apps.ledger.dayreading import Facts, Reading, facts_of, reading_at, total_of
from apps.ledger.daysums import DaySum, sums_of
from apps.ledger.queries import (
    Money,
    account_money,
    fills_on,
    held_positions,
    newest_snapshot,
)
from apps.market.queries import books_day, last_quotes, marks_since
from apps.plans.queries import plans_on
from apps.risk.actions.change_limits import values_of
from apps.risk.queries import limits_in_force, reserved
from apps.runbook.situation import trading_day
from apps.tickets.queries import live_tickets
from tradingdesk.domain.risk import LimitSet

# An order needs a quote of some seconds; a screen may show one a little longer before it strikes it out.
OLD_QUOTE = timedelta(seconds=15)
OLD_MONEY = timedelta(minutes=5)
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class DayPart:
    """What somebody or something made today, in base. None is unknown; provisional until all is told."""

    net: Decimal | None = ZERO
    realized: Decimal | None = ZERO
    commissions: Decimal | None = ZERO
    fills: int = 0
    provisional: bool = False

    @property
    def unrealized(self) -> Decimal | None:
        known = self.net is not None and self.realized is not None and self.commissions is not None
        return self.net + self.commissions - self.realized if known else None  # type: ignore[operator]


@dataclass(frozen=True, slots=True)
class PositionRow:
    """One position: ours from fills, beside the broker's own count."""

    contract_id: int
    title: str
    exchange: str
    currency: str
    tick: Decimal
    quantity: Decimal
    broker_quantity: Decimal | None
    broker_cost: Decimal | None
    broker_at: datetime | None
    changed_at: datetime
    average_cost: Decimal | None
    last: Decimal | None
    quote_at: datetime | None
    stale: bool
    value: Decimal | None
    unrealized: Decimal | None
    realized: Decimal | None
    weight: Decimal | None
    day: DayPart
    spark: Spark | None

    @property
    def differs(self) -> bool:
        """A count older than our own last change is not yet an answer to it."""
        if self.broker_at is None or self.broker_at < self.changed_at:
            return False
        return self.broker_quantity != self.quantity

    @property
    def sign_class(self) -> str:
        return sign_class(self.unrealized)

    @property
    def day_result(self) -> Decimal | None:
        return self.day.net

    @property
    def day_class(self) -> str:
        return sign_class(self.day_result)

    @property
    def broker_title(self) -> str:
        if self.broker_at is None:
            return "The broker has not told this position yet."
        return f"broker, as of {self.broker_at:%H:%M:%S} UTC"


@dataclass(frozen=True, slots=True)
class Totals:
    """The foot of the positions: what is held at its worth, and the account's whole day."""

    value: Decimal | None
    weight: Decimal | None
    unrealized: Decimal | None
    day: DayPart
    beside: list[tuple[str, DayPart]]  # what of the day no held position shows

    @property
    def day_class(self) -> str:
        return sign_class(self.day.net)

    @property
    def sign_class(self) -> str:
        return sign_class(self.unrealized)


def sign_class(value: Decimal | None) -> str:
    return "" if not value else "pos" if value > 0 else "neg"


def mark_of(quote: Any) -> Decimal | None:
    """The last trade, else the middle. Nothing is made up from one side alone."""
    if quote is None:
        return None
    if quote.last is not None and quote.last.is_finite() and quote.last > 0:
        return Decimal(quote.last)
    if quote.bid is not None and quote.ask is not None and 0 < quote.bid <= quote.ask:
        return Decimal(quote.bid + quote.ask) / 2
    return None


def title_of(contract: Any) -> str:
    return str(contract.symbol if contract.sec_type == "STK" else contract.local_symbol or contract.symbol)


def factor_of(contract: Any) -> Decimal:
    """Points of price into money."""
    return Decimal(contract.multiplier) / Decimal(contract.price_magnifier)


class Readings:
    """What the stations tell, each read once, when it is asked for."""

    def __init__(self, account: Any, now: datetime) -> None:
        self.account = account
        self.now = now
        self.today: date = trading_day(now)

    @cached_property
    def books_day(self) -> date:
        """The session to which the books count what happens now: where the exchange is shut, the next one."""
        return books_day(self.now)

    @cached_property
    def limit_set(self) -> Any:
        return limits_in_force()

    @cached_property
    def limits(self) -> LimitSet:
        return values_of(self.limit_set, f"account:{self.account.code}")

    @cached_property
    def held(self) -> list[Any]:
        return list(held_positions(self.account.pk))

    @cached_property
    def facts(self) -> Facts:
        """Of the day of the books: who held and traded what."""
        return facts_of(self.account, self.books_day)

    @cached_property
    def living(self) -> list[Any]:
        return list(live_tickets(self.account.pk))

    @cached_property
    def money(self) -> dict[str, Money]:
        return account_money(self.account.pk)

    @cached_property
    def committed(self) -> Decimal:
        return reserved(self.account.code, self.today)

    @cached_property
    def quotes(self) -> dict[int, Any]:
        wanted = {row.contract_id for row in (*self.held, *self.living)}
        return last_quotes(wanted | set(self.facts.contracts))

    def known(self, tag: str) -> Decimal | None:
        """A figure of the broker; older than its limit it is not known."""
        money = self.money.get(tag)
        fresh = money is not None and money.at is not None and self.now - money.at <= OLD_MONEY
        return money.value if money is not None and fresh else None

    @cached_property
    def marks(self) -> dict[int, list[tuple[datetime, Decimal]]]:
        """The day's prices of what is held, for its lines."""
        return marks_since((row.contract_id for row in self.held), span_of(self.today)[0])

    def is_old(self, quote: Any) -> bool:
        return quote is not None and self.now - quote.received_at > OLD_QUOTE


class Books(Readings):
    """What follows from the readings at the newest prices."""

    def look_again(self, now: datetime) -> None:
        """The same holdings at the newest prices."""
        self.now = now
        for name in ("quotes", "reading", "positions", "totals", "parts", "parts_by_contract", "day"):
            self.__dict__.pop(name, None)

    @cached_property
    def plans(self) -> list[Any]:
        return list(plans_on(self.today))

    @cached_property
    def fills(self) -> list[Any]:
        return list(fills_on(self.books_day, self.account.pk))

    @cached_property
    def snapshot(self) -> Any:
        """The books' own last minute, if it is one of today and not an old one."""
        row = newest_snapshot(self.account.pk)
        return row if row is not None and self.now - row.taken_at <= OLD_MONEY else None

    @cached_property
    def positions(self) -> list[PositionRow]:
        """The largest movers first; what is not known last."""
        rows = [self._position(row) for row in self.held]
        return sorted(rows, key=lambda row: (row.day_result is None, -abs(row.day_result or ZERO), row.title))

    @cached_property
    def totals(self) -> Totals:
        return Totals(
            value=total_of(row.value for row in self.positions),
            weight=total_of(row.weight for row in self.positions),
            unrealized=total_of(row.unrealized for row in self.positions),
            day=self.day,
            beside=list(self._beside()),
        )

    def _beside(self) -> Iterator[tuple[str, DayPart]]:
        held = {row.contract_id for row in self.held}
        gone = [part for key, part in self.parts_by_contract.items() if key is not None and key not in held]
        if gone:
            yield f"Held no more, {len(gone)}", _together(gone)
        cash = self.parts_by_contract.get(None, DayPart())
        if cash.net or cash.net is None:
            yield "Cash", cash

    def _position(self, row: Any) -> PositionRow:
        contract, quote = row.contract, self.quotes.get(row.contract_id)
        mark, unit, nav = mark_of(quote), self._unit(contract), self.known("NetLiquidation")
        value = None if mark is None or unit is None else row.quantity * mark * unit
        known = mark is not None and row.average_cost is not None and unit is not None
        open_result = row.quantity * (mark - row.average_cost) * unit if known else None
        day = self.parts_by_contract.get(row.contract_id, DayPart())
        return PositionRow(
            contract_id=row.contract_id,
            title=title_of(contract),
            exchange=contract.primary_exchange or contract.exchange,
            currency=contract.currency,
            tick=contract.min_tick,
            quantity=row.quantity,
            broker_quantity=row.broker_quantity,
            broker_cost=row.broker_cost,
            broker_at=row.broker_at,
            changed_at=row.changed_at,
            average_cost=row.average_cost,
            last=mark,
            quote_at=quote.received_at if quote else None,
            stale=self.is_old(quote),
            value=value,
            unrealized=ZERO if row.quantity == 0 else open_result,
            realized=day.realized,
            weight=None if value is None or not nav else 100 * value / nav,
            day=day,
            spark=self._spark(row.contract_id),
        )

    def _spark(self, contract_id: int) -> Spark | None:
        prices = [price for _, price in thinned(self.marks.get(contract_id, []))]
        return spark_of(prices, "price today", size=ROW)

    def _unit(self, contract: Any) -> Decimal | None:
        """A point of its price in base; None where nobody can say."""
        rate = self.reading.rates.get(contract.currency)
        closing = rate.closing if rate is not None else None
        return None if closing is None else factor_of(contract) * closing

    # the day's result: the ledger's reading of it, and nothing else

    @cached_property
    def reading(self) -> Reading:
        return reading_at(self.facts, self.now)

    @cached_property
    def parts(self) -> dict[int | None, DayPart]:
        """Today by strategy; nobody of ours is None."""
        return {key: _part(one) for key, one in sums_of(self.reading).items()}

    @cached_property
    def parts_by_contract(self) -> dict[int | None, DayPart]:
        """The same by contract; what the cash made is None."""
        return {key: _part(one) for key, one in sums_of(self.reading, by="contract").items()}

    @cached_property
    def day(self) -> DayPart:
        """The account's day: all strategies, and what belongs to none."""
        told = _together(self.parts.values())
        return replace(told, net=self.reading.net, provisional=bool(self.reading.reasons))


def _together(parts: Collection[DayPart]) -> DayPart:
    return DayPart(
        net=total_of(part.net for part in parts),
        realized=total_of(part.realized for part in parts),
        commissions=total_of(part.commissions for part in parts),
        fills=sum(part.fills for part in parts),
        provisional=any(part.provisional for part in parts),
    )


def _part(one: DaySum) -> DayPart:
    return DayPart(
        net=one.net,
        realized=one.realised,
        commissions=one.commissions,
        fills=one.fills,
        provisional=one.provisional,
    )
