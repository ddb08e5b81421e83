"""What an order would do to its account: the preview, and whether the account can carry it."""

from dataclasses import dataclass
from decimal import Decimal

from apps.simgateway.exchange.accounts import Accounts
from apps.simgateway.exchange.commissions import commission, schedule_of
from apps.simgateway.exchange.instant import SECOND, Instant
from apps.simgateway.exchange.instrument import Instrument
from apps.simgateway.exchange.ledgers import Account
from apps.simgateway.exchange.order import ZERO
from apps.simgateway.exchange.positions import Position
from apps.simgateway.exchange.valuation import Worth
from apps.simgateway.exchange.work import Work

_OWN_RISK = {"STK": Decimal("0.5"), "FUT": Decimal("0.15"), "CASH": Decimal("0.05")}  # of the value
_OPTION_RISK = Decimal("0.3")  # of the underlying's value
_RANGE_LOW = Decimal("0.4")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A figure before and after."""

    before: Decimal
    after: Decimal

    @property
    def change(self) -> Decimal:
        return self.after - self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """Margins in the account's currency; commission in the trade's, exact or as a range."""

    initial: Change
    maintenance: Change
    equity: Change
    margin_currency: str
    commission: Decimal | None
    min_commission: Decimal | None
    max_commission: Decimal | None
    commission_currency: str
    warning: str = ""


@dataclass(slots=True)
class _Room:
    """Funds that were free at some second, less what was let through since."""

    second: int
    left: Decimal


@dataclass(frozen=True, slots=True)
class _Part:
    """One instrument's share of an order: signed quantity and the price it is reckoned at."""

    instrument: Instrument
    shares: Decimal
    price: Decimal
    rate: Decimal

    @property
    def value(self) -> Decimal:
        return self.shares * self.price * self.instrument.money_per_point


class Credit:
    """Looks at orders with the account's money in mind."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._valuer = accounts.valuer
        self._rooms: dict[str, _Room] = {}

    def cushion_pct(self, name: str, now: Instant) -> Decimal | None:
        """Excess liquidity as a percentage of net liquidation."""
        account = self._accounts.account(name)
        return None if account is None else self._valuer.worth(account, now).cushion * 100

    def shortfall(self, work: Work, now: Instant) -> tuple[Decimal, Decimal, str] | None:
        """Equity, needed margin and currency when the account cannot carry the order."""
        account = self._accounts.account(work.order.account)
        if account is None:
            return None
        parts = self._parts(account, work, now)
        need = sum((self._own_risk(p, now) for p in parts), ZERO)
        room = self._room(account, now)
        if need * 2 < room.left:
            room.left -= need
            return None
        before, after = self._both(account, parts, now, fees=ZERO)
        if after.initial <= after.equity or after.initial <= before.initial:
            room.left = after.available
            return None
        return after.equity, after.initial, account.base

    def preview(self, work: Work, now: Instant) -> Preview:
        """What the account would look like afterwards."""
        account = self._accounts.account(work.order.account)
        if account is None:
            raise LookupError(f"there is no account {work.order.account}")
        parts = self._parts(account, work, now)
        fee = sum((_fee(p) for p in parts), ZERO)
        rate = parts[0].rate
        before, after = self._both(account, parts, now, fees=fee * rate)
        exact = work.instrument is not None and not work.instrument.is_option
        short = after.initial > after.equity and after.initial > before.initial
        return Preview(
            initial=Change(before=before.initial, after=after.initial),
            maintenance=Change(before=before.maintenance, after=after.maintenance),
            equity=Change(before=before.equity, after=after.equity),
            margin_currency=account.base,
            commission=fee if exact else None,
            min_commission=None if exact else _least(parts, fee),
            max_commission=None if exact else fee,
            commission_currency=parts[0].instrument.currency,
            warning=_too_poor(after) if short else "",
        )

    def _both(
        self, account: Account, parts: list[_Part], now: Instant, *, fees: Decimal
    ) -> tuple[Worth, Worth]:
        extra: dict[int, Decimal] = {}
        cash = -fees
        for part in parts:
            con_id = part.instrument.con_id
            extra[con_id] = extra.get(con_id, ZERO) + part.shares
            if part.instrument.sec_type not in ("FUT", "CASH"):
                cash -= part.value * part.rate
        return self._valuer.worth(account, now), self._valuer.worth(account, now, extra=extra, cash=cash)

    def _room(self, account: Account, now: Instant) -> _Room:
        second = now // SECOND
        room = self._rooms.get(account.name)
        if room is None or room.second != second:
            room = self._rooms[account.name] = _Room(second, self._valuer.worth(account, now).available)
        return room

    def _parts(self, account: Account, work: Work, now: Instant) -> list[_Part]:
        order = work.order
        if work.instrument is not None:
            return [self._part(account, work.instrument, shares=order.remaining * order.sign, now=now)]
        parts = []
        for leg, instrument in zip(order.legs, work.legs, strict=True):
            sign = order.sign if leg.side == "BUY" else -order.sign
            parts.append(self._part(account, instrument, shares=order.remaining * leg.ratio * sign, now=now))
        return parts

    def _part(self, account: Account, instrument: Instrument, *, shares: Decimal, now: Instant) -> _Part:
        held = account.positions.get(instrument.con_id) or Position(instrument.con_id)
        price = self._valuer.price(instrument, held, now)
        rate = self._valuer.rates.rate(instrument.currency, account.base, now)
        return _Part(instrument, shares, price, rate)

    def _own_risk(self, part: _Part, now: Instant) -> Decimal:
        """A rough and generous figure for what the order alone could need."""
        instrument = part.instrument
        if not instrument.is_option:
            return abs(part.value) * part.rate * _OWN_RISK.get(instrument.sec_type, Decimal(1))
        under = self._valuer.catalogue.by_con_id(instrument.under_con_id)
        spot = self._valuer.mark(under, now) if under is not None else None
        level = spot if spot is not None else instrument.strike
        size = abs(part.shares) * instrument.money_per_point * part.rate
        return abs(part.value) * part.rate + size * level * _OPTION_RISK


def _fee(part: _Part) -> Decimal:
    return commission(
        part.instrument,
        "BUY" if part.shares > 0 else "SELL",
        shares=abs(part.shares),
        price=part.price,
        before=ZERO,
        value_before=ZERO,
    )


def _least(parts: list[_Part], fee: Decimal) -> Decimal:
    """Options pay less at some venues than at others."""
    floor = sum((schedule_of(p.instrument).minimum for p in parts), ZERO)
    return min(fee, max(floor, fee * _RANGE_LOW))


def _too_poor(after: Worth) -> str:
    return (
        "YOUR ORDER IS NOT ACCEPTED. IN ORDER TO OBTAIN THE DESIRED POSITION YOUR EQUITY WITH LOAN VALUE "
        f"[{after.equity:.2f} {after.total.currency}] MUST EXCEED THE INITIAL MARGIN "
        f"[{after.initial:.2f} {after.total.currency}]"
    )
