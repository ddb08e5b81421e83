"""What is stored of what the broker says, what is not stored twice, and what the checker finds wrong."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from apps.broker.actions.open_session import open_session
from apps.broker.actions.record_events import record_events, record_unread
from apps.broker.actions.take_lease import take_lease
from apps.broker.actions.take_order_ids import IdsUsedUp, take_order_ids
from apps.broker.link.pacing import Pace
from apps.broker.models import Evidence, Intent, LinkSession, Order, OrderIdMark
from apps.broker.ports import Heard, Opened
from apps.broker.queries import executions_since
from apps.desks.models import Account
from apps.journal import clock
from apps.journal.models import Entry
from apps.ledger.actions.book_fills import book_fills
from apps.ledger.models import Fill
from apps.runbook.invariants import broken_invariants
from tests.builders import make_desk
from tests.stations import Stations, stations

__all__ = ["stations"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> Account:
    return make_desk(port=4002)


@pytest.fixture
def session(account: Account) -> LinkSession:
    epoch = take_lease(account.gateway, "here")
    opened = Opened(server_version=176, accounts=(account.code,), next_valid_id=500)
    return open_session(account.gateway, epoch, opened, holder="here")


def say(kind: str, body: dict[str, str], **keys: object) -> Heard:
    return Heard(kind=kind, at=clock.now(), raw=(), body=body, **keys)  # type: ignore[arg-type]


def foreign_order(status: str, *, asked: datetime | None = None, kind: str = "openOrder") -> Heard:
    """A row of a list that was asked for then, or just now."""
    body = {"status": status, "quantity": "10", "con_id": "7", "symbol": "WEC", "side": "BUY"}
    return say(kind, body, order_id=3, client_id=0, perm_id=77, asked_at=asked or clock.now())


def test_what_a_re_reading_says_again_is_not_stored_again(session: LinkSession) -> None:
    for _ in range(3):
        record_events(session, [foreign_order("Submitted")], book=book_fills)
    assert Evidence.objects.count() == 1
    record_events(session, [foreign_order("Cancelled"), foreign_order("Submitted")], book=book_fills)
    assert Evidence.objects.count() == 3  # back to what it was is news


def test_what_stood_before_a_word_of_our_own_is_news_when_it_is_said_again(session: LinkSession) -> None:
    """A ruling or a silence is evidence without a body, and what the broker says after it counts anew."""
    record_events(session, [foreign_order("Submitted")], book=book_fills)
    Evidence.objects.create(session=session, kind="ruling", perm_id=77, fields={}, received_at=clock.now())
    record_events(session, [foreign_order("Submitted")], book=book_fills)
    assert list(Evidence.objects.order_by("pk").values_list("kind", flat=True)) == [
        "openOrder",
        "ruling",
        "openOrder",
    ]


def test_a_list_need_not_hold_what_was_heard_after_it_was_asked_for(stations: Stations) -> None:
    stations.approve("WEC")
    assert set(stations.send_all().values()) == {None}
    ours = Intent.objects.earliest("pk")
    stations.hear(
        "openOrder", order_ref=ours.order_ref, perm_id=9, order_id=ours.order_id, status="Submitted"
    )
    stations.executed("e1.01", "1", order_ref=ours.order_ref, perm_id=9)
    heard = Evidence.objects.get(kind="execDetails")
    since, gateway = heard.received_at - timedelta(days=1), stations.account.gateway_id
    assert executions_since(gateway, since, heard_before=heard.received_at) == set()
    after = heard.received_at + timedelta(seconds=1)
    assert executions_since(gateway, since, heard_before=after) == {"e1.01"}


def test_an_execution_that_was_taken_back_is_missed_in_no_list(stations: Stations) -> None:
    """It is gone at the broker: a reading that waited for it would never be complete again that day."""
    stations.approve("WEC")
    assert set(stations.send_all().values()) == {None}
    ours = Intent.objects.earliest("pk")
    keys = {"order_ref": ours.order_ref, "perm_id": 9}
    stations.hear("openOrder", **keys, order_id=ours.order_id, status="Submitted")
    for exec_id, size in (("0001.9f.01.01", "2"), ("0001.9f.02.01", "3"), ("0001.9f.02.02", "0")):
        stations.executed(exec_id, size, **keys)
    later = clock.now() + timedelta(seconds=1)
    known = executions_since(stations.account.gateway_id, later - timedelta(days=1), heard_before=later)
    assert known == {"0001.9f.01.01"}


def test_what_the_broker_says_unasked_is_always_stored(session: LinkSession) -> None:
    for _ in range(2):
        record_events(session, [replace(foreign_order("Submitted"), asked_at=None)], book=book_fills)
    assert Evidence.objects.count() == 2


@pytest.mark.parametrize(
    ("before", "otherwise", "after"),
    [
        (("openOrder", "Submitted"), ("orderStatus", "Cancelled"), "UNKNOWN"),
        (("completedOrder", "Cancelled"), ("openOrder", "PreSubmitted"), "CANCELLED"),
    ],
)
def test_what_is_told_again_after_something_else_counts_if_it_was_asked_for_after_that(
    session: LinkSession, before: tuple[str, str], otherwise: tuple[str, str], after: str
) -> None:
    """A list that was asked for before may have been written down before: it says nothing new."""
    early = clock.now()
    (kind, status), (unasked, word) = before, otherwise
    record_events(session, [foreign_order(status, kind=kind)], book=book_fills)
    record_events(session, [replace(foreign_order(word, kind=unasked), asked_at=None)], book=book_fills)
    held = Order.objects.get().state
    record_events(session, [foreign_order(status, kind=kind, asked=early)], book=book_fills)
    assert (Evidence.objects.count(), Order.objects.get().state) == (2, held)
    for _ in range(2):
        record_events(session, [foreign_order(status, kind=kind)], book=book_fills)
    assert Evidence.objects.count() == 3, "once, and then it is a repetition"
    assert held != after == Order.objects.get().state


def test_a_foreign_order_known_by_its_executions_grows_with_them(session: LinkSession) -> None:
    for number, (shares, total) in enumerate((("40", "40"), ("60", "100")), 1):
        body = {
            "account": "DU1000001", "con_id": "7", "symbol": "WEC", "sec_type": "STK", "side": "SLD",
            "quantity": shares, "cumulative": total, "price": "99.9",
        }  # fmt: skip
        told = say("execDetails", body, perm_id=77, exec_id=f"0001.{number:02}.01.01")
        record_events(session, [told], book=book_fills)
    assert (Order.objects.get().filled, Order.objects.get().flags) == (100, [])
    assert Fill.objects.count() == 2


def test_what_cannot_be_understood_is_kept_and_told(session: LinkSession) -> None:
    record_unread(session, say("execDetails", {"quantity": "many"}), "not a number")
    row = Evidence.objects.get()
    assert (row.kind, row.fields["said"], row.fields["body"]) == (
        "unread",
        "execDetails",
        {"quantity": "many"},
    )
    assert Entry.objects.filter(reason_code="EVIDENCE_NOT_UNDERSTOOD").count() == 1


def test_order_ids_only_rise_whatever_the_gateway_announces(session: LinkSession) -> None:
    gateway = session.gateway
    assert take_order_ids(gateway, 3) == 500
    opened = Opened(server_version=176, accounts=(), next_valid_id=100)
    open_session(gateway, session.epoch, opened, holder="here")
    assert take_order_ids(gateway, 1) == 503
    OrderIdMark.objects.update(highest=1_499_999_999)
    with pytest.raises(IdsUsedUp):
        take_order_ids(gateway, 1)


def test_a_session_whose_process_was_killed_is_closed_by_the_next(session: LinkSession) -> None:
    opened = Opened(server_version=176, accounts=(), next_valid_id=500)
    open_session(session.gateway, 2, opened, holder="there")
    session.refresh_from_db()
    assert session.closed_at is not None


def test_the_checker_names_an_order_of_ours_that_was_never_decided(session: LinkSession) -> None:
    assert [str(one) for one in broken_invariants(clock.now())] == []
    stranger = say("openOrder", {"status": "Submitted"}, perm_id=9, order_ref="td-desk-9-9A-1")
    record_events(session, [stranger], book=lambda rows: None)
    assert {one.invariant for one in broken_invariants(clock.now())} == {"S1"}


def test_the_checker_names_two_open_sessions_and_an_unbooked_execution(session: LinkSession) -> None:
    LinkSession.objects.create(gateway=session.gateway, epoch=2, opened_at=clock.now() - timedelta(seconds=1))
    told = say("execDetails", {"account": "DU1000001", "con_id": "7"}, exec_id="0001.01", perm_id=5)
    record_events(session, [told], book=lambda rows: None)
    assert {one.invariant for one in broken_invariants(clock.now())} == {"S5", "S9"}


def test_cancels_have_room_that_orders_cannot_use_up() -> None:
    pace = Pace(orders_a_second=100, messages_a_second=10, kept_for_cancels=3)
    for _ in range(7):
        assert pace.wait_for_order(0.0) == 0
        pace.note_order(0.0)
    assert pace.wait_for_order(0.5) == pytest.approx(0.5)
    assert pace.wait_for_cancel(0.5) == 0


def orders_in(pace: Pace, began: float, *, seconds: float, group: int = 1) -> int:
    """How many leave when there is always another one."""
    now, sent = began, 0
    while (now := now + pace.wait_for_order(now, group)) < began + seconds:
        for _ in range(group):
            pace.note_order(now)
        sent += group
    return sent


def test_a_gateway_that_gets_too_much_is_spoken_to_half_as_fast_and_after_a_while_as_before() -> None:
    pace = Pace()
    assert orders_in(pace, 0.0, seconds=10) == 50 and pace.used(9.9)["orders_allowed"] == 5
    assert pace.slow_down(20.0)
    assert not pace.slow_down(20.1) and not pace.slow_down(21.9)  # of the same burst
    assert orders_in(pace, 30.0, seconds=12) == 24 and orders_in(pace, 50.0, seconds=12, group=3) == 24
    assert pace.used(62.0) | {"slowed_for_s": 20, "orders_allowed": 2, "messages_allowed": 10} == pace.used(
        62.0
    )
    assert not pace.slow_down(70.0)  # again, and it is not told as news
    for more in (75.0, 80.0, 85.0):
        pace.slow_down(more)
    assert orders_in(pace, 90.0, seconds=12, group=3) == 12  # never below one a second
    assert orders_in(pace, 150.0, seconds=12) == 12 and orders_in(pace, 210.0, seconds=12) == 24
    assert orders_in(pace, 270.0, seconds=10) == 50 and "slowed_for_s" not in pace.used(280.0)
    assert pace.slow_down(300.0)


def test_what_is_kept_for_cancels_stays_theirs_at_the_slowest_pace() -> None:
    pace = Pace()
    for at in (0.0, 3.0, 6.0):
        pace.slow_down(at)
    pace.note_order(10.0)
    assert pace.wait_for_order(10.1) == pytest.approx(0.9)
    for _ in range(5):
        assert pace.wait_for_cancel(10.1) == 0
        pace.note_message(10.1)
    assert pace.wait_for_cancel(10.2) == pytest.approx(0.8)
