"""Say of everything that waits to be sent why it waits. The tickets stay released."""

from django.db import transaction

from apps.broker.queries import released_brackets
from apps.journal import clock
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.tickets.models import Ticket
from tradingdesk.domain.money import Reason
from tradingdesk.domain.tickets.states import State

LINK = Actor("link", "link")


@transaction.atomic
def hold_released(gateway_id: int, reason: Reason) -> int:
    """Each bracket is told of once; those that already say so are left alone. The claim alone ends them."""
    waiting = Ticket.objects.select_for_update(of=("self",)).filter(
        bracket__in=released_brackets(gateway_id), state=State.RELEASED.value
    )
    fresh = list(waiting.exclude(reason_code=reason.code).select_related("account").order_by("pk"))
    Ticket.objects.filter(pk__in=[ticket.pk for ticket in fresh]).update(
        reason_code=reason.code, changed_at=clock.now()
    )
    entries = [ticket for ticket in fresh if ticket.position_in_bracket == 0]
    for entry in entries:
        write_entry(
            "hold_bracket",
            subject=entry,
            actor=LINK,
            account=entry.account.code,
            reason_code=reason.code,
            reason=reason.text,
            topics=("orders",),
        )
    return len(entries)
