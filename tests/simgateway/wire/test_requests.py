"""Every request of the real clients but placeOrder, read to its last field with its values in place."""

from typing import Any

import pytest

from apps.simgateway.wire.failures import UnknownMessage, WrongFields
from apps.simgateway.wire.names import ANSWER_NAMES, REQUEST_NAMES
from apps.simgateway.wire.requests import LAYOUTS, PlaceOrder, ReqExecutions, parse
from tests.simgateway.wire import orders
from tests.simgateway.wire.asking import BOTH, Ask
from tests.simgateway.wire.clients import sent_by_insync, sent_by_official

OF_THEIR_OWN = {  # asked in tests of their own below
    "placeOrder", "cancelOrder", "reqGlobalCancel", "reqExecutions", "reqScannerSubscription",
    "reqWshEventData", "reqCurrentTimeInMillis",
}  # fmt: skip
CONTRACT = orders.OPTION


def asked(client: str, version: int, ask: Ask, contract: dict[str, Any] = CONTRACT) -> list[str]:
    build, send = (
        (orders.insync, sent_by_insync) if client == "insync" else (orders.official, sent_by_official)
    )
    made, _ = build(contract, orders.LIMIT)

    def call(connected: Any) -> None:
        connected.clientId, connected.optCapab, connected.extraAuth = 7, "", True
        ask(connected, made)

    (fields,) = send(version, call)
    return fields


CASES = [
    (client, version, name)
    for name in BOTH
    for client, version in [("insync", 173), ("insync", 176), ("official", 178), ("official", 200)]
    if not isinstance(BOTH[name][0], tuple) or BOTH[name][0][client == "official"]  # type: ignore[index]
]


@pytest.mark.parametrize(("client", "version", "name"), CASES)
def test_a_request_of_a_real_client_arrives(client: str, version: int, name: str) -> None:
    ask, expected = BOTH[name]
    call = ask[client == "official"] if isinstance(ask, tuple) else ask
    assert call is not None
    fields = asked(client, version, call)
    request = parse(fields, version)
    assert (request.name, request.message_id) == (name, int(fields[0]))
    for attribute, value in expected.items():
        assert getattr(request, attribute) == value, attribute
    contract = getattr(request, "contract", None)
    if contract is not None:
        assert (contract.symbol, contract.exchange, contract.currency) == ("SPY", "SMART", "USD")
        assert name == "reqFundamentalData" or (contract.strike, contract.right) == (612.5, "P")


def test_every_request_there_is_has_been_asked() -> None:
    assert set(BOTH) | OF_THEIR_OWN == set(REQUEST_NAMES.values())
    assert {number: layout.build.name for number, layout in LAYOUTS.items()} == REQUEST_NAMES


def test_names_are_the_official_numbers() -> None:
    from ibapi.message import IN, OUT

    requests = {value for name, value in vars(OUT).items() if not name.startswith("_")}
    answers = {value for name, value in vars(IN).items() if not name.startswith("_")}
    beyond_text = {106, 107, 108, 109}
    assert requests - beyond_text == set(REQUEST_NAMES) - {52, 53}
    assert answers - {110, 111} == set(ANSWER_NAMES) - {51}


@pytest.mark.parametrize("client", ["insync", "official"])
def test_a_combo_asks_for_quotes_and_bars_with_its_legs(client: str) -> None:
    quotes: Any = parse(
        asked(client, 176, lambda c, k: c.reqMktData(9, k, "", False, False, []), orders.COMBO), 176
    )
    bars: Any = parse(
        asked(
            client,
            176,
            lambda c, k: c.reqHistoricalData(9, k, "", "1 D", "1 day", "TRADES", 1, 1, False, []),
            orders.COMBO,
        ),
        176,
    )
    for request in (quotes, bars):
        assert [(leg.con_id, leg.action) for leg in request.contract.combo_legs] == [
            (101, "BUY"),
            (102, "SELL"),
        ]


@pytest.mark.parametrize("version", [164, 169, 176, 178, 186, 188, 190, 191, 192, 200])
def test_cancels_arrive_at_every_version(version: int) -> None:
    from ibapi.order_cancel import OrderCancel

    when = OrderCancel()
    when.manualOrderCancelTime = "20260413-15:27:04" if version >= 169 else ""
    one: Any = parse(asked("official", version, lambda c, k: c.cancelOrder(17, when)), version)
    every: Any = parse(asked("official", version, lambda c, k: c.reqGlobalCancel(OrderCancel())), version)
    assert (one.name, one.order_id, one.manual_time) == ("cancelOrder", 17, when.manualOrderCancelTime)
    assert (every.name, every.manual_order_indicator) == ("reqGlobalCancel", None)
    if version <= 176:
        assert parse(asked("insync", version, lambda c, k: c.cancelOrder(17)), version).order_id == 17  # type: ignore[attr-defined]
        assert parse(asked("insync", version, lambda c, k: c.reqGlobalCancel()), version).name == every.name


