"""Hears every callback of the library's client and only writes down what was said.

It takes the place of the library's own wrapper, so none of that wrapper's opinions (an order "Cancelled" by a
notice, trades forgotten on a disconnect, answers that are empty because they failed) exists here at all.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from apps.broker.ib import quotes
from apps.broker.ib.asking import Questions
from apps.broker.ib.numbers import decimal, text
from apps.broker.ib.times import wire_time
from apps.broker.ib.words import execution_words, order_words, preview_words
from apps.broker.ports import Heard, MoneyTold, PositionTold, Refused, Ticks
from apps.journal import clock

FIRST_REQUEST = (
    1_500_000_000  # request numbers live above this, order ids below: an error's id tells which it is
)
_EXECUTION_TIME = 15  # the field of the raw time in execDetails
_NOTICES_OF_QUOTES = frozenset({10167, 10089, 10090, 10168, 10186, 10197, 354})


def _nothing(*_: object) -> None:
    """A callback the desk has no use for."""


class Ear:
    def __init__(self) -> None:
        self.questions = Questions()
        self.ticks: dict[int, Ticks] = {}
        self.heard: Callable[[Heard], None] = _nothing
        self.closed: Callable[[str], None] = _nothing
        self.raw: tuple[str, ...] = ()
        self.last_heard_at: datetime | None = None
        self.next_valid_id = 0
        self.accounts: tuple[str, ...] = ()

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name.startswith("_"):
            raise AttributeError(name)
        return _nothing

    def tell(self, kind: str, body: dict[str, Any], **keys: Any) -> Heard:
        heard = Heard(kind=kind, at=clock.now(), raw=self.raw, body=body, **keys)
        self.heard(heard)
        return heard

    # the session

    def connectAck(self) -> None:
        self.last_heard_at = clock.now()

    def tcpDataArrived(self) -> None:
        self.last_heard_at = clock.now()

    def setEventsDone(self) -> None:
        self.questions.end_all("the socket closed")

    def connectionClosed(self) -> None:
        self.closed("the socket closed")

    def nextValidId(self, number: int) -> None:
        self.next_valid_id = number

    def managedAccounts(self, csv: str) -> None:
        self.accounts = tuple(name for name in csv.split(",") if name)

    def currentTime(self, seconds: int) -> None:
        self.questions.add("currentTime", datetime.fromtimestamp(seconds, UTC))
        self.questions.end("currentTime")

    def error(self, number: int, code: int, said: str, _json: str = "") -> None:
        if number >= FIRST_REQUEST:
            if ticks := self.ticks.get(number):
                ticks.problem = "" if code == 10167 else f"{code} {said}"
            elif code not in _NOTICES_OF_QUOTES and not 2100 <= code < 2200:
                self.questions.end(number, Refused(code, said))
            return
        if number > 0 and not 2100 <= code < 2200 and code != 399:
            self.questions.end(f"whatIf-{number}", Refused(code, said))
        self.tell("error", {"text": said}, code=code, order_id=number if number > 0 else None)

    # orders

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
        self.tell("orderStatus", body, order_id=order_id, client_id=client_id, perm_id=perm_id or None)

    def completedOrder(self, contract: Any, order: Any, state: Any) -> None:
        heard = self.tell(
            "completedOrder",
            order_words(contract, order, state),
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
        self.tell("commission", body, exec_id=report.execId)

    # positions and money

    def position(self, account: str, contract: Any, quantity: float, cost: float) -> None:
        told = PositionTold(
            account=account,
            con_id=contract.conId,
            symbol=contract.localSymbol or contract.symbol,
            quantity=decimal(quantity) or Decimal(0),
            average_cost=decimal(cost) or Decimal(0),
        )
        body = {
            "account": account,
            "con_id": str(contract.conId),
            "quantity": text(quantity),
            "cost": text(cost),
        }
        self.tell("position", body)
        self.questions.add("positions", told)

    def positionEnd(self) -> None:
        self.questions.end("positions")

    def accountSummary(self, request: int, account: str, tag: str, value: str, currency: str) -> None:
        number = decimal(value)
        if number is not None:
            self.questions.add(request, MoneyTold(account=account, tag=tag, currency=currency, value=number))

    def accountSummaryEnd(self, request: int) -> None:
        self.questions.end(request)

    # contracts

    def contractDetails(self, request: int, details: Any) -> None:
        self.questions.add(request, details)

    def contractDetailsEnd(self, request: int) -> None:
        self.questions.end(request)

    def marketRule(self, number: int, steps: list[Any]) -> None:
        for step in steps:
            self.questions.add(f"marketRule-{number}", (decimal(step.lowEdge), decimal(step.increment)))
        self.questions.end(f"marketRule-{number}")

    # quotes

    def priceSizeTick(self, request: int, kind: int, price: float, size: float) -> None:
        if ticks := self.ticks.get(request):
            quotes.take_price(ticks, kind, price, size)

    def tickSize(self, request: int, kind: int, size: float) -> None:
        if ticks := self.ticks.get(request):
            quotes.take_size(ticks, kind, size)

    def tickGeneric(self, request: int, kind: int, value: float) -> None:
        if ticks := self.ticks.get(request):
            quotes.take_generic(ticks, kind, value)

    def marketDataType(self, request: int, kind: int) -> None:
        if ticks := self.ticks.get(request):
            ticks.data_type = kind

    def silence(self) -> timedelta | None:
        """How long the socket has been silent."""
        return None if self.last_heard_at is None else clock.now() - self.last_heard_at
