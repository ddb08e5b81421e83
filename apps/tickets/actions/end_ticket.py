"""End tickets that never left the house: withdrawn by somebody, or past their time."""

from collections.abc import Sequence
from datetime import datetime

from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.tickets.models import Ticket
from tradingdesk.domain.money import Reason
from tradingdesk.domain.tickets.states import Act, State, perform


def end_tickets(tickets: Sequence[Ticket], act: Act, reason: Reason, *, actor: Actor, now: datetime) -> None:
    """All of a bracket together, one journal line. Refused for a ticket that may have been sent."""
    before = {ticket.key: ticket.state for ticket in tickets}
    for ticket in tickets:
        ticket.state = perform(State(ticket.state), act).value
        ticket.reason_code, ticket.changed_at = reason.code, now
        ticket.save(update_fields=["state", "reason_code", "changed_at"])
    write_entry(
        f"{act.value.lower()}_tickets",
        subject=tickets[0],
        actor=actor,
        account=tickets[0].account.code,
        reason_code=reason.code,
        reason=reason.text,
        before=before,
        after={ticket.key: ticket.state for ticket in tickets},
        topics=("orders", "review"),
    )
