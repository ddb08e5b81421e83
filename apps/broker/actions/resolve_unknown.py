"""A named person rules on an order whose fate nobody knows, after being shown the evidence."""

from django.db import transaction

from apps.broker.actions.own_evidence import add_own_evidence
from apps.broker.models import Intent, LinkSession, Order
from apps.broker.queries import resolution_of
from apps.journal import clock
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.operators.queries import require
from tradingdesk.domain.tickets.resolution import Resolution
from tradingdesk.domain.tickets.states import Act, State
from tradingdesk.domain.tickets.submission import IntentState

WORDS_AT_LEAST = 10
_MAY_BE_OVER = [State.UNKNOWN.value, State.WORKING.value]


class ResolutionRefused(Exception):
    """The evidence does not allow it, or somebody was quicker."""


@transaction.atomic
def resolve_not_sent(intent_id: int, *, actor: Actor, reason: str) -> None:
    """Only when two complete snapshots do not show it and the broker never took its id."""
    intent = _held(intent_id, actor, reason)
    if intent.state != IntentState.UNKNOWN.value:
        raise ResolutionRefused(f"it is {intent.state} now; nothing was changed")
    if resolution_of(intent).verdict is not Resolution.PROPOSE_NOT_SENT:
        raise ResolutionRefused("the broker's own lists do not yet prove that it never arrived")
    _rule(intent, Act.RULE_NOT_SENT, actor, reason)


@transaction.atomic
def resolve_ended(intent_id: int, *, actor: Actor, reason: str) -> None:
    """It may have arrived, or works by the last word of it; but two complete snapshots of one session do not
    hold it among the open orders, and a person has seen at the broker that it is over."""
    intent = _held(intent_id, actor, reason)
    if not Order.objects.filter(intent=intent, state__in=_MAY_BE_OVER).exists():
        raise ResolutionRefused(f"it is {intent.ticket.state} now; nothing was changed")
    if not resolution_of(intent).may_be_over:
        raise ResolutionRefused(
            "the broker's own lists were not yet read twice, ten seconds apart, without it"
        )
    _rule(intent, Act.RULE_ENDED, actor, reason)


def _held(intent_id: int, actor: Actor, reason: str) -> Intent:
    if len(reason.strip()) < WORDS_AT_LEAST:
        raise ResolutionRefused("say in ten characters or more what you saw, and where")
    rows = Intent.objects.select_for_update(of=("self",)).select_related("ticket__account")
    intent = rows.get(pk=intent_id)
    require(actor, "resolve", intent.ticket.account.code)
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
