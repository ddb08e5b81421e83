"""Historical bars: once, or kept up to date."""

from dataclasses import dataclass

from apps.simgateway.exchange.bars import HistoryQuery, duration_start
from apps.simgateway.exchange.instant import SECOND, Instant
from apps.simgateway.exchange.quote import Bar
from apps.simgateway.gateway import streams
from apps.simgateway.gateway.core import Session
from apps.simgateway.gateway.history import rules
from apps.simgateway.gateway.history.asked import Ask, admitted, service_error, understood
from apps.simgateway.gateway.hub import Hub
from apps.simgateway.gateway.streams import Stream
from apps.simgateway.wire.answers import history as answers
from apps.simgateway.wire.requests.history import CancelHistoricalData, ReqHistoricalData
from apps.simgateway.wire.state import HistoricalBar, HistoricalSession

BARS = "historical data"
REFRESH = 5 * SECOND


@dataclass(slots=True)
class Kept:
    """A bar request that goes on."""

    ask: Ask
    shown: Bar


def tell_bars(gateway: Hub, session: Session, request: ReqHistoricalData) -> None:
    """All bars in one message; with keepUpToDate their continuation."""
    ask = understood(gateway, session, request)
    if ask is None or not admitted(gateway, session, ask):
        return
    if ask.what == "SCHEDULE":
        _tell_schedule(gateway, session, ask)
        return
    bars = fetch(gateway, ask)
    if not bars:
        nothing = f"HMDS query returned no data: {ask.instrument.local_symbol}@{ask.exchange} {ask.what_text}"
        service_error(gateway, session, ask.req_id, nothing)
        return
    _tell(gateway, session, ask, bars)
    if ask.keep_up_to_date:
        stream = streams.begin(session, BARS, ask.req_id, Kept(ask, bars[-1]))
        streams.every(gateway, stream, REFRESH, lambda: _tell_latest(gateway, stream))


def fetch(gateway: Hub, ask: Ask) -> list[Bar]:
    """The bars themselves, from the market."""
    if ask.what == "FEE_RATE":
        return []
    calendar, instrument = gateway.calendar, ask.instrument
    begin = duration_start(ask.duration, ask.end, sessions=calendar, hours=instrument.hours)
    query = HistoryQuery(
        con_id=instrument.con_id,
        begin=begin,
        end=ask.end,
        size=rules.BAR_SIZES[ask.bar_size],
        regular_only=ask.regular_hours,
        show="TRADES" if ask.what == "AGGTRADES" else ask.what,
    )
    return gateway.market.history.bars(instrument, query)


def _row(gateway: Hub, session: Session, ask: Ask, bar: Bar) -> HistoricalBar:
    zone = gateway.calendar.zone_id(ask.instrument.hours)
    return HistoricalBar(
        date=rules.bar_date(
            bar.at, zone, size=ask.bar_size, date_format=ask.date_format, version=session.version
        ),
        open=bar.open,
        high=bar.high,
        low=bar.low,
        close=bar.close,
        volume=bar.volume,
        wap=bar.wap,
        count=bar.count,
    )


def _tell(gateway: Hub, session: Session, ask: Ask, bars: list[Bar]) -> None:
    zone = gateway.calendar.zone_id(ask.instrument.hours)
    start = rules.moment_text(min(bars[0].at, ask.end), zone, session.version)
    end = rules.moment_text(ask.end, zone, session.version)
    rows = [_row(gateway, session, ask, bar) for bar in bars]
    gateway.send(
        session,
        answers.historical_data(session.version, req_id=ask.req_id, start=start, end=end, bars=rows),
    )
    if session.version >= 196:
        gateway.send(
            session, answers.historical_data_end(session.version, req_id=ask.req_id, start=start, end=end)
        )


def _tell_latest(gateway: Hub, stream: Stream) -> None:
    kept = stream.about
    ask = kept.ask.until(gateway.now)
    for bar in fetch(gateway, ask.shortened()):
        if bar.at < kept.shown.at or bar == kept.shown:
            continue
        kept.shown = bar
        row = _row(gateway, stream.session, ask, bar)
        message = answers.historical_data_update(stream.session.version, req_id=stream.number, bar=row)
        gateway.send(stream.session, message)


def _tell_schedule(gateway: Hub, session: Session, ask: Ask) -> None:
    """The sessions of the days asked for."""
    calendar, hours = gateway.calendar, ask.instrument.hours
    zone = calendar.zone_id(hours)
    rows = []
    day = calendar.trading_day(hours, ask.end - rules.rough_length(*ask.length))
    while (span := calendar.session(hours, day)) is None or span.open <= ask.end:
        if span is not None:
            begin, end = _plain(span.open, zone), _plain(span.close, zone)
            rows.append(HistoricalSession(start=begin, end=end, ref_date=f"{day:%Y%m%d}"))
        day = calendar.following(hours, day).day
    message = answers.historical_schedule(
        session.version,
        req_id=ask.req_id,
        start=rows[0].start if rows else "",
        end=rows[-1].end if rows else "",
        time_zone=zone,
        sessions=rows,
    )
    gateway.send(session, message)


def _plain(at: Instant, zone: str) -> str:
    return rules.moment_text(at, zone, 0).replace("  ", "-")


def cancel(gateway: Hub, session: Session, request: CancelHistoricalData) -> None:
    """The gateway confirms the end with an error message of its history service."""
    if streams.end(session, BARS, request.req_id):
        service_error(
            gateway, session, request.req_id, f"API historical data query cancelled: {request.req_id}"
        )
    else:
        text = f"No historical data query found for ticker id:{request.req_id}"
        gateway.error(session, request.req_id, 366, text)


HANDLERS = {ReqHistoricalData: tell_bars, CancelHistoricalData: cancel}
