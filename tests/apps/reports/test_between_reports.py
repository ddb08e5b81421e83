"""What happens after a report, in the evening or over a weekend, stands in the next one, and in no other."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction
from django.test import Client

from apps.alerts.actions.end_alarm import acknowledge_alarm, end_alarm
from apps.alerts.actions.open_alarm import open_alarm
from apps.alerts.facts import Fact
from apps.alerts.models import Alarm
from apps.desks.models import Account
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import SYSTEM, Actor, Subject
from apps.reconciliation.models import Break, Run
from apps.reports.actions.close_report import close_report
from apps.reports.actions.reissue_report import reissue_report
from apps.reports.models import DayReport
from apps.reports.ports import ReportRefused
from tests.apps.dashboard.conftest import ann
from tests.builders import make_sessions
from tests.stations import Stations, at

__all__ = ["ann"]

ANN = Actor("user", "ann")
THURSDAY, FRIDAY, MONDAY = date(2026, 11, 19), date(2026, 11, 20), date(2026, 11, 23)


def told_at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 21, 5, tzinfo=UTC)


def report(account: Account, day: date) -> DayReport:
    with at(told_at(day)):
        return close_report(account, day, actor=SYSTEM, now=told_at(day))


def happen(account: Account, moment: datetime, text: str) -> None:
    """A person's act and an alarm of that moment."""
    subject = Subject("desks.account", str(account.pk))
    with at(moment), transaction.atomic():
        write_entry("change_limits", subject=subject, actor=ANN, account=account.code, reason=text)
        open_alarm(Fact(code="job-missed", subject=text, account=account.code, text=text))


def compared(account: Account, moment: datetime, level: str) -> None:
    Run.objects.create(account=account, about=Run.BOOKS, at=moment, level=level, differences=0)


def told(one: DayReport) -> tuple[list[str], list[str]]:
    acts, alarms = one.content["acts"]["rows"], one.content["alarms"]
    return [row["reason"] for row in acts], [row["text"] for row in alarms]


@pytest.fixture
def account(stations: Stations) -> Account:
    make_sessions(date(2026, 11, 16))
    make_sessions(MONDAY)
    return stations.account


EVENING = datetime(2026, 11, 20, 22, tzinfo=UTC)
SATURDAY = datetime(2026, 11, 21, 15, tzinfo=UTC)
SUNDAY = datetime(2026, 11, 22, 23, tzinfo=UTC)
FORENOON = datetime(2026, 11, 23, 16, tzinfo=UTC)


def test_each_act_and_alarm_stands_in_exactly_one_report(account: Account) -> None:
    report(account, THURSDAY)
    friday = report(account, FRIDAY)
    for moment, text in (
        (EVENING, "evening"),
        (SATURDAY, "Saturday"),
        (SUNDAY, "Sunday"),
        (FORENOON, "noon"),
    ):
        happen(account, moment, text)
    monday = report(account, MONDAY)
    assert told(friday) == ([], [])
    words = ["evening", "Saturday", "Sunday", "noon"]
    assert told(monday) == (words, words)


def test_a_re_issue_takes_nothing_from_the_next_report(account: Account) -> None:
    report(account, THURSDAY)
    report(account, FRIDAY)
    happen(account, SATURDAY, "Saturday")
    with at(FORENOON), pytest.raises(ReportRefused, match="stands as version 1"):
        reissue_report(account, FRIDAY, actor=ANN, reason="look again", now=FORENOON)


def test_a_session_whose_report_was_missed_leaves_what_happened_to_the_next_one(account: Account) -> None:
    report(account, THURSDAY)
    happen(account, told_at(FRIDAY), "Friday, and nobody was there to tell it")
    assert len(told(report(account, MONDAY))[0]) == 1


def test_what_was_before_the_first_report_of_all_is_its_own_day(account: Account) -> None:
    happen(account, datetime(2026, 11, 18, 15, tzinfo=UTC), "the day before")
    happen(account, datetime(2026, 11, 19, 5, 30, tzinfo=UTC), "after midnight in New York")
    assert told(report(account, THURSDAY))[0] == ["after midnight in New York"]


def test_a_halt_on_a_weekend_makes_the_next_session_unclean(account: Account) -> None:
    compared(account, told_at(THURSDAY), Run.PASS)
    report(account, THURSDAY)
    compared(account, EVENING.replace(hour=16), Run.PASS)
    friday = report(account, FRIDAY)
    compared(account, SATURDAY, Run.HALT)
    compared(account, FORENOON, Run.PASS)
    monday = report(account, MONDAY)
    assert [one.summary["reconciled"] for one in (friday, monday)] == [True, False]


def test_a_case_that_began_and_ended_on_a_weekend_stands_in_the_next_report(account: Account) -> None:
    report(account, THURSDAY)
    friday = report(account, FRIDAY)
    Break.objects.create(
        account=account, kind="cash_amount", key="USD", severity="low", state="closed", source="broker",
        trading_day=SATURDAY.date(), title="Cash USD", ours="1", theirs="2", cause="", closure="matched",
        opened_at=SATURDAY, seen_at=SATURDAY, closed_at=SUNDAY,
    )  # fmt: skip
    monday = report(account, MONDAY)
    cases = [len(one.content["reconciliation"]["breaks"]) for one in (friday, monday)]
    assert cases == [0, 1]


def test_an_alarm_stands_with_who_took_it_on_and_how_often_it_came(account: Account) -> None:
    report(account, THURSDAY)
    fact = Fact(code="link-down", subject="1", text="The socket closed.")
    with at(SATURDAY):
        open_alarm(fact)
    with at(SATURDAY + timedelta(minutes=2)):
        acknowledge_alarm(Alarm.objects.get().pk, actor=SYSTEM)
        end_alarm(Alarm.objects.get().pk)
    with at(SATURDAY + timedelta(minutes=3)):
        open_alarm(fact)
    (alarm,) = report(account, MONDAY).content["alarms"]
    assert (alarm["code"], alarm["severity"], alarm["times"]) == ("link-down", "critical", 2)
    assert alarm["ended_at"] is None, "it came back, and stands"
    assert alarm["acknowledged_by"] == SYSTEM.name and alarm["at"].startswith("2026-11-21T15:00")


@pytest.mark.usefixtures("ann")
def test_the_page_tells_the_date_of_what_was_before_the_session(account: Account, client: Client) -> None:
    report(account, FRIDAY)
    happen(account, SUNDAY, "a file was refused")
    report(account, MONDAY)
    page = client.get(f"/reports/{account.pk}/{MONDAY}/").content.decode()
    assert page.count("22 Nov 18:00:00") == 2 and "Background job missed" in page
    assert "1 alarm<" in page
