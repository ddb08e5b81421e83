"""One connection through the library's client. It implements `apps.broker.ports.Broker`."""

import itertools
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from apps.broker.ib.contracts import asked_contract, told_contract
from apps.broker.ib.ear import FIRST_REQUEST, Ear
from apps.broker.ib.library import Client, ExecutionFilter
from apps.broker.ib.orders import order_contract, wire_order
from apps.broker.ports import (
    Answer,
    ContractAsked,
    ContractTold,
    Heard,
    Known,
    MoneyTold,
    Opened,
    Placement,
    PositionTold,
    Ticks,
)

QUICK, SLOW = 5.0, 20.0  # seconds to wait for an answer: of one row, of a list
MONEY_TAGS = (
    "NetLiquidation,TotalCashValue,GrossPositionValue,AvailableFunds,ExcessLiquidity,BuyingPower,InitMarginReq,"
    "MaintMarginReq,EquityWithLoanValue,Cushion,$LEDGER:ALL"
)


class NotWritten(ConnectionError):
    """The message is certainly not on the wire: it never reached the socket."""


class IbConnection:
    def __init__(self) -> None:
        self._ear = Ear()
        self._client = Client(self._ear)
        self._numbers = itertools.count(FIRST_REQUEST)
        self._watched: dict[int, int] = {}  # con_id → request
        _listen_to_raw(self._client, self._ear)

    @property
    def heard(self) -> Callable[[Heard], None]:
        return self._ear.heard

    @heard.setter
    def heard(self, listener: Callable[[Heard], None]) -> None:
        self._ear.heard = listener

    @property
    def closed(self) -> Callable[[str], None]:
        return self._ear.closed

    @closed.setter
    def closed(self, listener: Callable[[str], None]) -> None:
        self._ear.closed = listener

    @property
    def is_open(self) -> bool:
        return bool(self._client.isReady())

    @property
    def last_heard_at(self) -> datetime | None:
        return self._ear.last_heard_at

    async def open(self, host: str, port: int, *, client_id: int, timeout: float) -> Opened:
        await self._client.connectAsync(host, port, client_id, timeout)
        return Opened(
            server_version=self._client.serverVersion(),
            accounts=self._ear.accounts,
            next_valid_id=self._ear.next_valid_id,
        )

    def close(self) -> None:
        self._client.disconnect()

    def place(self, placement: Placement) -> None:
        """One write to the socket, now. Raises `NotWritten` when it certainly did not happen."""
        contract, order = order_contract(placement), wire_order(placement)
        self._write(lambda: self._client.placeOrder(placement.order_id, contract, order))

    def cancel(self, order_id: int) -> None:
        self._write(lambda: self._client.cancelOrder(order_id, ""))

    async def open_orders(self) -> Answer[Heard]:
        return await self._list("openOrders", self._client.reqAllOpenOrders)

    async def completed_orders(self) -> Answer[Heard]:
        return await self._list("completedOrders", lambda: self._client.reqCompletedOrders(False))

    async def executions(self) -> Answer[Heard]:
        number = next(self._numbers)
        return await self._list(number, lambda: self._client.reqExecutions(number, ExecutionFilter()))

    async def positions(self) -> Answer[PositionTold]:
        return await self._list("positions", self._client.reqPositions)

    async def money(self) -> Answer[MoneyTold]:
        number = next(self._numbers)
        answer = await self._list(number, lambda: self._client.reqAccountSummary(number, "All", MONEY_TAGS))
        if self.is_open:
            self._client.cancelAccountSummary(number)
        return answer

    async def contract(self, asked: ContractAsked) -> Answer[ContractTold]:
        number = next(self._numbers)
        answer = await self._list(
            number, lambda: self._client.reqContractDetails(number, asked_contract(asked)), timeout=QUICK
        )
        if not isinstance(answer, Known):
            return answer
        return Known(tuple(told_contract(row) for row in answer.rows), answer.at)

    async def market_rule(self, number: int) -> Answer[tuple[Decimal, Decimal]]:
        return await self._list(
            f"marketRule-{number}", lambda: self._client.reqMarketRule(number), timeout=QUICK
        )

    async def what_if(self, placement: Placement) -> Answer[dict[str, str]]:
        return await self._list(
            f"whatIf-{placement.order_id}", lambda: self.place(placement), timeout=2 * QUICK
        )

    async def server_time(self) -> Answer[datetime]:
        return await self._list("currentTime", self._client.reqCurrentTime, timeout=QUICK)

    def watch(self, asked: ContractAsked) -> Ticks:
        if request := self._watched.get(asked.con_id):
            return self._ear.ticks[request]
        request = self._watched[asked.con_id] = next(self._numbers)
        ticks = self._ear.ticks[request] = Ticks(con_id=asked.con_id)
        self._client.reqMktData(request, asked_contract(asked), "", False, False, [])
        return ticks

    def unwatch(self, con_id: int) -> None:
        request = self._watched.pop(con_id, None)
        if request is None:
            return
        self._ear.ticks.pop(request, None)
        if self.is_open:
            self._client.cancelMktData(request)

    async def _list(self, key: int | str, send: Callable[[], None], *, timeout: float = SLOW) -> Answer[Any]:
        return await self._ear.questions.ask(key, send, timeout=timeout)

    def _write(self, send: Callable[[], None]) -> None:
        """The library keeps messages in memory when it throttles; ours is on the socket or not at all."""
        if not self.is_open or self._client._msgQ:
            raise NotWritten("the socket is not open" if not self.is_open else "the library is throttling")
        before = self._client.conn.numMsgSent
        send()
        if self._client._msgQ or self._client.conn.numMsgSent == before:
            self._client._msgQ.clear()
            raise NotWritten("the library kept the message in memory; it was taken back")


def _listen_to_raw(client: Any, ear: Ear) -> None:
    """Let the ear keep the raw fields of the message that is being decoded."""
    decode = client.decoder.interpret

    def interpret(fields: list[str]) -> None:
        ear.raw = tuple(fields)
        decode(fields)

    client.decoder.interpret = interpret
