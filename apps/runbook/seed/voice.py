"""Says what a broker would have said, in the words in which the link hears it."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from apps.broker.models import Intent
from apps.broker.ports import Heard
from apps.tickets.models import Ticket

# below every number that the simulated gateway gives
FIRST_PERM_ID, LAST_PERM_ID = 700_000_000, 999_999_999


@dataclass(slots=True)
class Voice:
    """One broker's counters: permanent ids and execution ids never come twice."""

    perm_ids: Iterator[int] = field(default_factory=lambda: itertools.count(FIRST_PERM_ID))
    prints: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    known: dict[int, int] = field(default_factory=dict)  # intent → permanent id

    def perm_id(self, intent: Intent) -> int:
        if intent.pk not in self.known:
            self.known[intent.pk] = next(self.perm_ids)
        return self.known[intent.pk]

    def opened(self, intent: Intent, status: str, at: datetime) -> Heard:
        """An order that the broker has taken."""
        ticket = intent.ticket
        body = {
            **_contract(ticket),
            "side": ticket.side,
            "quantity": f"{ticket.quantity.normalize():f}",
            "order_type": ticket.order_type,
            "tif": ticket.tif,
            "account": ticket.account.code,
            "parent_order_id": str(intent.parent_order_id),
            "order_ref": intent.order_ref,
            "status": status,
        }
        if ticket.limit_price is not None:
            body["limit_price"] = f"{ticket.limit_price.normalize():f}"
        if ticket.stop_price is not None:
            body["stop_price"] = f"{ticket.stop_price.normalize():f}"
        return self._heard("openOrder", body, intent, at)

    def status(
        self,
        intent: Intent,
        status: str,
        at: datetime,
        *,
        filled: Decimal = Decimal(0),
        price: Decimal | None = None,
    ) -> Heard:
        body = {
            "status": status,
            "filled": f"{filled.normalize():f}",
            "remaining": f"{(intent.ticket.quantity - filled).normalize():f}",
            "average_price": f"{(price or Decimal(0)).normalize():f}",
            "last_price": f"{(price or Decimal(0)).normalize():f}",
            "parent_order_id": str(intent.parent_order_id),
            "why_held": "",
        }
        return self._heard("orderStatus", body, intent, at)

    def filled(self, intent: Intent, price: Decimal, fee: Decimal, at: datetime) -> list[Heard]:
        """The whole order in one print, with its fee."""
        ticket = intent.ticket
        exec_id = f"0000d3a7.{int(at.timestamp()):08x}.{next(self.prints):02d}.01"
        body = {
            **_contract(ticket),
            **_print(exec_id, ticket.side, ticket.quantity, price),
            "account": ticket.account.code,
            "order_ref": intent.order_ref,
            "time": at.isoformat(),
        }
        told = self._heard("execDetails", body, intent, at, exec_id=exec_id)
        return [
            told,
            self.status(intent, "Filled", at, filled=ticket.quantity, price=price),
            fee_of(exec_id, fee, at),
        ]

    def _heard(
        self, kind: str, body: dict[str, str], intent: Intent, at: datetime, *, exec_id: str = ""
    ) -> Heard:
        return Heard(
            kind=kind,
            at=at,
            raw=(),
            body=body,
            order_id=intent.order_id,
            client_id=intent.client_id,
            perm_id=self.perm_id(intent),
            order_ref=intent.order_ref if kind != "orderStatus" else "",
            exec_id=exec_id,
        )


def fee_of(exec_id: str, fee: Decimal, at: datetime) -> Heard:
    return Heard(
        kind="commission", at=at, raw=(), body={"commission": f"{fee:f}", "currency": "USD"}, exec_id=exec_id
    )


def _contract(ticket: Ticket) -> dict[str, str]:
    contract = ticket.contract
    return {
        "con_id": str(contract.con_id),
        "symbol": contract.symbol,
        "sec_type": contract.sec_type,
        "currency": contract.currency,
        "exchange": contract.exchange,
        "local_symbol": contract.local_symbol,
    }


def _print(exec_id: str, side: str, quantity: Decimal, price: Decimal) -> dict[str, str]:
    return {
        "exec_id": exec_id,
        "side": "BOT" if side == "BUY" else "SLD",
        "quantity": f"{quantity.normalize():f}",
        "price": f"{price.normalize():f}",
        "venue": "NYSE",
        "cumulative": f"{quantity.normalize():f}",
        "average_price": f"{price.normalize():f}",
    }
