"""A named person rules on an order whose fate nobody knows, after being shown the evidence."""

from django.db import transaction

from apps.broker.actions.own_evidence import add_own_evidence
from apps.broker.models import Intent, LinkSession
from apps.broker.queries import resolution_of, searched_in_vain
from apps.journal import clock
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.operators.queries import require
from tradingdesk.domain.tickets.resolution import Resolution
from tradingdesk.domain.tickets.states import Act
from tradingdesk.domain.tickets.submission import IntentState

WORDS_AT_LEAST = 10


class ResolutionRefused(Exception):
    """The evidence does not allow it, or somebody was quicker."""


@transaction.atomic
def resolve_not_sent(intent_id: int, *, actor: Actor, reason: str) -> None:
    """Only when two complete snapshots do not show it and the broker never took its id."""
    intent = _unknown(intent_id, actor, reason)
    if resolution_of(intent).verdict is not Resolution.PROPOSE_NOT_SENT:
        raise ResolutionRefused("the broker's own lists do not yet prove that it never arrived")
    _rule(intent, Act.RULE_NOT_SENT, actor, reason)


@transaction.atomic
def resolve_ended(intent_id: int, *, actor: Actor, reason: str) -> None:
    """The broker may have taken its id, but two complete snapshots of one session show nothing of it, and a
    person has seen at the broker that it is over."""
    intent = _unknown(intent_id, actor, reason)
    if not searched_in_vain(resolution_of(intent)):
        raise ResolutionRefused(
            "the broker's own lists were not yet read twice, ten seconds apart, without it"
        )
    _rule(intent, Act.RULE_ENDED, actor, reason)


def _unknown(intent_id: int, actor: Actor, reason: str) -> Intent:
    if len(reason.strip()) < WORDS_AT_LEAST:
        raise ResolutionRefused("say in ten characters or more what you saw, and where")
    rows = Intent.objects.select_for_update(of=("self",)).select_related("ticket__account")
    intent = rows.get(pk=intent_id)
    require(actor, "resolve", intent.ticket.account.code)
    if intent.state != IntentState.UNKNOWN.value:
        raise ResolutionRefused(f"it is {intent.state} now; nothing was changed")
    return intent


def _rule(intent: Intent, act: Act, actor: Actor, reason: str) -> None:
    """The ruling is evidence too: the fold takes it in its place, whatever the broker says later."""
    Intent.objects.filter(pk=intent.pk).update(resolved_by=actor.name)
    session = LinkSession.objects.filter(gateway_id=intent.gateway_id).latest("pk")
    add_own_evidence(
        intent,
        "ruling",
        at=clock.now(),
        session_id=session.pk,
        act=act.value,
        by=actor.name,
        reason=reason,
    )
    write_entry(
        act.value.lower(),
        subject=intent,
        actor=actor,
        account=intent.ticket.account.code,
        reason_code="RULED_NOT_SENT" if act is Act.RULE_NOT_SENT else "RULED_ENDED",
        reason=reason,
        topics=("orders",),
    )
