"""When each market is open, and until when its auctions take orders."""

from datetime import date

from apps.simgateway.exchange.calendars import ONE_DAY, Calendar, Session
from apps.simgateway.exchange.instant import SECOND, Instant, to_datetime

__all__ = ["ONE_DAY", "Session", "Sessions"]


class Sessions(Calendar):
    """Trading days, hours, cut-offs and auctions, by key of the hours table and by listing exchange."""

    def hours_of(self, exchange: str) -> str:
        """The hours key of a listing exchange."""
        return str(self._exchanges[exchange]["hours"])

    def state(self, hours: str, now: Instant) -> str:
        """pre, open, post or closed."""
        session = self.at(hours, now)
        if now < session.pre:
            return "closed"
        if now < session.open:
            return "pre"
        return "open" if now < session.close else "post"

    def trading_day(self, hours: str, now: Instant) -> date:
        """The trading day an instant belongs to; between sessions the next one."""
        return self.at(hours, now).day

    def next_open(self, hours: str, now: Instant) -> Instant:
        """The next regular open after now."""
        session = self.at(hours, now)
        if session.open > now:
            return session.open
        return self.following(hours, session.day).open

    def close_of(self, hours: str, day: date) -> Instant | None:
        session = self.session(hours, day)
        return session.close if session else None

    def next_edge(self, hours: str, now: Instant) -> Instant:
        """The next instant at which the state of the market changes."""
        session = self.at(hours, now)
        edges = (session.pre, session.open, session.close, session.post)
        later = [edge for edge in edges if edge > now]
        return later[0] if later else self.following(hours, session.day).pre

    def cutoff(self, primary_exchange: str, order_kind: str, day: date) -> Instant | None:
        """The last instant for a MOC, LOC or OPG order, or for changing one (MOC_CANCEL, ...)."""
        row = self._exchanges.get(primary_exchange)
        session = self.session(row["hours"], day) if row else None
        if row is None or session is None:
            return None
        minutes = row.get("cutoffs", {}).get(order_kind)
        if minutes is None:
            return None
        edge = session.open if order_kind.startswith("OPG") else session.close
        return edge - int(minutes * 60) * SECOND

    def auction(self, primary_exchange: str, day: date, which: str) -> Instant | None:
        """When the opening or closing auction of that day is crossed; None where there is none."""
        row = self._exchanges.get(primary_exchange)
        session = self.session(row["hours"], day) if row else None
        if row is None or session is None or which not in row.get("auctions", {}):
            return None
        edge = session.open if which == "open" else session.close
        return edge + int(row["auctions"][which] * 60) * SECOND

    def trading_hours_text(self, hours: str, from_day: date, days: int) -> str:
        """The broker's spelling of the days ahead, extended hours included."""
        return ";".join(self._hours_text(hours, from_day + n * ONE_DAY, extended=True) for n in range(days))

    def liquid_hours_text(self, hours: str, from_day: date, days: int) -> str:
        """The same for regular hours."""
        return ";".join(self._hours_text(hours, from_day + n * ONE_DAY, extended=False) for n in range(days))

    def _hours_text(self, hours: str, day: date, *, extended: bool) -> str:
        session = self.session(hours, day)
        if session is None:
            return f"{day:%Y%m%d}:CLOSED"
        zone = self._markets[hours].zone
        begin, end = (session.pre, session.post) if extended else (session.open, session.close)
        first = to_datetime(begin).astimezone(zone)
        last = to_datetime(end).astimezone(zone)
        return f"{first:%Y%m%d:%H%M}-{last:%Y%m%d:%H%M}"
