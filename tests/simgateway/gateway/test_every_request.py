"""Every request of the protocol draws an answer or an error; those taken silently are named."""

from apps.simgateway.wire.names import REQUEST_NAMES
from tests.simgateway.gateway.talk import House
from tests.simgateway.scripts.actors import framed
from tests.simgateway.scripts.requests import contract_fields
from tests.simgateway.wire import orders
from tests.simgateway.wire.clients import sent_by_official

STOCK = contract_fields({"symbol": "AAPL"})
UNLISTED = STOCK[:8] + STOCK[9:]
OPTION = contract_fields(
    {"symbol": "AAPL", "sec_type": "OPT", "expiry": "20261218", "strike": "270.0", "right": "C"}
)
SILENT = {  # nothing to answer, or nothing that ever comes
    "cancelAccountSummary", "cancelAccountUpdatesMulti", "cancelCalculateImpliedVolatility",
    "cancelCalculateOptionPrice", "cancelFundamentalData", "cancelHeadTimeStamp", "cancelHistogramData",
    "cancelNewsBulletins", "cancelPnL", "cancelPnLSingle", "cancelPositions", "cancelPositionsMulti",
    "cancelWshEventData", "cancelWshMetaData", "reqAutoOpenOrders", "reqGlobalCancel", "reqMarketDataType",
    "reqNewsBulletins", "setServerLogLevel", "unsubscribeFromGroupEvents", "updateDisplayGroup",
}  # fmt: skip
# request → its fields at version 176, written from the protocol page; ID is a number of its own
FIELDS: dict[str, list[str]] = {
    "reqMktData": ["11", "ID", *STOCK, "0", "", "1", "0", ""],
    "placeOrder": ["ID"],
    "cancelOrder": ["1", "ID", ""],
    "reqAccountUpdates": ["2", "1", ""],
    "reqExecutions": ["3", "ID", "0", "", "", "", "", "", ""],
    "reqIds": ["1", "1"],
    "reqContractDetails": ["8", "ID", *STOCK, "0", "", "", ""],
    "reqMktDepth": ["5", "ID", *STOCK, "5", "1", ""],
    "reqHistoricalData": ["ID", *STOCK, "0", "", "1 hour", "1 D", "1", "TRADES", "1", "0", ""],
    "exerciseOptions": ["2", "ID", *UNLISTED, "1", "1", "", "0"],
    "reqScannerSubscription": ["ID", "10", "STK", "STK.US.MAJOR", "TOP_PERC_GAIN", *[""] * 19],
    "reqRealTimeBars": ["3", "ID", *STOCK, "5", "TRADES", "1", ""],
    "reqFundamentalData": ["2", "ID", "0", "AAPL", "STK", "SMART", "", "USD", "", "x", ""],
    "calculateImpliedVolatility": ["3", "ID", *OPTION, "5", "270", "0", ""],
    "calculateOptionPrice": ["3", "ID", *OPTION, "0.3", "270", "0", ""],
    "reqMarketDataType": ["1", "1"],
    "reqAccountSummary": ["1", "ID", "All", "NetLiquidation"],
    "replaceFA": ["1", "1", "<x/>", "ID"],
    "verifyRequest": ["1", "a", "1"],
    "verifyAndAuthRequest": ["1", "a", "1", "k"],
    "verifyAndAuthMessage": ["1", "x", "y"],
    "subscribeToGroupEvents": ["1", "ID", "1"],
    "updateDisplayGroup": ["1", "ID", "x"],
    "reqPositionsMulti": ["1", "ID", "", ""],
    "reqAccountUpdatesMulti": ["1", "ID", "", "", "0"],
    "reqSecDefOptParams": ["ID", "AAPL", "", "STK", "265598"],
    "reqMatchingSymbols": ["ID", "AAP"],
    "reqSmartComponents": ["ID", "9c0001"],
    "reqNewsArticle": ["ID", "BRFG", "x", ""],
    "reqHistoricalNews": ["ID", "265598", "BRFG", "", "", "10", ""],
    "reqHeadTimeStamp": ["ID", *STOCK, "0", "1", "TRADES", "1"],
    "reqHistogramData": ["ID", *STOCK, "0", "1", "3 days"],
    "reqMarketRule": ["26"],
    "reqPnL": ["ID", "DU1000001", ""],
    "reqPnLSingle": ["ID", "DU1000001", "", "756733"],
    "reqHistoricalTicks": ["ID", *STOCK, "0", "", "20261120-14:59:00", "10", "TRADES", "1", "0", ""],
    "reqTickByTickData": ["ID", *STOCK, "Last", "0", "0"],
    "reqWshEventData": ["ID", "265598", "", "0", "0", "0", "", "", "0"],
}
WITHOUT_VERSION = {
    "cancelHeadTimeStamp", "cancelHistogramData", "cancelPnL", "cancelPnLSingle", "cancelTickByTickData",
    "cancelWshEventData", "cancelWshMetaData", "reqCompletedOrders", "reqSoftDollarTiers", "reqUserInfo",
    "reqWshMetaData",
}  # fmt: skip
BARE = {"reqFamilyCodes", "reqMktDepthExchanges", "reqNewsProviders", "reqCurrentTimeInMillis"}
ONE_FLAG = {"reqAutoOpenOrders", "reqNewsBulletins", "setServerLogLevel", "requestFA", "verifyMessage"}
ALONE = {
    "cancelNewsBulletins", "cancelPositions", "reqAllOpenOrders", "reqCurrentTime", "reqGlobalCancel",
    "reqManagedAccts", "reqOpenOrders", "reqPositions", "reqScannerParameters",
}  # fmt: skip


