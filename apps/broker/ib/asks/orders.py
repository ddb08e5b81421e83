"""Orders and what became of them."""

from apps.broker.ib.asks.speaker import QUICK, Speaker
from apps.broker.ib.library import ExecutionFilter
from apps.broker.ib.orders import order_contract, wire_order
from apps.broker.ports import Answer, Heard, Placement


class OrderSpeaker(Speaker):
    def place(self, placement: Placement) -> None:
        """One write to the socket, now. Raises `NotWritten` when it certainly did not happen."""
        contract, order = order_contract(placement), wire_order(placement)
        self._write(lambda: self._client.placeOrder(placement.order_id, contract, order))

    def cancel(self, order_id: int) -> None:
        self._write(lambda: self._client.cancelOrder(order_id, ""))

    def cancel_all(self) -> None:
        """Every order of every client and of the workstation, others' among them. Only by explicit choice."""
        self._write(self._client.reqGlobalCancel)

    async def open_orders(self) -> Answer[Heard]:
        return await self._list("openOrders", self._client.reqAllOpenOrders)

    async def completed_orders(self) -> Answer[Heard]:
        return await self._list("completedOrders", lambda: self._client.reqCompletedOrders(False))

    async def executions(self) -> Answer[Heard]:
        number = next(self._numbers)
        self._ear.questions.reading_executions = number
        return await self._list(number, lambda: self._client.reqExecutions(number, ExecutionFilter()))

    async def what_if(self, placement: Placement) -> Answer[dict[str, str]]:
        return await self._list(
            f"whatIf-{placement.order_id}", lambda: self.place(placement), timeout=2 * QUICK
        )
