"""Answers as a client reads them at server version 176: a message's name and its fields by name.

Written from the protocol page and not from the simulator's writers, so that the two can disagree.
"""

from collections.abc import Iterator

# id → name and the names of its fields after the id; "-" is a field no script asks about
_TABLE: dict[str, str] = {
    "1": "tickPrice - id type price size mask",
    "2": "tickSize - id type size",
    "3": "orderStatus id status filled remaining average perm parent last client held cap",
    "4": "error - id code text json",
    "6": "acctValue - key value currency account",
    "7": (
        "portfolioValue - con_id symbol sec_type expiry strike right multiplier primary currency "
        "local class quantity price value cost unrealized realized account"
    ),
    "8": "acctUpdateTime - time",
    "9": "nextValidId - id",
    "10": (
        "contractData id symbol sec_type expiry strike right exchange currency local market class "
        "con_id tick multiplier types exchanges magnifier under name primary month"
    ),
    "11": (
        "execDetails req id con_id symbol sec_type expiry strike right multiplier exchange currency "
        "local class exec time account venue side shares price perm client liquidation cumulative "
        "average ref rule rule_multiplier model liquidity"
    ),
    "12": "marketDepth - id place operation side price size",
    "13": "marketDepthL2 - id place maker operation side price size smart",
    "15": "managedAccts - accounts",
    "17": "historicalData id start end bars",
    "21": "tickOptionComputation id type attribute iv delta price dividends gamma vega theta under",
    "45": "tickGeneric - id type value",
    "46": "tickString - id type value",
    "49": "currentTime - seconds",
    "52": "contractDataEnd - id",
    "53": "openOrderEnd -",
    "54": "acctDownloadEnd - account",
    "55": "execDetailsEnd - id",
    "57": "tickSnapshotEnd - id",
    "58": "marketDataType - id type",
    "59": "commissionReport - exec commission currency realized",
    "61": (
        "position - account con_id symbol sec_type expiry strike right multiplier exchange currency "
        "local class quantity cost"
    ),
    "62": "positionEnd -",
    "63": "accountSummary - id account tag value currency",
    "64": "accountSummaryEnd - id",
    "71": (
        "positionMulti - id account con_id symbol sec_type expiry strike right multiplier exchange "
        "currency local class quantity cost model"
    ),
    "72": "positionMultiEnd - id",
    "73": "accountUpdateMulti - id account model key value currency",
    "74": "accountUpdateMultiEnd - id",
    "75": "secDefOptParam id exchange under class multiplier expiry_count",
    "76": "secDefOptParamEnd id",
    "79": "symbolSamples id count",
    "81": "tickReqParams id tick bbo permissions",
    "88": "headTimestamp id time",
    "93": "marketRule rule count",
    "94": "pnl id daily unrealized realized",
    "95": "pnlSingle id quantity daily unrealized realized value",
    "96": "historicalTicks id count",
    "97": "historicalTicksBidAsk id count",
    "98": "historicalTicksLast id count",
    "100": "orderBound perm client id",
    "102": "completedOrdersEnd",
    "107": "userInfo id branding",
}

_ORDER_TEXT = (
    "id con_id symbol sec_type expiry strike right multiplier exchange currency local class side "
    "quantity type limit aux tif oca account open_close origin ref client perm outside_rth hidden "
    "discretionary good_after allocation group method percentage profile model good_till"
)
_MARGINS_TEXT = (
    "what_if status init_before maint_before equity_before init_change maint_change equity_change "
    "init_after maint_after equity_after commission min_commission max_commission commission_currency "
    "warning"
)
_ORDER, _MARGINS = _ORDER_TEXT.split(), _MARGINS_TEXT.split()


def read_answer(fields: list[str]) -> tuple[str, dict[str, str]]:
    """The name of a message and its fields by name."""
    if fields[0] == "5":
        return "openOrder", _open_order(fields)
    if fields[0] == "101":
        return "completedOrder", _completed_order(fields)
    name, *names = _TABLE.get(fields[0], f"message{fields[0]}").split()
    return name, {key: value for key, value in zip(names, fields[1:], strict=False) if key != "-"}


def _open_order(fields: list[str]) -> dict[str, str]:
    """The fixed part by position, the rest by walking over the parts whose length varies."""
    found = dict(zip(_ORDER, fields[1:], strict=False))
    found |= {"oca_type": fields[54], "parent": fields[58]}
    rest = iter(fields[59:])
    _skip(rest, 3)
    if next(rest):  # delta neutral order type
        _skip(rest, 9)
    else:
        _skip(rest, 1)
    _skip(rest, 6)
    found["legs"] = next(rest)  # comboLegsDescrip
    for width in (8, 1, 2):  # legs, prices, routing
        count = int(next(rest))
        found[f"count_{width}"] = str(count)
        _skip(rest, width * count)
    _skip(rest, 2)
    if (increment := next(rest)) and 0 < float(increment) < 1e300:
        _skip(rest, 7)
    if next(rest):  # hedge type
        _skip(rest, 1)
    _skip(rest, 4)
    if next(rest) == "1":  # delta neutral contract
        _skip(rest, 3)
    found["algo"] = next(rest)
    if found["algo"]:
        _skip(rest, 2 * int(next(rest)))
    _skip(rest, 1)
    return found | dict(zip(_MARGINS, rest, strict=False))


def _completed_order(fields: list[str]) -> dict[str, str]:
    names = (*_ORDER[1:20], "open_close", "origin", "ref", "perm")
    found = dict(zip(names, fields[1:], strict=False))
    statuses = [text for text in fields if text in ("Filled", "Cancelled", "Inactive", "ApiCancelled")]
    return found | {"status": statuses[0] if statuses else "", "words": fields[-6]}


def _skip(rest: Iterator[str], count: int) -> None:
    for _number in range(count):
        next(rest)
