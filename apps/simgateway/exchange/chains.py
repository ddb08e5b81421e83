"""Families of futures and options: what exists, and the contract number each one has for ever."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from apps.simgateway.exchange.expiries import expiries, is_expiry
from apps.simgateway.exchange.instrument import ONE, ZERO, Instrument
from apps.simgateway.exchange.sessions import Sessions

EPOCH = date(2024, 1, 1)
MONTH_LETTERS = "FGHJKMNQUVXZ"
# family (6 bits), day (12), strike (11) and right (1) make 30 bits; a bijection scatters them
_BITS = 30
_MASK = (1 << _BITS) - 1
_SCATTER = 0x2545F491
_GATHER = pow(_SCATTER, -1, 1 << _BITS)
_BASE = 1 << _BITS


def contract_number(family: int, expiry: date, *, strike_index: int = 0, right: str = "") -> int:
    """The con_id of a derivative: the same on every day and in every run."""
    packed = (family << 24) | ((expiry - EPOCH).days << 12) | (strike_index << 1) | (right == "P")
    return _BASE + ((packed * _SCATTER) & _MASK)


def contract_parts(con_id: int) -> tuple[int, date, int, str] | None:
    """Family, expiry, strike index and right behind a con_id, if it can be one of ours."""
    if not _BASE <= con_id < 2 * _BASE:
        return None
    packed = ((con_id - _BASE) * _GATHER) & _MASK
    right = "P" if packed & 1 else "C"
    return packed >> 24, EPOCH + timedelta(days=(packed >> 12) & 0xFFF), (packed >> 1) & 0x7FF, right


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """What all the contracts of one trading class share."""

    code: int
    sec_type: str  # FUT, OPT or FOP
    symbol: str
    trading_class: str
    currency: str
    exchanges: tuple[str, ...]
    market_rule_ids: tuple[int, ...]
    min_tick: Decimal
    multiplier: Decimal
    hours: str
    cycles: dict[str, int]
    order_types: tuple[str, ...]
    long_name: str
    under_con_id: int = 0
    under_symbol: str = ""
    under_sec_type: str = ""
    under_family: int = 0  # options on futures: the family of the future
    strike_unit: Decimal = ZERO
    strikes: tuple[Decimal, ...] = ()
    size_limit: Decimal | None = None
    last_time: str = ""  # local time of the last trade, for the contract data
    style: dict[str, float] = field(default_factory=dict)  # carry, or the volatility surface
    vol_leader: int = 0  # con_id of the index that moves the surface

    @property
    def is_future(self) -> bool:
        return self.sec_type == "FUT"


def family_from(row: Mapping[str, Any], under: Instrument | None, *, vol_leader: int = 0) -> Family:
    """One row of derivatives.yaml, defaults already under it."""
    exchanges = tuple(row["exchanges"])
    return Family(
        code=_code(row),
        sec_type=row["sec_type"],
        symbol=row["symbol"],
        trading_class=row.get("trading_class", row["symbol"]),
        currency=row["currency"],
        exchanges=exchanges,
        market_rule_ids=(int(row["market_rule"]),) * len(exchanges),
        min_tick=Decimal(str(row["min_tick"])),
        multiplier=Decimal(str(row["multiplier"])),
        hours=row["hours"],
        cycles=dict(row["cycles"]),
        order_types=tuple(row["order_types"].split(",")),
        long_name=row["name"],
        under_con_id=under.con_id if under else 0,
        under_symbol=under.symbol if under else row["symbol"],
        under_sec_type=under.sec_type if under else "IND",
        under_family=int(row.get("under_family", 0)),
        strike_unit=Decimal(str(row.get("strike_unit", 0))),
        strikes=_strikes(row),
        size_limit=Decimal(str(row["size_limit"])) if "size_limit" in row else None,
        last_time=row.get("last_time", ""),
        style={key: float(number) for key, number in row["style"].items() if key != "vol_leader"},
        vol_leader=vol_leader,
    )


def _code(row: Mapping[str, Any]) -> int:
    code = int(row["code"])
    if not 0 < code < 64:
        raise ValueError(f"derivative family {row['symbol']}: code {code} is not between 1 and 63")
    return code


def _strikes(row: Mapping[str, Any]) -> tuple[Decimal, ...]:
    """A fine grid around the middle and a coarse one (five units) further out."""
    if "strike_unit" not in row:
        return ()
    unit, middle = Decimal(str(row["strike_unit"])), Decimal(str(row["strike_middle"]))
    near, far = Decimal(str(row.get("near", "0.2"))), Decimal(str(row.get("far", "0.5")))
    found: dict[Decimal, None] = {}
    for size, reach in ((unit, near), (unit * 5, far)):
        first = int((middle * (1 - reach) / size).to_integral_value())
        last = int((middle * (1 + reach) / size).to_integral_value())
        found.update({size * n: None for n in range(max(first, 1), last + 1)})
    strikes = tuple(sorted(found))
    if strikes[-1] / unit > 2047:
        raise ValueError(f"option family {row['symbol']}: strikes go past 2047 units of {unit}")
    return strikes


def last_days(family: Family, today: date, sessions: Sessions) -> list[date]:
    return expiries(family.cycles, today, hours=family.hours, sessions=sessions)


def exists(family: Family, expiry: date, sessions: Sessions) -> bool:
    return is_expiry(family.cycles, expiry, hours=family.hours, sessions=sessions)


def contract(family: Family, expiry: date, strike: Decimal = ZERO, *, right: str = "") -> Instrument:
    """One contract of a family."""
    index = int(strike / family.strike_unit) if strike else 0
    return Instrument(
        con_id=contract_number(family.code, expiry, strike_index=index, right=right),
        symbol=family.symbol,
        sec_type=family.sec_type,
        currency=family.currency,
        primary_exchange=_listing(family),
        valid_exchanges=family.exchanges,
        market_rule_ids=family.market_rule_ids,
        local_symbol=_local_symbol(family, expiry, strike, right=right),
        trading_class=family.trading_class,
        long_name=family.long_name,
        hours=family.hours,
        order_types=family.order_types,
        multiplier=family.multiplier or ONE,
        min_tick=family.min_tick,
        expiry=f"{expiry:%Y%m%d}",
        strike=strike,
        right=right,
        under_con_id=family.under_con_id,
        under_symbol=family.under_symbol,
        under_sec_type=family.under_sec_type,
        contract_month=f"{expiry:%Y%m}",
        size_limit=family.size_limit,
    )


def _listing(family: Family) -> str:
    return next((name for name in family.exchanges if name != "SMART"), "SMART")


def _local_symbol(family: Family, expiry: date, strike: Decimal, *, right: str) -> str:
    month = f"{MONTH_LETTERS[expiry.month - 1]}{expiry.year % 10}"
    if family.sec_type == "OPT":
        thousandths = int(strike * 1000)
        return f"{family.trading_class:<6}{expiry:%y%m%d}{right}{thousandths:08d}"
    if family.sec_type == "FOP":
        return f"{family.trading_class}{month} {right}{strike.normalize():f}"
    return f"{family.trading_class}{month}"
