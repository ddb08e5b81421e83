"""Positions and money, as the broker keeps them."""

from decimal import Decimal
from typing import Any

from apps.broker.ib.hears.listener import Listener
from apps.broker.ib.numbers import decimal, text
from apps.broker.ports import MoneyTold, PositionTold


class BookEar(Listener):
    def position(self, account: str, contract: Any, quantity: float, cost: float) -> None:
        told = PositionTold(
            account=account,
            con_id=contract.conId,
            symbol=contract.localSymbol or contract.symbol,
            quantity=decimal(quantity) or Decimal(0),
            average_cost=decimal(cost) or Decimal(0),
            sec_type=contract.secType,
            currency=contract.currency,
        )
        body = {
            "account": account,
            "con_id": str(contract.conId),
            "quantity": text(quantity),
            "cost": text(cost),
        }
        self.tell("position", body, answers="positions")
        self.questions.add("positions", told)

    def positionEnd(self) -> None:
        self.questions.end("positions")

    def accountSummary(self, request: int, account: str, tag: str, *rest: str) -> None:
        value, currency = rest
        number = decimal(value)
        if number is not None:
            self.questions.add(request, MoneyTold(account=account, tag=tag, currency=currency, value=number))

    def accountSummaryEnd(self, request: int) -> None:
        self.questions.end(request)
