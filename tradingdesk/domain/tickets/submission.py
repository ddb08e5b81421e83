"""One attempt to place one ticket: the intent.

A ticket may be tried more than once, each time with the earlier attempt provably over; an intent is
tried once. It is committed before anything is sent (CLAIMED), marked before the write (SENDING), and
from then on only the broker's word moves it: ACKED when the placement was heard of in any form,
REFUSED when that placement was turned down, UNKNOWN when neither came in time. No step leads from
UNKNOWN or SENDING back to CLAIMED, and that is the whole guarantee against sending twice.

The intent answers "did the placement arrive?", the order's fold answers "what became of it?". So
doubt about a living order leaves the intent ACKED, and a fill found in a report adopts an UNKNOWN
intent even while the fate of the rest is open. CLOSED and REFUSED stay what they are until such an
order is seen alive after all: its fold raises the alarm, the ticket turns UNKNOWN, and the attempt is
open again, so that it is looked for, counted, cancelled and ruled on like any other that may fill.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tradingdesk.domain.money import Reason
from tradingdesk.domain.risk.stops import StopLevel, stop_problem
from tradingdesk.domain.tickets.attempts import LOUDEST, Attempt
from tradingdesk.domain.tickets.states import State

# Raised whenever old code could misread a new ticket; the link claims no other version.
PROTOCOL_VERSION = 1


class IntentState(StrEnum):
    """How far one attempt has come."""

    CLAIMED = "CLAIMED"
    SENDING = "SENDING"
    ACKED = "ACKED"
    UNKNOWN = "UNKNOWN"
    REFUSED = "REFUSED"
    CLOSED = "CLOSED"


class IntentAct(StrEnum):
    """What we do to an intent."""

    MARK_SENDING = "MARK_SENDING"
    LAPSE = "LAPSE"
    RULE_NOT_SENT = "RULE_NOT_SENT"
    RULE_ENDED = "RULE_ENDED"


LIVE_INTENTS = frozenset({IntentState.CLAIMED, IntentState.SENDING, IntentState.ACKED, IntentState.UNKNOWN})

INTENT_ACTS: dict[tuple[IntentState, IntentAct], IntentState] = {
    (IntentState.CLAIMED, IntentAct.MARK_SENDING): IntentState.SENDING,
    (IntentState.CLAIMED, IntentAct.LAPSE): IntentState.CLOSED,
    (IntentState.UNKNOWN, IntentAct.RULE_NOT_SENT): IntentState.CLOSED,
    (IntentState.UNKNOWN, IntentAct.RULE_ENDED): IntentState.CLOSED,
    (IntentState.ACKED, IntentAct.RULE_ENDED): IntentState.CLOSED,
}

_WAITING = {
    State.WORKING: IntentState.ACKED,
    State.UNKNOWN: IntentState.UNKNOWN,
    State.FILLED: IntentState.CLOSED,
    State.CANCELLED: IntentState.CLOSED,
    State.REFUSED: IntentState.REFUSED,
    State.NOT_SENT: IntentState.CLOSED,
}
# For each intent: what the state of everything under its reference makes of it.
SETTLES: dict[IntentState, dict[State, IntentState]] = {
    IntentState.CLAIMED: _WAITING | {State.SENDING: IntentState.CLAIMED},
    IntentState.SENDING: _WAITING | {State.SENDING: IntentState.SENDING},
    IntentState.UNKNOWN: _WAITING | {State.SENDING: IntentState.UNKNOWN},
    IntentState.ACKED: _WAITING
    | {
        State.SENDING: IntentState.ACKED,
        State.UNKNOWN: IntentState.ACKED,
        State.REFUSED: IntentState.CLOSED,
    },
    IntentState.REFUSED: dict.fromkeys(LOUDEST, IntentState.REFUSED) | {State.WORKING: IntentState.ACKED},
    IntentState.CLOSED: dict.fromkeys(LOUDEST, IntentState.CLOSED) | {State.WORKING: IntentState.ACKED},
}


class IntentActRefused(ValueError):
    """The act does not fit the intent; above all, nothing is ever marked for sending twice."""

    def __init__(self, state: IntentState, act: IntentAct) -> None:
        self.reason = Reason("INTENT_ACT_REFUSED", f"{act} does not fit an intent that is {state}")
        super().__init__(str(self.reason))


def perform_on_intent(state: IntentState, act: IntentAct) -> IntentState:
    """The intent after our own act, or IntentActRefused."""
    try:
        return INTENT_ACTS[state, act]
    except KeyError:
        raise IntentActRefused(state, act) from None


def settle_intent(intent: IntentState, attempt: Attempt) -> IntentState:
    """The intent after its attempt has taken in the broker's evidence."""
    state = attempt.state
    if state is State.UNKNOWN and attempt.heard_of:
        state = State.WORKING
    return SETTLES[intent][state]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimFacts:
    """Everything the claim reads under the account's lock; a Reason stands for a check that failed."""

    state: State
    now: datetime
    not_after: datetime
    protocol_version: int
    own_epoch: int
    lease_epoch: int
    live_attempt: bool
    stop: StopLevel
    reduces: bool
    by_stop: bool = False
    authority: Reason | None = None
    risk: Reason | None = None
    market: Reason | None = None


