"""Write the tickets of an approved request, released, in the transaction of the approval."""

from collections.abc import Sequence
from datetime import datetime

from apps.approvals.models import Request
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.journal.statements import insert_rows, rows_of
from apps.plans.models import Line
from apps.tickets.models import Ticket
from tradingdesk.domain.tickets.brackets import TicketSpec
from tradingdesk.domain.tickets.states import Act, State, perform
from tradingdesk.domain.tickets.submission import PROTOCOL_VERSION

Group = tuple[Line, Sequence[TicketSpec]]


def write_tickets(request: Request, groups: Sequence[Group], *, actor: Actor, now: datetime) -> list[Ticket]:
    """One bracket after the other, entry first, the transmitting order last."""
    state = perform(State.WRITTEN, Act.RELEASE).value
    keys = iter(_next_keys(sum(len(specs) for _, specs in groups)))
    written: list[Ticket] = []
    for line, specs in groups:
        entry: Ticket | None = None
        for place, spec in enumerate(specs):
            ticket = _ticket(request, line, spec, state=state, now=now)
            ticket.pk, ticket.bracket, ticket.position_in_bracket = next(keys), specs[0].key, place
            ticket.parent = entry
            entry = entry or ticket
            written.append(ticket)
    insert_rows(written)
    write_entry(
        "write_tickets",
        subject=request,
        actor=actor,
        account=request.account.code,
        after={"tickets": [ticket.key for ticket in written]},
        topics=("orders", "review"),
    )
    return written


def _next_keys(count: int) -> list[int]:
    """Primary keys in the order of sending; taken beforehand, because a child must name its parent's."""
    numbers = "SELECT nextval(pg_get_serial_sequence('tickets_ticket', 'id')) FROM generate_series(1, %s)"
    return sorted(key for (key,) in rows_of(numbers, [count]))


def _ticket(request: Request, line: Line, spec: TicketSpec, *, state: str, now: datetime) -> Ticket:
    assert line.contract is not None, "a line is proposed with its contract or not at all"
    return Ticket(
        key=spec.key,
        request=request,
        line=line,
        account=request.account,
        strategy=request.strategy,
        contract=line.contract,
        role=spec.role.value,
        side=spec.side.value,
        quantity=spec.quantity,
        order_type=spec.order_type,
        limit_price=spec.limit_price,
        stop_price=spec.stop_price,
        tif=spec.tif,
        algo=dict(spec.algo),
        outside_rth=spec.outside_rth,
        state=state,
        protocol_version=PROTOCOL_VERSION,
        limit_set=request.limit_set,
        not_after=min(request.expires_at, request.cutoff_at),
        created_at=now,
        changed_at=now,
    )
