"""Where a stream's prices come from: one instrument, or the legs of a combo taken together."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from apps.simgateway.exchange.instant import SECOND, Instant
from apps.simgateway.exchange.instrument import Instrument
from apps.simgateway.exchange.quote import Greeks, Quote
from apps.simgateway.gateway.core import Session
from apps.simgateway.gateway.hub import Hub
from apps.simgateway.gateway.reference.lookup import NO_DEFINITION, one
from apps.simgateway.gateway.wording import invalid
from apps.simgateway.wire.contract import WireContract

ZERO = Decimal(0)
LOOK_AGAIN = 5 * SECOND


class Feed(Protocol):
    """A source of quotes."""

    @property
    def instrument(self) -> Instrument: ...

    @property
    def quoted(self) -> bool: ...

    @property
    def has_greeks(self) -> bool: ...

    def quote(self, now: Instant) -> Quote: ...

    def next_change(self, now: Instant) -> Instant: ...

    def greeks(self, now: Instant, side: str) -> Greeks | None: ...


@dataclass(frozen=True, slots=True)
class SingleFeed:
    """One instrument's own quote."""

    gateway: Hub
    instrument: Instrument

    @property
    def quoted(self) -> bool:
        """An index has a level, but nobody bids for it."""
        return self.instrument.sec_type != "IND"

    @property
    def has_greeks(self) -> bool:
        return self.instrument.is_option

    def quote(self, now: Instant) -> Quote:
        return self.gateway.market.quote(self.instrument.con_id, now)

    def next_change(self, now: Instant) -> Instant:
        """When to look again; also while the market is closed, as prices can be set by hand."""
        return min(self.gateway.market.next_change(self.instrument.con_id, now), now + LOOK_AGAIN)

    def greeks(self, now: Instant, side: str) -> Greeks | None:
        """Model values for the bid, the ask, the last trade or the model's own price."""
        if not self.instrument.is_option:
            return None
        if side == "model":
            return self.gateway.market.greeks(self.instrument.con_id, now)
        price: Decimal | None = getattr(self.quote(now), side)
        if price is None:
            return None
        return self.gateway.market.greeks(self.instrument.con_id, now, price=float(price))


@dataclass(frozen=True, slots=True)
class ComboFeed:
    """The net price of legs; a leg sold is taken at the other side of its book."""

    legs: tuple[tuple[SingleFeed, int], ...]  # signed ratio

    @property
    def instrument(self) -> Instrument:
        return self.legs[0][0].instrument

    @property
    def quoted(self) -> bool:
        return True

    @property
    def has_greeks(self) -> bool:
        return False

    def quote(self, now: Instant) -> Quote:
        rows = [(feed.quote(now), ratio) for feed, ratio in self.legs]
        return Quote(
            at=max(quote.at for quote, _ in rows),
            bid=_net(rows, lambda quote, ratio: quote.bid if ratio > 0 else quote.ask),
            ask=_net(rows, lambda quote, ratio: quote.ask if ratio > 0 else quote.bid),
            bid_size=min(
                (quote.bid_size if ratio > 0 else quote.ask_size) // abs(ratio) for quote, ratio in rows
            ),
            ask_size=min(
                (quote.ask_size if ratio > 0 else quote.bid_size) // abs(ratio) for quote, ratio in rows
            ),
            close=_net(rows, lambda quote, _: quote.close),
            halted=any(quote.halted for quote, _ in rows),
        )

    def next_change(self, now: Instant) -> Instant:
        return min(feed.next_change(now) for feed, _ in self.legs)

    def greeks(self, now: Instant, side: str) -> Greeks | None:
        return None


def _net(rows: list[tuple[Quote, int]], take: Callable[[Quote, int], Decimal | None]) -> Decimal | None:
    total = ZERO
    for quote, ratio in rows:
        price = take(quote, ratio)
        if price is None:
            return None
        total += price * ratio
    return total


def feed_of(gateway: Hub, session: Session, req_id: int, contract: WireContract) -> Feed | None:
    """The feed of a described contract; when there is none the client is told why."""
    if contract.sec_type != "BAG":
        if not contract.exchange:
            gateway.error(session, req_id, 321, invalid("Please enter exchange", "bN"))
            return None
        instrument = one(gateway, session, req_id, contract)
        return SingleFeed(gateway, instrument) if instrument else None
    legs: list[tuple[SingleFeed, int]] = []
    for leg in contract.combo_legs:
        instrument = gateway.catalogue.by_con_id(int(leg.con_id))
        if instrument is None or not int(leg.ratio):
            legs.clear()
            break
        sign = 1 if leg.action.upper() == "BUY" else -1
        legs.append((SingleFeed(gateway, instrument), sign * int(leg.ratio)))
    if not legs:
        gateway.error(session, req_id, 200, NO_DEFINITION)
        return None
    return ComboFeed(tuple(legs))


def frozen_at(gateway: Hub, instrument: Instrument) -> Instant:
    """The last instant at which an instrument was quoted: now, or just before its last close."""
    calendar, hours = gateway.calendar, instrument.hours
    if calendar.state(hours, gateway.now) != "closed":
        return gateway.now
    session = calendar.preceding(hours, calendar.trading_day(hours, gateway.now))
    return session.post - 1
