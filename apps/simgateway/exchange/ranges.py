"""Open, high and low of a session so far, exact over every step of the process."""

from apps.simgateway.exchange.fair import FairValues
from apps.simgateway.exchange.instant import MINUTE, Instant
from apps.simgateway.exchange.instrument import Instrument
from apps.simgateway.exchange.noise import BLOCK_STEPS, STEP
from apps.simgateway.exchange.sessions import Session

PRINT_EVERY = 15 * MINUTE  # an option trades this often


class Ranges:
    """Extremes are kept up to the step last asked about, so that a day is gone through once."""

    def __init__(self, fair: FairValues) -> None:
        self._fair = fair
        self._kept: dict[tuple[int, Instant], tuple[int, float, float, float]] = {}

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
        if instrument.sec_type != "FUT":
            logs = self._of_logs(instrument.con_id, session.open, now)
            return self._levels(instrument, logs, session)
        return self._levels(instrument, self._of_logs(instrument.under_con_id, session.open, now), session)

    def _levels(
        self, instrument: Instrument, logs: tuple[float, float, float], session: Session
    ) -> tuple[float, float, float]:
        if instrument.sec_type == "FUT":
            opening, high, low = (self._fair.derived(instrument, log, session.day) for log in logs)
        else:
            opening, high, low = (self._fair.from_log(instrument.con_id, log) for log in logs)
        return opening, max(high, low), min(high, low)

    def _of_logs(self, con_id: int, begin: Instant, now: Instant) -> tuple[float, float, float]:
        """Each step is looked at once; asked about an earlier instant, the session is gone through again."""
        key = (con_id, begin)
        final = now // STEP
        done, opening, high, low = self._kept.get(key, (0, 0.0, 0.0, 0.0))
        if done == final:
            return opening, high, low
        if not done or done > final:
            done = begin // STEP
            opening = high = low = self._fair.log_dev(con_id, begin)
        high, low = self._widened(con_id, (done + 1, final), high=high, low=low)
        self._keep(key, (final, opening, high, low))
        return opening, high, low

    def _widened(
        self, con_id: int, steps: tuple[int, int], *, high: float, low: float
    ) -> tuple[float, float]:
        """A range stretched over more steps. Whole blocks that cannot matter are told by their ends alone."""
        step, final = steps
        for block in range(-(-step // BLOCK_STEPS), final // BLOCK_STEPS + 1):
            end = self._fair.knot(con_id, block)
            high, low = max(high, end), min(low, end)
        while step <= final:
            block, place = divmod(step, BLOCK_STEPS)
            end_place = min(BLOCK_STEPS, place + final - step + 1)
            whole = end_place - place == BLOCK_STEPS
            if not whole or self._fair.may_pass(con_id, block, high=high, low=low):
                part = self._fair.block(con_id, block)[place:end_place]
                high, low = max(high, *part), min(low, *part)
            step += end_place - place
        return high, low

    def _keep(self, key: tuple[int, Instant], state: tuple[int, float, float, float]) -> None:
        if key not in self._kept and len(self._kept) > 4096:
            self._kept.pop(next(iter(self._kept)))
        self._kept[key] = state

    def _of_prints(
        self, instrument: Instrument, session: Session, now: Instant
    ) -> tuple[float, float, float]:
        key = (instrument.con_id, session.open)
        final = self.print_before(session, now)
        at, opening, high, low = self._kept.get(key, (0, 0.0, 0.0, 0.0))
        if at == final:
            return opening, high, low
        if not at or at > final:
            at = session.open
            opening = high = low = self._fair.value(instrument, at)
        while at < final:
            at += PRINT_EVERY
            price = self._fair.value(instrument, at)
            high, low = max(high, price), min(low, price)
        self._keep(key, (at, opening, high, low))
        return opening, high, low
