"""Requests for what does not move: contracts, chains, rules."""

from dataclasses import dataclass

from apps.simgateway.wire.contract import WireContract
from apps.simgateway.wire.reading import Reader, contract_with_expired
from apps.simgateway.wire.requests.layout import REQ_ID, VERSION, Request, Step, layout


def _described_contract(reader: Reader) -> WireContract:
    read = contract_with_expired(reader)
    read.sec_id_type = reader.text()
    read.sec_id = reader.text()
    if reader.version >= 176:
        read.issuer_id = reader.text()
    return read


@layout(9, VERSION, REQ_ID, Step("contract", _described_contract))
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqContractDetails(Request):
    """Asks for all contracts that fit a description."""

    req_id: int
    contract: WireContract


@layout(
    78,
    REQ_ID,
    Step("symbol"),
    Step("fut_fop_exchange"),
    Step("under_sec_type"),
    Step("under_con_id", Reader.integer),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqSecDefOptParams(Request):
    """Asks for the expiries and strikes of an underlying."""

    req_id: int
    symbol: str
    fut_fop_exchange: str
    under_sec_type: str
    under_con_id: int


@layout(81, REQ_ID, Step("pattern"))
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqMatchingSymbols(Request):
    """Asks for symbols that begin like this."""

    req_id: int
    pattern: str


@layout(82)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqMktDepthExchanges(Request):
    """Asks which exchanges offer depth."""


@layout(83, REQ_ID, Step("bbo_exchange"))
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqSmartComponents(Request):
    """Asks which exchanges the letters of a quote stand for."""

    req_id: int
    bbo_exchange: str


@layout(91, Step("rule_id", Reader.integer))
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqMarketRule(Request):
    """Asks for the price increments of a rule."""

    rule_id: int


@layout(79, REQ_ID)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqSoftDollarTiers(Request):
    """Asks for soft-dollar tiers."""

    req_id: int


@layout(80)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReqFamilyCodes(Request):
    """Asks for family codes."""
