"""An attempt that was over and whose order is told alive; one that no list of the broker holds any more."""

from datetime import timedelta

import pytest

from apps.broker.actions.end_gone import end_gone
from apps.broker.actions.give_up_unwritten import give_up_unwritten
from apps.broker.actions.mark_silent import REMIND_AFTER, mark_silent, remind_of_unknown
from apps.broker.actions.own_evidence import add_own_evidence
from apps.broker.actions.resolve_unknown import ResolutionRefused, resolve_ended, resolve_not_sent
from apps.broker.actions.retry_bracket import retry_bracket
from apps.broker.models import Ask, Evidence, Intent, LinkSession, Order
from apps.broker.queries import in_doubt, unknown_intents
from apps.broker.standing import their_order
from apps.dashboard.rows import row_of
from apps.journal import clock
from apps.journal.models import Entry
from apps.risk.models import Reservation
from apps.runbook.invariants import broken_invariants
from apps.tickets.models import Ticket
from tests.stations import OPENING, TRADER, Stations, at, stations

__all__ = ["stations"]
pytestmark = pytest.mark.django_db

SEEN = "looked in TWS, and its log says cancelled"


def sent(stations: Stations) -> Intent:
    """An entry that left the house."""
    stations.approve("WEC")
    assert set(stations.send_all().values()) == {None}
    return Intent.objects.filter(ticket__role="entry").earliest("pk")


def say(stations: Stations, intent: Intent, kind: str, status: str, perm_id: int = 9) -> tuple[str, str]:
    """The broker's word of it; what ticket and attempt are then."""
    stations.hear(
        kind, order_ref=intent.order_ref, order_id=intent.order_id, perm_id=perm_id, status=status, filled="0"
    )
    now = Intent.objects.select_related("ticket").get(pk=intent.pk)
    return now.ticket.state, now.state


def list_twice(stations: Stations, *working: str, seconds: float = 10) -> None:
    """Two complete readings in which these orders work."""
    for later in (0.0, seconds):
        Evidence.objects.create(
            session=stations.session,
            kind="snapshot",
            fields={"complete": True, "refs": list(working), "working": list(working)},
            received_at=clock.now() + timedelta(seconds=later),
        )


def held(intent: Intent) -> str:
    return Reservation.objects.get(ticket_key=intent.ticket.key).state


@pytest.mark.parametrize("end", ["Cancelled", "Inactive and refused"])
def test_what_ended_and_is_told_alive_is_open_again_and_holds_its_room(stations: Stations, end: str) -> None:
    ours = sent(stations)
    if end == "Cancelled":
        assert say(stations, ours, "openOrder", "Submitted") == ("WORKING", "ACKED")
        assert say(stations, ours, "orderStatus", "Cancelled") == ("CANCELLED", "CLOSED")
    else:
        stations.hear("error", order_id=ours.order_id, text="no such contract", code=200)
        assert Intent.objects.get(pk=ours.pk).state == "REFUSED"
    assert held(ours) == Reservation.FREED
    assert say(stations, ours, "openOrder", "Submitted") == ("UNKNOWN", "ACKED")
    again = Intent.objects.get(pk=ours.pk)
    assert (held(ours), again.closed_at) == (Reservation.HELD, None)
    assert again.unknown_since is not None and in_doubt(ours.gateway_id)
    assert list(unknown_intents()) == [again]
    assert list(broken_invariants(clock.now())) == []
    assert say(stations, ours, "completedOrder", "Cancelled") == ("CANCELLED", "CLOSED")
    assert held(ours) == Reservation.FREED and not unknown_intents().exists()


def test_somebody_is_reminded_of_each_doubt_once_and_it_is_told_as_a_doubt(stations: Stations) -> None:
    ours = sent(stations)
    gateway, session = ours.gateway_id, stations.session.pk
    for doubts in (1, 2):
        with at(OPENING + timedelta(minutes=5 * doubts)):
            say(stations, ours, "openOrder", "Submitted")
            assert say(stations, ours, "orderStatus", "Inactive") == ("UNKNOWN", "ACKED")
            later = clock.now() + REMIND_AFTER
            assert [remind_of_unknown(gateway, session, later) for _ in range(2)] == [1, 0]
            assert Entry.objects.filter(reason_code="INTENT_STILL_UNKNOWN").count() == doubts
            assert say(stations, ours, "orderStatus", "Submitted") == ("WORKING", "ACKED")
            assert Intent.objects.get(pk=ours.pk).unknown_since is None


def test_one_that_arrived_is_never_ruled_not_sent_and_over_only_when_it_works_in_no_list(
    stations: Stations,
) -> None:
    ours = sent(stations)
    say(stations, ours, "openOrder", "Submitted")
    LinkSession.objects.create(
        gateway=stations.account.gateway, epoch=1, opened_at=clock.now(), next_valid_id=ours.order_id
    )
    list_twice(stations, ours.order_ref)
    for rule, why in ((resolve_not_sent, "it is ACKED"), (resolve_ended, "not yet read twice")):
        with pytest.raises(ResolutionRefused, match=why):
            rule(ours.pk, actor=TRADER, reason=SEEN)
    list_twice(stations)  # among these a list of before, in which it worked, was told
    with pytest.raises(ResolutionRefused, match="not yet read twice"):
        resolve_ended(ours.pk, actor=TRADER, reason=SEEN)
    for later in (20, 31):
        Evidence.objects.create(
            session=stations.session,
            kind="snapshot",
            fields={"complete": True, "refs": [], "working": []},
            received_at=clock.now() + timedelta(seconds=later),
        )
    resolve_ended(ours.pk, actor=TRADER, reason=SEEN)
    over = Intent.objects.get(pk=ours.pk)
    assert (over.state, over.ticket.state, over.resolved_by) == ("CLOSED", "CANCELLED", TRADER.name)
    assert held(ours) == Reservation.FREED
    with pytest.raises(ResolutionRefused, match="it is CANCELLED now"):
        resolve_ended(ours.pk, actor=TRADER, reason=SEEN)


