"""The value behind the quotes: one number for each instrument and instant, the same whoever asks."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from math import exp, sqrt

from apps.simgateway.exchange import options
from apps.simgateway.exchange.chains import Family
from apps.simgateway.exchange.contracts import Contracts
from apps.simgateway.exchange.instant import DAY, Instant
from apps.simgateway.exchange.instrument import Instrument
from apps.simgateway.exchange.paths import LogPaths
from apps.simgateway.exchange.sessions import Sessions

SURGE = 0.7  # how much of a move of the volatility index the surface takes over
YEAR = 365 * DAY
_EXERCISED_ANY_DAY = frozenset({"STK", "FUT"})  # options on an index wait for their last day
RATES = {"USD": 0.04, "EUR": 0.02, "GBP": 0.04, "CHF": 0.005}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What stays the same about a future or option, looked up once."""

    under: Instrument
    family: Family
    last_day: date
    close: Instant  # of its last day
    strike: float
    rate: float
    dividend: float
    vol_leader: int
    usual_vol: float


class FairValues(LogPaths):
    """Prices before any spread, tick or opening hour."""

    def __init__(self, catalogue: Contracts, sessions: Sessions, seed: int) -> None:
        super().__init__(catalogue, seed)
        self._sessions = sessions
        self._facts: dict[int, Facts] = {}
        self.pinned: Callable[[int, Instant], float | None] = lambda con_id, now: None

    def value(self, instrument: Instrument, now: Instant) -> float:
        """What one unit is worth, in tick units. For an option this is its model price."""
        if instrument.is_option:
            return self.greeks(instrument, now).price
        pinned = self.pinned(instrument.con_id, now)
        if pinned is not None:
            return pinned
        if instrument.sec_type != "FUT":
            return self.from_log(instrument.con_id, self.log_dev(instrument.con_id, now))
        facts = self.facts(instrument)
        days = (facts.last_day - self._sessions.trading_day(instrument.hours, now)).days
        return future_value(self.value(facts.under, now), facts.family, max(0, days) / 365)

    def derived(self, future: Instrument, deviation: float, day: date) -> float:
        """The value of a future whose underlying stands so far from its usual level, on a trading day."""
        facts = self.facts(future)
        level = self.from_log(future.under_con_id, deviation)
        return future_value(level, facts.family, max(0, (facts.last_day - day).days) / 365)

    def from_log(self, con_id: int, deviation: float) -> float:
        """The value a listed instrument has so far from its usual level."""
        profile = self._catalogue.profile(con_id)
        value = profile.price * exp(deviation)
        if profile.floor and value < profile.floor:
            return profile.floor
        return min(value, profile.ceiling) if profile.ceiling else value

    def yearly_volatility(self, instrument: Instrument) -> float:
        """Its own movements and those it follows, together; a derivative has its underlying's."""
        while instrument.under_con_id:
            instrument = self.facts(instrument).under
        profile = self._catalogue.profile(instrument.con_id)
        total = (profile.volatility / 100) ** 2
        for con_id, beta in profile.leaders:
            leader = self._catalogue.by_con_id(con_id)
            total += (beta * self.yearly_volatility(leader)) ** 2 if leader else 0.0
        return float(sqrt(total))

    def facts(self, instrument: Instrument) -> "Facts":
        """What never changes about a future or option."""
        known = self._facts.get(instrument.con_id)
        if known is None:
            known = self._facts[instrument.con_id] = self._find_facts(instrument)
        return known

    def _find_facts(self, instrument: Instrument) -> "Facts":
        under, family = self._catalogue.under(instrument), self._catalogue.family(instrument)
        if under is None or family is None:
            raise LookupError(f"{instrument.local_symbol} has no underlying in the catalogue")
        last = last_day(instrument)
        rate = RATES.get(instrument.currency, 0.03)
        listed_under = self._catalogue.family(under) is None
        leader = family.vol_leader
        return Facts(
            under=under,
            family=family,
            last_day=last,
            close=self._sessions.close_of(instrument.hours, last) or 0,
            strike=float(instrument.strike),
            rate=rate,
            dividend=self._catalogue.profile(under.con_id).dividend_yield if listed_under else rate,
            vol_leader=leader,
            usual_vol=self._catalogue.profile(leader).price if leader else 1.0,
        )

    def pricing(
        self, instrument: Instrument, now: Instant, under_price: float | None = None
    ) -> options.Terms:
        """All that the model needs to know of an option but its volatility."""
        facts = self.facts(instrument)
        return options.Terms(
            self.value(facts.under, now) if under_price is None else under_price,
            facts.strike,
            max(0, facts.close - now) / YEAR,
            facts.rate,
            facts.dividend,
            instrument.right == "C",
        )

    def volatility(self, instrument: Instrument, terms: options.Terms, now: Instant) -> float:
        """The surface at this strike and time; it rises when the volatility index does."""
        facts = self.facts(instrument)
        vol = options.surface(facts.family.style, terms)
        if not facts.vol_leader:
            return vol
        leading = self.from_log(facts.vol_leader, self.log_dev(facts.vol_leader, now))
        return float(vol * (leading / facts.usual_vol) ** SURGE)

    def greeks(self, instrument: Instrument, now: Instant) -> options.Valuation:
        """The model's price of an option and its sensitivities."""
        terms = self.pricing(instrument, now)
        return self.worth(instrument, terms, self.volatility(instrument, terms, now))

    def worth(self, instrument: Instrument, terms: options.Terms, vol: float) -> options.Valuation:
        """The model's figures; what can be exercised any day is never worth less than that brings."""
        found = options.value(terms, vol)
        if instrument.under_sec_type in _EXERCISED_ANY_DAY and found.price < terms.intrinsic:
            return replace(found, price=terms.intrinsic)
        return found


def last_day(instrument: Instrument) -> date:
    text = instrument.expiry
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))


def future_value(under: float, family: Family, years: float) -> float:
    """Spot with carry; a future on volatility is drawn toward the usual level instead."""
    if "invert" in family.style:
        under = 1 / under
    if "mean" in family.style:
        mean = family.style["mean"]
        return mean + (under - mean) * exp(-family.style["speed"] * years)
    return under * exp(family.style["carry"] * years)
