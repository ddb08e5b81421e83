"""Open, high and low of a session so far, exact over every step of the process."""

from apps.simgateway.exchange.catalogue import Catalogue
from apps.simgateway.exchange.fair import FairValues
from apps.simgateway.exchange.instant import MINUTE, Instant
from apps.simgateway.exchange.instrument import Instrument
from apps.simgateway.exchange.noise import BLOCK_STEPS, STEP
from apps.simgateway.exchange.sessions import Session

PRINT_EVERY = 5 * MINUTE  # an option trades this often


class Ranges:
    """Extremes are kept up to the last whole block, so that a day costs its blocks once."""

    def __init__(self, catalogue: Catalogue, fair: FairValues) -> None:
        self._catalogue = catalogue
        self._fair = fair
        self._kept: dict[tuple[int, Instant], tuple[int, float, float]] = {}

    def forget(self) -> None:
        self._kept.clear()

    @staticmethod
    def print_before(session: Session, now: Instant) -> Instant:
        """When an option last traded."""
        elapsed = min(now, session.close) - session.open
        return session.open + max(0, elapsed) // PRINT_EVERY * PRINT_EVERY

    def so_far(self, instrument: Instrument, session: Session, now: Instant) -> tuple[float, float, float]:
        """Open, high and low from the session's open to now."""
        if instrument.is_option:
            return self._of_prints(instrument, session, now)
        root = self._root(instrument)
        opening, high, low = self._of_logs(root, session.open, now)
        if instrument.con_id == root:
            levels = [self._fair.from_log(root, value) for value in (opening, high, low)]
        else:
            levels = [self._fair.derived(instrument, value, session.day) for value in (opening, high, low)]
        return levels[0], levels[1], levels[2]

    def _root(self, instrument: Instrument) -> int:
        while self._catalogue.family(instrument) is not None:
            under = self._catalogue.under(instrument)
            if under is None:
                raise LookupError(f"{instrument.local_symbol} has no underlying in the catalogue")
            instrument = under
        return instrument.con_id

    def _of_logs(self, con_id: int, begin: Instant, now: Instant) -> tuple[float, float, float]:
        first, start = divmod(begin // STEP, BLOCK_STEPS)
        current, place = divmod(now // STEP, BLOCK_STEPS)
        opening_block = self._fair.block(con_id, first)
        opening = opening_block[start]
        if current == first:
            part = opening_block[start : place + 1]
            return opening, max(part), min(part)
        done, high, low = self._kept.get((con_id, begin), (first, 0.0, 0.0))
        if done == first or done > current:
            part = opening_block[start:]
            done, high, low = first + 1, max(part), min(part)
        for block in range(done, current):
            values = self._fair.block(con_id, block)
            high, low = max(high, max(values)), min(low, min(values))
        self._keep((con_id, begin), (current, high, low))
        part = self._fair.block(con_id, current)[: place + 1]
        return opening, max(high, max(part)), min(low, min(part))

    def _keep(self, key: tuple[int, Instant], state: tuple[int, float, float]) -> None:
        if len(self._kept) > 4096:
            self._kept.pop(next(iter(self._kept)))
        self._kept[key] = state

    def _of_prints(
        self, instrument: Instrument, session: Session, now: Instant
    ) -> tuple[float, float, float]:
        key = (instrument.con_id, session.open)
        final = self.print_before(session, now)
        opening = self._fair.value(instrument, session.open)
        at, high, low = self._kept.get(key, (session.open, opening, opening))
        if at > final:
            at, high, low = session.open, opening, opening
        while at < final:
            at += PRINT_EVERY
            price = self._fair.value(instrument, at)
            high, low = max(high, price), min(low, price)
        self._keep(key, (at, high, low))
        return opening, high, low
