"""Book an execution that only the statement has: what it tells is evidence, and goes the way of all evidence.

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
    account = case.account
    session = LinkSession.objects.filter(gateway_id=account.gateway_id).latest("pk")
    heard = [_execution(account, row, source=case.source, now=now)]
    if row.get("commission") is not None:
        heard.append(_fee(account, row, source=case.source, now=now))
    record_events(session, heard, book=book_fills)


def _execution(account: Account, row: Mapping[str, Any], *, source: str, now: datetime) -> Heard:
    order_ref, perm_id = _names_of(account, row)
    copied = ("con_id", "symbol", "sec_type", "quantity", "price", "time", "venue")
    body = {name: row[name] for name in copied} | {
        "account": account.code,
        "currency": row["currency"] or account.base_currency,
        "side": "SLD" if row["side"] in SELLS else "BOT",
        "stated": source,
    }
    ids = {"order_ref": order_ref, "perm_id": perm_id, "exec_id": row["exec_id"]}
    return Heard(kind="execDetails", at=now, raw=(source,), body=body, **ids)


def _fee(account: Account, row: Mapping[str, Any], *, source: str, now: datetime) -> Heard:
    currency = row.get("commission_currency") or account.base_currency
    body = {"commission": row["commission"], "currency": currency, "stated": source}
    return Heard(kind="commission", at=now, raw=(source,), body=body, exec_id=row["exec_id"])


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
