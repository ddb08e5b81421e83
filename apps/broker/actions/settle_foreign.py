"""Keep the orders that are not ours: typed into the workstation, or sent by another program."""

from dataclasses import replace
from decimal import Decimal

from apps.broker.actions.settle_intents import put_fold
from apps.broker.folding import GONE, as_evidence
from apps.broker.models import Evidence, Order
from apps.desks.models import Account
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.market.models import Contract
from tradingdesk.domain.tickets.classifier import RequestKind
from tradingdesk.domain.tickets.folds import OrderState, fold
from tradingdesk.domain.tickets.states import State, may_still_fill

_SPEAKING = ("openOrder", "orderStatus", "execDetails", "completedOrder", GONE)


def settle_foreign(row: Evidence) -> None:
    """Fold one callback into the foreign order it is about; the first one makes the row."""
    if row.kind not in _SPEAKING:
        return
    order = Order.objects.filter(gateway_id=row.session.gateway_id, perm_id=row.perm_id).first()
    if order is None:
        order = _new(row)
        if order is None:
            return
    rows = list(Evidence.objects.filter(intent=None, perm_id=row.perm_id, kind__in=_SPEAKING).order_by("pk"))
    order.quantity = max(order.quantity, _told_to_have_filled(rows))
    folded = OrderState(quantity=order.quantity, state=State.UNKNOWN)
    for one in rows:
        if one.kind == GONE:
            over = may_still_fill(folded.state)
            folded = replace(folded, state=State.CANCELLED) if over else folded
        else:
            folded = fold(folded, as_evidence(one, RequestKind.PLACE))
    put_fold(order, row.perm_id or 0, folded, rows)
    order.save()


def _told_to_have_filled(rows: list[Evidence]) -> Decimal:
    """Nobody told the size of an order that is only known by its executions: it is at least what filled."""
    told = [row.fields["body"].get("cumulative") for row in rows if row.kind == "execDetails"]
    return max((Decimal(number) for number in told if number), default=Decimal(0))


def _new(row: Evidence) -> Order | None:
    body = row.fields["body"]
    if row.kind == "orderStatus":
        return None  # it names neither contract nor side; the open order that comes with it does
    quantity = body.get("quantity") or body.get("filled") or "0"
    order = Order.objects.create(
        gateway_id=row.session.gateway_id,
        account=Account.objects.filter(code=body.get("account", "")).first(),
        perm_id=row.perm_id,
        order_id=row.order_id or 0,
        client_id=row.client_id or 0,
        order_ref=row.order_ref,
        con_id=int(body.get("con_id", 0)),
        symbol=body.get("local_symbol") or body.get("symbol", ""),
        contract=Contract.objects.filter(con_id=int(body.get("con_id", 0))).first(),
        side={"BOT": "BUY", "SLD": "SELL"}.get(body.get("side", ""), body.get("side", "BUY")),
        quantity=Decimal(body.get("filled") or "0") if row.kind == "completedOrder" else Decimal(quantity),
        order_type=body.get("order_type", ""),
        limit_price=body.get("limit_price"),
        stop_price=body.get("stop_price"),
        tif=body.get("tif", ""),
        state="WORKING",
        first_seen_at=row.received_at,
        changed_at=row.received_at,
    )
    write_entry(
        "see_foreign_order",
        subject=order,
        actor=Actor("link", "link"),
        account=body.get("account", ""),
        after={
            "perm_id": row.perm_id,
            "symbol": order.symbol,
            "side": order.side,
            "quantity": order.quantity,
        },
        topics=("orders",),
    )
    return order
