"""What the library does to those who trust it, shown on the library itself; and that our link is free of it.

The library's wrapper is fed the very callbacks that its decoder would make; our ear is fed the same ones.
"""

import asyncio
import math
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from eventkit import Event
from ib_insync import (
    IB,
    CommissionReport,
    Contract,
    Execution,
    ExecutionFilter,
    LimitOrder,
    OrderStatus,
    Ticker,
    Trade,
)
from ib_insync.client import Client
from ib_insync.util import parseIBDatetime

from apps.broker.folding import begin_attempt
from apps.broker.ib.asks.speaker import Speaker
from apps.broker.ib.connection import IbConnection
from apps.broker.ib.ear import Ear
from apps.broker.ib.hears.listener import FIRST_REQUEST
from apps.broker.ib.numbers import price, wire
from apps.broker.ib.times import wire_time
from apps.broker.ib.words import preview_words
from apps.broker.models import Evidence
from apps.broker.ports import Heard, NotWritten, Placement, Refused, Unknown
from tradingdesk.domain.market import Quote, QuoteLimits, quote_problem
from tradingdesk.domain.tickets.attempts import Attempt
from tradingdesk.domain.tickets.states import State, is_done, may_still_fill

NOW = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
REF, PERM, ID = "td-desk-1-1A-1", 4711, 5


class Wire:
    """Stands where the library keeps its socket, and counts what is written to it."""

    def __init__(self) -> None:
        self.numMsgSent = 0

    def sendMsg(self, data: bytes) -> None:
        self.numMsgSent += 1

    def isConnected(self) -> bool:
        return True

    def disconnect(self) -> None:
        self.numMsgSent = 0


class Library(IB):
    """It would disconnect when it is collected, and there is nothing to disconnect."""

    def __del__(self) -> None:
        self.client.connState = Client.DISCONNECTED


def plugged(client: Any) -> Wire:
    """The library's client, believing that it is connected."""
    client.conn = Wire()
    client.connState, client._apiReady, client._serverVersion = Client.CONNECTED, True, 176
    return client.conn


@pytest.fixture
def ib() -> Iterator[Any]:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(
        loop
    )  # the library asks for the thread's loop, and an earlier test may have closed it
    made = Library()
    plugged(made.client)
    made.wrapper.clientId = made.client.clientId = 11
    made.client.updateReqId(100)
    yield made
    made.client.connState = Client.DISCONNECTED
    asyncio.set_event_loop(None)
    loop.close()


@pytest.fixture
def ours() -> tuple[Ear, list[Heard]]:
    ear, heard = Ear(), []
    ear.heard = heard.append
    return ear, heard


def traded(ib: Any, status: str = "Submitted", *, filled: float = 0) -> Trade:
    order = LimitOrder("BUY", 10, 100, orderId=ID, clientId=11, permId=PERM)
    trade = Trade(Contract(conId=1), order, OrderStatus(orderId=ID, status=status, filled=filled))
    ib.wrapper.trades[(11, ID)] = ib.wrapper.permId2Trade[PERM] = trade
    return trade


def say_working(ear: Ear) -> None:
    ear.orderStatus(ID, "Submitted", 0, 10, 0.0, PERM, 0, 0.0, 11, "", 0.0)


def believed(heard: list[Heard], *, quantity: int = 10, **asked: str) -> Attempt:
    """What the desk believes of an order of ten after it heard this."""
    rows = [
        Evidence(
            kind=item.kind,
            perm_id=item.perm_id,
            exec_id=item.exec_id,
            code=item.code,
            fields={"body": item.body},
        )
        for item in heard
    ]
    if asked:
        rows.insert(1, Evidence(kind="asked", fields=asked))
    return begin_attempt(Decimal(quantity), rows)


def execution(exec_id: str = "0000e0d5.69dd7411.01.01", **changes: Any) -> Execution:
    values = {"shares": 10, "price": 100.0, "permId": PERM, "clientId": 11, "orderId": ID, "side": "BOT"}
    return Execution(execId=exec_id, acctNumber="DU1000001", **(values | changes))


@pytest.mark.parametrize("code", [10349, 105, 321, 329, 10147, 10148, 103, 161, 19999])
def test_l1_a_code_that_ends_the_order_for_the_library_does_not_end_it_for_us(
    ib: Any, ours: tuple[Ear, list[Heard]], code: int
) -> None:
    trade = traded(ib)
    ib.wrapper.error(ID, code, "said the gateway", "")
    assert trade.orderStatus.status == "Cancelled"

    ear, heard = ours
    say_working(ear)
    ear.error(ID, code, "said the gateway")
    assert believed(heard).state in (State.WORKING, State.UNKNOWN)
    say_working(ear)
    assert believed(heard).state is State.WORKING


