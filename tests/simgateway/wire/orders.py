"""Orders as a program would write them, for both client families, by the names they share."""

from decimal import Decimal
from typing import Any

STOCK = {"symbol": "AAPL", "secType": "STK", "exchange": "SMART", "currency": "USD"}
OPTION = {
    "symbol": "SPY",
    "secType": "OPT",
    "exchange": "SMART",
    "currency": "USD",
    "lastTradeDateOrContractMonth": "20261218",
    "strike": 612.5,
    "right": "P",
    "multiplier": "100",
}
COMBO = {"symbol": "SPY", "secType": "BAG", "exchange": "SMART", "currency": "USD", "legs": 2}
OFFSETS = {"midOffsetAtWhole": 0.01, "midOffsetAtHalf": 0.02}
LIMIT = {"action": "BUY", "totalQuantity": 100, "orderType": "LMT", "lmtPrice": 10.25}
CONDITIONS = ("price", "time", "margin", "execution", "volume", "percent")

# name → contract, order, how many fields it has more than a plain limit order at 176 and later (None: varies)
ORDERS: dict[str, tuple[dict[str, Any], dict[str, Any], int | None]] = {
    "limit": (STOCK, LIMIT, 0),
    "market": (STOCK, {"action": "SELL", "totalQuantity": 7, "orderType": "MKT"}, 0),
    "stop": (
        STOCK,
        {"action": "SELL", "totalQuantity": 7, "orderType": "STP", "auxPrice": 9.5, "parentId": 4},
        0,
    ),
    "trail": (
        STOCK,
        {
            "action": "SELL",
            "totalQuantity": 7,
            "orderType": "TRAIL",
            "trailingPercent": 2.5,
            "trailStopPrice": 190.0,
        },
        0,
    ),
    "held child": (STOCK, {**LIMIT, "parentId": 41, "transmit": False, "ocaGroup": "g", "ocaType": 2}, 0),
    "option": (OPTION, {**LIMIT, "lmtPrice": 1e-05, "openClose": "C"}, 0),
    "combo": (COMBO, {**LIMIT, "lmtPrice": -1.2, "routing": [("NonGuaranteed", "1")]}, 21),
    "combo by legs": (
        COMBO,
        {"action": "BUY", "totalQuantity": 3, "orderType": "LMT", "legPrices": [4.5, -3.25]},
        21,
    ),
    "algo": (STOCK, {**LIMIT, "algoStrategy": "Adaptive", "algoParams": [("adaptivePriority", "Normal")]}, 3),
    "six conditions": (
        STOCK,
        {**LIMIT, "conditions": CONDITIONS, "conditionsIgnoreRth": True, "conditionsCancelOrder": True},
        34,
    ),
    "peg mid": (
        STOCK,
        {**LIMIT, "orderType": "PEG MID", "midOffsetAtWhole": 0.01, "midOffsetAtHalf": 0.02},
        2,
    ),
    "peg best": (
        {**STOCK, "exchange": "IBKRATS"},
        {
            **LIMIT,
            "orderType": "PEG BEST",
            "minTradeQty": 10,
            "minCompeteSize": 20,
            "competeAgainstBestOffset": 0.02,
        },
        3,
    ),
    "peg best to mid": (
        STOCK,
        {
            **LIMIT,
            "orderType": "PEG BEST",
            "competeAgainstBestOffset": float("inf"),
            **OFFSETS,
        },
        4,
    ),
    "peg bench": (
        STOCK,
        {
            **LIMIT,
            "orderType": "PEG BENCH",
            "referenceContractId": 756733,
            "isPeggedChangeAmountDecrease": True,
            "peggedChangeAmount": 0.5,
            "referenceChangeAmount": 1.5,
            "referenceExchangeId": "ARCA",
        },
        5,
    ),
    "scale": (
        STOCK,
        {
            **LIMIT,
            "scaleInitLevelSize": 10,
            "scaleSubsLevelSize": 5,
            "scalePriceIncrement": 0.05,
            "scalePriceAdjustValue": 0.01,
            "scalePriceAdjustInterval": 60,
            "scaleProfitOffset": 0.1,
            "scaleAutoReset": True,
            "scaleInitPosition": 3,
            "scaleInitFillQty": 2,
            "scaleRandomPercent": True,
        },
        7,
    ),
    "hedge": (STOCK, {**LIMIT, "hedgeType": "P", "hedgeParam": "2.5", "dontUseAutoPriceForHedge": True}, 1),
    "volatility": (
        {**OPTION, "hedge": True},
        {
            **LIMIT,
            "orderType": "VOL",
            "volatility": 0.25,
            "volatilityType": 2,
            "deltaNeutralOrderType": "LMT",
            "deltaNeutralAuxPrice": 1.5,
            "deltaNeutralConId": 756733,
            "deltaNeutralOpenClose": "O",
            "continuousUpdate": True,
            "referencePriceType": 1,
        },
        11,
    ),
    "much else": (
        STOCK,
        {
            **LIMIT,
            "tif": "GTD",
            "goodTillDate": "20261231 23:59:59 US/Eastern",
            "goodAfterTime": "20261201 09:30:00 US/Eastern",
            "outsideRth": True,
            "hidden": True,
            "displaySize": 50,
            "minQty": 10,
            "allOrNone": True,
            "sweepToFill": True,
            "triggerMethod": 8,
            "percentOffset": 0.5,
            "settlingFirm": "firm",
            "rule80A": "I",
            "faPercentage": "5",
            "clearingAccount": "clear",
            "clearingIntent": "Away",
            "notHeld": True,
            "startingPrice": 1.5,
            "stockRefPrice": 2.5,
            "delta": 3.5,
            "stockRangeLower": 4.5,
            "stockRangeUpper": 5.5,
            "orderRef": "meridian·7",
            "account": "DU1234567",
            "faGroup": "All",
            "faMethod": "NetLiq",
            "modelCode": "core",
            "discretionaryAmt": 0.05,
            "adjustedOrderType": "STP",
            "triggerPrice": 11.0,
            "adjustedStopPrice": 10.5,
            "cashQty": 1000.0,
            "solicited": True,
            "randomizePrice": True,
            "usePriceMgmtAlgo": True,
            "duration": 3600,
            "autoCancelParent": True,
        },
        0,
    ),
}
ASCII_ONLY = {"orderRef": "meridian-7"}  # the official client refuses anything else


