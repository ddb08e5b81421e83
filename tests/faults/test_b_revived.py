"""Faults of words that come too late: an order that ended is told alive, by a late gateway or a wrong one."""

import pytest
from django.db.transaction import atomic

from apps.broker.actions.resolve_unknown import ResolutionRefused, resolve_ended, resolve_not_sent
from apps.broker.models import Ask, Evidence, Intent, Order
from apps.broker.ports import REREAD
from apps.broker.queries import foreign_working, unknown_intents
from apps.journal import clock
from apps.journal.actions.write_entry import write_entry
from apps.journal.models import Entry
from apps.risk.models import Reservation
from apps.runbook.invariants import broken_invariants
from apps.tickets.models import Ticket
from tests.faults.harness import Stage
from tests.road.acts import TRADER

REF_OF_A = "td-desk-*A-1"
SEEN = "looked in TWS: no such order, its log says cancelled"


def entry(stage: Stage) -> Ticket:
    return Ticket.objects.get(role="entry", key__endswith="A")


def intent(stage: Stage) -> Intent:
    return Intent.objects.get(ticket=entry(stage))


def stands(stage: Stage, ticket: str, attempt: str) -> bool:
    return (entry(stage).state, intent(stage).state) == (ticket, attempt)


def alarms() -> list[str]:
    return list(Entry.objects.filter(verb="raise_alarm").values_list("reason_code", flat=True))


def read_again(stage: Stage) -> None:
    with atomic():
        write_entry("look_again", subject=stage.account, actor=TRADER, topics=(REREAD,))


def snapshots() -> int:
    return Evidence.objects.filter(kind="snapshot").count()


def hold_a_word_until_it_ended(stage: Stage) -> None:
    """The broker lists the order as working, that word stays in the gateway, and the order is cancelled."""
    stage.rest()
    stage.ready()
    stage.approve()
    stage.eventually(lambda: set(stage.states().values()) == {"WORKING"}, "both brackets working")
    stage.turn("fault", kind="hold", message="openOrder", ref=REF_OF_A)
    listed = snapshots()
    read_again(stage)
    stage.eventually(lambda: snapshots() > listed, "a list without the word that is held")
    stage.cancel(entry(stage).key)
    stage.eventually(lambda: stands(stage, "CANCELLED", "CLOSED"), "cancelled")
    listed = snapshots()
    read_again(stage)
    stage.eventually(lambda: snapshots() > listed, "a list that has it among the finished ones")


def test_an_ended_order_that_a_late_word_calls_alive_is_in_doubt_until_the_lists_end_it_again(
    stage: Stage,
) -> None:
    hold_a_word_until_it_ended(stage)
    stage.turn("fault", kind="mute_open_order_end")  # while it stands, no reading is complete
    stage.turn("release")
    stage.eventually(lambda: stands(stage, "UNKNOWN", "ACKED"), "in doubt, and its attempt open again")
    assert alarms() == ["ORDER_REVIVED"]
    assert Reservation.objects.get(ticket_key=entry(stage).key).state == Reservation.HELD
    assert [one.pk for one in unknown_intents()] == [intent(stage).pk]
    assert list(broken_invariants(clock.now())) == []
    stage.turn("clear")
    stage.eventually(lambda: stands(stage, "CANCELLED", "CLOSED"), "ended by the broker's own list", 20)
    assert Reservation.objects.get(ticket_key=entry(stage).key).state == Reservation.FREED
    assert not unknown_intents().exists()
    assert Intent.objects.filter(ticket=entry(stage)).count() == 1


def test_one_of_which_no_list_tells_any_more_is_ended_by_a_person_who_looked(stage: Stage) -> None:
    hold_a_word_until_it_ended(stage)
    stage.turn("fault", kind="mute", message="completedOrder")
    stage.turn("release")
    stage.eventually(lambda: stands(stage, "UNKNOWN", "ACKED"), "in doubt")
    with pytest.raises(ResolutionRefused, match="not yet read twice"):
        resolve_ended(intent(stage).pk, actor=TRADER, reason=SEEN)
    with pytest.raises(ResolutionRefused, match="it is ACKED"):
        resolve_not_sent(intent(stage).pk, actor=TRADER, reason=SEEN)

    def ruled() -> bool:
        try:
            resolve_ended(intent(stage).pk, actor=TRADER, reason=SEEN)
        except ResolutionRefused:
            return False
        return True

    stage.eventually(ruled, "two complete readings without it", 30)
    assert stands(stage, "CANCELLED", "CLOSED")
    assert intent(stage).resolved_by == TRADER.name
    assert Reservation.objects.get(ticket_key=entry(stage).key).state == Reservation.FREED


def test_one_that_lives_after_all_works_again_and_can_be_cancelled(stage: Stage) -> None:
    """Here it was the end that was wrong."""
    stage.rest()
    stage.ready()
    stage.approve()
    stage.eventually(lambda: set(stage.states().values()) == {"WORKING"}, "both brackets working")
    stage.turn(
        "fault", kind="rewrite", message="orderStatus", ref=REF_OF_A, field=2, value="Cancelled", count=1
    )
    read_again(stage)
    stage.eventually(lambda: stands(stage, "CANCELLED", "CLOSED"), "called cancelled")
    read_again(stage)
    stage.eventually(lambda: stands(stage, "WORKING", "ACKED"), "working, by the broker's next list", 45)
    assert alarms() == ["ORDER_REVIVED"]
    assert list(broken_invariants(clock.now())) == []
    assert stage.cancel(entry(stage).key) == "asked"
    stage.eventually(lambda: stands(stage, "CANCELLED", "CLOSED"), "cancelled, now truly")
    assert not Ask.objects.filter(answered_at=None).exists()


def theirs() -> str:
    """What we believe of the one order that is not ours."""
    return Order.objects.values_list("state", flat=True).filter(intent=None).first() or ""


def test_an_order_of_another_hand_that_two_readings_do_not_hold_is_gone(stage: Stage) -> None:
    """Typed into the workstation and ended there; the broker's lists know nothing of it any more."""
    stage.ready()
    typed = stage.turn("manual", symbol="WEC", side="SELL", shares=10, type="LMT", price=150)
    read_again(stage)
    stage.eventually(lambda: theirs() == "WORKING", "seen as another hand's")
    assert foreign_working(stage.account.pk)
    stage.turn("fault", kind="mute", message="completedOrder")
    stage.turn("reject", perm=typed["perm_id"])
    for reading in (1, 2):
        listed = snapshots()
        read_again(stage)
        stage.eventually(lambda before=listed: snapshots() > before, f"reading {reading} without it")
        assert theirs() == "WORKING", "two readings close together are one"
    stage.settle(10)
    read_again(stage)
    stage.eventually(lambda: theirs() == "CANCELLED", "gone, by two readings ten seconds apart")
    assert not foreign_working(stage.account.pk)
    assert Entry.objects.filter(reason_code="FOREIGN_ORDER_GONE").count() == 1
