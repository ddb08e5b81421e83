"""An order was marked and certainly not written: its bracket is given up, and a person may try it again.

Only the process that holds the socket can know this, and only now; after a crash it is unknown instead.
"""

from collections.abc import Sequence

from django.db import transaction

from apps.broker.actions.own_evidence import add_own_evidence
from apps.broker.actions.recover_intents import lapse_claim
from apps.broker.folding import UNWRITTEN
from apps.broker.models import Intent
from apps.journal import clock
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.tickets.models import Ticket

NOT_WRITTEN = "ORDER_NOT_WRITTEN"


@transaction.atomic
def give_up_unwritten(intent_id: int, bracket: Sequence[int], *, session_id: int, why: str) -> None:
    """Evidence of our own for this order; what was claimed with it is taken back, what was written before it
    and waits untransmitted at the gateway is cancelled."""
    now = clock.now()
    intent = (
        Intent.objects.select_for_update(of=("self",)).select_related("ticket__account").get(pk=intent_id)
    )
    add_own_evidence(intent, UNWRITTEN, at=now, session_id=session_id, why=why)
    Intent.objects.filter(pk=intent_id).update(reason_code=NOT_WRITTEN, reason=why)
    Ticket.objects.filter(pk=intent.ticket_id).update(reason_code=NOT_WRITTEN)
    write_entry(
        "not_written",
        subject=intent,
        actor=Actor("link", "link"),
        account=intent.ticket.account.code,
        reason_code=NOT_WRITTEN,
        reason=why,
        after={"order_ref": intent.order_ref},
        topics=("orders", "alerts"),
    )
    lapse_claim(bracket, now)
