"""How programs ask for things through the real clients, and what has to arrive."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

Ask = Callable[[Any, Any], object]  # client and contract
# name on the wire → how both clients ask (one call, or one for each), and what has to arrive
BOTH: dict[str, tuple[Ask | tuple[Ask | None, Ask | None], dict[str, Any]]] = {
    "reqMktData": (
        lambda c, k: c.reqMktData(9, k, "233,236", True, False, []),
        {"req_id": 9, "generic_ticks": "233,236", "snapshot": True, "regulatory_snapshot": False},
    ),
    "cancelMktData": (lambda c, k: c.cancelMktData(9), {"req_id": 9}),
    "reqOpenOrders": (lambda c, k: c.reqOpenOrders(), {}),
    "reqAccountUpdates": (
        lambda c, k: c.reqAccountUpdates(True, "DU1234567"),
        {"subscribe": True, "account": "DU1234567"},
    ),
    "reqIds": (lambda c, k: c.reqIds(1), {"count": 1}),
    "reqContractDetails": (lambda c, k: c.reqContractDetails(9, k), {"req_id": 9}),
    "reqMktDepth": (
        lambda c, k: c.reqMktDepth(9, k, 5, True, []),
        {"req_id": 9, "rows": 5, "is_smart_depth": True},
    ),
    "cancelMktDepth": (lambda c, k: c.cancelMktDepth(9, False), {"req_id": 9, "is_smart_depth": False}),
    "reqNewsBulletins": (lambda c, k: c.reqNewsBulletins(True), {"all_messages": True}),
    "cancelNewsBulletins": (lambda c, k: c.cancelNewsBulletins(), {}),
    "setServerLogLevel": (lambda c, k: c.setServerLogLevel(5), {"level": 5}),
    "reqAutoOpenOrders": (lambda c, k: c.reqAutoOpenOrders(True), {"auto_bind": True}),
    "reqAllOpenOrders": (lambda c, k: c.reqAllOpenOrders(), {}),
    "reqManagedAccts": (lambda c, k: c.reqManagedAccts(), {}),
    "requestFA": (lambda c, k: c.requestFA(1), {"data_type": 1}),
    "replaceFA": (lambda c, k: c.replaceFA(9, 1, "<x/>"), {"req_id": 9, "data_type": 1, "xml": "<x/>"}),
    "reqHistoricalData": (
        lambda c, k: c.reqHistoricalData(9, k, "", "1 D", "5 mins", "TRADES", 1, 2, True, []),
        {"end": "", "bar_size": "5 mins", "duration": "1 D", "use_rth": True, "what_to_show": "TRADES"}
        | {"format_date": 2, "keep_up_to_date": True},
    ),
    "exerciseOptions": (
        (
            lambda c, k: c.exerciseOptions(9, k, 1, 2, "DU1234567", 0),
            lambda c, k: c.exerciseOptions(9, k, 1, 2, "DU1234567", 0, "", "", False),
        ),
        {"req_id": 9, "action": 1, "quantity": 2, "account": "DU1234567", "override": False},
    ),
    "cancelScannerSubscription": (lambda c, k: c.cancelScannerSubscription(9), {"req_id": 9}),
    "reqScannerParameters": (lambda c, k: c.reqScannerParameters(), {}),
    "cancelHistoricalData": (lambda c, k: c.cancelHistoricalData(9), {"req_id": 9}),
    "reqCurrentTime": (lambda c, k: c.reqCurrentTime(), {}),
    "reqRealTimeBars": (
        lambda c, k: c.reqRealTimeBars(9, k, 5, "MIDPOINT", True, []),
        {"req_id": 9, "bar_size": 5, "what_to_show": "MIDPOINT", "use_rth": True},
    ),
    "cancelRealTimeBars": (lambda c, k: c.cancelRealTimeBars(9), {"req_id": 9}),
    "reqFundamentalData": (
        (lambda c, k: c.reqFundamentalData(9, k, "ReportSnapshot", []), None),
        {"req_id": 9, "report": "ReportSnapshot"},
    ),
    "cancelFundamentalData": ((lambda c, k: c.cancelFundamentalData(9), None), {"req_id": 9}),
    "calculateImpliedVolatility": (
        lambda c, k: c.calculateImpliedVolatility(9, k, 2.35, 610.5, []),
        {"req_id": 9, "option_price": Decimal("2.35"), "under_price": Decimal("610.5")},
    ),
    "calculateOptionPrice": (
        lambda c, k: c.calculateOptionPrice(9, k, 0.25, 610.5, []),
        {"req_id": 9, "volatility": Decimal("0.25"), "under_price": Decimal("610.5")},
    ),
    "cancelCalculateImpliedVolatility": (
        lambda c, k: c.cancelCalculateImpliedVolatility(9),
        {"req_id": 9},
    ),
    "cancelCalculateOptionPrice": (lambda c, k: c.cancelCalculateOptionPrice(9), {"req_id": 9}),
    "reqMarketDataType": (lambda c, k: c.reqMarketDataType(3), {"data_type": 3}),
    "reqPositions": (lambda c, k: c.reqPositions(), {}),
    "cancelPositions": (lambda c, k: c.cancelPositions(), {}),
    "reqAccountSummary": (
        lambda c, k: c.reqAccountSummary(9, "All", "NetLiquidation,$LEDGER"),
        {"req_id": 9, "group": "All", "tags": "NetLiquidation,$LEDGER"},
    ),
    "cancelAccountSummary": (lambda c, k: c.cancelAccountSummary(9), {"req_id": 9}),
    "verifyRequest": (lambda c, k: c.verifyRequest("a", "1"), {"api_name": "a", "api_version": "1"}),
    "verifyMessage": (lambda c, k: c.verifyMessage("a"), {"api_data": "a"}),
    "verifyAndAuthRequest": (lambda c, k: c.verifyAndAuthRequest("a", "1", "k"), {"opaque_key": "k"}),
    "verifyAndAuthMessage": (lambda c, k: c.verifyAndAuthMessage("a", "r"), {"response": "r"}),
    "queryDisplayGroups": (lambda c, k: c.queryDisplayGroups(9), {"req_id": 9}),
    "subscribeToGroupEvents": (lambda c, k: c.subscribeToGroupEvents(9, 2), {"req_id": 9, "group_id": 2}),
    "updateDisplayGroup": (
        lambda c, k: c.updateDisplayGroup(9, "8314"),
        {"contract_info": "8314"},
    ),
    "unsubscribeFromGroupEvents": (lambda c, k: c.unsubscribeFromGroupEvents(9), {"req_id": 9}),
    "startApi": (lambda c, k: c.startApi(), {"client_id": 7, "optional_capabilities": ""}),
    "reqPositionsMulti": (
        lambda c, k: c.reqPositionsMulti(9, "DU1234567", "core"),
        {"req_id": 9, "account": "DU1234567", "model_code": "core"},
    ),
    "cancelPositionsMulti": (lambda c, k: c.cancelPositionsMulti(9), {"req_id": 9}),
    "reqAccountUpdatesMulti": (
        lambda c, k: c.reqAccountUpdatesMulti(9, "DU1234567", "", True),
        {"req_id": 9, "account": "DU1234567", "ledger_and_nlv": True},
    ),
    "cancelAccountUpdatesMulti": (lambda c, k: c.cancelAccountUpdatesMulti(9), {"req_id": 9}),
    "reqSecDefOptParams": (
        lambda c, k: c.reqSecDefOptParams(9, "SPY", "", "STK", 756733),
        {
            "req_id": 9,
            "symbol": "SPY",
            "fut_fop_exchange": "",
            "under_sec_type": "STK",
            "under_con_id": 756733,
        },
    ),
    "reqSoftDollarTiers": (lambda c, k: c.reqSoftDollarTiers(9), {"req_id": 9}),
    "reqFamilyCodes": (lambda c, k: c.reqFamilyCodes(), {}),
    "reqMatchingSymbols": (lambda c, k: c.reqMatchingSymbols(9, "AA"), {"req_id": 9, "pattern": "AA"}),
    "reqMktDepthExchanges": (lambda c, k: c.reqMktDepthExchanges(), {}),
    "reqSmartComponents": (lambda c, k: c.reqSmartComponents(9, "9c0001"), {"bbo_exchange": "9c0001"}),
    "reqNewsArticle": (
        lambda c, k: c.reqNewsArticle(9, "BRFG", "BRFG$1", []),
        {"req_id": 9, "provider": "BRFG", "article_id": "BRFG$1"},
    ),
    "reqNewsProviders": (lambda c, k: c.reqNewsProviders(), {}),
    "reqHistoricalNews": (
        lambda c, k: c.reqHistoricalNews(9, 8314, "BRFG", "", "", 10, []),
        {"req_id": 9, "con_id": 8314, "providers": "BRFG", "count": 10},
    ),
    "reqHeadTimeStamp": (
        lambda c, k: c.reqHeadTimeStamp(9, k, "TRADES", 0, 1),
        {"req_id": 9, "use_rth": False, "what_to_show": "TRADES", "format_date": 1},
    ),
    "cancelHeadTimeStamp": (lambda c, k: c.cancelHeadTimeStamp(9), {"req_id": 9}),
    "reqHistogramData": (
        lambda c, k: c.reqHistogramData(9, k, True, "3 days"),
        {"req_id": 9, "use_rth": True, "period": "3 days"},
    ),
    "cancelHistogramData": (lambda c, k: c.cancelHistogramData(9), {"req_id": 9}),
    "reqMarketRule": (lambda c, k: c.reqMarketRule(26), {"rule_id": 26}),
    "reqPnL": (lambda c, k: c.reqPnL(9, "DU1234567", ""), {"req_id": 9, "account": "DU1234567"}),
    "cancelPnL": (lambda c, k: c.cancelPnL(9), {"req_id": 9}),
    "reqPnLSingle": (lambda c, k: c.reqPnLSingle(9, "DU1234567", "", 8314), {"req_id": 9, "con_id": 8314}),
    "cancelPnLSingle": (lambda c, k: c.cancelPnLSingle(9), {"req_id": 9}),
    "reqHistoricalTicks": (
        lambda c, k: c.reqHistoricalTicks(9, k, "20260413 09:30:00", "", 100, "TRADES", 1, True, []),
        {"start": "20260413 09:30:00", "end": "", "count": 100, "use_rth": True, "ignore_size": True},
    ),
    "reqTickByTickData": (
        lambda c, k: c.reqTickByTickData(9, k, "BidAsk", 0, True),
        {"req_id": 9, "tick_type": "BidAsk", "count": 0, "ignore_size": True},
    ),
    "cancelTickByTickData": (lambda c, k: c.cancelTickByTickData(9), {"req_id": 9}),
    "reqCompletedOrders": (lambda c, k: c.reqCompletedOrders(True), {"api_only": True}),
    "reqWshMetaData": (lambda c, k: c.reqWshMetaData(9), {"req_id": 9}),
    "cancelWshMetaData": (lambda c, k: c.cancelWshMetaData(9), {"req_id": 9}),
    "cancelWshEventData": (lambda c, k: c.cancelWshEventData(9), {"req_id": 9}),
    "reqUserInfo": (lambda c, k: c.reqUserInfo(9), {"req_id": 9}),
}
