"""From the contract a client describes to the one that is meant, and back to the words of an answer."""

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from apps.simgateway.exchange.catalogue import Query
from apps.simgateway.exchange.instant import to_datetime
from apps.simgateway.exchange.instrument import Instrument
from apps.simgateway.gateway.core import Session
from apps.simgateway.gateway.hub import Hub
from apps.simgateway.wire.contract import WireContract

NO_DEFINITION = "No security definition has been found for the request"
FRACTIONS = 163  # the version from which sizes may be fractions
TOO_OLD = (
    10285,
    "Your API version does not support fractional size rules. Please upgrade to a minimum version 163",
)
HOME = ZoneInfo("US/Eastern")
_RIGHTS = {"CALL": "C", "PUT": "P", "C": "C", "P": "P"}
_DESCRIBED = 2_000
_described: dict[tuple[int, str], tuple[Instrument, WireContract]] = {}
_ALIASES = {"ISLAND": "NASDAQ", "GLOBEX": "CME", "ECBOT": "CBOT", "CMECRYPTO": "CME"}


def today(gateway: Hub) -> date:
    """The date at the gateway's home."""
    return to_datetime(gateway.now).astimezone(HOME).date()


def find(gateway: Hub, contract: WireContract) -> list[Instrument]:
    """Every instrument that fits; a description too bare to mean anything fits none."""
    query = query_of(contract)
    if not (query.con_id or query.symbol or query.local_symbol or query.isin or query.trading_class):
        return []
    if not query.con_id and not query.sec_type and not query.isin and not query.local_symbol:
        return []
    found = gateway.catalogue.find(query, today(gateway))
    if contract.sec_type == "CONTFUT":
        return sorted(found, key=lambda future: future.expiry)[:1]
    if found or query.exchange not in _ALIASES:
        return found
    contract.exchange = _ALIASES[query.exchange]
    return gateway.catalogue.find(query_of(contract), today(gateway))


def query_of(contract: WireContract) -> Query:
    """The description in the catalogue's terms."""
    sec_type = "FUT" if contract.sec_type == "CONTFUT" else contract.sec_type
    exchange = contract.exchange
    if not contract.con_id and sec_type in ("CASH", "IND", "FUT") and exchange == "SMART":
        exchange = ""
    return Query(
        con_id=int(contract.con_id or 0),
        symbol=contract.symbol,
        sec_type=sec_type,
        expiry=contract.expiry[:8].strip(),
        strike=_decimal(contract.strike),
        right=_RIGHTS.get(contract.right.upper(), ""),
        multiplier=contract.multiplier,
        exchange=exchange,
        primary_exchange=_primary(contract),
        currency=contract.currency,
        local_symbol=contract.local_symbol,
        trading_class=contract.trading_class,
        isin=contract.sec_id if contract.sec_id_type == "ISIN" else "",
        include_expired=bool(contract.include_expired),
    )


def _primary(contract: WireContract) -> str:
    named = contract.primary_exchange
    return _ALIASES.get(named, named)


def _decimal(value: object) -> Decimal:
    return Decimal(str(value)) if value not in (None, "", "0", "0.0") else Decimal(0)


def one(gateway: Hub, session: Session, req_id: int, contract: WireContract) -> Instrument | None:
    """The one instrument meant; else the client is told why there is none."""
    found = find(gateway, contract)
    if len(found) == 1:
        return found[0]
    if found:
        gateway.error(session, req_id, 200, _ambiguous(contract))
    else:
        gateway.error(session, req_id, 200, NO_DEFINITION)
    return None


def is_too_old(session: Session, instrument: Instrument | None) -> bool:
    """Does the client speak a version that has no words for the sizes of this instrument?"""
    return session.version < FRACTIONS and instrument is not None and instrument.size_increment % 1 != 0


def _ambiguous(contract: WireContract) -> str:
    return (
        f"The contract description specified for {contract.symbol} is ambiguous; "
        "you must specify the multiplier or trading class."
    )


def multiplier_text(instrument: Instrument) -> str:
    """Nothing for what trades in single units."""
    if instrument.sec_type in ("STK", "CASH", "IND"):
        return ""
    return f"{instrument.multiplier.normalize():f}"


def described(instrument: Instrument, exchange: str = "") -> WireContract:
    """The contract as messages spell it. It is one object for all: nobody changes it."""
    where = exchange or instrument.exchange
    known = _described.get((instrument.con_id, where))
    if known is None or known[0] is not instrument:
        if len(_described) >= _DESCRIBED:
            _described.clear()
        known = _described[instrument.con_id, where] = (instrument, _described_anew(instrument, where))
    return known[1]


def _described_anew(instrument: Instrument, exchange: str) -> WireContract:
    return WireContract(
        con_id=instrument.con_id,
        symbol=instrument.symbol,
        sec_type=instrument.sec_type,
        expiry=instrument.expiry,
        strike=instrument.strike,
        right=instrument.right,
        multiplier=multiplier_text(instrument),
        exchange=exchange,
        primary_exchange=instrument.primary_exchange,
        currency=instrument.currency,
        local_symbol=instrument.local_symbol,
        trading_class=instrument.trading_class,
    )
