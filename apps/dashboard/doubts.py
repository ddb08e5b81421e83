"""An order of which nobody knows what became: what is known of it, and what a person may rule."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from apps.broker.queries import ResolutionView, is_in_doubt, newest_intents, resolution_of
from apps.dashboard.cards import Fact
from apps.dashboard.rows import OrderRow
from apps.dashboard.shell import Shell
from tradingdesk.domain.tickets.resolution import SNAPSHOT_DISTANCE, Resolution

UNHEARD = "The gateway has not answered since {since:%H:%M:%S} UTC."
DOUBTED = "It had arrived; since {since:%H:%M:%S} UTC the broker contradicts itself or says nothing certain."
GONE = "By the broker's last word it works, and its complete lists do not hold it any more."


class Sibling(NamedTuple):
    intent_id: int
    role: str


@dataclass(slots=True)
class Doubt:
    """What is known of an order whose fate is not, and whether a person may rule."""

    text: str
    evidence: list[Fact]
    verdict: str  # what may be ruled: not_sent, ended (it may have arrived), nothing yet
    why_not: str
    intent_id: int
    also: dict[str, Sibling] = field(default_factory=dict)  # of its bracket, of which the same may be ruled


def doubt_of(row: OrderRow, intents: list[Any], family: list[OrderRow], shell: Shell) -> Doubt | None:
    """The attempt that is in doubt; or the last, when it works by its last word and no list holds it."""
    if doubted := [one for one in intents if is_in_doubt(one.pk)]:
        doubt = _doubt(doubted[-1], shell, DOUBTED if doubted[-1].state != "UNKNOWN" else UNHEARD)
    elif row.state == "WORKING" and resolution_of(intents[-1]).may_be_over:
        doubt = _doubt(intents[-1], shell, GONE)
    else:
        return None
    if doubt.verdict:
        doubt.also = _siblings(doubt.verdict, row, family)
    return doubt


def _doubt(intent: Any, shell: Shell, text: str) -> Doubt:
    view = resolution_of(intent)
    complete = [snapshot for snapshot in view.snapshots if snapshot.complete]
    distance = SNAPSHOT_DISTANCE.total_seconds()
    evidence = [
        Fact(
            "Sent",
            f"{intent.sending_at:%H:%M:%S.%f} UTC, order {intent.order_id}" if intent.sending_at else "—",
        ),
        Fact(
            "Snapshots since",
            f"{len(complete)} complete, found in {sum(s.found for s in complete)}, "
            f"working in {sum(s.works for s in complete)}",
        ),
        Fact("Broker's next id", ", ".join(str(number) for _, number in view.next_ids) or "not told since"),
    ]
    verdict = _verdict(view)
    own_id = ", in a session that handed out an id not above ours" if text is UNHEARD else ""
    why = "" if verdict == "not_sent" else f"They must be {distance:.0f} s apart{own_id}."
    since = intent.unknown_since or intent.claimed_at
    return Doubt(
        text=text.format(since=since),
        evidence=evidence,
        verdict=verdict if shell.link.ready else "",
        why_not=why if shell.link.ready else "The link is not ready.",
        intent_id=intent.pk,
    )


def _verdict(view: ResolutionView) -> str:
    if view.verdict is Resolution.PROPOSE_NOT_SENT:
        return "not_sent"
    return "ended" if view.may_be_over else ""


def _siblings(verdict: str, row: OrderRow, family: list[OrderRow]) -> dict[str, Sibling]:
    """The link was away for the whole bracket, mostly: nobody has to rule on it order by order."""
    others = [one for one in family if one.key != row.key and one.state in ("UNKNOWN", "WORKING")]
    alive = {one.ticket_id: one for one in others if one.ticket_id}
    last = newest_intents(alive)
    return {
        alive[ticket_id].key: Sibling(intent.pk, alive[ticket_id].role)
        for ticket_id, intent in last.items()
        if _verdict(resolution_of(intent)) == verdict
    }
