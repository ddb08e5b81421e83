"""Gathers a day of an account for the domain: spans of positions, movements of cash, marks and rates."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from apps.desks.models import Account
from apps.journal.statements import rows_of
from apps.ledger.carried import Base, base_of
from apps.ledger.daycash import Whose, cash_since, moved_by_trades, movements_in, opening_cash
from apps.ledger.history import past_of
from apps.ledger.models import Adoption, Fill, PendingContract
from apps.ledger.ports import EARNED
from apps.ledger.realizing import Key, points_realized
from apps.market.models import Contract, DayMark
from apps.market.ports import DESK_ZONE
from apps.market.queries import (
    Valued,
    books_day,
    closing_rates,
    day_marks_of,
    priced_day,
    rates_of,
    value_marks,
)
from tradingdesk.domain.money import Money, Reason, Side
from tradingdesk.domain.portfolio import Position, Rates
from tradingdesk.domain.portfolio.cash import COMBO, PAIR
from tradingdesk.domain.portfolio.nav import VARIATION_ONLY
from tradingdesk.domain.portfolio.positions import after_trade
from tradingdesk.domain.portfolio.results import (
    ContractDay,
    DayOfBooks,
    Movement,
    Part,
    RateSpan,
    Span,
    day_of_books,
)

ZERO = Decimal(0)
Spans = dict[int, dict[Whose, Span]]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a day and does not move with the market."""

    account: Account
    day: date
    contracts: Mapping[int, Contract]  # all that was held or traded, by primary key
    days: Mapping[int, ContractDay]  # the same, without the price of now
    cash: Mapping[str, Decimal]
    movements: tuple[Movement, ...]
    fees: tuple[tuple[Whose, int, Decimal | None], ...]  # of each execution: strategy, contract, what it cost
    points: Mapping[Key, Decimal]  # what the day's trades closed, in points of price
    undescribed: int

    @property
    def fees_pending(self) -> int:
        return sum(fee is None for *_, fee in self.fees)


@dataclass(frozen=True, slots=True)
class Reading:
    """A day as it was read."""

    facts: Facts
    books: DayOfBooks
    rates: Mapping[str, RateSpan]

    @property
    def earned(self) -> tuple[Part, ...]:
        """What is the result; what came from outside is left out."""
        return tuple(part for part in self.books.parts if part.why.value in EARNED)

    @property
    def net(self) -> Decimal | None:
        """The day's result in base, the one that is told everywhere. Unknown while a part of it is."""
        return total_of(part.amount for part in self.earned)

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why the day is provisional; nothing, and all of it is told."""
        found = list(self.books.reasons)
        if self.facts.fees_pending:
            text = f"{self.facts.fees_pending} executions have no commission yet"
            found.append(Reason("FEE_PENDING", text))
        if self.facts.undescribed:
            text = f"{self.facts.undescribed} contracts wait for the broker's description"
            found.append(Reason("CONTRACT_UNCONFIRMED", text))
        return tuple(found)


def total_of(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """One unknown part makes the whole unknown."""
    found = list(amounts)
    known = [one for one in found if one is not None]
    return sum(known, start=ZERO) if len(known) == len(found) else None


def read_day(account: Account, day: date, now: datetime) -> Reading:
    """What the domain makes of everything known of the day now; of today up to this moment."""
    return reading_at(facts_of(account, day), now)


def facts_of(account: Account, day: date) -> Facts:
    adoptions = list(Adoption.objects.filter(account=account).exclude(contract=None))
    base, cash = base_of(account.pk, day), cash_since(account.pk, day)
    adopted_ever = {one.contract_id for one in adoptions if one.contract_id}
    contracts, spans = _spans(account.pk, day, adopted=adopted_ever, moved=moved_by_trades(cash), base=base)
    before = day_marks_of(day - timedelta(days=1), _described(contracts))
    adopted = _adopted(adoptions, day)
    days = {
        one: ContractDay(
            contract=contracts[one].as_value(),
            whole=whose[None],
            by_strategy={key: span for key, span in whose.items() if key is not None},
            adopted=adopted.get(one, ZERO),
            opening_mark=before[one].price if one in before else None,
        )
        for one, whose in spans.items()
    }
    fills = Fill.objects.filter(account=account, trading_day=day, superseded=False, busted=False)
    today = list(fills.exclude(contract__sec_type=COMBO).order_by("at", "pk"))
    return Facts(
        account=account,
        day=day,
        contracts=contracts,
        days=days,
        cash=opening_cash(account.pk, cash),
        movements=tuple(movements_in(cash)),
        fees=tuple((fill.strategy_id, fill.contract_id, fill.commission) for fill in today),
        points=_points(account.pk, day, today, spans=spans, adopted=adopted_ever, base=base),
        undescribed=PendingContract.objects.filter(account=account).count(),
    )


def _points(
    account_id: int, day: date, today: Sequence[Fill], *, spans: Spans, adopted: set[int], base: Base
) -> dict[Key, Decimal]:
    """By the fills of each. What an adopted position cost only the account knows: nobody's is the rest."""
    traded = [fill for fill in today if fill.contract_id in spans]
    points = points_realized(account_id, day, traded, base=base)
    for contract in adopted & {fill.contract_id for fill in traded}:
        whole = spans[contract][None]
        ours = sum((points[key] for key in points if key[0] is not None and key[1] == contract), start=ZERO)
        points[None, contract] = whole.closing.realized - whole.opening.realized - ours
    return points