def test_l2_cancelling_an_inactive_order_ends_it_only_in_the_library(
    ib: Any, ours: tuple[Ear, list[Heard]]
) -> None:
    trade = traded(ib, "Inactive")
    ib.cancelOrder(trade.order)
    assert trade.isDone()

    ear, heard = ours
    ear.orderStatus(ID, "Inactive", 0, 10, 0.0, PERM, 0, 0.0, 11, "locate", 0.0)
    attempt = believed(heard, verb="cancel")
    assert may_still_fill(attempt.state)


def test_l3_an_order_whose_cancel_was_asked_may_still_fill(ib: Any, ours: tuple[Ear, list[Heard]]) -> None:
    trade = traded(ib, "PendingCancel")
    assert not trade.isActive() and not trade.isDone()

    ear, heard = ours
    ear.orderStatus(ID, "PendingCancel", 0, 10, 0.0, PERM, 0, 0.0, 11, "", 0.0)
    assert may_still_fill(believed(heard).state) and not is_done(believed(heard).state)


async def soon(ib_call: Any, answer: Any) -> Any:
    """Ask, let the question go out, answer it, and return what came back."""
    asking = asyncio.ensure_future(ib_call)
    await asyncio.sleep(0)
    answer()
    return await asyncio.wait_for(asking, 1)


def test_l4_a_refused_question_is_not_an_empty_answer() -> None:
    async def library() -> Any:
        ib = Library()
        plugged(ib.client)
        ib.client.updateReqId(100)
        fails = lambda: ib.wrapper.error(100, 504, "Not connected", "")  # noqa: E731
        return await soon(ib.reqExecutionsAsync(ExecutionFilter()), fails)

    async def link() -> Any:
        connection = IbConnection()
        plugged(connection._client)
        fails = lambda: connection._ear.error(FIRST_REQUEST, 504, "Not connected")  # noqa: E731
        return await soon(connection.executions(), fails)

    assert asyncio.run(library()) == []
    assert asyncio.run(link()) == Refused(504, "Not connected")


def test_l5_a_preview_that_is_only_warned_about_ends_and_unset_is_no_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def library() -> bool:
        ib = Library()
        plugged(ib.client)
        ib.client.updateReqId(100)
        order = LimitOrder("BUY", 10, 100)
        asking = asyncio.ensure_future(ib.whatIfOrderAsync(Contract(conId=1), order))
        await asyncio.sleep(0)
        ib.wrapper.error(100, 399, "a warning", "")
        await asyncio.sleep(0.05)
        hangs = not asking.done()
        asking.cancel()
        return hangs

    async def link() -> Any:
        monkeypatch.setattr("apps.broker.ib.asks.orders.QUICK", 0.02)
        connection = IbConnection()
        plugged(connection._client)
        return await soon(
            connection.what_if(placement(what_if=True)), lambda: connection._ear.error(ID, 399, "a warning")
        )

    assert asyncio.run(library())
    assert isinstance(asyncio.run(link()), Unknown)
    told = SimpleNamespace(
        initMarginChange="1.7976931348623157E308", maintMarginChange="12.5", commission=math.nan
    )
    assert preview_words(told) == {"maintenance_margin_change": "12.5"}


def placement(**changes: Any) -> Placement:
    values: dict[str, Any] = {
        "order_id": ID,
        "order_ref": REF,
        "account": "DU1000001",
        "con_id": 1,
        "symbol": "WEC",
        "sec_type": "STK",
        "currency": "USD",
        "exchange": "SMART",
        "side": "BUY",
        "quantity": Decimal(10),
        "order_type": "LMT",
        "limit_price": Decimal(100),
        "stop_price": None,
        "tif": "DAY",
        "outside_rth": False,
        "transmit": True,
    }
    return Placement(**(values | changes))


def test_l6_nothing_of_ours_waits_in_the_librarys_memory() -> None:
    async def library() -> tuple[int, int]:
        ib = Library()
        socket = plugged(ib.client)
        for number in range(60):
            ib.client.cancelOrder(number, "")
        return socket.numMsgSent, len(ib.client._msgQ)

    async def link() -> tuple[int, int, int]:
        connection = IbConnection()
        socket = plugged(connection._client)
        refused = 0
        for number in range(60):
            try:
                connection.place(placement(order_id=number + 1))
            except NotWritten:
                refused += 1
        return socket.numMsgSent, len(connection._client._msgQ), refused

    assert asyncio.run(library()) == (45, 15)
    assert asyncio.run(link()) == (45, 0, 15)


def test_l7_an_exception_means_that_it_was_not_sent() -> None:
    async def library() -> int:
        ib = Library()
        socket = plugged(ib.client)
        ib.wrapper.clientId = ib.client.clientId = 11
        trade = traded(ib, "Cancelled")
        with pytest.raises(AssertionError):
            ib.placeOrder(trade.contract, trade.order)
        return socket.numMsgSent

    async def link() -> int:
        connection = IbConnection()
        socket = plugged(connection._client)
        connection._ear.orderStatus(ID, "Cancelled", 0, 10, 0.0, PERM, 0, 0.0, 11, "", 0.0)
        connection.place(placement())
        return socket.numMsgSent

    assert asyncio.run(library()) == 1  # it went out, and then it raised
    assert asyncio.run(link()) == 1  # it went out, and said so


