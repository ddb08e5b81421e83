"""History from the same process as the quotes: bars, ticks, and how far back it goes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from apps.simgateway.exchange.fair import FairValues
from apps.simgateway.exchange.instant import DAY, HOUR, MINUTE, SECOND, Instant, Micros, from_datetime
from apps.simgateway.exchange.instrument import Instrument
from apps.simgateway.exchange.noise import BLOCK_STEPS, STEP
from apps.simgateway.exchange.quote import Bar
from apps.simgateway.exchange.quoting import Quoter, volume_until
from apps.simgateway.exchange.sessions import ONE_DAY, Session, Sessions

FIRST_DAY = date(2024, 1, 2)  # the session table begins here, and so does history
EXACT_SPAN = 3 * DAY  # bars further back from the end than this are sampled, not gone through step by step
SAMPLES = 24  # of such a bar of a day or more, and of any bar of an option
FEW_SAMPLES = 8  # of a shorter one
OPTION_SAMPLE = 5 * MINUTE
BLOCK = BLOCK_STEPS * STEP

BAR_SIZES: dict[str, Micros] = {
    **{f"{n} sec{'s' if n > 1 else ''}": n * SECOND for n in (1, 5, 10, 15, 30)},
    **{f"{n} min{'s' if n > 1 else ''}": n * MINUTE for n in (1, 2, 3, 5, 10, 15, 20, 30)},
    **{f"{n} hour{'s' if n > 1 else ''}": n * HOUR for n in (1, 2, 3, 4, 8)},
    "1 secs": SECOND,
    "1 day": DAY,
    "1 week": 7 * DAY,
    "1 month": 30 * DAY,
}
_SHOWN = (
    "TRADES",
    "MIDPOINT",
    "BID",
    "ASK",
    "BID_ASK",
    "ADJUSTED_LAST",
    "HISTORICAL_VOLATILITY",
    "OPTION_IMPLIED_VOLATILITY",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryQuery:
    """What a client asks of the past."""

    con_id: int
    begin: Instant
    end: Instant
    size: Micros
    regular_only: bool = True
    show: str = "TRADES"


def bar_size(text: str) -> Micros:
    """The length of a bar as clients spell it."""
    if text not in BAR_SIZES:
        raise ValueError(f"no bar size {text!r}; there are: {', '.join(BAR_SIZES)}")
    return BAR_SIZES[text]


def duration_start(text: str, end: Instant, *, sessions: Sessions, hours: str) -> Instant:
    """Where a duration (60 S, 2 D, 1 W, 6 M, 1 Y) that ends at an instant begins. Days are trading days."""
    try:
        count_text, unit = text.split()
        count = int(count_text)
    except ValueError as error:
        raise ValueError(f"no duration {text!r}; write a number and one of S, D, W, M, Y") from error
    if count < 1 or unit not in ("S", "D", "W", "M", "Y"):
        raise ValueError(f"no duration {text!r}; write a number and one of S, D, W, M, Y")
    if unit == "S":
        return end - count * SECOND
    if unit == "D":
        return _sessions_back(count, end, sessions=sessions, hours=hours)
    days = {"W": 7, "M": 30.4375, "Y": 365.25}[unit] * count
    return end - int(days * DAY)


def _sessions_back(count: int, end: Instant, *, sessions: Sessions, hours: str) -> Instant:
    session = sessions.at(hours, end)
    if session.pre >= end:
        session = sessions.preceding(hours, session.day)
    for _ in range(count - 1):
        session = sessions.preceding(hours, session.day)
    return session.pre


class History:
    """Bars and past ticks of every instrument."""

    def __init__(self, fair: FairValues, quoter: Quoter, sessions: Sessions) -> None:
        self._fair = fair
        self._quoter = quoter
        self._sessions = sessions

    def head(self, instrument: Instrument, *, regular_only: bool = True) -> Instant:
        """The first instant there is any history of."""
        first = FIRST_DAY
        if instrument.expiry:
            text = instrument.expiry
            listed = date(int(text[:4]), int(text[4:6]), int(text[6:])) - timedelta(days=420)
            first = max(FIRST_DAY, listed)
        session = self._sessions.following(instrument.hours, first - ONE_DAY)
        return session.open if regular_only else session.pre

    def bars(self, instrument: Instrument, query: HistoryQuery) -> list[Bar]:
        """Every bar that begins in the span; a session without trading has none."""
        begin = max(query.begin, self.head(instrument, regular_only=query.regular_only))
        if instrument.expiry:
            begin = min(begin, query.end)
        cuts = self._long_cuts if query.size >= DAY else self._short_cuts
        found = []
        for at, spans in cuts(instrument, query, begin):
            exact = query.end - spans[0][0] <= EXACT_SPAN
            bar = self._bar(instrument, query, at=at, spans=spans, exact=exact)
            if bar is not None:
                found.append(bar)
        return found

    def _days(self, instrument: Instrument, query: HistoryQuery, begin: Instant) -> Iterator[Session]:
        session = self._sessions.at(instrument.hours, begin)
        last = instrument.expiry or "99999999"
        while session.pre < query.end and f"{session.day:%Y%m%d}" <= last:
            yield session
            session = self._sessions.following(instrument.hours, session.day)

    def _short_cuts(
        self, instrument: Instrument, query: HistoryQuery, begin: Instant
    ) -> Iterator[tuple[Instant, list[tuple[Instant, Instant]]]]:
        """Bars within sessions, on round times; the first of a session may be shorter."""
        for session in self._days(instrument, query, begin):
            first, last = (session.open, session.close) if query.regular_only else (session.pre, session.post)
            at = first
            while at < min(last, query.end):
                stop = min((at // query.size + 1) * query.size, last)
                if at >= begin or stop > begin:
                    yield at, [(at, min(stop, query.end))]
                at = stop

    def _long_cuts(
        self, instrument: Instrument, query: HistoryQuery, begin: Instant
    ) -> Iterator[tuple[Instant, list[tuple[Instant, Instant]]]]:
        """Bars of whole sessions: a day, the days of a week, the days of a month."""
        group: tuple[int, ...] = ()
        at, spans = 0, list[tuple[Instant, Instant]]()
        for session in self._days(instrument, query, begin):
            first, last = (session.open, session.close) if query.regular_only else (session.pre, session.post)
            if first >= query.end:
                break
            label = _period(session.day, query.size)
            if label != group and spans:
                yield at, spans
                spans = []
            if not spans:
                at = day_stamp(session.day)
            group = label
            spans.append((first, min(last, query.end)))
        if spans:
            yield at, spans

    def _bar(
        self,
        instrument: Instrument,
        query: HistoryQuery,
        *,
        at: Instant,
        spans: list[tuple[Instant, Instant]],
        exact: bool,
    ) -> Bar | None:
        values: list[float] = []
        for first, stop in spans:
            values.extend(self._samples(instrument, first, stop, exact=exact))
        if not values:
            return None
        opening, high, low, closing = values[0], max(values), min(values), values[-1]
        prices = self._shown(instrument, query, (opening, high, low, closing))
        volume = self._volume(instrument, spans) if query.show in ("TRADES", "ADJUSTED_LAST") else Decimal(-1)
        return Bar(
            at=at,
            open=prices[0],
            high=prices[1],
            low=prices[2],
            close=prices[3],
            volume=volume,
            wap=self._average(instrument, values) if volume >= 0 else Decimal(-1),
            count=max(1, int(volume) // 120) if volume >= 0 else -1,
        )

    def _average(self, instrument: Instrument, values: list[float]) -> Decimal:
        return Decimal(f"{sum(values) / len(values):.6g}") if values[0] < 1 else _cents(values)

    def _samples(self, instrument: Instrument, first: Instant, stop: Instant, *, exact: bool) -> list[float]:
        """Values from an instant up to, not including, another."""
        if instrument.is_option:
            times = range(first, stop, max(OPTION_SAMPLE, (stop - first) // SAMPLES))
            return [self._fair.value(instrument, at) for at in times]
        root = self._fair.facts(instrument).under if instrument.sec_type == "FUT" else instrument
        logs = self._logs(root.con_id, first, stop) if exact else self._knots(root.con_id, first, stop)
        if instrument.sec_type != "FUT":
            return [self._fair.from_log(root.con_id, log) for log in logs]
        day = self._sessions.trading_day(instrument.hours, first)
        return [self._fair.derived(instrument, log, day) for log in logs]

    def _logs(self, con_id: int, first: Instant, stop: Instant) -> list[float]:
        found: list[float] = []
        step, final = first // STEP, -(-stop // STEP)
        while step < final:
            block, place = divmod(step, BLOCK_STEPS)
            part = self._fair.block(con_id, block)[place : min(BLOCK_STEPS, place + final - step)]
            found += _telling(part)
            step += min(BLOCK_STEPS, place + final - step) - place
        return found

    def _knots(self, con_id: int, first: Instant, stop: Instant) -> list[float]:
        edge = self._fair.log_dev(con_id, first)
        begin, end = -(-first // BLOCK), -(-stop // BLOCK)
        wanted = SAMPLES if stop - first > 4 * HOUR else FEW_SAMPLES
        stride = max(1, (end - begin) // wanted)
        inner = [self._fair.knot(con_id, block) for block in range(begin, end, stride)]
        return [edge, *inner, self._fair.log_dev(con_id, stop - STEP)]

    def _shown(
        self, instrument: Instrument, query: HistoryQuery, values: tuple[float, float, float, float]
    ) -> list[Decimal]:
        """Four prices as the kind of bar wants them."""
        face = self._quoter.face(instrument)
        if query.show in ("HISTORICAL_VOLATILITY", "OPTION_IMPLIED_VOLATILITY"):
            return [Decimal(f"{self._fair.yearly_volatility(instrument):.6f}")] * 4
        if query.show in ("BID", "ASK", "BID_ASK") and face.shows_book:
            return self._sides(instrument, query.show, values)
        return [face.grid.nearest(value) for value in values]

    def _sides(self, instrument: Instrument, show: str, values: tuple[float, ...]) -> list[Decimal]:
        face = self._quoter.face(instrument)
        books = [self._quoter.book(face, value) for value in values]
        bids = [bid if bid is not None else Decimal(0) for bid, _ in books]
        asks = [ask if ask is not None else Decimal(0) for _, ask in books]
        if show == "BID_ASK":  # the open is the mean bid, the close the mean ask
            return [bids[0], asks[1], bids[2], asks[3]]
        return bids if show == "BID" else asks

    def _volume(self, instrument: Instrument, spans: list[tuple[Instant, Instant]]) -> Decimal:
        face = self._quoter.face(instrument)
        total = Decimal(0)
        for first, stop in spans:
            session = self._sessions.at(instrument.hours, first)
            total += volume_until(face, session, stop) - volume_until(face, session, first)
        return total

    def ticks(self, instrument: Instrument, begin: Instant, *, count: int, end: Instant) -> list[Instant]:
        """Instants of past ticks from `begin` on, one a second while there is trading, at most `count`."""
        found: list[Instant] = []
        at = -(-begin // SECOND) * SECOND
        while len(found) < count and at < end:
            session = self._sessions.at(instrument.hours, at)
            if at < session.pre:
                at = session.pre
                continue
            found.append(at)
            at += SECOND
        return found

    def ticks_before(self, instrument: Instrument, end: Instant, *, count: int) -> list[Instant]:
        """The same, the last `count` before an instant."""
        found: list[Instant] = []
        at = (end - 1) // SECOND * SECOND
        while len(found) < count:
            session = self._sessions.at(instrument.hours, at)
            if at < session.pre:
                at = self._sessions.preceding(instrument.hours, session.day).post - SECOND
                continue
            found.append(at)
            at -= SECOND
        return found[::-1]


def _telling(part: list[float]) -> list[float]:
    """First, highest, lowest and last of a stretch: all that a bar keeps of it."""
    if len(part) <= 4:
        return part
    high, low = max(part), min(part)
    middle = [high, low] if part.index(high) < part.index(low) else [low, high]
    return [part[0], *middle, part[-1]]


def _cents(values: list[float]) -> Decimal:
    return Decimal(round(sum(values) / len(values) * 1000)) / 1000


def _period(day: date, size: Micros) -> tuple[int, ...]:
    if size == 7 * DAY:
        return tuple(day.isocalendar()[:2])
    return (day.year, day.month) if size > 7 * DAY else (day.toordinal(),)


def day_stamp(day: date) -> Instant:
    """How a bar of a day or longer is dated: midnight UTC of its first trading day."""
    return from_datetime(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("UTC")))
