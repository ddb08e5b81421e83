"""What is said about accounts and what they hold."""

from decimal import Decimal

from apps.simgateway.wire.answers.sections import named_contract
from apps.simgateway.wire.contract import WireContract
from apps.simgateway.wire.numbers import double, plain
from apps.simgateway.wire.state import Money


def acct_value(version: int, *, key: str, value: str, currency: str, account: str) -> list[str]:
    return ["6", "2", key, value, currency, account]


def portfolio_value(
    version: int,
    *,
    contract: WireContract,
    position: Decimal,
    market_price: Money,
    market_value: Money,
    average_cost: Money,
    unrealized_pnl: Money,
    realized_pnl: Money,
    account: str,
) -> list[str]:
    return [
        "7",
        "8",
        str(contract.con_id),
        contract.symbol,
        contract.sec_type,
        contract.expiry,
        plain(contract.strike),
        contract.right or "0",
        contract.multiplier,
        contract.primary_exchange,
        contract.currency,
        contract.local_symbol,
        contract.trading_class,
        plain(position),
        double(market_price),
        double(market_value),
        double(average_cost),
        double(unrealized_pnl),
        double(realized_pnl),
        account,
    ]


def acct_update_time(version: int, *, time_text: str) -> list[str]:
    return ["8", "1", time_text]


def acct_download_end(version: int, *, account: str) -> list[str]:
    return ["54", "1", account]


def position(
    version: int, *, account: str, contract: WireContract, position: Decimal, average_cost: Money
) -> list[str]:
    return ["61", "3", account, *named_contract(contract), plain(position), double(average_cost)]


def position_end(version: int) -> list[str]:
    return ["62", "1"]


def position_multi(
    version: int,
    *,
    req_id: int,
    account: str,
    contract: WireContract,
    position: Decimal,
    average_cost: Money,
    model_code: str = "",
) -> list[str]:
    held = named_contract(contract)
    return ["71", "1", str(req_id), account, *held, plain(position), double(average_cost), model_code]


def position_multi_end(version: int, *, req_id: int) -> list[str]:
    return ["72", "1", str(req_id)]


def account_summary(
    version: int, *, req_id: int, account: str, tag: str, value: str, currency: str
) -> list[str]:
    return ["63", "1", str(req_id), account, tag, value, currency]


def account_summary_end(version: int, *, req_id: int) -> list[str]:
    return ["64", "1", str(req_id)]


def account_update_multi(
    version: int, *, req_id: int, account: str, model_code: str = "", key: str, value: str, currency: str
) -> list[str]:
    return ["73", "1", str(req_id), account, model_code, key, value, currency]


def account_update_multi_end(version: int, *, req_id: int) -> list[str]:
    return ["74", "1", str(req_id)]
