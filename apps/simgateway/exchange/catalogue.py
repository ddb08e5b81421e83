"""Every contract there is, by number and by description."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from apps.simgateway.exchange import chains
from apps.simgateway.exchange.chains import Family
from apps.simgateway.exchange.instrument import ZERO, Instrument
from apps.simgateway.exchange.listings import Profile, listed
from apps.simgateway.exchange.sessions import Sessions
from apps.simgateway.exchange.ticks import MarketRule, rule_of

EARLIEST = date(2024, 1, 2)
_ONE_LISTING = ({"IBIS", "IBIS2"}, {"LSE", "LSEETF"}, {"NASDAQ", "ISLAND"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A contract as a client describes it; what is empty may be anything."""

    con_id: int = 0
    symbol: str = ""
    sec_type: str = ""
    expiry: str = ""  # yyyymm or yyyymmdd
    strike: Decimal = ZERO
    right: str = ""
    multiplier: str = ""
    exchange: str = ""
    primary_exchange: str = ""
    currency: str = ""
    local_symbol: str = ""
    trading_class: str = ""
    isin: str = ""
    include_expired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionParams:
    """One row of an option chain: what one exchange lists under one trading class."""

    exchange: str
    under_con_id: int
    trading_class: str
    multiplier: str
    expirations: tuple[str, ...]
    strikes: tuple[Decimal, ...]


class Catalogue:
    """Listed instruments are kept; futures and options are made when asked for."""

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
        self._families = {family.code: family for family in families}
        self._rules = rules
        self._sessions = sessions
        self._made: dict[int, Instrument | None] = {}
        self._days: dict[tuple[int, date], list[date]] = {}

    @classmethod
    def load(cls, content: Mapping[str, Any], sessions: Sessions) -> "Catalogue":
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
            return self._contract(family, expiry) if (index, right) == (0, "C") else None
        strike = family.strike_unit * index
        return self._contract(family, expiry, strike, right) if strike in family.strikes else None

    def _contract(self, family: Family, expiry: date, strike: Decimal = ZERO, right: str = "") -> Instrument:
        index = int(strike / family.strike_unit) if strike else 0
        con_id = chains.contract_number(family.code, expiry, index, right)
        known = self._made.get(con_id)
        if known is None:
            known = chains.contract(family, expiry, strike, right)
            if family.under_family:
                known = self._over_future(known, self._families[family.under_family], expiry)
            self._made[con_id] = known
        return known

    def _over_future(self, option: Instrument, futures: Family, expiry: date) -> Instrument:
        """An option on a future is over the first future that outlives it."""
        day = next(iter(self.expirations(futures, expiry)))
        future = self._contract(futures, day)
        return replace(option, under_con_id=future.con_id, under_symbol=future.symbol, under_sec_type="FUT")

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

    def families(self) -> list[Family]:
        return list(self._families.values())

    def market_rule(self, rule_id: int) -> MarketRule | None:
        return self._rules.get(rule_id)

    def rule_for(self, instrument: Instrument, exchange: str = "") -> MarketRule:
        """The rule of an instrument at an exchange, else at its first one."""
        place = 0
        if exchange in instrument.valid_exchanges:
            place = instrument.valid_exchanges.index(exchange)
        return self._rules[instrument.market_rule_ids[place]]

    def find(self, query: Query, today: date) -> list[Instrument]:
        """Every contract that a description fits, as of a day."""
        if query.con_id:
            found = self.by_con_id(query.con_id)
            return (
                [found] if found and (not query.exchange or query.exchange in found.valid_exchanges) else []
            )
        return [i for i in self._candidates(query, today) if _fits(i, query)]

    def _candidates(self, query: Query, today: date) -> Iterator[Instrument]:
        yield from self._listed.values()
        for family in self._families.values():
            if _may_hold(family, query):
                yield from self._members(family, query, today)

    def _members(self, family: Family, query: Query, today: date) -> Iterator[Instrument]:
        for expiry in self._asked_days(family, query, today):
            if family.is_future:
                yield self._contract(family, expiry)
                continue
            for strike in (query.strike,) if query.strike else family.strikes:
                if strike in family.strikes:
                    for right in (query.right[:1],) if query.right else ("C", "P"):
                        yield self._contract(family, expiry, strike, right)

    def _asked_days(self, family: Family, query: Query, today: date) -> list[date]:
        days = self.expirations(family, today)
        if len(query.expiry) == 8 and query.expiry.isdigit():
            asked = date(int(query.expiry[:4]), int(query.expiry[4:6]), int(query.expiry[6:]))
            past = query.include_expired and EARLIEST <= asked < today
            return [asked] if asked in days or (past and chains.exists(family, asked, self._sessions)) else []
        return [day for day in days if f"{day:%Y%m}".startswith(query.expiry)]

    def matching(self, pattern: str) -> list[Instrument]:
        """Listed instruments whose symbol or name begins with a pattern, exact symbols first."""
        wanted = pattern.strip().upper()
        if not wanted:
            return []
        hits = [
            i
            for i in self._listed.values()
            if i.symbol.startswith(wanted) or any(w.startswith(wanted) for w in i.long_name.upper().split())
        ]
        return sorted(hits, key=lambda i: (i.symbol != wanted, not i.symbol.startswith(wanted)))[:16]

    def option_params(self, under_con_id: int, today: date) -> list[OptionParams]:
        """The chains on an underlying: one row per exchange and trading class."""
        return [
            OptionParams(
                exchange=exchange,
                under_con_id=under_con_id,
                trading_class=family.trading_class,
                multiplier=f"{family.multiplier:f}",
                expirations=tuple(f"{day:%Y%m%d}" for day in self._days_over(family, under_con_id, today)),
                strikes=family.strikes,
            )
            for family in self._over(under_con_id)
            for exchange in family.exchanges
        ]

    def _over(self, under_con_id: int) -> list[Family]:
        under = self.by_con_id(under_con_id)
        parts = chains.contract_parts(under_con_id) if under and under.sec_type == "FUT" else None
        return [
            family
            for family in self._families.values()
            if not family.is_future
            and (
                family.under_family == parts[0]
                if parts
                else family.under_con_id == under_con_id and not family.under_family
            )
        ]

    def _days_over(self, family: Family, under_con_id: int, today: date) -> list[date]:
        days = self.expirations(family, today)
        if not family.under_family:
            return days
        first = family.strikes[0]
        return [d for d in days if self._contract(family, d, first, "C").under_con_id == under_con_id]

    def chain(self, under_con_id: int, expiry: str, today: date) -> list[Instrument]:
        """Every option on an underlying that ends on a day."""
        return [
            self._contract(family, day, strike, right)
            for family in self._over(under_con_id)
            for day in self._days_over(family, under_con_id, today)
            if f"{day:%Y%m%d}" == expiry
            for strike in family.strikes
            for right in ("C", "P")
        ]


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