def fields_of(name: str, number: int) -> list[str]:
    """As a client writes it; what is not in a table has its version and a number."""
    if name in FIELDS:
        return [str(number) if field == "ID" else field for field in FIELDS[name]]
    if name in BARE:
        return []
    if name in ALONE:
        return ["1"]
    if name in ONE_FLAG:
        return ["1", "1"]
    tail = ["1"] if name == "cancelMktDepth" else []
    return [str(number)] if name in WITHOUT_VERSION else ["1", str(number), *tail]


def test_every_request_is_answered_or_refused() -> None:
    house = House()
    client = house.connect(0)
    silent, misread = set(), {}
    for message_id, name in REQUEST_NAMES.items():
        if name == "startApi":
            continue
        client.forget()
        client.write(framed([str(message_id), *fields_of(name, 9_000 + message_id)]))
        if name in ("reqRealTimeBars", "reqTickByTickData"):
            house.wait(6)
        if not client.told():
            silent.add(name)
        elif name != "placeOrder" and (wrong := [e for e in client.told("error") if e["code"] == "320"]):
            misread[name] = wrong
    assert silent == SILENT
    assert misread == {}
    assert not client.actor.closed


def test_a_number_that_means_nothing_is_refused_and_the_next_is_answered() -> None:
    house = House()
    client = house.connect(1)
    client.forget()
    client.write(framed(["999", "1"]) + framed(["49", "1"]))
    assert [kind for kind, _ in client.actor.told] == ["error", "currentTime"]
    assert client.told("error")[0]["code"] == "320"


def test_an_attribute_of_the_newest_version_that_does_not_fit_is_refused() -> None:
    house = House(server_version=200)
    client = house.connect(1, "v100..200")
    stock = {"symbol": "AAPL", "secType": "STK", "exchange": "SMART", "currency": "USD"}
    words = {"action": "BUY", "totalQuantity": 10, "orderType": "LMT", "lmtPrice": 99, "imbalanceOnly": True}
    (frame,) = sent_by_official(200, lambda c: c.placeOrder(7, *orders.official(stock, words)))
    client.forget()
    client.write(framed(frame))
    (told,) = client.told("error")
    assert told["id"] == "10342", "at 200 an error has no version: each field stands one earlier than at 176"
