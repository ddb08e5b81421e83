"""The broker's hours beside the calendar's: told when they differ, once, and nothing is moved by it."""

from datetime import date, timedelta

import pytest

from apps.alerts.models import Alarm
from apps.alerts.sources import read_journal
from apps.journal.models import Entry
from apps.market.actions.check_hours import check_hours
from apps.market.models import Session
from tests.stations import TODAY, Stations, stations
from tradingdesk.domain.market.brokerhours import told_hours

__all__ = ["stations"]
ZONE = "US/Eastern"
USUAL = "20261118:0930-20261118:1600;20261119:0930-20261119:1600"


def test_hours_that_agree_say_nothing(stations: Stations) -> None:
    assert check_hours(stations.contract("WEC"), f"{USUAL};20261121:CLOSED", ZONE) == []
    assert not Entry.objects.filter(verb="hours_differ").exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("20261118:0930-20261118:1300", "14:30–18:00 UTC"),
        ("20261118:CLOSED", "the broker names no hours"),
        ("20261118:1030-20261118:1600", "15:30–21:00 UTC"),
    ],
)
def test_a_half_day_that_our_calendar_does_not_know_is_an_alarm_once_and_moves_nothing(
    stations: Stations, text: str, words: str
) -> None:
    read_journal()  # from here on
    before = list(Session.objects.values_list("day", "close_at"))
    for symbol in ("WEC", "NEE", "WEC"):
        ((day, reason),) = check_hours(stations.contract(symbol), text, ZONE)
        assert day == TODAY and reason.code.startswith("HOURS_") and words in reason.text
    assert Entry.objects.filter(verb="hours_differ").count() == 1
    read_journal()
    alarm = Alarm.objects.get(code="hours-differ")
    assert words in alarm.text and alarm.subject == f"XNYS:{TODAY}"
    assert list(Session.objects.values_list("day", "close_at")) == before


def test_a_holiday_on_which_the_broker_trades_is_told(stations: Stations) -> None:
    Session.objects.filter(day=TODAY).delete()
    ((day, reason),) = check_hours(stations.contract("WEC"), USUAL, ZONE)
    assert day == TODAY and reason.text.startswith("calendar closed")


@pytest.mark.parametrize("text", ["", "nonsense", "20261118:0930-later", "20261118:1600-20261118:0930"])
def test_what_cannot_be_read_is_no_opinion(stations: Stations, text: str) -> None:
    assert check_hours(stations.contract("WEC"), text, ZONE) == []
    assert check_hours(stations.contract("WEC"), USUAL, "Nowhere/At all") == []


def test_two_parts_of_a_day_are_one_day_from_first_to_last() -> None:
    hours = told_hours("20261118:0930-20261118:1200;20261118:1300-20261118:1600", ZONE)[date(2026, 11, 18)]
    assert hours is not None and hours.close_at - hours.open_at == timedelta(hours=6, minutes=30)
