"""An alarm is one thing however often it is seen; it calls until somebody answers, and ends."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import override_settings

from apps.alerts.actions.end_alarm import acknowledge_alarm
from apps.alerts.actions.keep_delivery import Sent, keep_delivery, take_message
from apps.alerts.actions.open_alarm import open_alarm
from apps.alerts.actions.queue_message import queue_note
from apps.alerts.actions.save_channel import save_channel
from apps.alerts.codes import CODES
from apps.alerts.facts import Fact, Note
from apps.alerts.jobs import watch_over
from apps.alerts.models import Alarm, Channel, Message
from apps.alerts.ports import FILL, RETRIES, AlertRefused
from apps.alerts.queries import channels_for
from apps.alerts.sources import read_journal
from apps.alerts.telling.alarms import ALARMS
from apps.alerts.telling.notes import NOTES
from apps.alerts.watches import OVER
from apps.broker.actions.open_session import close_session
from apps.broker.models import LinkState
from apps.desks.actions.beat import beat
from apps.desks.models import Strategy
from apps.journal import clock
from apps.journal.models import Entry
from apps.journal.ports import SYSTEM, Actor
from apps.operators.ports import NotAllowed
from apps.risk.actions.set_stop import set_stop
from apps.runbook.daily import expire_late, propose_again
from apps.runbook.models import JobRun
from tests.apps.approvals.walking import let_walk
from tests.people import make_person
from tests.stations import OPENING, TODAY, Stations, clock_line, stations

__all__ = ["stations"]
ADMIN = Actor("user", "admin")
DOWN = Fact(code="link-down", subject="1", text="the socket closed")


def channel(name: str, **more: Any) -> Channel:
    return save_channel(Channel(), actor=SYSTEM, name=name, url=f"desk-file:{name}.txt", **more)


@pytest.fixture
def at(stations: Stations) -> Iterator[Any]:
    """Move the desk's clock so many seconds past the opening."""
    with override_settings(CLOCK=clock_line(OPENING)) as _:

        def move(seconds: float) -> None:
            from django.conf import settings

            settings.CLOCK = clock_line(OPENING + timedelta(seconds=seconds))

        yield move


def told() -> list[str]:
    return list(Message.objects.order_by("pk").values_list("key", flat=True))


def test_the_same_thing_again_is_counted_and_not_told_again_at_once(at: Any) -> None:
    for second in range(5):
        at(second)
        open_alarm(DOWN)
    alarm = Alarm.objects.get()
    assert alarm.count == 5 and told() == [f"alarm-{alarm.pk}"]
    at(70)
    open_alarm(DOWN)
    assert told() == [f"alarm-{alarm.pk}", f"alarm-{alarm.pk}-again-6"]
    assert "(6 times)" in Message.objects.last().title  # type: ignore[union-attr]


def test_a_trade_of_another_hand_says_which_strategy_it_halted_or_that_none_was(stations: Stations) -> None:
    read_journal()
    stations.approve("WEC")
    stations.send_all()
    stations.executed("00f1.H1.01", "5", con_id=str(stations.contract("PNW").con_id), symbol="PNW")
    stations.executed("00f1.H2.01", "5")
    read_journal()
    texts = list(Alarm.objects.filter(code="foreign-execution").order_by("pk").values_list("text", flat=True))
    assert "No strategy works it, none was halted." in texts[0]
    assert texts[1].endswith("Halted: bracket-day.")


def test_a_request_that_was_overtaken_by_new_limits_is_not_told_as_one_that_nobody_decided(
    stations: Stations,
) -> None:
    Strategy.objects.update(parameters={"propose_again": True})
    request = stations.propose("WEC")
    stations.set_limits(order_notional=40_000)
    propose_again(clock.now())
    overtaken = NOTES["request_expired"](Entry.objects.get(verb="request_expired"))
    assert overtaken is not None and overtaken.title == "bracket-day: judged anew"
    assert f"Plan {request.plan_id} is judged anew: the limits were changed since." in overtaken.body
    expire_late(stations.propose_plan(request.plan).expires_at)
    lapsed = NOTES["request_expired"](Entry.objects.filter(verb="request_expired").latest("sequence"))
    assert lapsed is not None and lapsed.title == "bracket-day: nobody decided in time"


def test_another_subject_is_another_alarm(at: Any) -> None:
    open_alarm(DOWN)
    open_alarm(Fact(code="link-down", subject="2", text="the other one"))
    assert Alarm.objects.count() == 2


def test_nobody_answers_so_the_next_are_called_and_then_everybody(at: Any) -> None:
    phone, chief = channel("phone"), channel("chief", step=2)
    alarm = open_alarm(DOWN)
    reached = []
    for second in (1, 30, 61, 62, 122):
        at(second)
        LinkState.objects.update(state="down", since=OPENING, beat_at=clock.now())
        watch_over()
    for row in Message.objects.filter(alarm=alarm).order_by("pk"):
        reached.append([one.name for one in channels_for(row, clock.now())])
    assert reached == [["phone"], ["chief"], ["phone", "chief"]]
    assert phone.step == 0 and chief.step == 2


