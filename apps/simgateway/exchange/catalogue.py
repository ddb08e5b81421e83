"""Every contract there is, by description."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from apps.simgateway.exchange import chains
from apps.simgateway.exchange.chains import Family
from apps.simgateway.exchange.contracts import EARLIEST, Contracts
from apps.simgateway.exchange.instrument import ZERO, Instrument

_OPTION_NAME = re.compile(r"([A-Z0-9. ]{6})(\d{6})([CP])(\d{8})")
MEANT_KEPT = 4_096  # descriptions remembered with the one contract they mean
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


class Catalogue(Contracts):
    """Contracts found by what a client says of them."""

    def families(self) -> list[Family]:
        return list(self._families.values())

    def find(self, query: Query, today: date) -> list[Instrument]:
        """Every contract that a description fits, as of a day."""
        if query.con_id:
            known = self.by_con_id(query.con_id)
            fits = known is not None and (not query.exchange or query.exchange in known.valid_exchanges)
            return [known] if known is not None and fits else []
        meant = self._meant.get((query, today))
        if meant is not None:
            return [meant]
        found = [i for i in self._candidates(query, today) if _fits(i, query)]
        if len(found) == 1:
            if len(self._meant) >= MEANT_KEPT:
                self._meant.clear()
            self._meant[query, today] = found[0]
        return found

    def _candidates(self, query: Query, today: date) -> Iterator[Instrument]:
        yield from self._called.get(query.symbol, ()) if query.symbol else self._listed.values()
        query = _read_local_symbol(query)
        for family in self._families.values():
            if _may_hold(family, query):
                yield from self._members(family, query, today)

    def _members(self, family: Family, query: Query, today: date) -> Iterator[Instrument]:
        for expiry in self._asked_days(family, query, today):
            if family.is_future:
                yield self.contract(family, expiry)
                continue
            for strike in (query.strike,) if query.strike else family.strikes:
                if strike in family.strikes:
                    for right in (query.right[:1],) if query.right else ("C", "P"):
                        yield self.contract(family, expiry, strike, right=right)

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
        return [d for d in days if self.contract(family, d, first, right="C").under_con_id == under_con_id]

    def chain(self, under_con_id: int, expiry: str, today: date) -> list[Instrument]:
        """Every option on an underlying that ends on a day."""
        return [
            self.contract(family, day, strike, right=right)
            for family in self._over(under_con_id)
            for day in self._days_over(family, under_con_id, today)
            if f"{day:%Y%m%d}" == expiry
            for strike in family.strikes
            for right in ("C", "P")
        ]


def _read_local_symbol(query: Query) -> Query:
    """An option's local symbol says everything: class, last day, right and strike in thousandths."""
    found = _OPTION_NAME.fullmatch(query.local_symbol)
    if found is None:
        return query
    trading_class, day, right, strike = found.groups()
    return replace(
        query,
        sec_type="OPT",
        trading_class=trading_class.strip(),
        expiry=f"20{day}",
        right=right,
        strike=Decimal(strike) / 1000,
    )


def _may_hold(family: Family, query: Query) -> bool:
    return (
        (query.sec_type or "FUT") == family.sec_type
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
