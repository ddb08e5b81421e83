"""From a fair value to what a screen shows: spread, ticks, sizes, the day's range and volume."""

from dataclasses import dataclass
from decimal import Decimal
from math import ceil, floor, pi, sin

from apps.simgateway.exchange.catalogue import Catalogue
from apps.simgateway.exchange.fair import FairValues
from apps.simgateway.exchange.instant import Instant
from apps.simgateway.exchange.instrument import Instrument
from apps.simgateway.exchange.noise import STEP, key_of, mix
from apps.simgateway.exchange.quote import Quote
from apps.simgateway.exchange.ranges import Ranges
from apps.simgateway.exchange.sessions import Session, Sessions

ZERO = Decimal(0)
EXTENDED_SPREAD = 4.0  # how much wider a quote is outside regular hours
_SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Grid:
    """A market rule made ready for quick rounding."""

    edges: tuple[float, ...]
    steps: tuple[float, ...]
    decimals: tuple[Decimal, ...]

    def band(self, price: float) -> int:
        place = len(self.edges) - 1
        while place and price < self.edges[place]:
            place -= 1
        return place

    def nearest(self, price: float) -> Decimal:
        band = self.band(price)
        return round(price / self.steps[band]) * self.decimals[band]

    def step_at(self, price: float) -> float:
        return self.steps[self.band(price)]

    def around(self, low: float, high: float) -> tuple[Decimal, Decimal]:
        """The ticks at or outside two prices, at least one step apart."""
        down, up = self.band(low), self.band(high)
        below = floor(low / self.steps[down] + _SLACK)
        above = ceil(high / self.steps[up] - _SLACK)
        bid, ask = below * self.decimals[down], above * self.decimals[up]
        return bid, ask if ask > bid else bid + self.decimals[up]


@dataclass(frozen=True, slots=True)
class Face:
    """What is constant about an instrument's quotes."""

    instrument: Instrument
    grid: Grid
    key: int
    half_spread: float  # as a share of the price
    spread_ticks: float  # 1: the tick below and the tick above
    lot: int
    day_volume: float
    shows_book: bool
    shows_last: bool


