"""What positions must be backed with: shares by value, futures by product, options by strategy."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from apps.simgateway.exchange.instrument import Instrument
from apps.simgateway.exchange.order import ZERO


def _d(text: str) -> Decimal:
    return Decimal(text)


_LONG_SHARES = (_d("0.50"), _d("0.25"))
_SHORT_SHARES = (_d("0.50"), _d("0.30"))
_OTHER_FUTURE = (_d("0.10"), _d("0.09"))  # of the contract's value
_CURRENCY = (_d("0.03"), _d("0.03"))
_FUTURES: dict[str, tuple[Decimal, Decimal]] = {  # money for one contract
    "ES": (_d("23500"), _d("21300")),
    "MES": (_d("2350"), _d("2130")),
    "NQ": (_d("35200"), _d("32000")),
    "MNQ": (_d("3520"), _d("3200")),
    "RTY": (_d("9200"), _d("8300")),
    "VX": (_d("9800"), _d("8900")),
    "FESX": (_d("4300"), _d("3900")),
    "FGBL": (_d("3100"), _d("2800")),
    "6E": (_d("2900"), _d("2600")),
    "M6E": (_d("290"), _d("260")),
}
_NAKED, _NAKED_FLOOR = _d("0.20"), _d("0.10")


@dataclass(slots=True)
class Holding:
    """A quantity of something at a price; `money` turns its currency into the account's."""

    instrument: Instrument
    quantity: Decimal
    price: Decimal
    money: Decimal


@dataclass(slots=True)
class Requirement:
    """Initial and maintenance margin in the account's currency."""

    initial: Decimal = ZERO
    maintenance: Decimal = ZERO

    def add(self, initial: Decimal, maintenance: Decimal) -> None:
        self.initial += initial
        self.maintenance += maintenance


@dataclass(slots=True)
class _Cover:
    """A long option, and how much of it covers nothing yet."""

    holding: Holding
    left: Decimal


@dataclass(slots=True)
class _Chain:
    """Everything held on one underlying that options depend on."""

    shares: Decimal = ZERO
    options: list[Holding] = field(default_factory=list)


def requirement(
    holdings: Iterable[Holding], under_price: Callable[[Instrument], Decimal], *, on_margin: bool = True
) -> Requirement:
    """What all holdings of one account need together."""
    total = Requirement()
    chains: dict[int, _Chain] = {}
    for holding in holdings:
        instrument = holding.instrument
        if instrument.is_option:
            chains.setdefault(instrument.under_con_id, _Chain()).options.append(holding)
            continue
        if instrument.sec_type == "STK":
            chains.setdefault(instrument.con_id, _Chain()).shares = holding.quantity
        total.add(*_of_one(holding, on_margin=on_margin))
    for chain in chains.values():
        if any(h.quantity < 0 for h in chain.options):
            needed = _of_options(chain, under_price)
            total.add(needed, needed)
    return total


def _of_one(holding: Holding, *, on_margin: bool) -> tuple[Decimal, Decimal]:
    instrument, quantity = holding.instrument, holding.quantity
    value = abs(quantity * holding.price) * instrument.money_per_point * holding.money
    if instrument.sec_type == "FUT":
        fixed = _FUTURES.get(instrument.symbol)
        if fixed is not None:
            count = abs(quantity) * holding.money
            return fixed[0] * count, fixed[1] * count
        initial, maintenance = _OTHER_FUTURE
    elif instrument.sec_type == "CASH":
        initial, maintenance = _CURRENCY
    elif not on_margin:
        return value, value
    else:
        initial, maintenance = _LONG_SHARES if quantity > 0 else _SHORT_SHARES
    return value * initial, value * maintenance


def _of_options(chain: _Chain, under_price: Callable[[Instrument], Decimal]) -> Decimal:
    """The worse of the two sides: at the end only calls or only puts can be in the money."""
    return max(_of_side(chain, right, under_price) for right in ("C", "P"))


def _of_side(chain: _Chain, right: str, under_price: Callable[[Instrument], Decimal]) -> Decimal:
    side = [h for h in chain.options if h.instrument.right == right]
    longs = [_Cover(h, h.quantity) for h in side if h.quantity > 0]
    cover = chain.shares if right == "C" else -chain.shares
    needed = ZERO
    shorts = sorted((h for h in side if h.quantity < 0), key=lambda h: h.instrument.strike)
    for short in shorts if right == "P" else reversed(shorts):
        left = -short.quantity
        by_shares = max(ZERO, min(left, cover // short.instrument.multiplier))
        left -= by_shares
        cover -= by_shares * short.instrument.multiplier
        spread_need, left = _spread(short, left, longs)
        needed += spread_need
        if left > 0:
            needed += left * _naked(short, under_price(short.instrument))
    return needed


def _spread(short: Holding, left: Decimal, longs: list[_Cover]) -> tuple[Decimal, Decimal]:
    """Cover a short with longs that live as long, those that limit the loss most first."""
    needed = ZERO
    able = [long for long in longs if long.holding.instrument.expiry >= short.instrument.expiry]
    for long in sorted(able, key=lambda one: _loss(short, one.holding)):
        used = min(left, long.left)
        if used <= 0:
            continue
        long.left -= used
        left -= used
        point = short.instrument.money_per_point * short.money
        needed += used * max(ZERO, _loss(short, long.holding)) * point
    return needed, left


def _loss(short: Holding, long: Holding) -> Decimal:
    gap = long.instrument.strike - short.instrument.strike
    return gap if short.instrument.right == "C" else -gap


def _naked(short: Holding, under: Decimal) -> Decimal:
    """For one contract: the premium and a share of the underlying, less what it is out of the money."""
    instrument = short.instrument
    gap = instrument.strike - under if instrument.right == "C" else under - instrument.strike
    base = max(_NAKED * under - max(ZERO, gap), _NAKED_FLOOR * (under or instrument.strike))
    return (short.price + base) * instrument.money_per_point * short.money
