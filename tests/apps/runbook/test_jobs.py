"""Jobs: done as often as meant, however often they are delivered; nothing to do is an outcome too."""

import threading
import time
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test import override_settings
from django_q.models import OrmQ, Schedule

from apps.journal.models import Entry
from apps.market.models import Session
from apps.runbook import jobs
from apps.runbook.actions.keep_schedules import keep_schedules
from apps.runbook.actions.run_job import run_job
from apps.runbook.management.commands.run_worker import WAITING_AT_MOST, poke
from apps.runbook.models import JobRun

DAY = date(2026, 11, 18)


def test_a_job_of_the_day_is_done_once(db: None) -> None:
    done: list[int] = []
    for _ in range(3):
        run_job("report", lambda: done.append(1) or "sent", day=DAY)  # type: ignore[func-returns-value]
    run_job("report", lambda: done.append(2) or "sent", day=date(2026, 11, 19))  # type: ignore[func-returns-value]
    assert done == [1, 2]
    assert [(run.outcome, run.told, run.runs) for run in JobRun.objects.all()] == [("done", "sent", 1)] * 2


def test_nothing_to_do_is_kept_and_not_done_again(db: None) -> None:
    assert run_job("look", lambda: "", day=DAY).outcome == "nothing"  # type: ignore[union-attr]
    assert run_job("look", lambda: "late", day=DAY) is None


def test_a_chore_comes_back_and_what_it_did_last_stays_readable(db: None) -> None:
    for told in ("took a file", "", ""):
        run_job("take", lambda told=told: told, day=DAY, again=True)  # type: ignore[misc]
    run = JobRun.objects.get()
    assert (run.runs, run.outcome, run.told) == (3, "nothing", "took a file")
    assert run.worked_at is not None and run.ended_at is not None and run.worked_at <= run.ended_at


def test_a_broken_job_leaves_its_reason_and_may_run_again(db: None) -> None:
    def break_down() -> str:
        raise ValueError("the disk is full")

    with pytest.raises(ValueError, match="disk"):
        run_job("report", break_down, day=DAY)
    assert "disk is full" in JobRun.objects.get(outcome="failed").told
    assert run_job("report", lambda: "sent", day=DAY).outcome == "done"  # type: ignore[union-attr]


@pytest.mark.django_db(transaction=True)
def test_two_deliveries_at_once_are_one_piece_of_work() -> None:
    done, together, out = [], threading.Barrier(2), []

    def work() -> str:
        done.append(1)
        time.sleep(0.4)
        return "sent"

    def deliver() -> None:
        together.wait(10)
        out.append(run_job("report", work, day=DAY))
        connections.close_all()

    threads = [threading.Thread(target=deliver) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert done == [1] and sum(run is None for run in out) == 1
    assert JobRun.objects.get().runs == 1


def test_schedules_are_what_the_settings_say_however_often_the_worker_starts(db: None) -> None:
    Schedule.objects.create(name="planted", func="os.system")
    assert set(keep_schedules()) == {*settings.SCHEDULES, "planted"}
    assert keep_schedules() == []
    Schedule.objects.filter(name="apps.runbook.jobs.keep_house").update(func="os.system", minutes=1)
    assert keep_schedules() == ["apps.runbook.jobs.keep_house"]
    told = dict(Schedule.objects.values_list("name", "minutes"))
    assert told == settings.SCHEDULES
    assert all(row.func == row.name for row in Schedule.objects.all())
    assert Entry.objects.filter(verb="keep_schedules").count() == 2


def test_a_queue_that_stands_still_does_not_grow(db: None) -> None:
    assert [poke() for _ in range(5)] == [True] * WAITING_AT_MOST + [False] * (5 - WAITING_AT_MOST)
    assert OrmQ.objects.count() == WAITING_AT_MOST * len(settings.EVERY_SECOND)


def test_the_house_is_kept_once_a_day_and_the_calendars_reach_ahead(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []
    monkeypatch.setattr(jobs.subprocess, "run", lambda words, **_: asked.append(words))
    with override_settings(CLOCK="2026-11-18T15:00:00+00:00@0x0"):
        jobs.keep_house()
        jobs.keep_house()
        assert [words[-1] for words in asked] == ["refresh_calendars"]
        call_command("refresh_calendars", "XNYS", stdout=StringIO())
        assert Session.objects.count() > 200
        assert jobs.refresh_calendars(jobs.clock.now()) == ""


def test_a_backup_is_taken_once_a_day_and_tried_once_a_month(
    db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TRADINGDESK_BACKUPS", str(tmp_path))
    jobs.keep_backups()
    jobs.keep_backups()
    assert len(list(tmp_path.glob("*.dump"))) == 1
    told = dict(JobRun.objects.filter(kind__in=["back_up", "try_restore"]).values_list("kind", "outcome"))
    assert told == {"back_up": JobRun.DONE, "try_restore": JobRun.DONE}