def claim_problem(facts: ClaimFacts) -> Reason | None:
    """The first reason why this ticket may not be claimed now."""
    if facts.own_epoch != facts.lease_epoch:
        return Reason(
            "LEASE_LOST", f"epoch {facts.own_epoch} claims, epoch {facts.lease_epoch} holds the lease"
        )
    if facts.protocol_version != PROTOCOL_VERSION:
        return Reason("PROTOCOL_FOREIGN", f"the ticket speaks version {facts.protocol_version}")
    if facts.state is not State.RELEASED:
        return Reason("TICKET_NOT_RELEASED", f"the ticket is {facts.state}")
    if facts.live_attempt:
        return Reason("ATTEMPT_LIVE", "an earlier attempt is not provably over")
    if facts.now >= facts.not_after:
        return Reason("TICKET_EXPIRED", f"the ticket was good until {facts.not_after:%H:%M:%S} UTC")
    stopped = stop_problem(facts.stop, reduces=facts.reduces, by_stop=facts.by_stop)
    return stopped or facts.authority or facts.risk or facts.market


@dataclass(frozen=True, slots=True, kw_only=True)
class SendFacts:
    """What is looked at once more between the claim's commit and the write."""

    state: IntentState
    now: datetime
    not_after: datetime
    own_epoch: int
    lease_epoch: int
    claimed_session: int
    session: int
    link_ready: bool
    restart_fence: bool
    claimed_stop_epoch: int
    stop_epoch: int
    stop: StopLevel
    reduces: bool
    by_stop: bool = False
    authority: Reason | None = None
    market: Reason | None = None


def send_problem(facts: SendFacts) -> Reason | None:
    """The first reason why a claimed intent may not be written to the wire after all."""
    if facts.state is not IntentState.CLAIMED:
        return Reason("INTENT_NOT_FRESH", f"the intent is {facts.state}: it may have been sent before")
    if facts.own_epoch != facts.lease_epoch:
        return Reason("LEASE_LOST", f"epoch {facts.lease_epoch} holds the lease now")
    if not facts.link_ready or facts.session != facts.claimed_session:
        return Reason("LINK_NOT_READY", "the link is not ready in the session that claimed")
    if facts.restart_fence:
        return Reason("RESTART_NEAR", "the gateway restarts within minutes: orders sent now get lost")
    if facts.stop_epoch != facts.claimed_stop_epoch:
        stopped = stop_problem(facts.stop, reduces=facts.reduces, by_stop=facts.by_stop)
        return stopped or Reason("STOP_CHANGED", "a stop level changed")
    if facts.now >= facts.not_after:
        return Reason("TICKET_EXPIRED", f"the ticket was good until {facts.not_after:%H:%M:%S} UTC")
    # A claim may have waited its turn for longer than the approval or the quote is good.
    return facts.authority or facts.market