def test_a_refused_cancel_after_a_ruling_that_it_never_arrived_changes_nothing(stations: Stations) -> None:
    """10147 raises doubt about an order of unknown fate, and none about one that was ruled on."""
    ours, later = sent(stations), clock.now() + timedelta(seconds=6)
    assert ours.pk in mark_silent(stations.account.gateway_id, stations.session.pk, later)
    next_one = LinkSession.objects.create(
        gateway=stations.account.gateway, epoch=1, opened_at=clock.now(), next_valid_id=ours.order_id
    )
    stations.session = next_one
    for seconds in (20, 31):
        fields = {"complete": True, "refs": [], "working": []}
        at_that = clock.now() + timedelta(seconds=seconds)
        Evidence.objects.create(session=next_one, kind="snapshot", fields=fields, received_at=at_that)
    resolve_not_sent(ours.pk, actor=TRADER, reason=SEEN)
    add_own_evidence(ours, "asked", at=clock.now(), session_id=next_one.pk, verb="cancel", ask=0)
    stations.hear("error", order_id=ours.order_id, code=10147, text="OrderId that needs to be cancelled")
    over = Intent.objects.get(pk=ours.pk)
    assert (over.state, over.ticket.state, held(ours)) == ("CLOSED", "NOT_SENT", Reservation.FREED)


def test_an_older_attempt_that_speaks_again_is_cancelled_and_not_opened_beside_the_newer(
    stations: Stations,
) -> None:
    stations.approve("WEC")
    claim = stations.claim(stations.brackets()[0])
    stations.send(claim)  # type: ignore[arg-type]
    older = Intent.objects.filter(pk__in=claim.intents).latest("order_id")  # type: ignore[union-attr]
    give_up_unwritten(
        older.pk,
        claim.intents,
        session_id=stations.session.pk,
        why="the socket was closed",  # type: ignore[union-attr]
    )
    for sibling in Intent.objects.filter(pk__in=claim.intents).exclude(pk=older.pk):  # type: ignore[union-attr]
        say(stations, sibling, "orderStatus", "Cancelled", perm_id=100 + sibling.pk)
    Ask.objects.update(answered_at=clock.now(), outcome="confirmed")
    retry_bracket(older.ticket.key, actor=TRADER, reason="the socket is open again")
    assert stations.send(stations.claim(older.ticket.bracket)) == [None] * 3  # type: ignore[arg-type]
    assert say(stations, older, "openOrder", "Submitted") == ("SENDING", "CLOSED")
    assert Ask.objects.get(answered_at=None).order.intent == older
    assert say(stations, older, "completedOrder", "Cancelled") == ("SENDING", "CLOSED")
    assert say(stations, older, "openOrder", "Submitted") == ("SENDING", "CLOSED")
    assert Order.objects.get(intent=older).state == "UNKNOWN" and list(unknown_intents()) == [older]
    assert Entry.objects.filter(reason_code="ORDER_OLD_ATTEMPT").exists()
    list_twice(stations)
    resolve_ended(older.pk, actor=TRADER, reason=SEEN)
    assert not unknown_intents().exists()
    newer = Ticket.objects.get(key=older.ticket.key)
    assert newer.state == "SENDING" and newer.intents.latest("attempt").state == "SENDING"


def test_an_order_of_another_hand_is_over_by_two_readings_and_lives_when_it_is_told_again(
    stations: Stations,
) -> None:
    word = {"perm_id": 77, "con_id": "7", "symbol": "WEC", "side": "SELL", "quantity": "10"}
    stations.hear("openOrder", status="Submitted", **word)
    theirs = Order.objects.get(intent=None)

    def read(second: int, *perms: int) -> str:
        Evidence.objects.create(
            session=stations.session,
            kind="snapshot",
            fields={"complete": True, "refs": [], "working": [], "perms": list(perms)},
            received_at=theirs.changed_at + timedelta(seconds=second),
        )
        end_gone(stations.session, clock.now())
        told = their_order(theirs.pk)
        assert told is not None
        return row_of(told).state_word

    seen = [read(0), read(1), read(9, 77), read(12), read(21), read(22)]
    assert seen == ["Submitted"] * 5 + ["Gone"], "the last ten seconds without it count"
    assert Entry.objects.filter(reason_code="FOREIGN_ORDER_GONE").count() == 1
    stations.hear("openOrder", status="Submitted", **word)
    stations.hear("orderStatus", status="Submitted", perm_id=77)
    assert Order.objects.get(intent=None).state == "WORKING"
