"""Contracts, to the library and back."""

from decimal import Decimal
from typing import Any

from apps.broker.ib.library import Contract
from apps.broker.ib.numbers import decimal
from apps.broker.ports import ContractAsked, ContractTold


def asked_contract(asked: ContractAsked) -> Any:
    return Contract(
        conId=asked.con_id,
        symbol=asked.symbol,
        secType=asked.sec_type,
        exchange=asked.exchange,
        currency=asked.currency,
    )


def told_contract(details: Any) -> ContractTold:
    contract = details.contract
    return ContractTold(
        con_id=contract.conId,
        symbol=contract.symbol,
        sec_type=contract.secType,
        currency=contract.currency,
        exchange=contract.exchange,
        primary_exchange=contract.primaryExchange,
        local_symbol=contract.localSymbol,
        trading_class=contract.tradingClass,
        long_name=details.longName,
        multiplier=decimal(contract.multiplier) or Decimal(1),
        price_magnifier=int(details.priceMagnifier) or 1,
        min_tick=decimal(details.minTick) or Decimal(0),
        market_rule=_rule_for(contract.exchange, details),
        time_zone=details.timeZoneId,
        liquid_hours=details.liquidHours,
        expiry=contract.lastTradeDateOrContractMonth,
        strike=decimal(contract.strike) or Decimal(0),
        right=contract.right if contract.right in ("C", "P") else "",
    )


def _rule_for(exchange: str, details: Any) -> int | None:
    """The market rule of the exchange the order goes to; the lists run in parallel."""
    rules = [rule for rule in details.marketRuleIds.split(",") if rule]
    venues = details.validExchanges.split(",")
    by_venue = dict(zip(venues, rules, strict=False))
    found = by_venue.get(exchange) or (rules[0] if rules else None)
    return int(found) if found else None