def reading_at(facts: Facts, now: datetime) -> Reading:
    """The same facts at the newest prices and rates that move the day."""
    contracts = set(_described(facts.contracts))
    live = valued_now(facts, now) & contracts
    after = day_marks_of(facts.day, contracts - live) | value_marks(live)
    return _valued(facts, after, now)


def reading_of_kept(facts: Facts, now: datetime) -> Reading:
    """The same facts at the prices that are kept of the day: with these the next day begins."""
    return _valued(facts, day_marks_of(facts.day, _described(facts.contracts)), now)


def valued_now(facts: Facts, now: datetime) -> set[int]:
    """Contracts whose price of now is the day's: all until its result is told, each once after."""
    contracts = set(facts.contracts)
    if facts.day == priced_day(now):
        return contracts
    if facts.day != books_day(now):
        return set()
    marks = day_marks_of(facts.day, contracts)
    return contracts - {one for one, mark in marks.items() if mark.settled and mark.day == facts.day}


def _valued(facts: Facts, marks: Mapping[int, DayMark | Valued], now: datetime) -> Reading:
    days = [
        replace(day, closing_mark=marks[one].price) if one in marks else day
        for one, day in facts.days.items()
    ]
    currencies = {*facts.cash, *(one.currency for one in facts.movements)}
    currencies |= {one.contract.currency for one in days} | {facts.account.base_currency}
    rates = _rates(facts.account, facts.day, now, currencies=currencies)
    books = day_of_books(days, cash=facts.cash, movements=facts.movements, rates=rates)
    return Reading(facts=facts, books=books, rates=rates)


def _described(contracts: Mapping[int, Contract]) -> list[int]:
    return [one for one, row in contracts.items() if row.confirmed]


# positions


TRADED = """
    SELECT f.contract_id, f.strategy_id,
        coalesce(sum(signed) FILTER (WHERE trading_day < %s), 0), sum(signed) FILTER (WHERE trading_day = %s)
    FROM ledger_fill f JOIN market_contract c ON c.id = f.contract_id,
        LATERAL (SELECT CASE f.side WHEN 'BUY' THEN f.quantity ELSE -f.quantity END) AS one (signed)
    WHERE f.account_id = %s AND f.trading_day <= %s AND f.trading_day > %s
        AND NOT f.superseded AND NOT f.busted AND c.sec_type <> ALL(%s::text[])
    GROUP BY f.contract_id, f.strategy_id
"""


def _spans(
    account_id: int,
    day: date,
    *,
    adopted: set[int],
    moved: Mapping[tuple[int, Whose], Decimal],
    base: Base,
) -> tuple[dict[int, Contract], Spans]:
    """Every contract that was held as the day began, or traded in it. A pair holds nothing."""
    opening = {key: position.quantity for key, position in base.parts.items()}
    traded = {}
    asked = [day, day, account_id, day, base.day or date.min, [COMBO, PAIR]]
    for contract_id, strategy, before, now in rows_of(TRADED, asked):
        opening[contract_id, strategy] = opening.get((contract_id, strategy), ZERO) + before
        if now is not None:
            traded[contract_id, strategy] = now
    contracts = {
        row.pk: row for row in Contract.objects.filter(pk__in={*adopted, *(one for one, _ in opening)})
    }
    # futures hang on their cost, adopted positions on what was adopted: these are walked
    special = {
        one: _walk(account_id, contract, day, moved=moved, base=base)
        for one, contract in contracts.items()
        if one in adopted or contract.sec_type in VARIATION_ONLY
    }
    spans: Spans = defaultdict(dict)
    for contract_id, strategy in opening:
        if contract_id in special:
            continue
        held = opening.get((contract_id, strategy), ZERO)
        after = held + traded.get((contract_id, strategy), ZERO)
        span = Span(
            opening=Position(held), closing=Position(after), moved=moved.get((contract_id, strategy), ZERO)
        )
        whole = spans[contract_id].get(None, Span())
        spans[contract_id][None] = _added(whole, span)
        if strategy is not None:
            spans[contract_id][strategy] = span
    today = {one for one, _ in traded}
    found = {one: whose for one, whose in {**spans, **special}.items() if one in today or _held(whose)}
    return {one: contracts[one] for one in found}, found


