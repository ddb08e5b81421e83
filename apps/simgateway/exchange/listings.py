"""Instruments that are listed by themselves: stocks, funds, currency pairs, indices."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from hashlib import blake2b
from typing import Any

from apps.simgateway.exchange.instrument import Instrument

FIRST_MADE_NUMBER = 30_000_000
MADE_NUMBERS = 400_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How a price behaves around its usual level. Prices are in tick units, volatility in percent a year."""

    price: float
    volatility: float
    leaders: tuple[tuple[int, float], ...] = ()  # con_id of what it moves with, and how strongly
    spread_bps: float = 2.0
    day_volume: float = 1_000_000.0
    lot: float = 100.0  # what displayed sizes are multiples of
    floor: float = 0.0
    ceiling: float = 0.0  # 0: none
    dividend_yield: float = 0.0
    shape: str = "us"


def made_number(symbol: str, sec_type: str, *, currency: str, primary: str) -> int:
    """A con_id for an instrument whose real one is not given."""
    name = f"{symbol}|{sec_type}|{currency}|{primary}".encode()
    return FIRST_MADE_NUMBER + int.from_bytes(blake2b(name, digest_size=8).digest(), "big") % MADE_NUMBERS


def listed(groups: Iterable[Mapping[str, Any]]) -> list[tuple[Instrument, Profile]]:
    """Every instrument of the groups, with leaders found by name."""
    rows = [{**group.get("defaults", {}), **row} for group in groups for row in group["rows"]]
    instruments = [_instrument(row) for row in rows]
    numbers = {_name(instrument): instrument.con_id for instrument in reversed(instruments)}
    return [(i, _profile(row, numbers)) for i, row in zip(instruments, rows, strict=True)]


def _name(instrument: Instrument) -> str:
    """What other rows call it."""
    pair = instrument.sec_type == "CASH"
    return f"{instrument.symbol}.{instrument.currency}" if pair else instrument.symbol


def _leaders(row: Mapping[str, Any], numbers: Mapping[str, int]) -> tuple[tuple[int, float], ...]:
    named = dict(row["leaders"]) if "leaders" in row else {}
    if not named and "leader" in row:
        named = {row["leader"]: row.get("beta", 0.0)}
    if missing := [name for name in named if name not in numbers]:
        raise ValueError(f"{row['symbol']}: its leader {missing[0]} is not listed")
    return tuple((numbers[name], float(beta)) for name, beta in named.items())


def _instrument(row: Mapping[str, Any]) -> Instrument:
    symbol, primary = str(row["symbol"]), row["primary"]
    exchanges = tuple(row["exchanges"]) if "exchanges" in row else ("SMART", primary)
    if primary not in exchanges:
        exchanges = (*exchanges, primary)
    local = str(
        row.get("local_symbol", f"{symbol}.{row['currency']}" if row["sec_type"] == "CASH" else symbol)
    )
    return Instrument(
        con_id=int(
            row.get("con_id")
            or made_number(symbol, row["sec_type"], currency=row["currency"], primary=primary)
        ),
        symbol=symbol,
        sec_type=row["sec_type"],
        currency=row["currency"],
        primary_exchange=primary,
        valid_exchanges=exchanges,
        market_rule_ids=(int(row["market_rule"]),) * len(exchanges),
        local_symbol=local,
        trading_class=str(row.get("trading_class", local if row["sec_type"] == "CASH" else symbol)),
        long_name=row["name"],
        hours=row["hours"],
        order_types=tuple(row["order_types"].split(",")) if row["order_types"] else (),
        price_magnifier=int(row.get("price_magnifier", 1)),
        min_tick=_number(row, "min_tick", "0.01"),
        stock_type=row.get("stock_type", ""),
        industry=row.get("industry", ""),
        category=row.get("category", ""),
        subcategory=row.get("subcategory", ""),
        isin=row.get("isin", ""),
        min_size=_number(row, "min_size", "1"),
        size_increment=_number(row, "size_increment", "1"),
        size_limit=_number(row, "size_limit", "0") or None,
        tradeable=bool(row.get("tradeable", True)),
        shortable_shares=int(row.get("shortable_shares", 10_000_000)),
    )


def _number(row: Mapping[str, Any], key: str, default: str) -> Decimal:
    return Decimal(str(row.get(key, default)))


def _profile(row: Mapping[str, Any], numbers: Mapping[str, int]) -> Profile:
    price = float(row["price"])
    if price <= 0:
        raise ValueError(f"{row['symbol']}: price {price} is not above 0")
    return Profile(
        price=price,
        volatility=float(row["vol"]),
        leaders=_leaders(row, numbers),
        spread_bps=float(row.get("spread_bps", 2.0)),
        day_volume=float(row.get("day_volume", 1_000_000)),
        lot=float(row.get("lot", 100)),
        floor=float(row.get("floor", 0.0)),
        ceiling=float(row.get("ceiling", 0.0)),
        dividend_yield=float(row.get("dividend_yield", 0.0)),
        shape=row.get("shape", "us"),
    )
