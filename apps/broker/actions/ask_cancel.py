"""Ask for an order to be cancelled. Never gated: it works in every phase, at every stop level, for everybody
who may act at all."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from apps.broker.actions.ask_orders import ask
from apps.broker.actions.own_evidence import own_evidence
from apps.broker.models import Ask, Evidence, Order
from apps.journal import clock
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.journal.statements import rows_of
from apps.operators.queries import require
from apps.tickets.actions.end_ticket import end_tickets
from apps.tickets.models import Ticket
from tradingdesk.domain.money import Reason
from tradingdesk.domain.tickets.states import NEVER_LEFT, Act, State, is_done

LINK = Actor("link", "link")
DROPPED_WITHIN = timedelta(seconds=30)  # a stop's fifty cancels at the slowest pace take ten
OUTCOMES = {State.FILLED: "filled", State.REFUSED: "refused", State.NOT_SENT: "never sent"}
BY_HAND = Reason("CANCELLED_BY_HAND", "withdrawn before it was sent")


@transaction.atomic
def ask_cancel(ticket_key: str, *, actor: Actor) -> str:
    """What happened, in one word: withdrawn (it never left), asked, or done (there is nothing to cancel)."""
    family = _locked_family(ticket_key)
    ticket = next(one for one in family if one.key == ticket_key)
    require(actor, "cancel", ticket.account.code)
    state = State(ticket.state)
    if is_done(state):
        return "done"
    if state in NEVER_LEFT and state is not State.CLAIMED:
        unsent = [one for one in family if one.state == ticket.state]
        end_tickets(unsent, Act.WITHDRAW, BY_HAND, actor=actor, now=clock.now())
        return "withdrawn"
    intent = ticket.intents.order_by("-attempt").first()
    order = Order.objects.filter(intent=intent).order_by("-pk").first()
    ask(intent, order, actor=actor, account=ticket.account.code)
    return "asked"


def _locked_family(ticket_key: str) -> list[Ticket]:
    """The whole bracket in the order in which a claim locks it: one may wait, neither for the other."""
    bracket = Ticket.objects.values_list("bracket", flat=True).get(key=ticket_key)
    rows = Ticket.objects.select_for_update(of=("self",)).select_related("account").filter(bracket=bracket)
    return list(rows.order_by("position_in_bracket"))


@transaction.atomic
def ask_cancel_foreign(order_id: int, *, actor: Actor) -> str:
    order = Order.objects.select_for_update(of=("self",)).get(pk=order_id, intent=None)
    require(actor, "cancel", order.account.code if order.account else "")
    ask(None, order, actor=actor, account=order.account.code if order.account else "")
    return "asked"


@transaction.atomic
def mark_asked(ask_ids: Sequence[int], *, session_id: int, now: datetime) -> None:
    """The cancels are about to be written; answers from now on are read as answers to a cancel.

    That we asked changes nothing of what is believed, so no order is folded again for it: a stop's fifty
    cancels are three statements.
    """
    asks = list(Ask.objects.filter(pk__in=ask_ids).select_related("intent"))
    Ask.objects.filter(pk__in=ask_ids).update(sent_at=now)
    Evidence.objects.bulk_create(
        own_evidence(ask.intent, "asked", at=now, session_id=session_id, verb=ask.verb, ask=ask.pk)
        for ask in asks
        if ask.intent
    )


def mark_not_asked(ask_ids: Sequence[int]) -> None:
    """The cancels were certainly not written: they are still to be sent."""
    Ask.objects.filter(pk__in=ask_ids).update(sent_at=None)


@transaction.atomic
def doubt_asks(gateway_id: int, now: datetime) -> list[int]:
    """The gateway may have dropped cancels: what it has not answered of the latest is sent once more."""
    ours = Ask.objects.filter(intent__gateway_id=gateway_id) | Ask.objects.filter(
        order__gateway_id=gateway_id
    )
    latest = ours.filter(answered_at=None, sent_at__gte=now - DROPPED_WITHIN)
    doubted = list(latest.values_list("pk", flat=True))
    Ask.objects.filter(pk__in=doubted).update(sent_at=None)
    return doubted


@transaction.atomic
def refuse_ask(ask_id: int, reason: Reason) -> None:
    """It cannot be done from here, and whoever asked is told why."""
    ask = Ask.objects.select_for_update(of=("self",)).get(pk=ask_id)
    ask.answered_at, ask.outcome, ask.reason = clock.now(), "refused", reason.text
    ask.save(update_fields=["answered_at", "outcome", "reason"])
    write_entry(
        "refuse_cancel",
        subject=ask,
        actor=LINK,
        reason_code=reason.code,
        reason=reason.text,
        topics=("orders",),
    )


OPEN = """
    SELECT k.id, coalesce(o.state, t.state) FROM broker_ask k LEFT JOIN broker_order o ON o.id = k.order_id
    LEFT JOIN broker_intent i ON i.id = k.intent_id LEFT JOIN tickets_ticket t ON t.id = i.ticket_id
    WHERE k.answered_at IS NULL
"""


def close_asks(now: datetime) -> int:
    """Asks whose order has ended are answered: confirmed, or filled before the cancel came."""
    answered = 0
    for key, told in rows_of(OPEN):
        state = State(told)
        if is_done(state) or state is State.NOT_SENT:
            outcome = OUTCOMES.get(state, "confirmed")
            answered += Ask.objects.filter(pk=key).update(answered_at=now, outcome=outcome)
    return answered
