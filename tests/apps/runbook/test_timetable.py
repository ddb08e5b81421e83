"""The day's steps as rows: laid before they are due, run once, missed and never run late."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from datetime import time as day_time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.admin import AdminSite
from django.contrib.auth import get_user_model
from django.db import connections
from django.test import RequestFactory, override_settings

from apps.broker.models import RestartWindow
from apps.desks.models import Account
from apps.journal import clock
from apps.journal.models import Entry
from apps.journal.ports import Actor
from apps.market.actions.override_session import OverrideRefused, lift_override, override_session
from apps.market.actions.save_sessions import SessionTold, save_sessions
from apps.market.admin import SessionOverrideAdmin
from apps.market.models import Session, SessionOverride
from apps.runbook.actions.move_step import Ended
from apps.runbook.models import DayStep
from apps.runbook.timetable import keep_timetable, walk_timetable, work_on
from tests.builders import make_desk, make_sessions
from tradingdesk.domain.market.timetable import Outcome

NEW_YORK = ZoneInfo("America/New_York")
WEDNESDAY = date(2026, 11, 18)
RISK = Actor("user", "rita")


def at(text: str, day: date = WEDNESDAY) -> datetime:
    return datetime.combine(day, datetime.strptime(text, "%H:%M").time(), NEW_YORK)


@contextmanager
def standing_at(moment: datetime) -> Iterator[datetime]:
    with override_settings(CLOCK=str(clock.Line(moment, 0.0, 0.0))):
        yield clock.now()


@pytest.fixture
def account(db: None) -> Account:
    with standing_at(at("06:00")):
        account = make_desk(port=4001)
        make_sessions(date(2026, 11, 16), 12)
        return account


class Works:
    """Every step's work: notes that it was called and says what it is told to say."""

    def __init__(self, **told: Any) -> None:
        self.called: list[str] = []
        self.told = told

    def table(self) -> Any:
        return dict.fromkeys(("submit", "close out", "clean up", "report"), self._work)

    def _work(self, step: DayStep, now: datetime) -> Ended | None:
        self.called.append(step.name)
        found = self.told.get(step.name.replace(" ", "_"), Ended(Outcome.DONE, "done"))
        if isinstance(found, Exception):
            raise found
        return found  # type: ignore[no-any-return]


def walk(works: Works, moment: datetime) -> None:
    with standing_at(moment) as now:
        keep_timetable(now)
        walk_timetable(now, works.table(), window=works._work)


def outcomes(**more: Any) -> dict[str, str]:
    return dict(DayStep.objects.filter(**more).order_by("due_at", "pk").values_list("name", "outcome"))


def test_the_rows_of_a_session_are_laid_before_any_is_due_and_laid_once(account: Account) -> None:
    for _ in range(3):
        walk(Works(), at("08:00"))
    told = {row.name: f"{row.due_at.astimezone(NEW_YORK):%H:%M}" for row in DayStep.objects.all()}
    assert told == {"submit": "09:35", "close out": "15:45", "clean up": "16:05", "report": "16:05"}
    assert Entry.objects.filter(verb="lay_steps").count() == 1
    assert set(outcomes().values()) == {""}


def test_each_step_runs_once_in_a_session_however_often_the_worker_looks(account: Account) -> None:
    works = Works()
    for minute in range(9 * 60, 17 * 60, 5):
        walk(works, at(f"{minute // 60:02}:{minute % 60:02}"))
    assert works.called == ["submit", "close out", "clean up", "report"]
    assert set(outcomes().values()) == {"done"}
    report = DayStep.objects.get(name="report")
    assert report.duration == timedelta(0) and report.started_at == at("16:05")


def test_g4_back_after_three_days_nothing_old_is_run_and_the_missed_days_are_listed(account: Account) -> None:
    works = Works()
    walk(works, at("16:30", date(2026, 11, 16)))
    works.called.clear()
    walk(works, at("14:00", date(2026, 11, 19)))
    assert works.called == ["submit"]
    missed = DayStep.objects.filter(outcome="missed", session_date__gt=date(2026, 11, 16))
    assert {(row.name, row.session_date.day) for row in missed} == {
        (name, day) for day in (17, 18) for name in ("submit", "close out", "clean up", "report")
    }
    line = Entry.objects.filter(verb="miss_steps").latest("sequence")
    assert line.reason_code == "STEP_MISSED" and "2026-11-17" in line.reason and "2026-11-18" in line.reason
    assert Entry.objects.filter(verb="miss_steps").count() == 2  # of the first day, and of the two others


def test_back_after_the_cut_off_the_close_out_is_missed_and_told(account: Account) -> None:
    works = Works()
    walk(works, at("09:36"))
    walk(works, at("15:50"))
    assert works.called == ["submit"]
    assert outcomes()["close out"] == "missed"
    walk(works, at("16:06"))
    assert works.called == ["submit", "clean up", "report"]