def test_acknowledging_ends_the_calling_and_names_who_did_it(at: Any) -> None:
    make_person("mia", "trader")
    channel("phone")
    alarm = open_alarm(DOWN)
    acknowledge_alarm(alarm.pk, actor=Actor("user", "mia"))
    at(600)
    LinkState.objects.update(state="down", beat_at=clock.now())
    watch_over()
    alarm.refresh_from_db()
    assert told() == [f"alarm-{alarm.pk}"] and alarm.ended_at is None
    assert Entry.objects.get(verb="acknowledge_alarm").actor == "mia"
    with pytest.raises(AlertRefused):
        acknowledge_alarm(alarm.pk, actor=Actor("user", "mia"))


def test_a_viewer_acknowledges_nothing(at: Any) -> None:
    make_person("val", "viewer")
    with pytest.raises(NotAllowed):
        acknowledge_alarm(open_alarm(DOWN).pk, actor=Actor("user", "val"))


def test_an_alarm_of_a_state_ends_with_the_state_and_says_so(stations: Stations, at: Any) -> None:
    close_line = "the socket closed"
    read_journal()
    close_session(stations.session, close_line, holder="test")
    read_journal()
    alarm = Alarm.objects.get(code="link-down")
    assert alarm.severity == "critical" and alarm.text.startswith("The socket closed. ")
    LinkState.objects.update(state="ready", beat_at=clock.now())
    watch_over()
    alarm.refresh_from_db()
    assert alarm.ended_at is not None
    assert "over: Broker connection down" in Message.objects.last().title  # type: ignore[union-attr]


def test_what_has_no_end_of_its_own_ends_when_somebody_has_seen_it(at: Any) -> None:
    alarm = open_alarm(Fact(code="not-flat", subject="stopping:1", text="12 WEC"))
    acknowledge_alarm(alarm.pk, actor=SYSTEM)
    alarm.refresh_from_db()
    assert alarm.ended_at is not None


def test_what_flaps_stays_one_alarm(at: Any) -> None:
    for second in (0, 20, 40):
        at(second)
        LinkState.objects.update(state="down", beat_at=clock.now())
        alarm = open_alarm(DOWN)
        LinkState.objects.update(state="ready", beat_at=clock.now())
        watch_over()
    assert Alarm.objects.count() == 1 and Alarm.objects.get(pk=alarm.pk).count == 3


def test_a_closed_market_makes_a_lost_link_bearable(stations: Stations, at: Any) -> None:
    at(-6 * 3600)
    LinkState.objects.update(state="down", since=clock.now() - timedelta(minutes=5), beat_at=clock.now())
    watch_over()
    assert Alarm.objects.get().severity == "medium"


def test_a_silent_link_is_noticed_without_a_line_of_the_journal(stations: Stations, at: Any) -> None:
    LinkState.objects.update(beat_at=clock.now() - timedelta(seconds=20))
    watch_over()
    assert not Alarm.objects.exists()
    at(40)
    watch_over()
    assert Alarm.objects.get().code == "link-silent"


def test_a_desk_that_is_started_again_gives_its_link_the_time_to_connect(stations: Stations, at: Any) -> None:
    beat("worker")
    LinkState.objects.update(state="down", since=clock.now(), beat_at=clock.now())
    for second in (3600, 3605, 3610, 3615, 3620, 3625):  # an hour in which nothing ran
        at(second)
        beat("worker")
        watch_over()
    assert not Alarm.objects.exists()
    at(3633)
    beat("worker")
    watch_over()
    assert Alarm.objects.get().code == "link-silent"


def test_a_job_that_broke_off_is_told_until_it_runs_again(stations: Stations, at: Any) -> None:
    now = clock.now()
    row = JobRun.objects.create(
        kind="close_day", account=stations.account, session_date=TODAY, outcome="failed",
        told="KeyError('x')", started_at=now, ended_at=now,
    )  # fmt: skip
    watch_over()
    alarm = Alarm.objects.get(code="job-failed")
    assert alarm.severity == "high" and "KeyError" in alarm.text
    JobRun.objects.filter(pk=row.pk).update(outcome="done")
    watch_over()
    alarm.refresh_from_db()
    assert alarm.ended_at is not None


def test_a_day_that_nobody_closed_is_missed_half_an_hour_after_the_close(stations: Stations, at: Any) -> None:
    at(6.3 * 3600)  # 15:58 in New York
    LinkState.objects.update(beat_at=clock.now())
    watch_over()
    assert not Alarm.objects.filter(code="job-missed").exists()
    at(7 * 3600)
    LinkState.objects.update(beat_at=clock.now())
    watch_over()
    assert "has not been closed" in Alarm.objects.get(code="job-missed").text


def test_a_stop_is_told_and_its_release_too(stations: Stations, at: Any) -> None:
    read_journal()
    set_stop("HALTED", actor=ADMIN, reason="odd prices")
    read_journal()
    body = Message.objects.get().body
    assert "odd prices" in body and "/runbooks/stop-set/" in body
    set_stop("ACTIVE", actor=ADMIN, reason="prices are fine")
    watch_over()
    assert Alarm.objects.get().ended_at is not None


