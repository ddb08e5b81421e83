"""Market-data lines: who watches what, and what is told when it moves."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from apps.simgateway.exchange.instant import SECOND, Instant
from apps.simgateway.exchange.instrument import Instrument
from apps.simgateway.exchange.quote import Greeks, Quote
from apps.simgateway.gateway import streams
from apps.simgateway.gateway.core import Session
from apps.simgateway.gateway.hub import Hub
from apps.simgateway.gateway.prices import generics
from apps.simgateway.gateway.prices.entitlement import granted, parameters, shown_instant
from apps.simgateway.gateway.prices.feeds import Feed, feed_of
from apps.simgateway.gateway.prices.ticks import (
    DELAYED_IDS,
    FROZEN,
    LIVE,
    LIVE_IDS,
    Voice,
    changes,
    first_words,
)
from apps.simgateway.gateway.reference.lookup import TOO_OLD, is_too_old
from apps.simgateway.gateway.streams import Stream
from apps.simgateway.gateway.wording import invalid, unprocessed
from apps.simgateway.wire.answers import market as answers
from apps.simgateway.wire.requests.market import CancelMktData, ReqMktData

LINE = "market data"
SNAPSHOT_PATIENCE = 11 * SECOND  # how long an incomplete snapshot waits for the rest
NO_GENERICS = "Snapshot market data subscription is not applicable to generic ticks"
SIDES = ("bid", "ask", "last", "model")


@dataclass(slots=True, kw_only=True)
class Line:
    """What one subscription is about, and what its client was told last."""

    feed: Feed
    voice: Voice
    kind: int
    generic: list[int]
    shown: Quote
    computed: dict[str, Greeks | None] = field(default_factory=dict)


def subscribe(gateway: Hub, session: Session, request: ReqMktData) -> None:
    """The figures as they are now, and then every change, or the end of the snapshot."""
    req_id = request.req_id
    if (LINE, req_id) in session.streams:
        gateway.error(session, req_id, 322, unprocessed("Duplicate ticker id"))
        return
    one_shot = request.snapshot or request.regulatory_snapshot
    if one_shot and request.generic_ticks:
        gateway.error(session, req_id, 321, invalid(NO_GENERICS, "bR"))
        return
    feed = feed_of(gateway, session, req_id, request.contract)
    if feed is None:
        return
    if is_too_old(session, feed.instrument):
        gateway.error(session, req_id, *TOO_OLD)
        return
    sec_type = request.contract.sec_type or feed.instrument.sec_type
    if refusal := generics.refusal(sec_type, request.generic_ticks):
        gateway.error(session, req_id, 321, refusal)
        return
    if len(streams.everywhere(gateway, LINE)) >= gateway.switches.market_data_lines:
        gateway.error(session, req_id, 101, "Max number of tickers has been reached")
        return
    kind = granted(gateway, session, req_id, feed)
    if kind is None:
        return
    line = _line(gateway, session, request, feed=feed, kind=kind)
    stream = streams.begin(session, LINE, req_id, line)
    _introduce(gateway, stream)
    if one_shot:
        gateway.later(0 if _complete(line) else SNAPSHOT_PATIENCE, lambda: _end_snapshot(gateway, stream))
    else:
        streams.repeat(
            gateway, stream, lambda: feed.next_change(gateway.now), lambda: _tell_changes(gateway, stream)
        )


def _line(gateway: Hub, session: Session, request: ReqMktData, *, feed: Feed, kind: int) -> Line:
    voice = Voice(
        version=session.version,
        req_id=request.req_id,
        ids=LIVE_IDS if kind in (LIVE, FROZEN) else DELAYED_IDS,
        magnifier=feed.instrument.price_magnifier,
    )
    return Line(
        feed=feed,
        voice=voice,
        kind=kind,
        generic=generics.wanted(request.generic_ticks) or [],
        shown=feed.quote(shown_instant(gateway, feed, kind)),
    )


def _introduce(gateway: Hub, stream: Stream) -> None:
    session, line = stream.session, stream.about
    if line.kind != LIVE:
        kind = answers.market_data_type(session.version, req_id=stream.number, market_data_type=line.kind)
        gateway.send(session, kind)
    gateway.send(session, parameters(session, stream.number, line.feed))
    at = shown_instant(gateway, line.feed, line.kind)
    for message in first_words(line.voice, line.shown, quoted=line.feed.quoted):
        gateway.send(session, message)
    for message in _computations(line, at):
        gateway.send(session, message)
    for message in generics.sayings(line.voice, _facts(gateway, line, at), line.generic):
        gateway.send(session, message)


def _computations(line: Line, at: Instant) -> Iterator[list[str]]:
    """Option computations that are new, in the order bid, ask, last, model."""
    if not line.feed.has_greeks:
        return
    for side in SIDES:
        values = line.feed.greeks(at, side)
        if side == "last" and values is None:
            continue
        if side not in line.computed or line.computed[side] != values:
            line.computed[side] = values
            yield line.voice.greeks(getattr(line.voice.ids, f"option_{side}"), values)


def _facts(gateway: Hub, line: Line, at: Instant) -> generics.Facts:
    if not line.generic:
        return generics.Facts(instrument=line.feed.instrument, quote=line.shown)
    volatility = _volatility(gateway, line.feed.instrument, at)
    return generics.Facts(instrument=line.feed.instrument, quote=line.shown, volatility=volatility)


def _volatility(gateway: Hub, instrument: Instrument, at: Instant) -> float:
    """A year's volatility of an instrument; an option's own is the one its price implies."""
    if not instrument.is_option:
        return gateway.market.volatility(instrument.con_id)
    values = gateway.market.greeks(instrument.con_id, at)
    return values.iv if values else 0.0


def _tell_changes(gateway: Hub, stream: Stream) -> None:
    """Say what is different from what was said last."""
    session, line = stream.session, stream.about
    at = shown_instant(gateway, line.feed, line.kind)
    before, line.shown = line.shown, line.feed.quote(at)
    for message in changes(line.voice, before, line.shown, quoted=line.feed.quoted):
        gateway.send(session, message)
    for message in _computations(line, at):
        gateway.send(session, message)
    moving = [number for number in line.generic if number in generics.MOVING]
    if moving and line.shown.last != before.last:
        for message in generics.sayings(line.voice, _facts(gateway, line, at), moving):
            gateway.send(session, message)


def _complete(line: Line) -> bool:
    """Has a snapshot all that it can have?"""
    if not line.feed.quoted:
        return line.shown.last is not None
    return line.shown.bid is not None and line.shown.ask is not None


def _end_snapshot(gateway: Hub, stream: Stream) -> None:
    if stream.alive:
        streams.end(stream.session, LINE, stream.number)
        gateway.send(stream.session, answers.tick_snapshot_end(stream.session.version, req_id=stream.number))


def cancel(gateway: Hub, session: Session, request: CancelMktData) -> None:
    """End a line; an unknown number is told."""
    if not streams.end(session, LINE, request.req_id):
        gateway.error(session, request.req_id, 300, f"Can't find EId with tickerId:{request.req_id}")


HANDLERS = {ReqMktData: subscribe, CancelMktData: cancel}