def _held(whose: Mapping[Whose, Span]) -> bool:
    return any(span.opening.quantity or span.closing.quantity for span in whose.values())


def _added(whole: Span, span: Span) -> Span:
    return Span(
        opening=Position(whole.opening.quantity + span.opening.quantity),
        closing=Position(whole.closing.quantity + span.closing.quantity),
        moved=whole.moved + span.moved,
    )


def _walk(
    account_id: int,
    contract: Contract,
    day: date,
    *,
    moved: Mapping[tuple[int, Whose], Decimal],
    base: Base,
) -> dict[Whose, Span]:
    """The account's own span by its walk, and each strategy's by its own fills alone."""
    past = past_of(account_id, contract.pk, base=base)
    opening, closing = past.position(day - timedelta(days=1)), past.position(day)
    whole = sum((amount for (one, _), amount in moved.items() if one == contract.pk), start=ZERO)
    spans: dict[Whose, Span] = {None: Span(opening=opening, closing=closing, moved=whole)}
    for (one, strategy), held in base.parts.items():
        if one == contract.pk and strategy is not None:
            spans[strategy] = Span(opening=held, closing=held)
    fills = Fill.objects.filter(
        account_id=account_id, contract=contract, superseded=False, busted=False, trading_day__lte=day
    ).exclude(strategy=None)
    for fill in base.later(fills).order_by("at", "exec_id"):
        span = spans.get(fill.strategy_id, Span())
        spans[fill.strategy_id] = _after(span, fill, contract, day=day)
    return spans


def _after(span: Span, fill: Fill, contract: Contract, *, day: date) -> Span:
    side = Side(fill.side)
    closing = after_trade(span.closing, side, quantity=fill.quantity, price=fill.price)
    if fill.trading_day < day:
        return Span(opening=closing, closing=closing)
    point = contract.as_value().money_per_point
    if contract.sec_type in VARIATION_ONLY:
        gained = (closing.realized - span.closing.realized) * point
    else:
        gained = -side.signed(fill.quantity) * fill.price * point
    return Span(opening=span.opening, closing=closing, moved=span.moved + gained)


def _adopted(adoptions: Iterable[Adoption], day: date) -> dict[int, Decimal | None]:
    found: dict[int, Decimal | None] = {}
    for row in adoptions:
        if row.trading_day == day and row.contract_id is not None:
            before = found.get(row.contract_id, ZERO)
            found[row.contract_id] = None if before is None or row.worth is None else before + row.worth
    return found


# rates


def _rates(account: Account, day: date, now: datetime, *, currencies: set[str]) -> dict[str, RateSpan]:
    """The day's first and last."""
    if set(currencies) <= {account.base_currency}:
        return {account.base_currency: RateSpan(Decimal(1), Decimal(1))}
    before, after = closing_rates(account, day - timedelta(days=1)), closing_rates(account, day)
    if day == priced_day(now):
        after = rates_of(account, now)
    at = min(now, datetime.combine(day + timedelta(days=1), time(), DESK_ZONE))
    return {one: RateSpan(_last_rate(before, one), _rate(after, one, at)) for one in currencies}


def _last_rate(rates: Rates, currency: str) -> Decimal | None:
    """Over a weekend too: with it the worth at the last close was made."""
    if currency == rates.base:
        return Decimal(1)
    rate = rates.rate_of(currency)
    return rate.value if rate is not None else None


def _rate(rates: Rates, currency: str, at: datetime) -> Decimal | None:
    converted = rates.to_base(Money(Decimal(1), currency), at)
    return None if isinstance(converted, Reason) else converted.money.amount
