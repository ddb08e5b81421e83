"""Contracts by their number: listed ones are kept, futures and options made when asked for."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Self

from apps.simgateway.exchange import chains
from apps.simgateway.exchange.chains import Family
from apps.simgateway.exchange.instrument import ZERO, Instrument
from apps.simgateway.exchange.listings import Profile, listed
from apps.simgateway.exchange.sessions import Sessions
from apps.simgateway.exchange.ticks import MarketRule, rule_of

EARLIEST = date(2024, 1, 2)
MADE_KEPT = 50_000  # derivatives kept ready; each is quickly made again


class Contracts:
    """What exists, and what is known of it."""

    def __init__(
        self,
        listings: list[tuple[Instrument, Profile]],
        families: list[Family],
        *,
        rules: dict[int, MarketRule],
        sessions: Sessions,
    ) -> None:
        self._listed = {instrument.con_id: instrument for instrument, _ in listings}
        self._profiles = {instrument.con_id: profile for instrument, profile in listings}
        self._called: dict[str, list[Instrument]] = {}  # by every name it answers to
        for instrument, _ in listings:
            for name in {instrument.symbol: 0, instrument.local_symbol: 0}:
                self._called.setdefault(name, []).append(instrument)
        self._pairs = {(i.symbol, i.currency): i for i, _ in listings if i.sec_type == "CASH"}
        self._families = {family.code: family for family in families}
        self._rules = rules
        self._sessions = sessions
        self._made: dict[int, Instrument | None] = {}
        self._days: dict[tuple[int, date], list[date]] = {}
        self._meant: dict[tuple[Any, date], Instrument] = {}  # descriptions that mean one contract

    @classmethod
    def load(cls, content: Mapping[str, Any], sessions: Sessions) -> Self:
        """From the plain content of listings.yaml, derivatives.yaml and rules.yaml."""
        rules = {int(key): rule_of(int(key), rows) for key, rows in content["market_rules"].items()}
        listings = listed(content["groups"])
        by_name = {(i.symbol, i.sec_type, i.currency): i for i, _ in listings}
        families = [_family(row, by_name) for row in _rows(content["families"])]
        _refuse_twice([i.con_id for i, _ in listings], "con_id")
        _refuse_twice([family.code for family in families], "derivative family code")
        return cls(listings, families, rules=rules, sessions=sessions)

    def by_con_id(self, con_id: int) -> Instrument | None:
        """The contract of that number, expired ones included; None when there is none."""
        found = self._listed.get(con_id)
        if found is not None:
            return found
        if con_id not in self._made:
            self._made[con_id] = self._remake(con_id)
        return self._made[con_id]

    def _remake(self, con_id: int) -> Instrument | None:
        parts = chains.contract_parts(con_id)
        family = self._families.get(parts[0]) if parts else None
        if parts is None or family is None:
            return None
        _, expiry, index, right = parts
        if expiry < EARLIEST or not chains.exists(family, expiry, self._sessions):
            return None
        if family.is_future:
            return self.contract(family, expiry) if (index, right) == (0, "C") else None
        strike = family.strike_unit * index
        return self.contract(family, expiry, strike, right=right) if strike in family.strikes else None

    def contract(
        self, family: Family, expiry: date, strike: Decimal = ZERO, *, right: str = ""
    ) -> Instrument:
        index = int(strike / family.strike_unit) if strike else 0
        con_id = chains.contract_number(family.code, expiry, strike_index=index, right=right)
        known = self._made.get(con_id)
        if known is None:
            known = chains.contract(family, expiry, strike, right=right)
            if family.under_family:
                known = self._over_future(known, self._families[family.under_family], expiry)
            if len(self._made) > MADE_KEPT:
                self._made.clear()
            self._made[con_id] = known
        return known

    def _over_future(self, option: Instrument, futures: Family, expiry: date) -> Instrument:
        """An option on a future is over the first future that outlives it."""
        day = next(iter(self.expirations(futures, expiry)))
        future = self.contract(futures, day)
        return replace(option, under_con_id=future.con_id, under_symbol=future.symbol, under_sec_type="FUT")

    def known(self, con_id: int) -> Instrument:
        """The same where there must be one."""
        found = self.by_con_id(con_id)
        if found is None:
            raise LookupError(f"there is no contract {con_id}")
        return found

    def profile(self, con_id: int) -> Profile:
        """How the price of a listed instrument behaves."""
        return self._profiles[con_id]

    def family(self, instrument: Instrument) -> Family | None:
        """The family of a future or option; None for what is listed by itself."""
        if instrument.con_id in self._listed:
            return None
        parts = chains.contract_parts(instrument.con_id)
        return self._families.get(parts[0]) if parts else None

    def under(self, instrument: Instrument) -> Instrument | None:
        return self.by_con_id(instrument.under_con_id) if instrument.under_con_id else None

    def expirations(self, family: Family, today: date) -> list[date]:
        key = (family.code, today)
        if key not in self._days:
            self._days[key] = chains.last_days(family, today, self._sessions)
        return self._days[key]

    def listed(self) -> list[Instrument]:
        """Stocks, funds, currency pairs and indices, in the order of the data."""
        return list(self._listed.values())

    def pair(self, base: str, quoted: str) -> Instrument | None:
        """The currency pair of these two, in this order."""
        return self._pairs.get((base, quoted))

    def market_rule(self, rule_id: int) -> MarketRule | None:
        return self._rules.get(rule_id)

    def rule_for(self, instrument: Instrument, exchange: str = "") -> MarketRule:
        """The rule of an instrument at an exchange, else at its first one."""
        place = 0
        if exchange in instrument.valid_exchanges:
            place = instrument.valid_exchanges.index(exchange)
        return self._rules[instrument.market_rule_ids[place]]


def _rows(groups: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for group in groups:
        for row in group["rows"]:
            yield {**group.get("defaults", {}), **row}


def _family(row: Mapping[str, Any], by_name: Mapping[tuple[str, str, str], Instrument]) -> Family:
    """A family with its underlying and the index that moves its volatility."""
    named = row["style"].get("vol_leader")
    leaders = [
        i.con_id for (symbol, sec_type, _), i in by_name.items() if (symbol, sec_type) == (named, "IND")
    ]
    if named and not leaders:
        raise ValueError(f"derivative family {row['symbol']}: its vol_leader {named} is not listed")
    return chains.family_from(row, _under(row, by_name), vol_leader=leaders[0] if leaders else 0)


def _under(row: Mapping[str, Any], by_name: Mapping[tuple[str, str, str], Instrument]) -> Instrument | None:
    if "under" not in row:
        return None
    symbol, sec_type = row["under"]
    found = by_name.get((symbol, sec_type, row.get("under_currency", row["currency"])))
    if found is None:
        raise ValueError(
            f"derivative family {row['symbol']}: its underlying {symbol} {sec_type} is not listed"
        )
    return found


def _refuse_twice(values: list[int], name: str) -> None:
    seen: set[int] = set()
    for value in values:
        if value in seen:
            raise ValueError(f"{name} {value} is given twice")
        seen.add(value)