def test_what_has_begun_is_asked_until_it_ends_and_ends_once(account: Account) -> None:
    works = Works(submit=None)
    for _ in range(3):
        walk(works, at("09:36"))
    row = DayStep.objects.get(name="submit")
    assert works.called == ["submit"] * 3 and row.outcome == "" and row.started_at == at("09:36")
    works.told = {"submit": Ended(Outcome.NOTHING, "no plan came for today")}
    for _ in range(3):
        walk(works, at("09:41"))
    assert works.called == ["submit"] * 4
    row.refresh_from_db()
    assert (row.outcome, row.told, row.duration) == (
        "nothing to do", "no plan came for today", timedelta(minutes=5),
    )  # fmt: skip
    assert Entry.objects.filter(verb="begin_step").count() == Entry.objects.filter(verb="end_step").count()


def test_c9_a_step_whose_worker_was_killed_is_finished_by_the_next_and_not_begun_again(
    account: Account,
) -> None:
    class Killed(BaseException):
        """What a SIGKILL looks like from inside: nothing after it runs."""

    def die(step: DayStep, now: datetime) -> Ended | None:
        raise Killed

    with standing_at(at("16:06")) as now:
        keep_timetable(now)
        number = DayStep.objects.get(name="report").pk
        with pytest.raises(Killed):
            work_on(number, die, now)
        assert DayStep.objects.get(pk=number).started_at == now
    works = Works()
    walk(works, at("16:07"))
    walk(works, at("16:08"))
    assert works.called.count("report") == 1
    row = DayStep.objects.get(pk=number)
    assert row.outcome == "done" and row.started_at == at("16:06") and row.ended_at == at("16:07")


@pytest.mark.django_db(transaction=True)
def test_c9_two_workers_at_one_step_are_one_piece_of_work() -> None:
    with standing_at(at("16:06")) as now:
        make_desk(port=4001)
        make_sessions(date(2026, 11, 16))
        keep_timetable(now)
        number = DayStep.objects.get(name="report").pk
        inside, done, met = threading.Event(), [], threading.Event()

        def slow(step: DayStep, moment: datetime) -> Ended:
            inside.set()
            assert met.wait(10)
            done.append(1)
            return Ended(Outcome.DONE, "written")

        def first() -> None:
            work_on(number, slow, now)
            connections.close_all()

        thread = threading.Thread(target=first)
        thread.start()
        assert inside.wait(10)
        assert work_on(number, slow, now) is None
        met.set()
        thread.join(10)
        assert work_on(number, slow, now) is None
    assert done == [1] and Entry.objects.filter(verb="end_step").count() == 1


def test_work_that_breaks_again_and_again_is_given_up_with_its_reason(account: Account) -> None:
    works = Works(submit=ValueError("the disk is full"))
    for _ in range(25):
        walk(works, at("09:36"))
    row = DayStep.objects.get(name="submit")
    assert (row.outcome, row.reason_code, row.tries) == ("failed", "STEP_BROKEN", 20)
    assert "disk is full" in row.told and len(works.called) == 20


@pytest.mark.parametrize(
    ("day", "close"),
    [(date(2026, 11, 27), "13:00"), (date(2026, 11, 25), "16:00")],
)
def test_g2_a_half_day_moves_the_steps_with_its_close(account: Account, day: date, close: str) -> None:
    told = SessionTold(day, at("09:30", day), at(close, day), close != "16:00")
    with standing_at(at("08:00", day)) as now:
        save_sessions("XNYS", [told])
        keep_timetable(now)
    row = DayStep.objects.get(name="close out")
    assert row.due_at == at(close, day) - timedelta(minutes=15)
    assert row.deadline == at(close, day) - timedelta(minutes=10, seconds=30)


def test_g2_an_unscheduled_closure_takes_the_rows_back_and_a_later_word_brings_them(account: Account) -> None:
    walk(Works(), at("08:00"))
    with standing_at(at("08:10")) as now:
        row = override_session(
            "XNYS", WEDNESDAY, open_at=None, close_at=None, reason="a day of mourning", actor=RISK, now=now
        )
    walk(Works(), at("08:11"))
    assert outcomes() == {} and not Session.objects.filter(day=WEDNESDAY).exists()
    with standing_at(at("08:12")) as now:
        lift_override(row.pk, actor=RISK, now=now)
    walk(Works(), at("08:13"))
    assert set(outcomes()) == {"submit", "close out", "clean up", "report"}
    assert Session.objects.get(day=WEDNESDAY).close_at == at("16:00")


