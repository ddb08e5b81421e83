"""A placement in the library's words. Every field that a preset could fill is set here."""

from typing import Any

from apps.broker.ib.library import Contract, Order, TagValue
from apps.broker.ib.numbers import wire
from apps.broker.ports import Placement


def order_contract(placement: Placement) -> Any:
    return Contract(
        conId=placement.con_id,
        symbol=placement.symbol,
        secType=placement.sec_type,
        exchange=placement.exchange,
        currency=placement.currency,
    )


def wire_order(placement: Placement) -> Any:
    order = Order(
        orderId=placement.order_id,
        action=placement.side,
        totalQuantity=wire(placement.quantity),
        orderType=placement.order_type,
        tif=placement.tif,
        account=placement.account,
        orderRef=placement.order_ref,
        outsideRth=placement.outside_rth,
        transmit=placement.transmit,
        parentId=placement.parent_order_id,
        ocaGroup=placement.oca_group,
        whatIf=placement.what_if,
    )
    if placement.limit_price is not None:
        order.lmtPrice = wire(placement.limit_price)
    if placement.stop_price is not None:
        order.auxPrice = wire(placement.stop_price)
    if placement.algo:
        order.algoStrategy = placement.algo
        order.algoParams = [TagValue(tag, value) for tag, value in placement.algo_params]
    return order
