"""Single ticks of the past, how much traded where, and since when there is data."""

from decimal import Decimal

from apps.simgateway.exchange.bars import HistoryQuery, duration_start
from apps.simgateway.exchange.instant import HOUR, MINUTE, SECOND, Instant
from apps.simgateway.exchange.instrument import Instrument
from apps.simgateway.exchange.quote import Quote
from apps.simgateway.gateway.core import Session
from apps.simgateway.gateway.history import rules
from apps.simgateway.gateway.history.asked import service_error
from apps.simgateway.gateway.hub import Hub
from apps.simgateway.gateway.prices.entitlement import missing_history
from apps.simgateway.gateway.reference.lookup import one
from apps.simgateway.gateway.wording import invalid
from apps.simgateway.wire.answers import history as answers
from apps.simgateway.wire.requests.history import (
    CancelHeadTimeStamp,
    CancelHistogramData,
    ReqHeadTimeStamp,
    ReqHistogramData,
    ReqHistoricalTicks,
)

MOST_TICKS = 1000
KINDS = ("TRADES", "BID_ASK", "MIDPOINT")


def tell_head(gateway: Hub, session: Session, request: ReqHeadTimeStamp) -> None:
    """The first instant of which there is data."""
    instrument = one(gateway, session, request.req_id, request.contract)
    if instrument is None:
        return
    if request.what_to_show.upper() not in (*rules.PRICE_KINDS, *rules.OTHER_KINDS):
        text = invalid(f"Invalid what to show '{request.what_to_show}'", "ce")
        gateway.error(session, request.req_id, 321, text)
        return
    head = gateway.market.history.head(instrument, regular_only=request.use_rth)
    text = rules.head_text(head, request.format_date)
    gateway.send(session, answers.head_timestamp(session.version, req_id=request.req_id, timestamp=text))


def tell_ticks(gateway: Hub, session: Session, request: ReqHistoricalTicks) -> None:
    """Up to a thousand ticks from a start or up to an end, all in one message."""
    instrument = one(gateway, session, request.req_id, request.contract)
    if instrument is None:
        return
    what = request.what_to_show.upper()
    if wrong := _wrong_form(request, what):
        gateway.error(session, request.req_id, 321, invalid(f"{wrong}", "ch"))
        return
    zone = gateway.calendar.zone_id(instrument.hours)
    text = request.start.strip() or request.end
    at = rules.moment(text, zone)
    if at is None:
        gateway.error(session, request.req_id, 10314, rules.WRONG_MOMENT)
        return
    if missing := missing_history(gateway, instrument):
        gateway.error(session, request.req_id, 10187, f"Failed to request historical ticks:{missing}")
        return
    if instrument.sec_type == "CASH" and what == "TRADES":
        service_error(
            gateway, session, request.req_id, f"HMDS query returned no data: {instrument.local_symbol} Trades"
        )
        return
    moments = _moments(gateway, request, instrument, at=at)
    rows = (gateway.market.quote(instrument.con_id, moment) for moment in moments)
    gateway.send(
        session, _told(session, request, instrument, rows=list(zip(moments, rows, strict=True)), what=what)
    )


def _moments(
    gateway: Hub, request: ReqHistoricalTicks, instrument: Instrument, *, at: Instant
) -> list[Instant]:
    """When the ticks were: from the start on, or the last ones before the end."""
    history = gateway.market.history
    if request.start.strip():
        found = history.ticks(instrument, at, count=request.count, end=gateway.now)
    else:
        found = history.ticks_before(instrument, min(at, gateway.now), count=request.count)
    if not request.use_rth:
        return found
    return [moment for moment in found if gateway.calendar.state(instrument.hours, moment) == "open"]


def _told(
    session: Session,
    request: ReqHistoricalTicks,
    instrument: Instrument,
    *,
    rows: list[tuple[Instant, Quote]],
    what: str,
) -> list[str]:
    version, req_id = session.version, request.req_id
    if what == "TRADES":
        venue = instrument.primary_exchange
        trades = [(at // SECOND, 0, q.last, q.last_size, venue, "") for at, q in rows if q.last is not None]
        return answers.historical_ticks_last(version, req_id=req_id, ticks=trades, done=True)
    if what == "BID_ASK":
        books = [
            (at // SECOND, 0, q.bid, q.ask, q.bid_size, q.ask_size)
            for at, q in rows
            if q.bid is not None and q.ask is not None
        ]
        return answers.historical_ticks_bid_ask(version, req_id=req_id, ticks=books, done=True)
    middles = [(at // SECOND, q.mid, 0) for at, q in rows if q.mid is not None]
    return answers.historical_ticks(version, req_id=req_id, ticks=middles, done=True)


def _wrong_form(request: ReqHistoricalTicks, what: str) -> str:
    if what not in KINDS:
        return f"Historical ticks what to show '{request.what_to_show}' is invalid"
    if bool(request.start.strip()) == bool(request.end.strip()):
        return "Either start date/time or end date/time must be given, and not both"
    if not 0 < request.count <= MOST_TICKS:
        return f"The number of ticks must be between 1 and {MOST_TICKS}"
    return ""


def tell_histogram(gateway: Hub, session: Session, request: ReqHistogramData) -> None:
    """Volume by price over a period, from the bars of that period."""
    instrument = one(gateway, session, request.req_id, request.contract)
    if instrument is None:
        return
    length = _period(request.period)
    if length is None:
        text = invalid(f"Histogram period '{request.period}' is invalid", "ci")
        gateway.error(session, request.req_id, 321, text)
        return
    text = f"{length[0]} {length[1]}"
    query = HistoryQuery(
        con_id=instrument.con_id,
        begin=duration_start(text, gateway.now, sessions=gateway.calendar, hours=instrument.hours),
        end=gateway.now,
        size=5 * MINUTE if length[1] in "SD" else HOUR,
        regular_only=request.use_rth,
    )
    bars = gateway.market.history.bars(instrument, query)
    rows: dict[Decimal, int] = {}
    for bar in bars:
        rows[bar.close] = rows.get(bar.close, 0) + max(int(bar.volume), 1)
    message = answers.histogram_data(
        session.version, req_id=request.req_id, rows=[(price, rows[price]) for price in sorted(rows)]
    )
    gateway.send(session, message)


def _period(text: str) -> tuple[int, str] | None:
    """Such as "3 days" or "1 week"."""
    words = text.split()
    if len(words) != 2 or not words[0].isdigit():
        return rules.duration(text)
    unit = {"s": "S", "d": "D", "w": "W", "m": "M", "y": "Y"}.get(words[1][:1].lower())
    return (int(words[0]), unit) if unit and int(words[0]) else None


def forget(gateway: Hub, session: Session, request: object) -> None:
    """It was answered at once: there is nothing left to cancel."""


HANDLERS = {
    ReqHeadTimeStamp: tell_head,
    CancelHeadTimeStamp: forget,
    ReqHistoricalTicks: tell_ticks,
    ReqHistogramData: tell_histogram,
    CancelHistogramData: forget,
}
