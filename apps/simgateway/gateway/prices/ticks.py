"""A quote as market-data messages: which tick numbers, in which order, and what "nothing" looks like."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from apps.simgateway.exchange.instant import SECOND
from apps.simgateway.exchange.quote import Greeks, Quote
from apps.simgateway.wire.answers import market as answers

ZERO = Decimal(0)

LIVE, FROZEN, DELAYED, DELAYED_FROZEN = 1, 2, 3, 4  # what reqMarketDataType asks for

UNCOMPUTED = Greeks(  # -1 for volatility and prices, -2 for a Greek
    price=-1.0, iv=-1.0, delta=-2.0, gamma=-2.0, vega=-2.0, theta=-2.0, dividends=-1.0, under_price=-1.0
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TickIds:
    """The numbers of one family of ticks."""

    bid: int
    ask: int
    last: int
    bid_size: int
    ask_size: int
    last_size: int
    high: int
    low: int
    volume: int
    close: int
    open: int
    last_time: int
    halted: int
    option_bid: int
    option_ask: int
    option_last: int
    option_model: int


LIVE_IDS = TickIds(
    bid=1,
    ask=2,
    last=4,
    bid_size=0,
    ask_size=3,
    last_size=5,
    high=6,
    low=7,
    volume=8,
    close=9,
    open=14,
    last_time=45,
    halted=49,
    option_bid=10,
    option_ask=11,
    option_last=12,
    option_model=13,
)
DELAYED_IDS = TickIds(
    bid=66,
    ask=67,
    last=68,
    bid_size=69,
    ask_size=70,
    last_size=71,
    high=72,
    low=73,
    volume=74,
    close=75,
    open=76,
    last_time=88,
    halted=90,
    option_bid=80,
    option_ask=81,
    option_last=82,
    option_model=83,
)

_EXTREMES = ("high", "low", "volume", "close", "open")  # in the order in which a gateway tells them


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """To whom ticks are told, and in which family of numbers."""

    version: int
    req_id: int
    ids: TickIds
    magnifier: int = 1  # 100 where prices are in pence: "no price" is -100 there
    can_auto_execute: bool = True

    def price(self, tick: int, price: Decimal | None, size: Decimal) -> list[str]:
        told = Decimal(-self.magnifier) if price is None else price
        mask = 1 if self.can_auto_execute and tick in (1, 2) and price is not None else 0
        return answers.tick_price(
            self.version,
            req_id=self.req_id,
            tick_type=tick,
            price=told,
            size=ZERO if price is None else size,
            mask=mask,
        )

    def size(self, tick: int, size: Decimal) -> list[str]:
        return answers.tick_size(self.version, req_id=self.req_id, tick_type=tick, size=size)

    def text(self, tick: int, value: str) -> list[str]:
        return answers.tick_string(self.version, req_id=self.req_id, tick_type=tick, value=value)

    def number(self, tick: int, value: float | Decimal) -> list[str]:
        return answers.tick_generic(self.version, req_id=self.req_id, tick_type=tick, value=value)

    def greeks(self, tick: int, values: Greeks | None) -> list[str]:
        """An option computation; what was not computed has a number of its own."""
        told = values or UNCOMPUTED
        return answers.tick_option_computation(
            self.version,
            req_id=self.req_id,
            tick_type=tick,
            attribute=1,
            iv=told.iv,
            delta=told.delta,
            price=told.price,
            dividends=told.dividends,
            gamma=told.gamma,
            vega=told.vega,
            theta=told.theta,
            under_price=told.under_price,
        )


def first_words(voice: Voice, quote: Quote, *, quoted: bool) -> Iterator[list[str]]:
    """All a gateway tells of a quote at first. An index is not `quoted`: it has no bid or ask."""
    ids = voice.ids
    if quoted:
        yield voice.price(ids.bid, quote.bid, quote.bid_size)
        yield voice.price(ids.ask, quote.ask, quote.ask_size)
    if quote.last is not None:
        yield voice.price(ids.last, quote.last, quote.last_size)
    if quoted:
        yield voice.size(ids.bid_size, quote.bid_size if quote.bid is not None else ZERO)
        yield voice.size(ids.ask_size, quote.ask_size if quote.ask is not None else ZERO)
    if quote.last is not None:
        yield voice.size(ids.last_size, quote.last_size)
        yield voice.text(ids.last_time, str(quote.at // SECOND))
    if quoted:
        yield voice.number(ids.halted, float(quote.halted))
    for name in _EXTREMES:
        value = getattr(quote, name)
        if name == "volume":
            if quoted:
                yield voice.size(ids.volume, value)
        elif value is not None:
            yield voice.price(getattr(ids, name), value, ZERO)


def changes(voice: Voice, before: Quote, after: Quote, *, quoted: bool) -> Iterator[list[str]]:
    """Only what is different now, in the same order."""
    ids = voice.ids
    if quoted:
        yield from _side(voice, "bid", before=before, after=after)
        yield from _side(voice, "ask", before=before, after=after)
    yield from _trade(voice, before, after)
    if quoted and before.halted != after.halted:
        yield voice.number(ids.halted, float(after.halted))
    for name in _EXTREMES:
        value = getattr(after, name)
        if value is None or value == getattr(before, name):
            continue
        if name != "volume":
            yield voice.price(getattr(ids, name), value, ZERO)
        elif quoted:
            yield voice.size(ids.volume, value)


def _side(voice: Voice, name: str, *, before: Quote, after: Quote) -> Iterator[list[str]]:
    price, size = getattr(after, name), getattr(after, f"{name}_size")
    moved = price != getattr(before, name)
    if moved:
        yield voice.price(getattr(voice.ids, name), price, size)
    if moved or size != getattr(before, f"{name}_size"):
        yield voice.size(getattr(voice.ids, f"{name}_size"), size if price is not None else ZERO)


def _trade(voice: Voice, before: Quote, after: Quote) -> Iterator[list[str]]:
    if after.last is None or (after.last, after.last_size) == (before.last, before.last_size):
        return
    yield voice.price(voice.ids.last, after.last, after.last_size)
    yield voice.size(voice.ids.last_size, after.last_size)
    yield voice.text(voice.ids.last_time, str(after.at // SECOND))
