"""A named person lets a bracket that was never sent go out in a new attempt, under a new reference."""

from django.db import transaction

from apps.broker.models import Ask, Intent
from apps.desks.models import Account
from apps.journal import clock
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.operators.queries import require
from apps.tickets.models import Ticket
from tradingdesk.domain.tickets.retry import Tried, retry_problem
from tradingdesk.domain.tickets.states import Act, State, perform
from tradingdesk.domain.tickets.submission import LIVE_INTENTS

WORDS_AT_LEAST = 10
_LIVE = [state.value for state in LIVE_INTENTS]


class RetryRefused(Exception):
    """It is not provably over, it is too late, or nobody said why."""


@transaction.atomic
def retry_bracket(ticket_key: str, *, actor: Actor, reason: str) -> None:
    """Released again. The claim asks everything again: authority, limits, stop, session and quote."""
    if len(reason.strip()) < WORDS_AT_LEAST:
        raise RetryRefused("say in ten characters or more why it should go out now")
    asked = Ticket.objects.select_related("account").get(key=ticket_key)
    require(actor, "approve", asked.account.code)
    Account.objects.select_for_update().get(pk=asked.account_id)
    rows = Ticket.objects.select_for_update(of=("self",)).filter(bracket=asked.bracket)
    tickets = list(rows.order_by("position_in_bracket"))
    now = clock.now()
    problem = retry_problem([_tried(ticket) for ticket in tickets], now)
    if problem is not None:
        raise RetryRefused(problem.text)
    before = {ticket.key: ticket.state for ticket in tickets}
    for ticket in tickets:
        ticket.state = perform(State(ticket.state), Act.RETRY).value
        ticket.reason_code, ticket.changed_at = "", now
        ticket.save(update_fields=["state", "reason_code", "changed_at"])
    write_entry(
        "retry_bracket",
        subject=tickets[0],
        actor=actor,
        account=asked.account.code,
        reason_code="RETRIED_BY_HAND",
        reason=reason,
        before=before,
        after={ticket.key: ticket.state for ticket in tickets},
        topics=("orders", "review"),
    )


def _tried(ticket: Ticket) -> Tried:
    live = Intent.objects.filter(ticket=ticket, state__in=_LIVE).exists()
    asked = Ask.objects.filter(intent__ticket=ticket, answered_at=None).exists()
    return Tried(
        key=ticket.key,
        state=State(ticket.state),
        filled=ticket.filled,
        on_its_way=live or asked,
        not_after=ticket.not_after,
    )


def may_retry(ticket: Ticket) -> bool:
    """What the screen asks before it offers it; the act itself asks again under the lock."""
    rows = Ticket.objects.filter(bracket=ticket.bracket)
    return retry_problem([_tried(row) for row in rows], clock.now()) is None
