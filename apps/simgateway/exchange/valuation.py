"""What an account is worth and what it must hold back, at an instant."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from apps.simgateway.exchange.instant import Instant
from apps.simgateway.exchange.instrument import Instrument
from apps.simgateway.exchange.ledgers import Account
from apps.simgateway.exchange.margin import Holding, requirement
from apps.simgateway.exchange.order import ZERO
from apps.simgateway.exchange.ports import Listing, Prices
from apps.simgateway.exchange.positions import Position
from apps.simgateway.exchange.rates import Rates

RETAINED_LEVERAGE = Decimal(4)  # buying power of a margin account for each unit of available funds


@dataclass(slots=True, kw_only=True)
class Balance:
    """Money of one currency (or of all, in the account's own)."""

    currency: str
    rate: Decimal
    cash: Decimal = ZERO
    stocks: Decimal = ZERO
    options: Decimal = ZERO
    future_options: Decimal = ZERO
    futures_pnl: Decimal = ZERO
    unrealized: Decimal = ZERO
    realized: Decimal = ZERO
    gross: Decimal = ZERO  # the size of all positions

    @property
    def net_liquidation(self) -> Decimal:
        return self.cash + self.stocks + self.options + self.future_options + self.futures_pnl


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """The whole account in its own currency."""

    by_currency: tuple[Balance, ...]
    total: Balance
    initial: Decimal
    maintenance: Decimal
    margin: bool

    @property
    def equity(self) -> Decimal:
        """Equity with loan value: options do not count."""
        return self.total.net_liquidation - self.total.options - self.total.future_options

    @property
    def available(self) -> Decimal:
        return self.equity - self.initial

    @property
    def excess(self) -> Decimal:
        return self.equity - self.maintenance

    @property
    def buying_power(self) -> Decimal:
        return max(ZERO, self.available * (RETAINED_LEVERAGE if self.margin else 1))

    @property
    def cushion(self) -> Decimal:
        worth = self.total.net_liquidation
        return self.excess / worth if worth else ZERO


class Valuer:
    """Marks positions to the market."""

    def __init__(self, catalogue: Listing, market: Prices) -> None:
        self.catalogue = catalogue
        self.market = market
        self.rates = Rates(catalogue, market)

    def mark(self, instrument: Instrument, now: Instant) -> Decimal | None:
        """The price a position is valued at."""
        return self.market.quote(instrument.con_id, now).reference

    def price(self, instrument: Instrument, position: Position, now: Instant) -> Decimal:
        """The mark, else what was paid."""
        found = self.mark(instrument, now)
        return position.average_cost / instrument.money_per_point if found is None else found

    def worth(
        self,
        account: Account,
        now: Instant,
        *,
        extra: Mapping[int, Decimal] | None = None,
        cash: Decimal = ZERO,
    ) -> Worth:
        """The account as it is, or as it would be with more of some contracts and more (or less) money."""
        balances = {c: self._balance(account, c, now) for c in (account.base, *account.cash)}
        for currency, amount in account.cash.items():
            balances[currency].cash += amount
        holdings = []
        positions = dict(account.positions)
        for con_id in extra or ():
            positions.setdefault(con_id, Position(con_id))
        for con_id, position in positions.items():
            instrument = self.catalogue.by_con_id(con_id)
            if instrument is None:
                continue
            if instrument.currency not in balances:
                balances[instrument.currency] = self._balance(account, instrument.currency, now)
            balance = balances[instrument.currency]
            price = self.price(instrument, position, now)
            more = (extra or {}).get(con_id, ZERO)
            _count(balance, instrument, position, price=price, more=more)
            holdings.append(Holding(instrument, position.quantity + more, price, balance.rate))
        needed = requirement(holdings, lambda option: self._under(option, now), on_margin=account.margin)
        total = _sum(account.base, list(balances.values()))
        total.cash += cash
        return Worth(
            by_currency=tuple(balances.values()),
            total=total,
            initial=needed.initial,
            maintenance=needed.maintenance,
            margin=account.margin,
        )

    def _balance(self, account: Account, currency: str, now: Instant) -> Balance:
        return Balance(currency=currency, rate=self.rates.rate(currency, account.base, now))

    def _under(self, option: Instrument, now: Instant) -> Decimal:
        under = self.catalogue.by_con_id(option.under_con_id)
        found = self.mark(under, now) if under is not None else None
        return found if found is not None else option.strike


def _count(
    balance: Balance, instrument: Instrument, position: Position, *, price: Decimal, more: Decimal
) -> None:
    """Add a position to its currency's balance."""
    held = position.quantity
    point = instrument.money_per_point
    value = held * price * point
    kind = instrument.sec_type
    if kind == "FUT":
        balance.futures_pnl += value - position.gross
    elif kind == "OPT":
        balance.options += value + more * price * point
    elif kind == "FOP":
        balance.future_options += value + more * price * point
    elif kind != "CASH":
        balance.stocks += value + more * price * point
    if kind != "CASH":
        balance.unrealized += value - position.cost
        balance.gross += abs(value)
    balance.realized += position.realized


def _sum(base: str, balances: list[Balance]) -> Balance:
    total = Balance(currency=base, rate=Decimal(1))
    for name in (
        "cash", "stocks", "options", "future_options", "futures_pnl", "unrealized", "realized", "gross",
    ):  # fmt: skip
        setattr(total, name, sum((getattr(b, name) * b.rate for b in balances), ZERO))
    return total
