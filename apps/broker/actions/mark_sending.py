"""The last look and the last commit before one message is written."""

from datetime import datetime

from django.db import transaction

from apps.broker.actions.ask_cancel import BY_HAND
from apps.broker.actions.claim_bracket import Claim, Judge
from apps.broker.models import Intent, LinkSession
from apps.desks.models import Account, Strategy
from apps.journal import clock
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.journal.statements import Part, rows_of
from apps.market.models import Contract
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
    intent_id: int,
    claim: Claim,
    *,
    session: LinkSession,
    epoch: int,
    ready: bool,
    market: Judge,
    restart: Reason | None = None,
) -> Reason | None:
    """None: it is marked and must be written now. A reason: it must not be, and nothing has changed."""
    intent, ticket, lease_epoch = _locked(intent_id)
    now = clock.now()
    level, stop_epoch = stop_level(account_code=ticket.account.code, strategy=ticket.strategy.name)
    problem = send_problem(
        SendFacts(
            state=IntentState(intent.state),
            now=now,
            not_after=ticket.not_after,
            own_epoch=epoch,
            lease_epoch=lease_epoch,
            claimed_session=intent.session_id,
            session=session.pk,
            link_ready=ready,
            restart_fence=restart is not None,
            claimed_stop_epoch=claim.stop_epoch,
            stop_epoch=stop_epoch,
            stop=StopLevel[level],
            reduces=claim.reduces,
            by_stop=claim.by_stop,
            market=None if intent.parent_order_id or claim.by_stop else market([ticket], now),
        )
    )
    if restart is not None and problem is not None and problem.code == restart.code:
        problem = restart  # the same, with its hour
    problem = problem or _mark(intent, ticket, now)
    if problem is not None:
        return problem
    write_entry(
        "mark_sending",
        subject=intent,
        actor=LINK,
        account=ticket.account.code,
        after={"order_id": intent.order_id, "order_ref": intent.order_ref, "transmit": intent.transmit},
        topics=("orders",),
    )
    return None


# NO KEY: a cancel holds the tickets and names the intent in its question; it must not wait for this look.
_I, _T, _A = Part(Intent, "i"), Part(Ticket, "t"), Part(Account, "a")
_S, _C = Part(Strategy, "s", "id", "name"), Part(Contract, "c")
LOOK = """
    FROM broker_intent i JOIN broker_lease l ON l.gateway_id = i.gateway_id
    JOIN tickets_ticket t ON t.id = i.ticket_id JOIN desks_account a ON a.id = t.account_id
    JOIN desks_strategy s ON s.id = t.strategy_id JOIN market_contract c ON c.id = t.contract_id
    WHERE i.id = %s FOR NO KEY UPDATE OF i, t, l
"""


def _locked(intent_id: int) -> tuple[Intent, Ticket, int]:
    """The intent, its ticket and the lease's epoch, all three held until the end."""
    parts = (_I, _T, _A, _S, _C)
    columns = ", ".join(part.columns for part in parts)
    (row,) = rows_of(f"SELECT {columns}, l.epoch {LOOK}", [intent_id])
    values = iter(row)
    intent, ticket = _I.read(values), _T.read(values)
    ticket.account, ticket.strategy, ticket.contract = _A.read(values), _S.read(values), _C.read(values)
    return intent, ticket, next(values)


# Somebody asked for the cancel between the claim and now: then it does not leave at all.
MARK = """
    WITH marked AS (
        UPDATE broker_intent SET state = %s, sending_at = %s, (arrival_mid, arrival_spread) = (
            SELECT (q.bid + q.ask) / 2, q.ask - q.bid FROM market_lastquote q
            WHERE q.contract_id = %s AND q.bid > 0 AND q.ask >= q.bid)
        WHERE id = %s AND NOT EXISTS (
            SELECT FROM broker_ask k JOIN broker_intent i ON i.id = k.intent_id
            JOIN tickets_ticket t ON t.id = i.ticket_id
            WHERE t.bracket = %s AND k.verb = 'cancel' AND k.answered_at IS NULL)
        RETURNING ticket_id)
    UPDATE tickets_ticket SET state = %s, changed_at = %s, reason_code = ''
    WHERE id IN (SELECT ticket_id FROM marked)
    RETURNING id
"""


def _mark(intent: Intent, ticket: Ticket, now: datetime) -> Reason | None:
    state = perform_on_intent(IntentState(intent.state), IntentAct.MARK_SENDING).value
    sent = perform(State(ticket.state), Act.SEND).value
    marked = rows_of(MARK, [state, now, ticket.contract_id, intent.pk, ticket.bracket, sent, now])
    return None if marked else BY_HAND


def mark_written(intent_id: int) -> None:
    """The bytes were handed to the socket. Only a note: SENDING said already that they might be."""
    Intent.objects.filter(pk=intent_id).update(written_at=clock.now())
