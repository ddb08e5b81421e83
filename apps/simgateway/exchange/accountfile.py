"""Accounts from the plain content of accounts.yaml."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from apps.simgateway.exchange.instrument import Instrument
from apps.simgateway.exchange.ledgers import Account
from apps.simgateway.exchange.ports import Listing
from apps.simgateway.exchange.positions import Position


def accounts_from(content: Mapping[str, Any], catalogue: Listing) -> list[Account]:
    """Every account of the file; what is wrong is told with the account, the key and a remedy."""
    rows = content.get("accounts")
    if not rows:
        raise ValueError("accounts: none given; list at least one with a name such as DU1000001")
    accounts = [_account(row, catalogue) for row in rows]
    names = [account.name for account in accounts]
    if len(set(names)) != len(names):
        raise ValueError("accounts: a name is given twice; each account needs its own")
    return accounts


def _account(row: Mapping[str, Any], catalogue: Listing) -> Account:
    name = str(row.get("name", ""))
    if not name.startswith("DU"):
        raise ValueError(f"account {name!r}: name must begin with DU, as simulated accounts do")
    account = Account(
        name=name,
        base=str(row.get("base", "USD")),
        margin=bool(row.get("margin", True)),
        kind=str(row.get("kind", "INDIVIDUAL")),
        denied=tuple(row.get("denied", ())),
        barred=tuple(row.get("barred", ())),
    )
    for currency, amount in row.get("cash", {}).items():
        account.add_cash(str(currency), _number(name, f"cash.{currency}", amount))
    for place, holding in enumerate(row.get("positions", ())):
        _add_position(account, holding, key=f"positions[{place}]", catalogue=catalogue)
    account.begin_day()
    return account


def _add_position(account: Account, holding: Mapping[str, Any], *, key: str, catalogue: Listing) -> None:
    instrument = _instrument(account.name, holding, key=key, catalogue=catalogue)
    quantity = _number(account.name, f"{key}.quantity", holding.get("quantity"))
    average = _number(account.name, f"{key}.average_cost", holding.get("average_cost"))
    cost = quantity * average
    account.positions[instrument.con_id] = Position(instrument.con_id, quantity, cost=cost, gross=cost)


def _instrument(name: str, holding: Mapping[str, Any], *, key: str, catalogue: Listing) -> Instrument:
    if "con_id" in holding:
        found = catalogue.by_con_id(int(holding["con_id"]))
        wanted = f"con_id {holding['con_id']}"
    else:
        symbol, kind = str(holding.get("symbol", "")), str(holding.get("sec_type", "STK"))
        currency = str(holding.get("currency", "USD"))
        wanted = f"{symbol} {kind} {currency}"
        same = (
            i for i in catalogue.listed() if (i.symbol, i.sec_type, i.currency) == (symbol, kind, currency)
        )
        found = next(same, None)
    if found is None:
        raise ValueError(f"account {name}: {key} names {wanted}, which is not listed; use a listed symbol")
    return found


def _number(name: str, key: str, value: Any) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise ValueError(f"account {name}: {key} is {value!r}; it must be a number") from error
    if not number.is_finite():
        raise ValueError(f"account {name}: {key} is {value!r}; it must be a finite number")
    return number