def test_an_early_close_by_an_operator_moves_what_has_not_begun(account: Account) -> None:
    works = Works()
    walk(works, at("09:36"))
    with standing_at(at("11:00")) as now:
        override_session(
            "XNYS", WEDNESDAY, open_at=None, close_at=at("13:00"), reason="power failure", actor=RISK, now=now
        )
    walk(works, at("11:01"))
    rows = {row.name: row for row in DayStep.objects.all()}
    assert rows["submit"].deadline == at("15:30") and rows["close out"].due_at == at("12:45")
    calendar = [SessionTold(WEDNESDAY, at("09:30"), at("16:00"), early=False)]
    assert save_sessions("XNYS", calendar) == 0
    assert Session.objects.get(day=WEDNESDAY).close_at == at("13:00")
    entry = Entry.objects.get(verb="override_session")
    assert (entry.actor, entry.reason) == ("rita", "power failure")


@pytest.mark.parametrize(
    ("hours", "code"),
    [
        ({"reason": "short"}, "OVERRIDE_UNEXPLAINED"),
        ({"close_at": at("09:00")}, "OVERRIDE_DISORDERED"),
        ({"day": date(2026, 11, 21)}, "OVERRIDE_NO_SESSION"),
    ],
)
def test_hours_that_cannot_be_are_refused(account: Account, hours: dict[str, Any], code: str) -> None:
    good: dict[str, Any] = {"open_at": None, "close_at": at("13:00"), "reason": "a power failure"}
    wanted = good | hours
    with pytest.raises(OverrideRefused) as refused:
        override_session("XNYS", wanted.pop("day", WEDNESDAY), actor=RISK, now=at("08:00"), **wanted)
    assert refused.value.reason.code == code


@pytest.mark.parametrize(
    "day", [date(2026, 3, 6), date(2026, 3, 9), date(2026, 10, 26), date(2026, 10, 30), date(2026, 11, 2)]
)
def test_g1_in_the_weeks_between_the_two_changes_of_clocks_the_steps_keep_the_exchange_s_time(
    account: Account, day: date
) -> None:
    make_sessions(day, 1)
    works = Works()
    walk(works, at("09:34", day))
    assert works.called == []
    for minute in ("09:35", "15:45", "16:05"):
        walk(works, at(minute, day))
    assert works.called == ["submit", "close out", "clean up", "report"]


def test_g6_a_worker_that_spans_midnight_keeps_each_day_s_rows_apart(account: Account) -> None:
    works = Works()
    for moment in (at("23:59"), at("00:01", date(2026, 11, 19)), at("00:02", date(2026, 11, 19))):
        walk(works, moment)
    days = DayStep.objects.values_list("session_date", flat=True)
    assert sorted(set(days)) == [WEDNESDAY, date(2026, 11, 19)] and len(days) == 8
    assert set(outcomes(session_date=WEDNESDAY).values()) == {"missed"}
    assert set(outcomes(session_date=date(2026, 11, 19)).values()) == {""}


def test_a_restart_window_is_a_row_that_nobody_is_alarmed_for_having_slept_through(account: Account) -> None:
    RestartWindow.objects.create(
        gateway=account.gateway, title="Nightly restart", starts=day_time(23, 45), ends=day_time(23, 59),
        time_zone="America/New_York", weekdays="1234567", enabled=True,
    )  # fmt: skip
    walk(Works(), at("08:00"))
    row = DayStep.objects.get(kind="window")
    assert (row.name, row.due_at) == ("Nightly restart", at("23:45"))
    walk(Works(), at("09:00", date(2026, 11, 19)))
    row.refresh_from_db()
    assert row.outcome == "skipped" and row.reason_code == ""


def test_other_hours_are_set_and_taken_back_in_the_admin_by_a_named_person(account: Account) -> None:
    site, request = AdminSite(), RequestFactory().post("/")
    request.user = get_user_model()(username="rita", is_superuser=True, is_staff=True, is_active=True)
    page = SessionOverrideAdmin(SessionOverride, site)
    told = {"calendar": "XNYS", "day": "2026-11-18", "closes": "13:00", "reason": "an early close, by notice"}
    with standing_at(at("08:00")):
        form = page.get_form(request)(told)
        assert form.is_valid(), form.errors
        row = form.save(commit=False)
        page.save_model(request, row, form, change=False)
        assert Session.objects.get(day=WEDNESDAY).close_at == at("13:00")
        again = page.get_form(request)(told)
        assert not again.is_valid() and "stand for that day already" in str(again.errors)
        assert not page.get_form(request)(told | {"closes": "", "day": "2026-11-19"}).is_valid()
        kept = SessionOverride.objects.get()
        lift = page.get_form(request, kept)({"take_back": "on"}, instance=kept)
        assert lift.is_valid()
        page.save_model(request, kept, lift, change=True)
    assert Session.objects.get(day=WEDNESDAY).close_at == at("16:00")
    kept.refresh_from_db()
    assert kept.lifted_by == "rita" and not page.has_change_permission(request, kept)
