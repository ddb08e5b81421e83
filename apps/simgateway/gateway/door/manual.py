"""Orders made by hand in the gateway's own window: they are nobody's until client 0 binds them."""

from decimal import Decimal
from typing import Any

from apps.simgateway.gateway.door.market import found_instrument, number
from apps.simgateway.gateway.hub import Hub
from apps.simgateway.gateway.orders.cause import Cause
from apps.simgateway.gateway.orders.orderqueries import bind_manual
from apps.simgateway.gateway.orders.tickets import Ticket
from apps.simgateway.gateway.orders.translation import Family, account_of, exchange_order
from apps.simgateway.gateway.reference.lookup import described
from apps.simgateway.wire.order import WireOrder

Args = dict[str, Any]
_OWN_WORDS = frozenset({"account", "side", "shares", "price", "aux", "type", "tif"})


def manual(gateway: Hub, args: Args) -> Args:
    """`manual AAPL side=BUY shares=10 type=LMT price=99`: an order that no client sent."""
    instrument = found_instrument(gateway, {k: v for k, v in args.items() if k not in _OWN_WORDS})
    order = WireOrder(
        action=str(args.get("side", "BUY")).upper(),
        total_quantity=number(args, "shares") or Decimal(1),
        order_type=str(args.get("type", "LMT" if args.get("price") else "MKT")).upper(),
        lmt_price=number(args, "price"),
        aux_price=number(args, "aux"),
        tif=str(args.get("tif", "DAY")).upper(),
        account=str(args.get("account", "")),
        perm_id=gateway.orders.allot_perm_id(),
    )
    order.account = account_of(gateway, order) or gateway.accounts.names[0]
    ticket = Ticket(
        perm_id=order.perm_id,
        client_id=0,
        order_id=0,
        conn=0,
        contract=described(instrument),
        order=order,
        frame=[],
        version=0,
        quantity=order.total_quantity,
    )
    gateway.orders.add(ticket)
    family = Family(perm_id=ticket.perm_id, client_id=0)
    made = exchange_order(gateway, ticket.contract, order, family=family)
    gateway.note("manual", perm_id=ticket.perm_id)
    events = gateway.venue.submit(made, gateway.now)
    gateway.on_events(events, Cause(kind="place", subject=ticket))
    owner = gateway.session_of(0)
    if owner is not None and owner.binds_manual and ticket.transmitted and not ticket.is_done:
        bind_manual(gateway, owner, ticket)
    return {"perm_id": ticket.perm_id, "status": ticket.status}


CONTROLS = {"manual": manual}
