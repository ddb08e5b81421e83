"""The life of a ticket.

A ticket is an order the desk wants. Between the wanting and the money lies a broker that answers
late, twice, in pieces, or not at all. This module is the whole truth about what the desk believes
of a ticket at any moment, written as two tables, because two very different things move it.

*Acts* are ours. We release, claim, send, withdraw. An act that does not fit the state is a mistake
in our own house and is refused: `perform` raises, nothing happens, the refusal carries a code. The
acts are few, and only one of them, SEND, puts bytes on the wire. There is a single road to it:
WRITTEN, RELEASED (authority was given), CLAIMED (the intent is committed, with its order id), SENDING
(marked *before* the write). A crash leaves the ticket in exactly one of these, and each says what
to do: CLAIMED has certainly sent nothing and may lapse back to RELEASED; SENDING may have sent, so
it is never sent again.

*News* is what we learn. News cannot be refused: the broker does not ask whether a fill suits us.
So the news table is total: every state has an answer to every kind of news, and where the answer
contradicts what we believed it carries an alarm beside the new state.

The rules behind the cells:

- Unknown is not no. Silence and doubt lead to UNKNOWN, never to an end. UNKNOWN may still fill and
  keeps its reservation. It is left on the broker's word, or on the ruling of a named person.
- Asking is not having. There is no state for a requested cancel: a cancel is a request, the order
  fills until the broker says it ended. A WORKING order that falls silent is still working, we just
  cannot see it: no list that lacks it ends it. A person who has looked may (RULE_ENDED).
- An end needs the broker's word. FILLED, CANCELLED and REFUSED follow from evidence, with one
  exception that is signed by a person (RULE_ENDED). WITHDRAWN and EXPIRED are ours to declare
  because nothing ever left the house. So is NOT_SENT in one case: the very process that marked an
  order knows that its write never reached the socket (UNSEND). After a crash nobody knows that.
- Trying again is a person's word. RETRY leads back to RELEASED, where a new attempt under a new
  reference is judged as if it were the first.
- An end can be wrong. A fill after CANCELLED is booked and alarmed. An order called dead that is
  seen alive becomes UNKNOWN, not WORKING: we now hold two contradicting statements. FILLED alone is
  final, because the quantity is used up.
- A refusal speaks of a placement, so it cannot end an order that has been seen alive. A rejection
  speaks of the order and can.
- An order seen at the broker for a ticket we never sent is the loudest alarm there is: the record
  and the world disagree about authority (an old database restored, a second desk on the account).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tradingdesk.domain.money import Reason


class State(StrEnum):
    """What the desk believes of a ticket."""

    WRITTEN = "WRITTEN"
    RELEASED = "RELEASED"
    CLAIMED = "CLAIMED"
    SENDING = "SENDING"
    WORKING = "WORKING"
    UNKNOWN = "UNKNOWN"
    NOT_SENT = "NOT_SENT"
    FILLED = "FILLED"
    CANCELLED = "CANCELLED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"


class Act(StrEnum):
    """What the desk does. An act can be refused."""

    RELEASE = "RELEASE"
    CLAIM = "CLAIM"
    LAPSE = "LAPSE"
    SEND = "SEND"
    WITHDRAW = "WITHDRAW"
    EXPIRE = "EXPIRE"
    RULE_NOT_SENT = "RULE_NOT_SENT"
    RULE_ENDED = "RULE_ENDED"
    UNSEND = "UNSEND"
    RETRY = "RETRY"


class News(StrEnum):
    """What the desk learns. News cannot be refused."""

    SEEN_LIVE = "SEEN_LIVE"
    PART_FILLED = "PART_FILLED"
    ALL_FILLED = "ALL_FILLED"
    ENDED = "ENDED"
    REFUSED = "REFUSED"
    REJECTED = "REJECTED"
    DOUBTED = "DOUBTED"
    WENT_SILENT = "WENT_SILENT"


class Alarm(StrEnum):
    """What a person must be told beside the new state."""

    UNSENT_ORDER_SEEN = "UNSENT_ORDER_SEEN"
    REVIVED = "REVIVED"
    LATE_FILL = "LATE_FILL"
    CONTRADICTED = "CONTRADICTED"
    OVERFILLED = "OVERFILLED"
    SECOND_PERM_ID = "SECOND_PERM_ID"
    EXECUTION_CORRECTED = "EXECUTION_CORRECTED"
    SIZE_CHANGED = "SIZE_CHANGED"


@dataclass(frozen=True, slots=True)
class Step:
    """Where news leads, and what it sets off."""

    state: State
    alarm: Alarm | None = None


class ActRefused(ValueError):
    """The act does not fit the state; nothing was done."""

    def __init__(self, state: State, act: Act) -> None:
        self.reason = Reason("TICKET_ACT_REFUSED", f"a {state} ticket cannot {act.replace('_', ' ').lower()}")
        super().__init__(str(self.reason))


_UNSENT = (State.WRITTEN, State.RELEASED, State.CLAIMED, State.NOT_SENT)

ACTS: dict[tuple[State, Act], State] = {
    (State.WRITTEN, Act.RELEASE): State.RELEASED,
    (State.RELEASED, Act.CLAIM): State.CLAIMED,
    (State.CLAIMED, Act.LAPSE): State.RELEASED,
    (State.CLAIMED, Act.SEND): State.SENDING,
    (State.SENDING, Act.UNSEND): State.NOT_SENT,
    (State.UNKNOWN, Act.RULE_NOT_SENT): State.NOT_SENT,
    (State.UNKNOWN, Act.RULE_ENDED): State.CANCELLED,
    (State.WORKING, Act.RULE_ENDED): State.CANCELLED,
    (State.NOT_SENT, Act.RETRY): State.RELEASED,
    (State.CANCELLED, Act.RETRY): State.RELEASED,
    (State.WITHDRAWN, Act.RETRY): State.RELEASED,
    **{(state, Act.WITHDRAW): State.WITHDRAWN for state in _UNSENT},
    **{(state, Act.EXPIRE): State.EXPIRED for state in _UNSENT},
}


def _stay(state: State) -> dict[News, Step]:
    return dict.fromkeys(News, Step(state))


def _never_sent(state: State) -> dict[News, Step]:
    """Silence is what we expect of an order that was not sent; anything else is an alarm."""
    unsent = Alarm.UNSENT_ORDER_SEEN
    return {
        News.SEEN_LIVE: Step(State.WORKING, unsent),
        News.PART_FILLED: Step(State.WORKING, unsent),
        News.ALL_FILLED: Step(State.FILLED, unsent),
        News.ENDED: Step(State.CANCELLED, unsent),
        News.REFUSED: Step(state, unsent),
        News.REJECTED: Step(state, unsent),
        News.DOUBTED: Step(state, unsent),
        News.WENT_SILENT: Step(state),
    }


_AWAITED = {
    News.SEEN_LIVE: Step(State.WORKING),
    News.PART_FILLED: Step(State.WORKING),
    News.ALL_FILLED: Step(State.FILLED),
    News.ENDED: Step(State.CANCELLED),
    News.REFUSED: Step(State.REFUSED),
    News.REJECTED: Step(State.REFUSED),
    News.DOUBTED: Step(State.UNKNOWN),
    News.WENT_SILENT: Step(State.UNKNOWN),
}

NEWS: dict[State, dict[News, Step]] = {
    State.WRITTEN: _never_sent(State.WRITTEN),
    State.RELEASED: _never_sent(State.RELEASED),
    State.CLAIMED: _never_sent(State.CLAIMED),
    State.WITHDRAWN: _never_sent(State.WITHDRAWN),
    State.EXPIRED: _never_sent(State.EXPIRED),
    State.SENDING: _AWAITED,
    # A fill found in a report proves the order existed, not that its rest still lives.
    State.UNKNOWN: _AWAITED | {News.PART_FILLED: Step(State.UNKNOWN)},
    State.WORKING: _AWAITED
    | {
        News.REFUSED: Step(State.UNKNOWN, Alarm.CONTRADICTED),
        News.WENT_SILENT: Step(State.WORKING),
    },
    # A late refusal agrees with the person who ruled that the order never arrived.
    State.NOT_SENT: _never_sent(State.NOT_SENT)
    | {
        News.REFUSED: Step(State.REFUSED),
        News.REJECTED: Step(State.REFUSED),
        News.DOUBTED: Step(State.NOT_SENT),
    },
    State.FILLED: _stay(State.FILLED),
    State.CANCELLED: _stay(State.CANCELLED)
    | {
        News.SEEN_LIVE: Step(State.UNKNOWN, Alarm.REVIVED),
        News.PART_FILLED: Step(State.CANCELLED, Alarm.LATE_FILL),
        News.ALL_FILLED: Step(State.FILLED, Alarm.LATE_FILL),
    },
    State.REFUSED: _stay(State.REFUSED)
    | {
        News.SEEN_LIVE: Step(State.UNKNOWN, Alarm.REVIVED),
        News.PART_FILLED: Step(State.UNKNOWN, Alarm.LATE_FILL),
        News.ALL_FILLED: Step(State.FILLED, Alarm.LATE_FILL),
    },
}

DONE = frozenset({State.FILLED, State.CANCELLED, State.REFUSED, State.WITHDRAWN, State.EXPIRED})
MAY_STILL_FILL = frozenset({State.SENDING, State.WORKING, State.UNKNOWN})
RESERVES = MAY_STILL_FILL | {State.CLAIMED}
NEVER_LEFT = frozenset({*_UNSENT, State.WITHDRAWN, State.EXPIRED})


def perform(state: State, act: Act) -> State:
    """The state after our own act, or ActRefused."""
    try:
        return ACTS[state, act]
    except KeyError:
        raise ActRefused(state, act) from None


def learn(state: State, news: News) -> Step:
    """The state after the broker's news, with the alarm it sets off."""
    return NEWS[state][news]


def may_still_fill(state: State) -> bool:
    """True while money may still move because of this ticket. Asking to cancel does not change it."""
    return state in MAY_STILL_FILL


def is_done(state: State) -> bool:
    """True when nothing more is expected of the ticket."""
    return state in DONE


def reserves(state: State) -> bool:
    """True while the limits must count the ticket at its full remaining size."""
    return state in RESERVES