class Quoter:
    """Quotes of the process itself, before anything set by hand."""

    def __init__(self, catalogue: Catalogue, sessions: Sessions, fair: FairValues, *, seed: int) -> None:
        self._catalogue = catalogue
        self._sessions = sessions
        self._fair = fair
        self._seed = seed
        self._faces: dict[int, Face] = {}
        self._ranges = Ranges(fair)
        self._closes: dict[tuple[int, Instant], Decimal] = {}
        self._ranged: dict[int, tuple[tuple[float, float, float], tuple[Decimal, Decimal, Decimal]]] = {}

    def face(self, instrument: Instrument) -> Face:
        known = self._faces.get(instrument.con_id)
        if known is None:
            known = self._faces[instrument.con_id] = self._make_face(instrument)
        return known

    def _make_face(self, instrument: Instrument) -> Face:
        rule = self._catalogue.rule_for(instrument)
        family = self._catalogue.family(instrument)
        style = family.style if family else {}
        profile = self._catalogue.profile(instrument.con_id) if family is None else None
        return Face(
            instrument=instrument,
            grid=Grid(
                tuple(float(edge) for edge, _ in rule.bands),
                tuple(float(step) for _, step in rule.bands),
                tuple(step for _, step in rule.bands),
            ),
            key=key_of(self._seed, f"face|{instrument.con_id}"),
            half_spread=(profile.spread_bps if profile else style.get("spread_bps", 0.0)) / 20_000,
            spread_ticks=style.get("spread_ticks", 1.0),
            lot=int(profile.lot if profile else style.get("lot", 1.0)),
            day_volume=profile.day_volume if profile else style.get("day_volume", 5_000.0),
            shows_book=instrument.sec_type != "IND",
            shows_last=instrument.sec_type != "CASH",
        )

    def quote(self, instrument: Instrument, now: Instant) -> Quote:
        """The quote at an instant of the step grid."""
        session = self._sessions.at(instrument.hours, now)
        over = self._over(instrument, session, now)
        if over is not None:
            return self._after(instrument, over, now)
        face = self.face(instrument)
        value = self._fair.value(instrument, now)
        regular = session.open <= now < session.close
        bid, ask = self.book(face, value, 1.0 if regular else EXTENDED_SPREAD)
        chance = mix(face.key ^ (now // STEP))
        started = now >= session.open
        day = self._ranges.so_far(instrument, session, min(now, session.close)) if started else None
        opening, high, low = self._on_grid(face, day) if day else (None, None, None)
        last = self._last(face, value, now, session=session) if face.shows_last else None
        return Quote(
            at=now,
            bid=bid,
            ask=ask,
            bid_size=ZERO if bid is None else _size(face.lot, chance),
            ask_size=ZERO if ask is None else _size(face.lot, chance >> 20),
            last=last,
            last_size=ZERO if last is None else _size(face.lot, chance >> 40),
            volume=volume_until(face, session, now),
            open=opening,
            high=high,
            low=low,
            close=self._previous_close(instrument, session),
        )

    def _on_grid(self, face: Face, day: tuple[float, float, float]) -> tuple[Decimal, Decimal, Decimal]:
        """Open, high and low on tick; they change seldom, so the last answer is kept."""
        known = self._ranged.get(face.key)
        if known is None or known[0] != day:
            nearest = face.grid.nearest
            known = self._ranged[face.key] = (day, (nearest(day[0]), nearest(day[1]), nearest(day[2])))
        return known[1]

    def book(self, face: Face, value: float, widening: float = 1.0) -> tuple[Decimal | None, Decimal | None]:
        """Bid and ask around a value."""
        if not face.shows_book:
            return None, None
        step = face.grid.step_at(value)
        half = max(value * face.half_spread, (face.spread_ticks - 1) * step / 2) * widening * 0.999
        if value - half < step / 2 and face.instrument.is_option:
            return None, face.grid.around(0.0, value + half)[1]
        return face.grid.around(value - half, value + half)

    def _last(self, face: Face, value: float, now: Instant, *, session: Session) -> Decimal:
        if face.instrument.is_option:
            return self.official(face.instrument, self._ranges.print_before(session, now))
        return face.grid.nearest(value)

    def _after(self, instrument: Instrument, session: Session, now: Instant) -> Quote:
        """Between sessions: no book; the last session's figures stay."""
        face = self.face(instrument)
        final = session.post if session.post > session.close else session.close
        grid = face.grid
        opening, high, low = self._on_grid(face, self._ranges.so_far(instrument, session, session.close))
        return Quote(
            at=now,
            last=grid.nearest(self._fair.value(instrument, final)) if face.shows_last else None,
            last_size=_size(face.lot, mix(face.key ^ (final // STEP))) if face.shows_last else ZERO,
            volume=volume_until(face, session, session.close),
            open=opening,
            high=high,
            low=low,
            close=self._previous_close(instrument, session)
            if face.shows_last
            else self.official(instrument, session.close),
        )

    def _over(self, instrument: Instrument, session: Session, now: Instant) -> Session | None:
        """The session that was the latest, when none is running; for an expired contract its last one."""
        latest = self._sessions.preceding(instrument.hours, session.day) if now < session.pre else None
        if instrument.expiry:
            last_day = self._fair.facts(instrument).last_day
            if last_day < (latest or session).day:
                return self._sessions.session(instrument.hours, last_day) or latest
        return latest

    def _previous_close(self, instrument: Instrument, session: Session) -> Decimal:
        return self.official(instrument, self._sessions.preceding(instrument.hours, session.day).close)

    def official(self, instrument: Instrument, at: Instant) -> Decimal:
        """The price of an auction: the fair value at its instant, on tick."""
        key = (instrument.con_id, at)
        if key not in self._closes:
            if len(self._closes) > 20_000:
                self._closes.clear()
            value = self._fair.value(instrument, at)
            self._closes[key] = self.face(instrument).grid.nearest(value)
        return self._closes[key]

    def forget(self) -> None:
        """The process changed under us: figures kept from before are not true any more."""
        self._closes.clear()
        self._ranges.forget()


def _size(lot: int, chance: int) -> Decimal:
    """Mostly a few lots, now and then many."""
    lots = 1 + (chance & 7)
    if chance & 0x78 == 0:
        lots *= 5
    return Decimal(lots * lot)


def volume_until(face: Face, session: Session, now: Instant) -> Decimal:
    """Volume of the day so far: fast at both ends, slow at noon, nothing before the open."""
    if now <= session.open:
        return ZERO
    share = min(1.0, (now - session.open) / (session.close - session.open))
    busy = 0.7 + (mix(face.key ^ session.day.toordinal()) & 0xFFFF) / 65536 * 0.6
    return Decimal(int(face.day_volume * busy * (share + 0.1 * sin(2 * pi * share))))
