"""The table of sessions: filled from the calendars, half days and all, and only what changed is written."""

from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from apps.journal.clock import Line
from apps.journal.models import Entry
from apps.market.actions.save_sessions import SessionTold, save_sessions
from apps.market.models import Session
from tests.database import ROOT


def told(day: int, hour: int = 21) -> SessionTold:
    opens, closes = datetime(2026, 11, day, 14, 30, tzinfo=UTC), datetime(2026, 11, day, hour, tzinfo=UTC)
    return SessionTold(date(2026, 11, day), opens, closes, hour < 21)


def test_new_york_has_its_half_day_after_thanksgiving(db: None) -> None:
    with override_settings(CLOCK=str(Line(datetime(2026, 11, 18, 14, tzinfo=UTC), 0.0, 0.0))):
        call_command("refresh_calendars", "XNYS", stdout=StringIO())
    half = Session.objects.get(calendar="XNYS", day=date(2026, 11, 27))
    assert half.early and half.close_at == datetime(2026, 11, 27, 18, tzinfo=UTC)
    assert not Session.objects.filter(day=date(2026, 11, 26)).exists()
    assert Session.objects.get(day=date(2026, 11, 18)).open_at == datetime(2026, 11, 18, 14, 30, tzinfo=UTC)


def test_a_second_look_at_the_same_calendar_writes_nothing(db: None) -> None:
    assert save_sessions("XNYS", [told(18), told(19)]) == 2
    assert save_sessions("XNYS", [told(18), told(19)]) == 0
    assert Entry.objects.filter(verb="save_sessions").count() == 1


def test_a_session_that_vanished_is_removed_and_one_that_moved_is_moved(db: None) -> None:
    save_sessions("XNYS", [told(18), told(19), told(20)])
    assert save_sessions("XNYS", [told(18), told(20, hour=18)]) == 2
    assert [row.day.day for row in Session.objects.order_by("day")] == [18, 20]
    assert Session.objects.get(day=date(2026, 11, 20)).early


def test_a_calendar_that_tells_nothing_changes_nothing(db: None) -> None:
    save_sessions("XNYS", [told(18)])
    assert save_sessions("XNYS", []) == 0 and Session.objects.count() == 1


def test_an_unknown_calendar_is_named(db: None) -> None:
    with pytest.raises(CommandError, match="NOWHERE"):
        call_command("refresh_calendars", "NOWHERE")


def test_the_calendars_library_is_imported_in_one_place_only() -> None:
    users = {
        str(path.relative_to(ROOT))
        for folder in ("apps", "tradingdesk")
        for path in Path(ROOT / folder).rglob("*.py")
        if "import exchange_calendars" in path.read_text()
    }
    assert users <= {
        "apps/market/management/commands/refresh_calendars.py",
        "apps/simgateway/management/commands/sim_calendars.py",
    }
