"""Write the tickets of an approved request, released, in the transaction of the approval."""

from collections.abc import Sequence
from datetime import datetime

from apps.approvals.models import Request
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.plans.models import Line
from apps.tickets.models import Ticket
from tradingdesk.domain.tickets.brackets import TicketSpec
from tradingdesk.domain.tickets.states import Act, State, perform
from tradingdesk.domain.tickets.submission import PROTOCOL_VERSION

Group = tuple[Line, Sequence[TicketSpec]]


def write_tickets(request: Request, groups: Sequence[Group], *, actor: Actor, now: datetime) -> list[Ticket]:
    """One bracket after the other, entry first, the transmitting order last."""
    state = perform(State.WRITTEN, Act.RELEASE).value
    written: list[Ticket] = []
    for line, specs in groups:
        assert line.contract is not None, "a line is proposed with its contract or not at all"
        entry: Ticket | None = None
        for place, spec in enumerate(specs):
            ticket = Ticket.objects.create(
                key=spec.key,
                request=request,
                line=line,
                account=request.account,
                strategy=request.strategy,
                contract=line.contract,
                bracket=specs[0].key,
                position_in_bracket=place,
                role=spec.role.value,
                parent=entry,
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
            entry = entry or ticket
            written.append(ticket)
    write_entry(
        "write_tickets",
        subject=request,
        actor=actor,
        account=request.account.code,
        after={"tickets": [ticket.key for ticket in written]},
        topics=("orders", "review"),
    )
    return written
