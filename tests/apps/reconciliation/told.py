"""What a broker tells in these tests: the lists that the link keeps, and the books beside them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from apps.broker.actions.keep_lists import keep_lists
from apps.broker.ports import MoneyTold, PositionTold
from apps.journal import clock
from apps.ledger.actions.adopt import adopt_opening
from apps.ledger.actions.book_broker import book_money, book_positions
from apps.reconciliation.actions.reconcile import reconcile
from apps.reconciliation.models import Run
from tests.stations import ADMIN, TODAY, Stations

LATER = timedelta(seconds=20)  # whatever was changing has come to rest by then


@dataclass
class Broker:
    """The other side. `tell` says everything; what is not said is an empty list, which is an answer."""

    stations: Stations
    now: datetime = field(default_factory=clock.now)

    def rest(self) -> None:
        self.now = self.now + LATER

    def tell(
        self,
        *,
        orders: Sequence[dict[str, Any]] = (),
        executions: Sequence[dict[str, Any]] = (),
        positions: dict[str, tuple[int, str]] | None = None,
        money: dict[tuple[str, str], str] | None = None,
    ) -> None:
        account, session = self.stations.account, self.stations.session
        code = {"account": account.code}
        held = [
            PositionTold(
                account=account.code,
                con_id=self.stations.contract(symbol).con_id,
                symbol=symbol,
                quantity=Decimal(quantity),
                average_cost=Decimal(cost),
            )
            for symbol, (quantity, cost) in (positions or {}).items()
        ]
        figures = [
            MoneyTold(account=account.code, tag=tag, currency=currency, value=Decimal(value))
            for (tag, currency), value in (money or {}).items()
        ]
        book_positions(account.gateway, held, self.now)
        book_money(account.gateway, figures, self.now)
        rows = [
            {"con_id": p.con_id, "symbol": p.symbol, "quantity": str(p.quantity), "cost": str(p.average_cost)}
            for p in held
        ]
        told = [{"tag": m.tag, "currency": m.currency, "value": str(m.value)} for m in figures]
        lists: dict[str, Any] = {"orders": orders, "executions": executions, "positions": rows, "money": told}
        with_code = {name: [code | row for row in rows] for name, rows in lists.items()}
        keep_lists(session, with_code, self.now)

    def execution(
        self, exec_id: str, quantity: int, price: str = "100", *, symbol: str = "WEC"
    ) -> dict[str, Any]:
        return {
            "exec_id": exec_id,
            "con_id": str(self.stations.contract(symbol).con_id),
            "symbol": symbol,
            "side": "BOT" if quantity > 0 else "SLD",
            "quantity": str(abs(quantity)),
            "price": price,
        }

    def order(self, ref: str, quantity: int, *, symbol: str = "WEC", perm_id: int = 5) -> dict[str, Any]:
        con_id = str(self.stations.contract(symbol).con_id)
        said = {"con_id": con_id, "symbol": symbol, "side": "BUY", "quantity": str(quantity)}
        return said | {"status": "Submitted", "perm_id": perm_id, "order_id": 9, "order_ref": ref}

    def adopt_opening(self) -> None:
        adopt_opening(self.stations.account, reason="the first day of the books", actor=ADMIN, now=self.now)

    def compare(self, about: str = Run.BOOKS) -> Run:
        return reconcile(self.stations.account, about, day=TODAY, now=self.now)


def worth(nav: str, cash: str | None = None, **more: str) -> dict[tuple[str, str], str]:
    """The figures of an account in dollars."""
    figures = {
        ("NetLiquidation", "USD"): nav,
        ("CashBalance", "USD"): cash if cash is not None else nav,
        ("ExchangeRate", "USD"): "1",
    }
    return figures | {(tag, "USD"): value for tag, value in more.items()}
