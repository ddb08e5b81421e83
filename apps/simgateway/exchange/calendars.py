"""The days of each market: a table read once, asked often."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from apps.simgateway.exchange.instant import Instant, from_datetime, to_datetime

ONE_DAY = timedelta(days=1)
LOOK_AHEAD = 20  # days; no market of ours is shut for longer


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One trading day of one market. Without extended hours `pre` is the open and `post` the close."""

    day: date
    open: Instant
    close: Instant
    pre: Instant
    post: Instant
    early: bool = False


@dataclass(frozen=True, slots=True)
class _Span:
    """A stretch of local time that belongs to a trading day, perhaps begun the evening before."""

    begin: time
    end: time
    begin_offset: int = 0

    def on(self, day: date, zone: ZoneInfo) -> tuple[Instant, Instant]:
        first = datetime.combine(day + self.begin_offset * ONE_DAY, self.begin, zone)
        return from_datetime(first), from_datetime(datetime.combine(day, self.end, zone))


@dataclass(frozen=True, slots=True)
class _Market:
    """One key of the hours table."""

    zone_id: str
    zone: ZoneInfo
    regular: _Span
    extended: _Span | None
    holidays: frozenset[date]
    specials: dict[date, _Span]
    weekdays: frozenset[int]


def _clock(text: str) -> time:
    hour, minute = text.split(":")
    return time(int(hour), int(minute))


def _span(row: Mapping[str, Any]) -> _Span:
    return _Span(_clock(row["open"]), _clock(row["close"]), int(row.get("open_offset", 0)))


def _market(row: Mapping[str, Any], calendars: Mapping[str, Any]) -> _Market:
    """Hours take their calendar's days; what they say themselves goes before."""
    calendar = calendars.get(row.get("calendar", ""), {})
    base = {
        **calendar,
        **{key: value for key, value in row.items() if key in ("open", "close", "open_offset")},
    }
    specials = {
        date.fromisoformat(str(day)): _span({"open_offset": base.get("open_offset", 0), **special})
        for day, special in calendar.get("special", {}).items()
    }
    return _Market(
        zone_id=row["zone"],
        zone=ZoneInfo(row["zone"]),
        regular=_span(base),
        extended=_span(row["extended"]) if "extended" in row else None,
        holidays=frozenset(date.fromisoformat(str(day)) for day in calendar.get("holidays", ())),
        specials=specials,
        weekdays=frozenset(row.get("weekdays", (0, 1, 2, 3, 4))),
    )


class Calendar:
    """Sessions by market and day, and how to walk along them."""

    def __init__(self, markets: dict[str, _Market], exchanges: dict[str, dict[str, Any]]) -> None:
        self._markets = markets
        self._exchanges = exchanges
        self._known: dict[tuple[str, date], Session | None] = {}
        self._current: dict[str, tuple[Instant, Instant, Session]] = {}
        self._before: dict[tuple[str, date], Session] = {}

    @classmethod
    def load(cls, *, calendars: Mapping[str, Any], exchanges: Mapping[str, Any]) -> Self:
        """From the plain content of sessions.yaml and exchanges.yaml."""
        markets = {key: _market(row, calendars) for key, row in exchanges["hours"].items()}
        return cls(markets, dict(exchanges["exchanges"]))

    def zone_id(self, hours: str) -> str:
        """The zone as the broker spells it, such as US/Eastern."""
        return self._markets[hours].zone_id

    def session(self, hours: str, day: date) -> Session | None:
        """The session of that trading day; None on a weekend or holiday."""
        key = (hours, day)
        if key not in self._known:
            self._known[key] = self._build(self._markets[hours], day)
        return self._known[key]

    def _build(self, market: _Market, day: date) -> Session | None:
        if day.weekday() not in market.weekdays or day in market.holidays:
            return None
        special = market.specials.get(day)
        open_, close = (special or market.regular).on(day, market.zone)
        pre, post = market.extended.on(day, market.zone) if market.extended else (open_, close)
        early = special is not None and special.end < market.regular.end
        if early and market.extended:
            # after an early close the late session ends as much earlier as its usual length demands
            post = close + (post - market.regular.on(day, market.zone)[1])
        return Session(
            day=day, open=open_, close=close, pre=min(pre, open_), post=max(post, close), early=early
        )

    def at(self, hours: str, now: Instant) -> Session:
        """The session in force: the running one (extended hours included), else the next one."""
        begin, end, session = self._current.get(hours, (0, -1, None))
        if session is not None and begin <= now < end:
            return session
        session, previous_end = self._search(hours, now)
        self._current[hours] = (previous_end, session.post, session)
        return session

    def _search(self, hours: str, now: Instant) -> tuple[Session, Instant]:
        day = self._local_day(hours, now) - ONE_DAY
        previous_end = now
        for _ in range(LOOK_AHEAD):
            session = self.session(hours, day)
            if session is not None:
                if session.post > now:
                    return session, previous_end
                previous_end = session.post
            day += ONE_DAY
        raise LookupError(f"{hours} has no session within {LOOK_AHEAD} days of {to_datetime(now):%Y-%m-%d}")

    def _local_day(self, hours: str, now: Instant) -> date:
        return to_datetime(now).astimezone(self._markets[hours].zone).date()

    def following(self, hours: str, day: date) -> Session:
        """The first session after that trading day."""
        for _ in range(LOOK_AHEAD):
            day += ONE_DAY
            if (session := self.session(hours, day)) is not None:
                return session
        raise LookupError(f"{hours} has no session within {LOOK_AHEAD} days after {day}")

    def preceding(self, hours: str, day: date) -> Session:
        """The last session before that trading day."""
        key = (hours, day)
        found = self._before.get(key)
        if found is None:
            earlier = (self.session(hours, day - n * ONE_DAY) for n in range(1, LOOK_AHEAD))
            found = next((session for session in earlier if session is not None), None)
            if found is None:
                raise LookupError(f"{hours} has no session within {LOOK_AHEAD} days before {day}")
            self._before[key] = found
        return found
