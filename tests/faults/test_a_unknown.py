"""An order that never answered: what follows, what only a person may say; and a commit cut in two."""

import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.broker.actions.resolve_unknown import ResolutionRefused, resolve_ended, resolve_not_sent
from apps.broker.models import Ask, Evidence, Intent
from apps.broker.queries import resolution_of
from apps.journal.models import Entry
from apps.risk.models import Reservation
from tests.faults.database_wire import DatabaseWire
from tests.faults.harness import Stage
from tests.road.acts import TRADER
from tradingdesk.domain.tickets.resolution import Resolution

WHY = "not in the gateway's order window"


def intent_of(stage: Stage, mark: str) -> Intent:
    return Intent.objects.get(ticket__key__endswith=mark)


def test_an_order_that_never_arrived_is_proposed_as_not_sent_and_a_person_rules(stage: Stage) -> None:
    """The socket closes before the transmitting order is read: the first two of the bracket wait for it."""
    stage.ready()
    stage.turn("fault", kind="close_before_accept", request="placeOrder", ref="td-desk-*AS-1")
    stage.approve()
    stage.eventually(lambda: "UNKNOWN" in stage.states().values(), "a bracket that nobody knows of")
    lost = intent_of(stage, "AS")
    with pytest.raises(ResolutionRefused):
        resolve_not_sent(lost.pk, actor=TRADER, reason=WHY)
    entry = intent_of(stage, "A").ticket.key
    room = Reservation.objects.get(ticket_key=entry).state
    assert room == Reservation.HELD or stage.states()[entry] == "CANCELLED"  # else the broker has said it
    stage.eventually(
        lambda: stage.states()[entry] == "CANCELLED",
        "the untransmitted entry taken back",
        30,
    )
    stage.eventually(
        lambda: resolution_of(intent_of(stage, "AS")).verdict is Resolution.PROPOSE_NOT_SENT,
        "two complete snapshots of a later session without it",
        45,
    )
    resolve_not_sent(lost.pk, actor=TRADER, reason=WHY)
    lost.refresh_from_db()
    assert (lost.state, lost.resolved_by, lost.ticket.state) == ("CLOSED", TRADER.name, "NOT_SENT")
    assert Entry.objects.filter(reason_code="RULED_NOT_SENT", actor=TRADER.name).count() == 1
    assert not [row for row in stage.at_broker() if row.endswith("AS-1")]
    with pytest.raises(ResolutionRefused):
        resolve_ended(lost.pk, actor=TRADER, reason=WHY)


class CommitCutter(DatabaseWire):
    """Cuts the connection at the commit of a claim: before the server hears of it, or before we do."""

    def __init__(self, folder: Path, *, after: bool) -> None:
        self.after, self.done = after, threading.Event()
        self._claiming: set[int] = set()
        super().__init__(folder)

    def _sent(self, data: bytes, listens: threading.Event) -> bool:
        super()._sent(data, listens)
        if b"INSERT INTO broker_intent" in data:
            self._claiming.add(id(listens))
        if id(listens) in self._claiming and b"COMMIT" in data and not self.done.is_set():
            self.done.set()
            if self.after:
                threading.Timer(0.3, self._cut_once).start()
                listens.set()
                self.deaf = True  # this connection hears nothing more: not that its commit went well
                return True
            self._cut_once()
            return False
        return True

    def _cut_once(self) -> None:
        self.cut()
        self.deaf = False
        self.mend()


@pytest.fixture(params=["before the server heard of it", "before we heard of it"])
def cutter(stage: Stage, request: pytest.FixtureRequest) -> Iterator[CommitCutter]:
    with tempfile.TemporaryDirectory(prefix="wire-") as folder:
        made = CommitCutter(Path(folder), after=request.param == "before we heard of it")
        stage.link.environment["DATABASE_URL"] = made.url
        yield made
        stage.link.stop()
        made.close()


def test_a_claim_whose_commit_is_uncertain_is_read_before_anything_is_sent(
    stage: Stage, cutter: CommitCutter
) -> None:
    """A11."""
    stage.ready()
    stage.approve()
    assert cutter.done.wait(20)
    stage.eventually(lambda: set(stage.states().values()) == {"WORKING"}, "both brackets working", 40)
    lapsed = set(Intent.objects.filter(reason_code="CLAIM_LAPSED").values_list("order_ref", flat=True))
    assert bool(lapsed) is cutter.after
    assert lapsed.isdisjoint(stage.at_broker())
    assert len([ref for ref in stage.at_broker() if ref.startswith("td-")]) == 6
    assert not Ask.objects.exists()
    assert not Evidence.objects.filter(intent__order_ref__in=lapsed).exists()
