"""The life of an order the desk wants: states, submission, evidence, references, brackets."""

from tradingdesk.domain.tickets.attempts import Attempt, begin, fold_attempt
from tradingdesk.domain.tickets.brackets import TicketSpec, slices, tickets_of, untransmitted
from tradingdesk.domain.tickets.classifier import Meaning, Reading, RequestKind, classify
from tradingdesk.domain.tickets.evidence import Evidence, EvidenceKind
from tradingdesk.domain.tickets.folds import Execution, OrderState, fold
from tradingdesk.domain.tickets.references import OrderRef, Role, parse_order_ref, ticket_key
from tradingdesk.domain.tickets.resolution import Resolution, Snapshot, resolve
from tradingdesk.domain.tickets.states import (
    Act,
    ActRefused,
    Alarm,
    News,
    State,
    Step,
    is_done,
    learn,
    may_still_fill,
    perform,
    reserves,
)
from tradingdesk.domain.tickets.submission import (
    LIVE_INTENTS,
    PROTOCOL_VERSION,
    ClaimFacts,
    IntentAct,
    IntentActRefused,
    IntentState,
    SendFacts,
    claim_problem,
    perform_on_intent,
    send_problem,
    settle_intent,
)

REASONS = {
    "TICKET_ACT_REFUSED": "The act does not fit the ticket's state; nothing was done.",
    "INTENT_ACT_REFUSED": "The act does not fit the intent's state; nothing was done.",
    "LEASE_LOST": "Another link process holds the lease.",
    "PROTOCOL_FOREIGN": "The ticket was written by another version of the desk.",
    "TICKET_NOT_RELEASED": "The ticket is not released for sending.",
    "ATTEMPT_LIVE": "An earlier attempt of this ticket is not provably over.",
    "TICKET_EXPIRED": "The ticket's last moment has passed.",
    "INTENT_NOT_FRESH": "The intent may have been sent before.",
    "LINK_NOT_READY": "The link is not ready, or not in the session that claimed.",
    "RESTART_NEAR": "A gateway restart is near.",
    "STOP_CHANGED": "A stop level changed between claim and send.",
}

__all__ = [
    "LIVE_INTENTS",
    "PROTOCOL_VERSION",
    "REASONS",
    "Act",
    "ActRefused",
    "Alarm",
    "Attempt",
    "ClaimFacts",
    "Evidence",
    "EvidenceKind",
    "Execution",
    "IntentAct",
    "IntentActRefused",
    "IntentState",
    "Meaning",
    "News",
    "OrderRef",
    "OrderState",
    "Reading",
    "RequestKind",
    "Resolution",
    "Role",
    "SendFacts",
    "Snapshot",
    "State",
    "Step",
    "TicketSpec",
    "begin",
    "claim_problem",
    "classify",
    "fold",
    "fold_attempt",
    "is_done",
    "learn",
    "may_still_fill",
    "parse_order_ref",
    "perform",
    "perform_on_intent",
    "reserves",
    "resolve",
    "send_problem",
    "settle_intent",
    "slices",
    "ticket_key",
    "tickets_of",
    "untransmitted",
]
