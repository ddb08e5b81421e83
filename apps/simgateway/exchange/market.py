"""Quotes at any instant, as a function of seed, instrument and time, with what was set by hand on top."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from apps.simgateway.exchange.bars import History
from apps.simgateway.exchange.catalogue import Catalogue
from apps.simgateway.exchange.fair import FairValues
from apps.simgateway.exchange.instant import Instant, Micros
from apps.simgateway.exchange.model import ModelPrices
from apps.simgateway.exchange.overrides import Manual, Overrides
from apps.simgateway.exchange.quote import Quote
from apps.simgateway.exchange.quoting import Quoter
from apps.simgateway.exchange.sessions import Sessions


class Market(ModelPrices):
    """What every instrument trades at."""

    def __init__(
        self, catalogue: Catalogue, sessions: Sessions, seed: int, *, step: Micros = 500_000
    ) -> None:
        super().__init__(catalogue, FairValues(catalogue, sessions, seed), step)
        self._sessions = sessions
        self.quoter = Quoter(catalogue, sessions, self.fair, seed=seed)
        self.history = History(self.fair, self.quoter, sessions)
        self.overrides = Overrides()
        self.fair.pinned = self._pinned
        self._latest: Instant = 0
        self._cache: dict[int, tuple[Instant, Quote]] = {}

    def quote(self, con_id: int, now: Instant) -> Quote:
        """The quote in force; the same through a whole step."""
        at = now - now % self.step
        if at > self._latest:
            if not self._latest:
                self.overrides.begin(at)
            self._latest = at
        known = self._cache.get(con_id)
        if known is not None and known[0] == at:
            return known[1]
        quote = self.quoter.quote(self._catalogue.known(con_id), at)
        if self.overrides.any and (manual := self.overrides.at(con_id, at)) is not None:
            quote = manual.over(quote)
        if self.overrides.halted.get(con_id):
            quote = replace(quote, bid=None, ask=None, bid_size=Decimal(0), ask_size=Decimal(0), halted=True)
        self._cache[con_id] = (at, quote)
        return quote

    def _pinned(self, con_id: int, now: Instant) -> float | None:
        if not self.overrides.any:
            return None
        manual = self.overrides.at(con_id, now)
        return manual.middle if manual else None

    def next_change(self, con_id: int, now: Instant) -> Instant:
        """The next instant at which the quote can be another."""
        hours = self._catalogue.known(con_id).hours
        if self._sessions.state(hours, now) == "closed":
            return self._sessions.next_edge(hours, now)
        return now - now % self.step + self.step

    def auction_price(self, con_id: int, day: date, kind: str) -> Decimal:
        """What an opening or closing auction crosses at."""
        instrument = self._catalogue.known(con_id)
        session = self._sessions.session(instrument.hours, day)
        if session is None:
            raise LookupError(f"{instrument.symbol} has no session on {day}")
        at = session.open if kind == "open" else session.close
        manual = self.overrides.at(con_id, at)
        if manual is not None and manual.last is not None:
            return manual.last
        return self.quoter.official(instrument, at)

    def set_quote(
        self,
        con_id: int,
        *,
        bid: Decimal | None = None,
        ask: Decimal | None = None,
        bid_size: Decimal | None = None,
        ask_size: Decimal | None = None,
        last: Decimal | None = None,
        last_size: Decimal | None = None,
        since: Instant | None = None,
        until: Instant | None = None,
        missing: bool = False,
    ) -> None:
        """Hold these parts of a quote until cleared or `until`. Missing shows neither bid nor ask.

        They hold from `since`; without it, from the latest instant anybody has asked about.
        """
        self._catalogue.known(con_id)
        self.overrides.set(
            con_id,
            Manual(
                bid=bid,
                ask=ask,
                bid_size=bid_size,
                ask_size=ask_size,
                last=last,
                last_size=last_size,
                since=self._latest if since is None else since,
                until=until,
                missing=missing,
            ),
        )
        self._forget()

    def clear_quote(self, con_id: int) -> None:
        """Back to the process, from a manual quote or a tape."""
        self.overrides.clear(con_id)
        self._forget()

    def play(self, con_id: int, rows: Iterable[tuple[Instant, Manual]]) -> None:
        """Quotes from a tape (see tape.py)."""
        self.overrides.play(con_id, rows)
        self._forget()

    def shift(self, con_id: int, percent: float, now: Instant) -> None:
        """A jump that stays; options, futures and followers go along."""
        root = self._catalogue.known(con_id)
        while self._catalogue.family(root) is not None:
            root = self._catalogue.known(root.under_con_id)
        self.fair.jump(root.con_id, percent, now)
        self._forget()

    def halt(self, con_id: int, *, halted: bool = True) -> None:
        self.overrides.halted[con_id] = halted
        self._forget()

    def resume(self, con_id: int) -> None:
        self.halt(con_id, halted=False)

    def fx_rate(self, source: str, target: str, now: Instant) -> Decimal:
        """How much of one currency a unit of another is worth, at mid, whether or not its market is open."""
        at = now - now % self.step
        return Decimal(repr(round(self._in_dollars(source, at) / self._in_dollars(target, at), 10)))

    def _in_dollars(self, currency: str, now: Instant) -> float:
        if currency == "USD":
            return 1.0
        for base, quoted, inverse in ((currency, "USD", False), ("USD", currency, True)):
            pair = self._catalogue.pair(base, quoted)
            if pair is not None:
                value = self.fair.value(pair, now)
                return 1 / value if inverse else value
        raise LookupError(f"no pair of {currency} and USD is listed")

    def _forget(self) -> None:
        self._cache.clear()
        self.quoter.forget()