def test_l8_a_handler_that_breaks_breaks_in_silence_so_ours_only_appends() -> None:
    reached = []

    def broken(*_: object) -> None:
        reached.append(True)
        raise ZeroDivisionError

    event = Event("update")
    event += broken
    event.emit(1)
    assert reached  # and nobody heard of the error

    ear = Ear()
    kept: list[Heard] = []
    ear.heard = kept.append
    say_working(ear)
    assert [item.kind for item in kept] == ["orderStatus"]


def test_l9_an_execution_of_an_order_nobody_knows_is_heard(ib: Any, ours: tuple[Ear, list[Heard]]) -> None:
    told = []
    ib.execDetailsEvent += lambda *_: told.append(True)
    ib.wrapper.execDetails(7, Contract(conId=1), execution(orderId=0, permId=0))
    assert told == []

    ear, heard = ours
    ear.execDetails(-1, Contract(conId=1), execution(orderId=0, permId=0))
    assert [item.exec_id for item in heard] == ["0000e0d5.69dd7411.01.01"]


def test_l10_a_commission_before_its_execution_is_kept(ib: Any, ours: tuple[Ear, list[Heard]]) -> None:
    told = []
    ib.commissionReportEvent += lambda *_: told.append(True)
    report = CommissionReport(execId="0001.01", commission=1.0, currency="USD")
    ib.wrapper.commissionReport(report)
    assert told == []

    ear, heard = ours
    ear.commissionReport(report)
    assert (heard[0].exec_id, heard[0].body["commission"]) == ("0001.01", "1")


def test_l11_a_corrected_execution_replaces_and_does_not_add(ib: Any, ours: tuple[Ear, list[Heard]]) -> None:
    trade = traded(ib)
    ear, heard = ours
    for exec_id in ("0000e0d5.69dd7411.01.01", "0000e0d5.69dd7411.01.02"):
        ib.wrapper.execDetails(-1, Contract(conId=1), execution(exec_id))
        ear.execDetails(-1, Contract(conId=1), execution(exec_id))
    assert trade.filled() == 20
    assert believed(heard).filled == 10


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_l12_what_is_not_a_number_reaches_the_wire_only_through_the_library(number: float) -> None:
    async def library() -> list[bytes]:
        ib, written = Library(), []
        plugged(ib.client).sendMsg = written.append  # type: ignore[method-assign]
        ib.client.placeOrder(1, Contract(conId=1), LimitOrder("BUY", 10, number))
        return written

    assert any(word in asyncio.run(library())[0] for word in (b"nan", b"inf", b"Infinite"))
    with pytest.raises(ValueError, match="not a number"):
        wire(Decimal(str(number)))


def test_l13_a_crossed_or_missing_book_is_no_quote() -> None:
    assert Ticker(bid=101, bidSize=1, ask=100, askSize=1).hasBidAsk()
    assert price(-1.0) is None and price(-100.0) is None and price(0.0) is None and price(math.nan) is None
    crossed = Quote(bid=Decimal(101), ask=Decimal(100), at=NOW)
    problem = quote_problem(crossed, NOW, QuoteLimits())
    assert problem is not None and problem.code == "QUOTE_CROSSED"


def test_l14_a_time_without_a_zone_is_utc_whatever_the_host_thinks() -> None:
    assert getattr(parseIBDatetime("20261118 15:00:00"), "tzinfo", None) is None
    assert wire_time("20261118 15:00:00") == NOW
    assert wire_time("20261118-15:00:00") == NOW
    assert wire_time("20261118 10:00:00 US/Eastern") == NOW
    assert wire_time("20261118 10:00:00 Eastern Standard Time") is None


def test_l15_a_list_without_its_end_is_unknown_however_many_rows_came() -> None:
    async def link() -> Any:
        speaker = Speaker()
        plugged(speaker._client)
        asking = asyncio.ensure_future(speaker._list("positions", lambda: None, timeout=0.05))
        await asyncio.sleep(0)
        speaker._ear.position("DU1000001", Contract(conId=1), 10.0, 100.0)
        return await asking

    answer = asyncio.run(link())
    assert isinstance(answer, Unknown) and "1 rows before" in answer.why


def test_l16_an_error_of_a_question_is_never_taken_for_one_of_an_order(
    ib: Any, ours: tuple[Ear, list[Heard]]
) -> None:
    assert [ib.client.getReqId(), ib.client.getReqId()] == [100, 101]  # orders and questions alike

    ear, heard = ours
    ear.error(FIRST_REQUEST + ID, 200, "no such contract")
    assert heard == []
    ear.error(ID, 200, "no such contract")
    assert [item.order_id for item in heard] == [ID]
