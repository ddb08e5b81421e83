"""The library's objects, named field by field for the record. Only what the broker set is kept."""

from typing import Any

from apps.broker.ib.numbers import decimal, text

_ORDER = {
    "action": "side",
    "totalQuantity": "quantity",
    "orderType": "order_type",
    "lmtPrice": "limit_price",
    "auxPrice": "stop_price",
    "tif": "tif",
    "account": "account",
    "parentId": "parent_order_id",
    "ocaGroup": "oca_group",
    "orderRef": "order_ref",
    "filledQuantity": "filled",
    "algoStrategy": "algo",
    "outsideRth": "outside_rth",
}
_CONTRACT = {
    "conId": "con_id",
    "symbol": "symbol",
    "secType": "sec_type",
    "currency": "currency",
    "exchange": "exchange",
    "localSymbol": "local_symbol",
}
_STATE = {
    "status": "status",
    "warningText": "warning",
    "completedTime": "completed_time",
    "completedStatus": "completed_status",
}
_PREVIEW = {
    "initMarginChange": "initial_margin_change",
    "maintMarginChange": "maintenance_margin_change",
    "equityWithLoanAfter": "equity_after",
    "initMarginAfter": "initial_margin_after",
    "commission": "commission",
    "minCommission": "commission_low",
    "maxCommission": "commission_high",
    "commissionCurrency": "commission_currency",
    "warningText": "warning",
}
_EXECUTION = {
    "execId": "exec_id",
    "time": "time",
    "acctNumber": "account",
    "exchange": "venue",
    "side": "side",
    "shares": "quantity",
    "price": "price",
    "permId": "perm_id",
    "clientId": "client_id",
    "orderId": "order_id",
    "liquidation": "liquidation",
    "cumQty": "cumulative",
    "avgPrice": "average_price",
    "orderRef": "order_ref",
}


def _named(thing: Any, names: dict[str, str]) -> dict[str, str]:
    values = ((ours, text(getattr(thing, theirs, None))) for theirs, ours in names.items())
    return {ours: value for ours, value in values if value is not None}


def order_words(contract: Any, order: Any, state: Any) -> dict[str, str]:
    return _named(contract, _CONTRACT) | _named(order, _ORDER) | _named(state, _STATE)


def preview_words(state: Any) -> dict[str, str]:
    return {
        name: value
        for name, value in _named(state, _PREVIEW).items()
        if name.endswith(("currency", "warning")) or decimal(value) is not None
    }


def execution_words(contract: Any, execution: Any) -> dict[str, str]:
    return _named(contract, _CONTRACT) | _named(execution, _EXECUTION)
