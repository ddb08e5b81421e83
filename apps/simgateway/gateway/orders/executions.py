"""Prints and what they cost: as they happen, and again for who asks."""

from collections.abc import Iterator

from apps.simgateway.exchange.events import Commission, Execution
from apps.simgateway.exchange.instant import SECOND
from apps.simgateway.exchange.instrument import Instrument
from apps.simgateway.gateway.core import Session
from apps.simgateway.gateway.hub import Hub
from apps.simgateway.gateway.moments import read_moment, written_execution_time
from apps.simgateway.gateway.orders.messages import audience, say_pair
from apps.simgateway.gateway.orders.tickets import Past, Ticket
from apps.simgateway.gateway.orders.translation import COMBO_CLASS, COMBO_CON_ID
from apps.simgateway.gateway.reference.lookup import described
from apps.simgateway.wire.answers.executions import commission_report, exec_details, exec_details_end
from apps.simgateway.wire.contract import WireContract
from apps.simgateway.wire.requests.orders import ReqExecutions
from apps.simgateway.wire.state import WireExecution

LIQUIDATED = "Positions were liquidated by the broker; the execution follows."
ZONE_SINCE = 174
Card = Ticket | Past | None


def say_execution(gateway: Hub, ticket: Ticket, event: Execution) -> None:
    """A print that just happened, to the order's client and the master."""
    for session in audience(gateway, ticket):
        message = _details(gateway, session, event, card=ticket)
        gateway.send(session, message, ref=ticket.reference, order_id=ticket.order_id)


def say_commission(gateway: Hub, ticket: Ticket, report: Commission, *, repeat: bool) -> None:
    """The order once more, now with what it cost, and the report itself."""
    if repeat:
        ticket.commission = (ticket.commission or 0.0) + float(report.amount)
        ticket.commission_currency = report.currency
        if gateway.switches.repeat_statuses:
            say_pair(gateway, ticket)
    if ticket.is_done:
        ticket.forget_prepared()
    for session in audience(gateway, ticket):
        gateway.send(session, _report(session, report), ref=ticket.reference, order_id=ticket.order_id)


def tell_foreign(gateway: Hub, event: Execution) -> None:
    """A print of an order that no client of this gateway made."""
    if not gateway.link_up:
        return
    for session in gateway.sessions_ready():
        bound = session.client_id in (0, gateway.switches.master_client_id)
        if not bound and gateway.switches.foreign_executions != "all":
            continue
        if event.liquidation:
            gateway.error(session, -1, 2148, LIQUIDATED)
        gateway.send(session, _details(gateway, session, event, card=None))
        report = gateway.accounts.commission_of(event.exec_id)
        if report is not None:
            gateway.send(session, _report(session, report))


def _report(session: Session, report: Commission) -> list[str]:
    return commission_report(
        session.version,
        exec_id=report.exec_id,
        commission=report.amount,
        currency=report.currency,
        realized_pnl=report.realized,
    )


def _details(gateway: Hub, session: Session, event: Execution, *, card: Card, req_id: int = -1) -> list[str]:
    contract, zone = _contract(gateway, event, card)
    style = gateway.switches.exec_time_style
    execution = WireExecution(
        order_id=card.order_id if card is not None else -1 if event.liquidation else 0,
        client_id=card.client_id if card is not None else 0,
        perm_id=event.perm_id or _foreign_perm_id(gateway, event),
        exec_id=event.exec_id,
        time=written_execution_time(event.at // SECOND, style, zone, old=session.version < ZONE_SINCE),
        account=event.account,
        exchange=event.venue,
        side=event.side,
        shares=event.shares,
        price=event.price,
        liquidation=int(event.liquidation),
        cum_qty=event.cum_quantity,
        avg_price=event.average_price,
        order_ref=card.reference if card is not None else "",
        last_liquidity=event.liquidity,
    )
    return exec_details(session.version, req_id=req_id, contract=contract, execution=execution)


def _foreign_perm_id(gateway: Hub, event: Execution) -> int:
    """One permId for a print made elsewhere and for all its corrections."""
    root = event.exec_id.rpartition(".")[0]
    if root not in gateway.orders.foreign:
        gateway.orders.foreign[root] = gateway.orders.allot_perm_id()
    return gateway.orders.foreign[root]


def _contract(gateway: Hub, event: Execution, card: Card) -> tuple[WireContract, str]:
    """The contract of a print names the venue; a combo's own has no legs in it."""
    instrument = gateway.catalogue.by_con_id(event.con_id) if event.con_id else None
    if instrument is not None:
        return described(instrument, event.venue), _zone(gateway, instrument)
    symbol = card.contract.symbol if isinstance(card, Ticket) else card.symbol if card else ""
    currency = card.contract.currency if isinstance(card, Ticket) else "USD"
    contract = WireContract(
        con_id=COMBO_CON_ID,
        symbol=symbol,
        sec_type="BAG",
        exchange=event.venue,
        currency=currency,
        local_symbol=symbol,
        trading_class=COMBO_CLASS,
    )
    return contract, gateway.switches.midnight_zone


def _zone(gateway: Hub, instrument: Instrument) -> str:
    zone: str = gateway.calendar.zone_id(instrument.hours)
    return zone


def tell_executions(gateway: Hub, session: Session, request: ReqExecutions) -> None:
    """Today's prints that fit, then what they cost, then the end; or the costs after the end."""
    try:
        chosen = list(_chosen(gateway, request))
    except ValueError as wrong:
        gateway.error(
            session, request.req_id, 391, f"The date, time, or time-zone entered is invalid: {wrong}"
        )
        return
    for event, _, card in chosen:
        gateway.send(session, _details(gateway, session, event, card=card, req_id=request.req_id))
    reports = [report for _, report, _ in chosen if report is not None]
    end = exec_details_end(session.version, req_id=request.req_id)
    if gateway.switches.commission_after_end:
        gateway.send(session, end)
    for report in reports:
        gateway.send(session, _report(session, report))
    if not gateway.switches.commission_after_end:
        gateway.send(session, end)


def _chosen(gateway: Hub, request: ReqExecutions) -> Iterator[tuple[Execution, Commission | None, Card]]:
    since = read_moment(request.time, gateway.switches.midnight_zone) if request.time else 0
    side = {"BUY": "BOT", "BOT": "BOT", "SELL": "SLD", "SLD": "SLD", "SSHORT": "SLD"}.get(request.side, "")
    for event, report in gateway.accounts.prints(request.account):
        card = gateway.orders.card(event.perm_id)
        if event.at < since or (side and event.side != side):
            continue
        if request.client_id and (card is None or card.client_id != request.client_id):
            continue
        if _names(gateway, request, event, card=card):
            yield event, report, card


def _names(gateway: Hub, request: ReqExecutions, event: Execution, *, card: Card) -> bool:
    """Does the filter name this contract?"""
    if not (request.symbol or request.sec_type or request.exchange):
        return True
    contract, _ = _contract(gateway, event, card)
    return (
        request.symbol in ("", contract.symbol)
        and request.sec_type in ("", contract.sec_type)
        and request.exchange in ("", "SMART", event.venue)
    )


HANDLERS = {ReqExecutions: tell_executions}