def insync(contract: dict[str, Any], order: dict[str, Any]) -> tuple[Any, Any]:
    import ib_insync as ib

    made = ib.Contract(**{k: v for k, v in contract.items() if k not in ("legs", "hedge")})
    legs = ((101, "BUY"), (102, "SELL"))[: contract.get("legs", 0)]
    made.comboLegs = [ib.ComboLeg(conId=c, ratio=1, action=a, exchange="SMART") for c, a in legs]
    if contract.get("hedge"):
        made.deltaNeutralContract = ib.DeltaNeutralContract(756733, 0.5, 612.0)
    asked = dict(order)
    tagged = {
        "smartComboRoutingParams": [ib.TagValue(*pair) for pair in asked.pop("routing", [])],
        "algoParams": [ib.TagValue(*pair) for pair in asked.pop("algoParams", [])],
        "orderComboLegs": [ib.OrderComboLeg(price) for price in asked.pop("legPrices", [])],
    }
    all_conditions = {
        "price": ib.PriceCondition(1, "a", True, 250.5, 265598, "SMART", 2),
        "time": ib.TimeCondition(3, "o", True, "20261201 10:00:00 US/Eastern"),
        "margin": ib.MarginCondition(4, "a", False, 30),
        "execution": ib.ExecutionCondition(5, "a", "STK", "SMART", "MSFT"),
        "volume": ib.VolumeCondition(6, "a", True, 1000, 265598, "SMART"),
        "percent": ib.PercentChangeCondition(7, "a", True, 5.0, 265598, "SMART"),
    }
    asked["conditions"] = [all_conditions[name] for name in asked.get("conditions", ())]
    return made, ib.Order(**{**asked, **tagged})


def official(contract: dict[str, Any], order: dict[str, Any]) -> tuple[Any, Any]:
    from ibapi.contract import ComboLeg, Contract, DeltaNeutralContract
    from ibapi.order import Order, OrderComboLeg
    from ibapi.tag_value import TagValue

    made = _filled(Contract(), {k: v for k, v in contract.items() if k not in ("legs", "hedge")})
    legs = ((101, "BUY"), (102, "SELL"))[: contract.get("legs", 0)]
    made.comboLegs = [
        _filled(ComboLeg(), {"conId": c, "ratio": 1, "action": a, "exchange": "SMART"}) for c, a in legs
    ]
    if contract.get("hedge"):
        hedge = {"conId": 756733, "delta": 0.5, "price": 612.0}
        made.deltaNeutralContract = _filled(DeltaNeutralContract(), hedge)
    asked = {**order, "totalQuantity": Decimal(order["totalQuantity"])}
    asked |= {name: text for name, text in ASCII_ONLY.items() if name in asked}
    asked["smartComboRoutingParams"] = [TagValue(*pair) for pair in asked.pop("routing", [])]
    asked["algoParams"] = [TagValue(*pair) for pair in asked.pop("algoParams", [])]
    prices = asked.pop("legPrices", [])
    asked["orderComboLegs"] = [_filled(OrderComboLeg(), {"price": price}) for price in prices]
    asked["conditions"] = [_official_condition(name) for name in asked.get("conditions", ())]
    return made, _filled(Order(), asked)


def _official_condition(name: str) -> Any:
    from ibapi import order_condition as oc

    level = {"conId": 265598, "exchange": "SMART", "isMore": True}
    kinds: dict[str, tuple[type, dict[str, Any]]] = {
        "price": (oc.PriceCondition, {**level, "price": 250.5, "triggerMethod": 2}),
        "time": (oc.TimeCondition, {"isMore": True, "time": "20261201 10:00:00 US/Eastern"}),
        "margin": (oc.MarginCondition, {"isMore": False, "percent": 30}),
        "execution": (oc.ExecutionCondition, {"secType": "STK", "exchange": "SMART", "symbol": "MSFT"}),
        "volume": (oc.VolumeCondition, {**level, "volume": 1000}),
        "percent": (oc.PercentChangeCondition, {**level, "changePercent": 5.0}),
    }
    kind, values = kinds[name]
    return _filled(kind(), {"isConjunctionConnection": name != "time", **values})


def _filled(target: Any, values: dict[str, Any]) -> Any:
    for name, value in values.items():
        assert hasattr(target, name), name
        setattr(target, name, value)
    return target
