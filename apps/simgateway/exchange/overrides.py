"""What somebody set by hand, or put on a tape, in place of the process's own prices."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from apps.simgateway.exchange.instant import Instant
from apps.simgateway.exchange.quote import Quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Manual:
    """Parts of a quote; what is None stays as the process has it."""

    bid: Decimal | None = None
    ask: Decimal | None = None
    bid_size: Decimal | None = None
    ask_size: Decimal | None = None
    last: Decimal | None = None
    last_size: Decimal | None = None
    since: Instant = 0
    until: Instant | None = None
    missing: bool = False  # True: neither bid nor ask is shown

    @property
    def middle(self) -> float | None:
        if self.bid is not None and self.ask is not None:
            return float(self.bid + self.ask) / 2
        return None if self.last is None else float(self.last)

    def over(self, quote: Quote) -> Quote:
        """The quote with these parts in place of its own; the day's range widens to hold the last price."""
        parts = {
            name: part
            for name in ("bid", "ask", "bid_size", "ask_size", "last", "last_size")
            if (part := getattr(self, name)) is not None
        }
        if self.missing:
            parts |= {"bid": None, "ask": None, "bid_size": Decimal(0), "ask_size": Decimal(0)}
        if self.last is not None and quote.high is not None and quote.low is not None:
            parts |= {"high": max(quote.high, self.last), "low": min(quote.low, self.last)}
        return replace(quote, **parts)


class Overrides:
    """Manual quotes, tapes and halts, by contract."""

    def __init__(self) -> None:
        self._manual: dict[int, Manual] = {}
        self._tapes: dict[int, tuple[list[Instant], list[Manual]]] = {}
        self.halted: dict[int, bool] = {}

    def set(self, con_id: int, manual: Manual) -> None:
        self._manual[con_id] = manual

    def begin(self, now: Instant) -> None:
        """What was set before anybody asked for a quote holds from the first question on."""
        for con_id, manual in self._manual.items():
            if not manual.since:
                self._manual[con_id] = replace(manual, since=now)

    def clear(self, con_id: int) -> None:
        self._manual.pop(con_id, None)
        self._tapes.pop(con_id, None)

    def play(self, con_id: int, rows: Iterable[tuple[Instant, Manual]]) -> None:
        """Quotes from a tape: each holds until the next."""
        ordered = sorted(rows, key=lambda row: row[0])
        self._tapes[con_id] = ([at for at, _ in ordered], [manual for _, manual in ordered])

    @property
    def any(self) -> bool:
        return bool(self._manual or self._tapes)

    def at(self, con_id: int, now: Instant) -> Manual | None:
        """What holds at an instant: set by hand first, then the tape."""
        manual = self._manual.get(con_id)
        if manual is not None and manual.since <= now and (manual.until is None or now < manual.until):
            return manual
        tape = self._tapes.get(con_id)
        place = bisect_right(tape[0], now) if tape else 0
        return tape[1][place - 1] if tape and place else None
