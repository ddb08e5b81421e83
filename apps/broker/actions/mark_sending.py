"""The last look and the last commit before one message is written."""

from django.db import transaction

from apps.broker.actions.ask_cancel import BY_HAND
from apps.broker.actions.claim_bracket import Claim, Judge
from apps.broker.models import Ask, Intent, Lease, LinkSession
from apps.journal import clock
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.risk.queries import stop_level
from apps.tickets.models import Ticket
from tradingdesk.domain.money import Reason
from tradingdesk.domain.risk.stops import StopLevel
from tradingdesk.domain.tickets.states import Act, State, perform
from tradingdesk.domain.tickets.submission import (
    IntentAct,
    IntentState,
    SendFacts,
    perform_on_intent,
    send_problem,
)

LINK = Actor("link", "link")


@transaction.atomic
def mark_sending(
    intent_id: int, claim: Claim, *, session: LinkSession, epoch: int, ready: bool, market: Judge
) -> Reason | None:
    """None: it is marked and must be written now. A reason: it must not be, and nothing has changed."""
    intent = (
        Intent.objects.select_for_update(of=("self",)).select_related("ticket__account").get(pk=intent_id)
    )
    ticket = (
        Ticket.objects.select_for_update(of=("self",)).select_related("strategy").get(pk=intent.ticket_id)
    )
    now = clock.now()
    level, stop_epoch = stop_level(account_code=intent.ticket.account.code, strategy=ticket.strategy.name)
    problem = send_problem(
        SendFacts(
            state=IntentState(intent.state),
            now=now,
            not_after=ticket.not_after,
            own_epoch=epoch,
            lease_epoch=Lease.objects.select_for_update().get(gateway_id=intent.gateway_id).epoch,
            claimed_session=intent.session_id,
            session=session.pk,
            link_ready=ready,
            restart_fence=False,
            claimed_stop_epoch=claim.stop_epoch,
            stop_epoch=stop_epoch,
            stop=StopLevel[level],
            reduces=claim.reduces,
            market=market([ticket], now) if not intent.parent_order_id else None,
        )
    )
    problem = problem or _recalled(ticket.bracket)
    if problem is not None:
        return problem
    intent.state = perform_on_intent(IntentState(intent.state), IntentAct.MARK_SENDING).value
    intent.sending_at = now
    intent.save(update_fields=["state", "sending_at"])
    ticket.state, ticket.changed_at = perform(State(ticket.state), Act.SEND).value, now
    ticket.save(update_fields=["state", "changed_at"])
    write_entry(
        "mark_sending",
        subject=intent,
        actor=LINK,
        account=intent.ticket.account.code,
        after={"order_id": intent.order_id, "order_ref": intent.order_ref, "transmit": intent.transmit},
        topics=("orders",),
    )
    return None


def _recalled(bracket: str) -> Reason | None:
    """Somebody asked for the cancel between the claim and now: then it does not leave at all."""
    asked = Ask.objects.filter(intent__ticket__bracket=bracket, verb="cancel", answered_at=None)
    return BY_HAND if asked.exists() else None


def mark_written(intent_id: int) -> None:
    """The bytes were handed to the socket. Only a note: SENDING said already that they might be."""
    Intent.objects.filter(pk=intent_id).update(written_at=clock.now())