def _may_hold(family: Family, query: Query) -> bool:
    return (
        (query.sec_type == family.sec_type or (not query.sec_type and bool(query.local_symbol)))
        and query.symbol in ("", family.symbol, family.trading_class if family.is_future else "")
        and query.trading_class in ("", family.trading_class)
        and (bool(query.symbol) or bool(query.local_symbol) or bool(query.trading_class))
    )


def _answers_to(instrument: Instrument, symbol: str) -> bool:
    """Futures and indices are also known by the exchange's own name: FESX, VX, SX5E."""
    if symbol == instrument.symbol:
        return True
    other = {"FUT": instrument.trading_class, "IND": instrument.local_symbol}
    return symbol == other.get(instrument.sec_type)


def _same_listing(asked: str, have: str) -> bool:
    return not asked or asked == have or {asked, have} in _ONE_LISTING


def _fits(instrument: Instrument, query: Query) -> bool:
    """Every part that was given agrees."""
    asked: tuple[tuple[object, object], ...] = (
        (query.sec_type, instrument.sec_type),
        (query.right[:1], instrument.right),
        (query.currency, instrument.currency),
        (query.local_symbol, instrument.local_symbol),
        (query.trading_class, instrument.trading_class),
        (query.isin, instrument.isin),
        (query.strike, instrument.strike),
    )
    return (
        all(not wanted or wanted == have for wanted, have in asked)
        and instrument.expiry.startswith(query.expiry)
        and (not query.exchange or query.exchange in instrument.valid_exchanges)
        and (not query.symbol or _answers_to(instrument, query.symbol))
        and _same_listing(query.primary_exchange, instrument.primary_exchange)
        and (not query.multiplier or Decimal(query.multiplier) == instrument.multiplier)
    )
