"""The link is killed at every point of a submission, the gateway reacts in its ways, the link comes back."""

import itertools
from collections.abc import Callable
from decimal import Decimal

import pytest

from apps.broker.models import Intent
from tests.faults.harness import OURS, Stage

LAST = "td-desk-*AS-1"  # the order of bracket A that transmits it


def nothing(stage: Stage) -> None:
    """The gateway takes the order and does not say so."""
    stage.turn("fault", kind="drop_ack", ref=OURS)


def ack(stage: Stage) -> None:
    """The usual: it is taken and said so."""


def fill(stage: Stage) -> None:
    """It fills while nobody listens."""
    stage.reach()


def reject(stage: Stage) -> None:
    stage.turn(
        "fault", kind="error", request="placeOrder", ref=LAST, code=201, text="Order rejected - reason:test"
    )


def late_ack(stage: Stage) -> None:
    """The word about it waits until somebody lets it go."""
    stage.turn("fault", kind="hold_ack", ref=OURS)


REACTIONS: dict[str, Callable[[Stage], None]] = {
    "nothing": nothing,
    "ack": ack,
    "fill": fill,
    "reject": reject,
    "late_ack": late_ack,
}
# crash point → what must be true of bracket A's three orders in the end, whatever the gateway did
SENT_WHOLE = {"WORKING", "FILLED", "CANCELLED", "UNKNOWN", "REFUSED"}
NEVER_NAKED = {"WITHDRAWN", "CANCELLED", "UNKNOWN"}
POINTS: dict[str, set[str]] = {
    "before_claim": SENT_WHOLE,
    "after_claim": SENT_WHOLE,
    "after_sending": NEVER_NAKED,
    "after_sending:3": NEVER_NAKED,
    "after_first_write": NEVER_NAKED,
    "after_write": SENT_WHOLE,
    "before_recording_ack": SENT_WHOLE,
    "before_recording_fill": SENT_WHOLE,
    "between_brackets": SENT_WHOLE,
}
USUAL = {
    ("before_claim", "ack"),
    ("after_claim", "fill"),
    ("after_sending", "nothing"),
    ("after_sending:3", "ack"),
    ("after_first_write", "ack"),
    ("after_write", "ack"),
    ("after_write", "fill"),
    ("after_write", "reject"),
    ("after_write", "late_ack"),
    ("before_recording_ack", "ack"),
    ("before_recording_fill", "fill"),
    ("between_brackets", "fill"),
}
CELLS = [
    pytest.param(point, reaction, marks=[] if (point, reaction) in USUAL else [pytest.mark.deep])
    for point, reaction in itertools.product(POINTS, REACTIONS)
    if not (point == "before_recording_fill" and reaction != "fill")
    and not (point == "before_recording_ack" and reaction in ("nothing", "late_ack"))
]


@pytest.mark.parametrize(("point", "reaction"), CELLS)
def test_a_killed_link_comes_back_to_one_order_an_attempt(stage: Stage, point: str, reaction: str) -> None:
    REACTIONS[reaction](stage)
    stage.ready(TD_CRASH=point)
    request = stage.approve()
    stage.link.wait_for_crash()

    stage.ready()
    if reaction == "late_ack":
        stage.turn("release")

    bracket = [key for key in stage.states(request) if key.rstrip("TS").endswith("A")]
    stage.eventually(
        lambda: {stage.states()[key] for key in bracket} <= POINTS[point], f"bracket A within {POINTS[point]}"
    )
    stage.eventually(lambda: not stage.between(), "no order between two states", 25)
    assert_each_attempt_once(stage)


def assert_each_attempt_once(stage: Stage) -> None:
    """By the gateway's ledger: what it holds is what we sent, each reference once, and nothing else."""
    at_broker = {ref: rows for ref, rows in stage.at_broker().items() if ref.startswith("td-")}
    assert all(len(rows) == 1 for rows in at_broker.values())
    sent = set(Intent.objects.exclude(sending_at=None).values_list("order_ref", flat=True))
    assert set(at_broker) <= sent
    stage.eventually(lambda: filled_here() == filled_there(stage), "fills that agree order by order")


def filled_here() -> dict[str, Decimal]:
    rows = Intent.objects.filter(ticket__filled__gt=0).values_list("order_ref", "ticket__filled")
    return dict(rows)


def filled_there(stage: Stage) -> dict[str, Decimal]:
    rows = [row for found in stage.at_broker().values() for row in found]
    return {row["reference"]: Decimal(str(row["filled"])) for row in rows if Decimal(str(row["filled"]))}
