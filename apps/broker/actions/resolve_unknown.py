"""A named person rules on an order whose fate nobody knows, after being shown the evidence."""

from django.db import transaction

from apps.broker.actions.own_evidence import add_own_evidence
from apps.broker.models import Intent, LinkSession
from apps.broker.queries import resolution_of
from apps.journal import clock
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from tradingdesk.domain.tickets.resolution import Resolution
from tradingdesk.domain.tickets.states import Act
from tradingdesk.domain.tickets.submission import IntentAct, IntentState, perform_on_intent


class ResolutionRefused(Exception):
    """The evidence does not allow it, or somebody was quicker."""


@transaction.atomic
def resolve_not_sent(intent_id: int, *, actor: Actor, reason: str) -> None:
    """Only when two complete snapshots do not show it and the broker never took its id."""
    if len(reason.strip()) < 10:
        raise ResolutionRefused("say in ten characters or more what you saw, and where")
    intent = (
        Intent.objects.select_for_update(of=("self",)).select_related("ticket__account").get(pk=intent_id)
    )
    if intent.state != IntentState.UNKNOWN.value:
        raise ResolutionRefused(f"it is {intent.state} now; nothing was changed")
    if resolution_of(intent).verdict is not Resolution.PROPOSE_NOT_SENT:
        raise ResolutionRefused("the broker's own lists do not yet prove that it never arrived")
    session = LinkSession.objects.filter(gateway_id=intent.gateway_id).latest("pk")
    now = clock.now()
    add_own_evidence(
        intent,
        "ruling",
        at=now,
        session_id=session.pk,
        act=Act.RULE_NOT_SENT.value,
        by=actor.name,
        reason=reason,
    )
    intent.refresh_from_db()
    if intent.state == IntentState.UNKNOWN.value:
        intent.state = perform_on_intent(IntentState.UNKNOWN, IntentAct.RULE_NOT_SENT).value
        intent.closed_at = now
    intent.resolved_by = actor.name
    intent.save()
    write_entry(
        "rule_not_sent",
        subject=intent,
        actor=actor,
        account=intent.ticket.account.code,
        reason_code="RULED_NOT_SENT",
        reason=reason,
        topics=("orders",),
    )
