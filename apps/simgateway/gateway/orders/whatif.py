"""Previews: what an order would do, in one openOrder that leaves nothing behind."""

from dataclasses import replace
from decimal import Decimal

from apps.simgateway.exchange.credit import Change, Preview
from apps.simgateway.exchange.events import Refused
from apps.simgateway.exchange.instant import HOUR
from apps.simgateway.exchange.order import PRE_SUBMITTED
from apps.simgateway.gateway.core import Session
from apps.simgateway.gateway.hub import Hub
from apps.simgateway.gateway.orders.translation import Family, account_of, echoed_contract, exchange_order
from apps.simgateway.gateway.reference.lookup import NO_DEFINITION, one
from apps.simgateway.wire.answers.orders import open_order
from apps.simgateway.wire.contract import WireContract
from apps.simgateway.wire.requests.placing import PlaceOrder
from apps.simgateway.wire.state import OrderState

NOT_YET = "Your order is being previewed; the figures follow."


def resolved(gateway: Hub, session: Session, request: PlaceOrder) -> WireContract | None:
    """The contract as it will be said back; None when the client was told that there is none."""
    shapes, hour = gateway.orders.shapes, gateway.now // HOUR
    known = shapes.meant(request.wording, hour)
    if known is not None:
        return known
    found = _looked_up(gateway, session, request)
    if found is not None:
        shapes.learn(request.wording, hour, found)
    return found


def _looked_up(gateway: Hub, session: Session, request: PlaceOrder) -> WireContract | None:
    asked = request.contract
    if asked.is_combo:
        if all(gateway.catalogue.by_con_id(leg.con_id) is not None for leg in asked.combo_legs):
            return echoed_contract(asked, None)
        gateway.error(session, request.order_id, 200, NO_DEFINITION, ref=request.order.order_ref)
        return None
    instrument = gateway.catalogue.by_con_id(asked.con_id) if asked.con_id else None
    if instrument is None or (asked.exchange and asked.exchange not in instrument.valid_exchanges):
        asked = replace(asked)  # the search may put another exchange into it
        instrument = one(gateway, session, request.order_id, asked)
    return None if instrument is None else echoed_contract(asked, instrument)


def preview(gateway: Hub, session: Session, request: PlaceOrder) -> None:
    """Answer with margins before and after and the commission, or with the error alone."""
    contract = resolved(gateway, session, request)
    if contract is None:
        return
    wire = request.order
    wire.account = account_of(gateway, wire)
    family = Family(perm_id=gateway.orders.allot_perm_id(), client_id=session.client_id)
    try:
        order = exchange_order(gateway, contract, wire, family=family)
    except ValueError as wrong:
        gateway.error(session, request.order_id, 391, f"The date, time, or time-zone is invalid: {wrong}")
        return
    found = gateway.venue.preview(order, gateway.now)
    if isinstance(found, Refused):
        gateway.error(session, request.order_id, found.code, found.text, ref=wire.order_ref)
        return
    wire.order_id, wire.client_id, wire.perm_id = request.order_id, session.client_id, family.perm_id
    states = [state_of(found)]
    if gateway.switches.whatif_unset_first:
        states.insert(0, OrderState(status=PRE_SUBMITTED, warning_text=NOT_YET))
    for state in states:
        message = open_order(session.version, contract=contract, order=wire, state=state)
        gateway.send(session, message, ref=wire.order_ref, order_id=request.order_id)


def state_of(found: Preview) -> OrderState:
    """Figures with the float noise of a real gateway: each change is after less before, in doubles."""
    return OrderState(
        status=PRE_SUBMITTED,
        init_margin_before=float(found.initial.before),
        maint_margin_before=float(found.maintenance.before),
        equity_with_loan_before=float(found.equity.before),
        init_margin_change=_change(found.initial),
        maint_margin_change=_change(found.maintenance),
        equity_with_loan_change=_change(found.equity),
        init_margin_after=float(found.initial.after),
        maint_margin_after=float(found.maintenance.after),
        equity_with_loan_after=float(found.equity.after),
        commission=_or_none(found.commission),
        min_commission=_or_none(found.min_commission),
        max_commission=_or_none(found.max_commission),
        commission_currency=found.commission_currency,
        margin_currency=found.margin_currency,
        warning_text=found.warning,
    )


def _change(figure: Change) -> float:
    return float(figure.after) - float(figure.before)


def _or_none(amount: Decimal | None) -> float | None:
    return None if amount is None else float(amount)