def test_ten_fills_are_two_messages(at: Any) -> None:
    for number in range(10):
        at(number)
        queue_note(f"f-{number}", Note(kind=FILL, code="fill", title=f"BUY {number}", subject="a:s"))
    first, second = Message.objects.order_by("pk")
    assert (first.count, second.count) == (1, 9) and second.title == "SIM: 9 times: BUY 9"
    assert second.due_at is not None and second.due_at > first.made_at + timedelta(seconds=50)


def test_a_fill_is_told_with_its_price_and_what_is_left(stations: Stations) -> None:
    read_journal()
    request = stations.propose("WEC")
    stations.execute(request)
    read_journal()
    sent = Message.objects.get(code="plan-released")
    assert "1 tickers in 2 brackets released" in sent.title and "of 50,000" in sent.body
    assert Message.objects.get(code="review-needed").kind == "review"


def answers(*arrived: bool) -> list[Sent]:
    return [
        Sent(row.pk, row.name, ok, 5, "" if ok else "CHANNEL_REFUSED")
        for row, ok in zip(Channel.objects.order_by("pk"), arrived, strict=True)
    ]


def test_what_does_not_arrive_is_tried_again_later_and_only_there(at: Any) -> None:
    channel("phone")
    channel("mail")
    open_alarm(Fact(code="stop-set", subject="global:", text="x"))
    message = take_message()
    assert message is not None
    keep_delivery(message, answers(True, False))
    assert take_message() is None
    at(RETRIES[0] + 1)
    again = take_message()
    assert again == message and again is not None
    keep_delivery(again, answers(True, False)[1:])
    message.refresh_from_db()
    assert message.state == "queued" and message.deliveries.filter(channel__name="mail").count() == 2


def test_after_the_last_try_a_channel_is_given_up_and_that_is_an_alarm(at: Any) -> None:
    channel("phone")
    open_alarm(Fact(code="stop-set", subject="global:", text="x"))
    second = 0.0
    for wait in (0, *RETRIES):
        second += wait + 1
        at(second)
        message = take_message()
        assert message is not None
        keep_delivery(message, answers(False))
    message.refresh_from_db()
    assert message.state == "failed" and message.deliveries.count() == len(RETRIES) + 1
    LinkState.objects.update(beat_at=clock.now())
    watch_over()
    assert "given up after 4 attempts" in Alarm.objects.get(code="channel-failed").text


def test_a_critical_alarm_that_reaches_nobody_goes_to_the_next_step_at_once(at: Any) -> None:
    channel("phone")
    alarm = open_alarm(DOWN)
    message = take_message()
    assert message is not None
    keep_delivery(message, answers(False))
    alarm.refresh_from_db()
    assert alarm.escalates_at is not None and alarm.escalates_at <= clock.now()


def test_a_phone_hears_nothing_of_an_account_its_holder_may_not_see(stations: Stations, at: Any) -> None:
    make_person("mia", "trader", accounts=("DU9999999",))
    channel("mias-phone", holder="mia")
    open_alarm(Fact(code="order-refused", account=stations.account.code, text="x"))
    (message,) = Message.objects.all()
    assert channels_for(message, clock.now()) == []
    message.account = "DU9999999"
    assert [row.name for row in channels_for(message, clock.now())] == ["mias-phone"]


def test_what_nobody_was_to_hear_is_silent_and_not_failed(at: Any) -> None:
    channel("phone", classes=["critical"])
    queue_note("n", Note(kind=FILL, code="fill", title="BUY 1"))
    message = take_message()
    assert message is not None
    keep_delivery(message, [])
    assert message.state == "silent"


def test_countdowns_go_before_everything_and_critical_before_the_rest(stations: Stations, at: Any) -> None:
    open_alarm(Fact(code="page-failed", subject="/", text="x"))
    open_alarm(DOWN)
    let_walk()
    stations.propose("WEC")
    from apps.alerts.sources import ask_for_countdowns

    ask_for_countdowns()
    order = [message.rank for message in (take_message(), take_message(), take_message()) if message]
    assert order == [0, 1, 2]


def test_every_line_that_is_read_belongs_to_the_table_of_codes() -> None:
    assert set(OVER) == {code.code for code in CODES.values() if code.stands}
    assert not set(ALARMS) & set(NOTES) - {"end_step"}


@pytest.mark.parametrize("entry", ["10.5", "0"])
def test_a_stop_that_left_orders_open_is_critical(stations: Stations, at: Any, entry: str) -> None:
    left = int(Decimal(entry))
    line = Entry(
        verb="cancels_confirmed", subject_kind="risk.stopping", subject_id="7", after={"left_open": left}
    )
    fact = ALARMS["cancels_confirmed"](line)
    assert (fact is None) is (left == 0)
    if fact is not None:
        assert "10 orders" in fact.text and fact.code == "cancels-unconfirmed"
