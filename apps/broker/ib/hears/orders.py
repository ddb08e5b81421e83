"""Orders and executions, as the broker tells them."""

from typing import Any

from apps.broker.ib.hears.listener import FIRST_REQUEST, Listener
from apps.broker.ib.numbers import text
from apps.broker.ib.times import wire_time
from apps.broker.ib.words import execution_words, order_words, preview_words

_EXECUTION_TIME = 15  # the field of the raw time in execDetails


class OrderEar(Listener):
    def openOrder(self, order_id: int, contract: Any, order: Any, state: Any) -> None:
        if order.whatIf:
            words = preview_words(state)
            # the first answer can be all "unset"; the numbers come in a second one
            if "initial_margin_change" in words:
                self.questions.add(f"whatIf-{order_id}", words)
                self.questions.end(f"whatIf-{order_id}")
            return
        heard = self.tell(
            "openOrder",
            order_words(contract, order, state),
            answers="openOrders",
            order_id=order_id,
            client_id=order.clientId,
            perm_id=order.permId or None,
            order_ref=order.orderRef,
        )
        self.questions.add("openOrders", heard)

    def openOrderEnd(self) -> None:
        self.questions.end("openOrders")

    def orderStatus(self, order_id: int, status: str, filled: float, remaining: float, *rest: Any) -> None:
        average, perm_id, parent, last_price, client_id, why_held = rest[:6]
        body = {
            "status": status,
            "filled": text(filled),
            "remaining": text(remaining),
            "average_price": text(average),
            "last_price": text(last_price),
            "parent_order_id": text(parent),
            "why_held": why_held,
        }
        self.tell(
            "orderStatus",
            body,
            answers="openOrders",
            order_id=order_id,
            client_id=client_id,
            perm_id=perm_id or None,
        )

    def completedOrder(self, contract: Any, order: Any, state: Any) -> None:
        heard = self.tell(
            "completedOrder",
            order_words(contract, order, state),
            answers="completedOrders",
            perm_id=order.permId or None,
            order_ref=order.orderRef,
        )
        self.questions.add("completedOrders", heard)

    def completedOrdersEnd(self) -> None:
        self.questions.end("completedOrders")

    def execDetails(self, request: int, contract: Any, execution: Any) -> None:
        raw_time = self.raw[_EXECUTION_TIME] if len(self.raw) > _EXECUTION_TIME else ""
        moment = wire_time(raw_time)
        body = execution_words(contract, execution) | {"time_text": raw_time}
        body["time"] = moment.isoformat() if moment else ""
        order_id = execution.orderId if execution.orderId < FIRST_REQUEST else 0
        heard = self.tell(
            "execDetails",
            body,
            answers=request,
            order_id=order_id,
            client_id=execution.clientId,
            perm_id=execution.permId or None,
            order_ref=execution.orderRef,
            exec_id=execution.execId,
        )
        self.questions.add(request, heard)

    def execDetailsEnd(self, request: int) -> None:
        self.questions.end(request)

    def commissionReport(self, report: Any) -> None:
        body = {
            "commission": text(report.commission),
            "currency": report.currency,
            "realized": text(report.realizedPNL),
        }
        self.tell("commission", body, answers=self.questions.reading_executions, exec_id=report.execId)