def executions(version: int, **wanted: Any) -> list[str]:
    from ibapi.execution import ExecutionFilter

    wish = ExecutionFilter()
    for name, value in wanted.items():
        setattr(wish, name, value)
    return asked("official", version, lambda c, k: c.reqExecutions(9, wish))


def test_executions_are_filtered_by_days_from_200_on() -> None:
    old = parse(executions(178, symbol="SPY", side="BUY"), 178)
    assert isinstance(old, ReqExecutions)
    assert (old.req_id, old.symbol, old.side, old.last_days) == (9, "SPY", "BUY", None)
    new = parse(executions(200, lastNDays=3, specificDates=[20260410, 20260413]), 200)
    assert isinstance(new, ReqExecutions)
    assert (new.last_days, new.dates) == (3, ["20260410", "20260413"])
    with pytest.raises(WrongFields) as wrong:
        parse(executions(178), 200)
    assert (wrong.value.message_id, wrong.value.request_id) == (7, 9)


def test_a_scan_arrives_from_both_clients() -> None:
    from ib_insync import ScannerSubscription as Ours
    from ibapi.scanner import ScannerSubscription as Theirs

    for client, version, wish in (("insync", 176, Ours()), ("official", 200, Theirs())):
        wish.instrument, wish.scanCode, wish.numberOfRows, wish.abovePrice = "STK", "TOP_PERC_GAIN", 10, 5.0
        request: Any = parse(
            asked(client, version, lambda c, k, w=wish: c.reqScannerSubscription(9, w, [], [])), version
        )
        assert (request.rows, request.instrument, request.scan_code) == (10, "STK", "TOP_PERC_GAIN")
        assert (request.above_price, request.below_price) == ("5.0", "")


def test_events_and_milliseconds_arrive() -> None:
    from ib_insync import WshEventData as Ours
    from ibapi.common import WshEventData as Theirs

    for client, version, wish in (("insync", 176, Ours()), ("official", 200, Theirs())):
        wish.conId = 8314
        request: Any = parse(asked(client, version, lambda c, k, w=wish: c.reqWshEventData(9, w)), version)
        assert (request.req_id, request.con_id, request.limit) == (9, 8314, None)
    fields = asked("official", 200, lambda c, k: c.reqCurrentTimeInMillis())
    assert parse(fields, 200).name == "reqCurrentTimeInMillis"


def test_one_field_too_few_or_too_many_is_refused_with_the_id() -> None:
    fields = asked("official", 178, lambda c, k: c.reqHistogramData(9, k, True, "3 days"))
    for wrong in (fields[:-1], [*fields, "x"]):
        with pytest.raises(WrongFields) as refused:
            parse(wrong, 178)
        assert (refused.value.message_id, refused.value.request_id) == (88, 9)
    assert "left over" in refused.value.detail


def test_a_bad_number_is_refused_with_the_order_id_and_the_name_of_the_field() -> None:
    build, _ = orders.official(orders.STOCK, orders.LIMIT)
    (fields,) = sent_by_official(178, lambda c: c.placeOrder(17, build, orders.official({}, orders.LIMIT)[1]))
    assert isinstance(parse(fields, 178), PlaceOrder)
    fields[fields.index("10.25")] = "ten"
    with pytest.raises(WrongFields, match="lmt_price: 'ten' is not a number") as refused:
        parse(fields, 178)
    assert (refused.value.message_id, refused.value.request_id) == (3, 17)


@pytest.mark.parametrize("number", ["", "0", "999", "-1", "x", "1e0", "٣", "271"])
def test_an_unknown_number_is_no_request(number: str) -> None:
    with pytest.raises(UnknownMessage) as unknown:
        parse([number, "1"], 176)
    assert unknown.value.message_id == number


def test_a_client_of_before_optional_capabilities_may_start() -> None:
    request: Any = parse(["71", "1", "5"], 163)
    assert (request.client_id, request.optional_capabilities) == (5, "")
