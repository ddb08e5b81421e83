"""Book what only the statement tells of an execution: it is evidence, and goes the way of all evidence.

The order it filled, its ticket, the fill, its fee, the cash and the result of its day follow as if the link
had heard it. Nothing is booked beside that road.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from apps.broker.actions.record_events import record_events
from apps.broker.models import Intent, LinkSession, Order
from apps.broker.ports import Heard
from apps.desks.models import Account
from apps.ledger.actions.book_fills import book_fills
from apps.ledger.models import Fill
from apps.reconciliation.models import Break
from apps.reconciliation.theirs import SELLS
from tradingdesk.domain.money import Reason


def stated_problem(case: Break, row: Mapping[str, Any]) -> Reason | None:
    """Why it cannot be booked as the statement has it."""
    if not row.get("time"):
        text = "the statement lacks its time: tick Date/Time under Trades in the query and upload it again"
        return Reason("STATEMENT_WITHOUT_TIME", text)
    if not LinkSession.objects.filter(gateway_id=case.account.gateway_id).exists():
        return Reason("STATEMENT_WITHOUT_LINK", "the account's gateway was never connected to")
    return None


def book_stated(case: Break, row: Mapping[str, Any], now: datetime) -> None:
    """Runs in the transaction of the act that adopts it."""
    order_ref, perm_id = _names_of(case.account, row)
    copied = ("con_id", "symbol", "sec_type", "currency", "quantity", "price", "time", "venue")
    body = {name: row[name] for name in copied}
    side = "SLD" if row["side"] in SELLS else "BOT"
    heard = [
        _heard(case, row["exec_id"], body | {"side": side}, order_ref=order_ref, perm_id=perm_id, now=now)
    ]
    if row.get("commission") is not None:
        currency = row.get("commission_currency") or case.account.base_currency
        fee = {"commission": row["commission"], "currency": currency}
        heard.append(_heard(case, row["exec_id"], fee, kind="commission", now=now))
    _record(case, heard)


def take_back(case: Break, fill: Fill, now: datetime) -> None:
    """A later word of the same execution, that it is of nothing: as the broker tells it when we listen."""
    contract, order = fill.contract, fill.order
    body = {
        "con_id": str(contract.con_id),
        "symbol": contract.symbol,
        "sec_type": contract.sec_type,
        "currency": contract.currency,
        "side": "SLD" if fill.side in SELLS else "BOT",
        "quantity": "0",
        "price": str(fill.price),
        "time": fill.at.isoformat(),
    }
    exec_id = f"{fill.exec_root}.{fill.revision + 1:02d}"
    order_ref = order.order_ref if order is not None else ""
    _record(case, [_heard(case, exec_id, body, order_ref=order_ref, perm_id=fill.perm_id, now=now)])


def _heard(
    case: Break,
    exec_id: str,
    body: Mapping[str, Any],
    *,
    now: datetime,
    kind: str = "execDetails",
    order_ref: str = "",
    perm_id: int | None = None,
) -> Heard:
    """A word of the broker that says by which statement it came."""
    told = {**body, "account": case.account.code, "stated": case.source}
    return Heard(
        kind=kind,
        at=now,
        raw=(case.source,),
        body=told,
        exec_id=exec_id,
        order_ref=order_ref,
        perm_id=perm_id,
    )


def _record(case: Break, heard: list[Heard]) -> None:
    session = LinkSession.objects.filter(gateway_id=case.account.gateway_id).latest("pk")
    record_events(session, heard, book=book_fills)


def _names_of(account: Account, row: Mapping[str, Any]) -> tuple[str, int | None]:
    """Reference and permId of the order in that contract that it names; neither where we know of none.

    The statement's own number counts only where none of that attempt's orders was heard of under another.
    """
    told = row["perm_id"]
    number = int(told) if told.isascii() and told.isdigit() else None
    orders = Order.objects.filter(
        gateway_id=account.gateway_id, con_id=int(row["con_id"]), perm_id__isnull=False
    )
    ours = Intent.objects.filter(ticket__account=account, ticket__contract__con_id=int(row["con_id"]))
    intent = ours.filter(order_ref=row["order_ref"] or None).first()
    if intent is not None:
        heard = list(orders.filter(intent=intent).order_by("pk").values_list("perm_id", flat=True))
        return intent.order_ref, number if number in heard or not heard else heard[0]
    order = orders.filter(perm_id=number).first()
    return (order.order_ref, order.perm_id) if order is not None else ("", None)
