"""The broker's side: its newest lists, as answers. A list that failed, is old or from before a reconnect is
unknown; an empty one is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from apps.broker.models import LinkSession, ToldList
from apps.desks.models import Account
from apps.journal import clock
from apps.reconciliation.ours import plain
from tradingdesk.domain.money import Reason
from tradingdesk.domain.portfolio import root_and_revision
from tradingdesk.domain.reconciliation import Executed, Held, Known, Unknown, Working

# Orders and executions are read every 30 s, positions and money every 60 s; a reading may be late by half.
AGE = {
    ToldList.ORDERS: timedelta(seconds=75),
    ToldList.EXECUTIONS: timedelta(seconds=75),
    ToldList.POSITIONS: timedelta(seconds=120),
    ToldList.MONEY: timedelta(seconds=120),
}
OVER = ("Filled", "Cancelled", "ApiCancelled")
SELLS = ("SELL", "SLD")
NET = "NetLiquidation"
COMBO = "BAG"  # told beside its legs; the legs are what is held

Rows = list[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Told:
    """One list of the broker about one account, or why it is not known."""

    rows: Rows | None
    at: datetime | None
    session_id: int | None
    reason: Reason | None = None


def told_lists(account: Account, now: datetime) -> dict[str, Told]:
    """All four lists of the account's gateway, the rows of this account only."""
    kept = {row.name: row for row in ToldList.objects.filter(gateway_id=account.gateway_id)}
    living = (
        LinkSession.objects.filter(gateway_id=account.gateway_id, closed_at=None)
        .order_by("-pk")
        .values_list("pk", flat=True)
        .first()
    )
    return {name: _told(kept.get(name), name, account, living=living, now=now) for name in AGE}


def _told(row: ToldList | None, name: str, account: Account, *, living: int | None, now: datetime) -> Told:
    if row is None or row.at is None:
        why = row.why if row is not None and row.why else f"the broker has not told {name} yet"
        return Told(None, None, None, Reason("LIST_NEVER_TOLD", why))
    problem = _problem(row, name, living=living, now=now)
    if problem is not None:
        return Told(None, row.at, row.session_id, problem)
    return Told([one for one in row.rows if one.get("account") == account.code], row.at, row.session_id)


def _problem(row: ToldList, name: str, *, living: int | None, now: datetime) -> Reason | None:
    assert row.at is not None
    if row.failed_at is not None and row.failed_at >= row.at:
        return Reason("LIST_UNREAD", f"{name} could not be read: {row.why}")
    if living is None or row.session_id != living:
        return Reason("LIST_BEFORE_RECONNECT", f"{name} is from before the connection broke")
    age = now - row.at
    if age > clock.stretched(AGE[name]):
        return Reason("LIST_OLD", f"{name} is {age.total_seconds():.0f} s old")
    return None


def positions_told(told: Told, external: Mapping[str, Decimal]) -> Known[str, Held] | Unknown:
    """By conId; what a person has marked as another hand's is taken off first."""
    if told.rows is None or told.at is None:
        return _unknown(told)
    counts = {str(row["con_id"]): row for row in told.rows}
    held: dict[str, Held] = {}
    for con_id in {*counts, *external}:
        row = counts.get(con_id)
        quantity = (Decimal(row["quantity"]) if row else Decimal(0)) - external.get(con_id, Decimal(0))
        if quantity:
            cost = Decimal(row["cost"]) if row and not external.get(con_id) else None
            held[con_id] = Held(quantity=plain(quantity), average_cost=cost)
    return Known(held, told.at)


def orders_told(told: Told, instance: str) -> Known[str, Working] | Unknown:
    """Open orders by our reference, or by the broker's number where they are not ours."""
    if told.rows is None or told.at is None:
        return _unknown(told)
    return Known(
        {
            order_key(row, instance): Working(
                quantity=Decimal(row.get("quantity") or "0"),
                filled=Decimal(row.get("filled") or "0"),
                external=not is_ours(row, instance),
            )
            for row in told.rows
            if row.get("status") not in OVER
        },
        told.at,
    )


def executions_told(told: Told) -> Known[str, Executed] | Unknown:
    """By the root of the execution's id, the newest correction of each."""
    if told.rows is None or told.at is None:
        return _unknown(told)
    # a correction to no units at all takes the execution back
    kept = {root: row for root, (_, row) in _newest(told.rows).items() if Decimal(row["quantity"])}
    return Known({root: executed(row) for root, row in kept.items()}, told.at)


def revisions_told(told: Told) -> dict[str, int]:
    """How often the broker's list has corrected each execution, by root."""
    return {root: revision for root, (revision, _) in _newest(told.rows or []).items()}


def _newest(rows: Rows) -> dict[str, tuple[int, Mapping[str, Any]]]:
    newest: dict[str, tuple[int, Mapping[str, Any]]] = {}
    for row in rows:
        if row.get("sec_type") == COMBO:
            continue
        root, revision = root_and_revision(row["exec_id"])
        if root not in newest or revision > newest[root][0]:
            newest[root] = (revision, row)
    return newest


def executed(row: Mapping[str, Any]) -> Executed:
    sign = -1 if row["side"] in SELLS else 1
    quantity, price = Decimal(row["quantity"]), Decimal(row["price"])
    return Executed(signed_quantity=plain(sign * quantity), price=plain(price), size=plain(quantity * price))


def cash_told(told: Told) -> Known[str, Decimal] | Unknown:
    """Cash of each currency; the sum in base is told beside them and is no currency."""
    if told.rows is None or told.at is None:
        return _unknown(told)
    rows = {row["currency"]: Decimal(row["value"]) for row in told.rows if row["tag"] == "CashBalance"}
    rows.pop("BASE", None)
    rows.pop("", None)
    if not rows:
        return Unknown(Reason("MONEY_NOT_TOLD", "the broker has told no cash by currency"))
    return Known(rows, told.at)


def figures_told(told: Told) -> dict[str, Decimal]:
    """The account's figures by tag; those of single currencies as TAG:CUR."""
    rows = told.rows or []
    return {
        row["tag"] if row["currency"] in ("", "BASE") else f"{row['tag']}:{row['currency']}": Decimal(
            row["value"]
        )
        for row in rows
    }


def is_ours(row: Mapping[str, Any], instance: str) -> bool:
    return str(row.get("order_ref") or "").startswith(f"td-{instance}-")


def order_key(row: Mapping[str, Any], instance: str) -> str:
    return (
        str(row["order_ref"]) if is_ours(row, instance) else f"perm {row.get('perm_id') or row['order_id']}"
    )


def _unknown(told: Told) -> Unknown:
    return Unknown(told.reason or Reason("LIST_NEVER_TOLD", "nothing was told"))
