from datetime import date, timedelta

import exchange_calendars
import pytest
import yaml

from apps.simgateway.data.loading import read
from apps.simgateway.exchange.instant import MINUTE, from_datetime
from apps.simgateway.exchange.sessions import Sessions
from apps.simgateway.management.commands.sim_calendars import CALENDARS, calendar_table
from tests.simgateway.market.conftest import utc

pytestmark = pytest.mark.filterwarnings("ignore:Series.values returning an ndarray")  # the package's own


@pytest.mark.parametrize("name", CALENDARS)
def test_the_shipped_table_is_what_the_calendars_package_says(name: str) -> None:
    shipped = read("sessions.yaml")[name]
    assert yaml.safe_load(yaml.safe_dump(calendar_table(name, shipped["first"], shipped["last"]))) == shipped


@pytest.mark.parametrize("name", ["XNYS", "XLON", "XETR"])
def test_every_third_day_opens_and_closes_when_the_calendar_does(name: str, sessions: Sessions) -> None:
    calendar = exchange_calendars.get_calendar(name, start="2024-01-01", end="2028-12-31")
    schedule = {
        day.date(): row
        for day, row in zip(calendar.schedule.index, calendar.schedule.itertuples(), strict=True)
    }
    day = date(2024, 1, 2)
    while day < date(2028, 12, 30):
        session, row = sessions.session(name, day), schedule.get(day)
        assert (session is None) == (row is None), day
        if session and row:
            expected = tuple(from_datetime(edge.to_pydatetime()) for edge in (row.open, row.close))
            assert (session.open, session.close) == expected, day
        day += timedelta(days=3)


def test_the_day_after_thanksgiving_closes_at_one(sessions: Sessions) -> None:
    session = sessions.session("XNYS", date(2026, 11, 27))
    assert session is not None
    assert session.early
    assert session.close == utc("2026-11-27 18:00")
    assert session.post == utc("2026-11-27 22:00")


def test_thanksgiving_has_no_session(sessions: Sessions) -> None:
    assert sessions.session("XNYS", date(2026, 11, 26)) is None
    assert sessions.state("XNYS", utc("2026-11-26 16:00")) == "closed"
    assert sessions.trading_day("XNYS", utc("2026-11-26 16:00")) == date(2026, 11, 27)


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        ("2026-11-20 08:59:59", "closed"),
        ("2026-11-20 09:00", "pre"),
        ("2026-11-20 14:29:59", "pre"),
        ("2026-11-20 14:30", "open"),
        ("2026-11-20 20:59:59", "open"),
        ("2026-11-20 21:00", "post"),
        ("2026-11-21 01:00", "closed"),
        ("2026-07-17 13:30", "open"),
    ],
)
def test_a_day_in_new_york_has_four_states(moment: str, state: str, sessions: Sessions) -> None:
    assert sessions.state("XNYS", utc(moment)) == state


def test_the_state_does_not_depend_on_what_was_asked_before(sessions: Sessions) -> None:
    later, earlier = utc("2026-11-23 15:00"), utc("2026-11-20 22:00")
    assert [sessions.state("XNYS", at) for at in (later, earlier, later)] == ["open", "post", "open"]


def test_a_futures_evening_belongs_to_the_next_day(sessions: Sessions) -> None:
    sunday = utc("2026-11-22 23:30")
    assert sessions.state("CMES", sunday) == "open"
    assert sessions.trading_day("CMES", sunday) == date(2026, 11, 23)
    assert sessions.state("CMES", utc("2026-11-20 22:30")) == "closed"


def test_currencies_trade_from_sunday_evening_to_friday_evening(sessions: Sessions) -> None:
    assert sessions.state("FX", utc("2026-11-22 22:30")) == "open"
    assert sessions.state("FX", utc("2026-11-21 12:00")) == "closed"
    assert sessions.next_open("FX", utc("2026-11-21 12:00")) == utc("2026-11-22 22:15")


def test_cutoffs_stand_before_the_close_also_on_a_half_day(sessions: Sessions) -> None:
    full, half = date(2026, 11, 20), date(2026, 11, 27)
    assert sessions.cutoff("NYSE", "MOC", full) == utc("2026-11-20 20:50")
    assert sessions.cutoff("NASDAQ", "MOC", full) == utc("2026-11-20 20:55")
    assert sessions.cutoff("NASDAQ", "MOC_CANCEL", full) == utc("2026-11-20 20:50")
    assert sessions.cutoff("ARCA", "LOC", half) == utc("2026-11-27 17:50")
    assert sessions.cutoff("NYSE", "OPG", full) == utc("2026-11-20 14:28")
    assert sessions.cutoff("NYSE", "MOC", date(2026, 11, 21)) is None
    assert sessions.cutoff("CME", "MOC", full) is None


def test_london_and_xetra_cross_their_close_five_minutes_later(sessions: Sessions) -> None:
    day = date(2026, 11, 20)
    assert sessions.auction("LSEETF", day, "close") == utc("2026-11-20 16:35")
    assert sessions.auction("IBIS2", day, "close") == utc("2026-11-20 16:35")
    assert sessions.auction("NYSE", day, "open") == utc("2026-11-20 14:30")
    assert sessions.auction("CFE", day, "close") is None


def test_edges_lead_through_the_day_and_over_the_weekend(sessions: Sessions) -> None:
    at, seen = utc("2026-11-20 12:00"), []
    for _ in range(4):
        at = sessions.next_edge("XNYS", at)
        seen.append(at)
    assert seen == [utc(f"2026-11-{text}") for text in ("20 14:30", "20 21:00", "21 01:00", "23 09:00")]


def test_hours_are_spelled_as_the_broker_does(sessions: Sessions) -> None:
    text = sessions.trading_hours_text("XNYS", date(2026, 11, 25), 4)
    assert text == ("20261125:0400-20261125:2000;20261126:CLOSED;20261127:0400-20261127:1700;20261128:CLOSED")
    assert sessions.liquid_hours_text("CMES", date(2026, 11, 23), 1) == "20261122:1700-20261123:1600"
    assert sessions.zone_id("XNYS") == "US/Eastern"


def test_the_preceding_session_skips_holidays(sessions: Sessions) -> None:
    assert sessions.preceding("XNYS", date(2026, 11, 27)).day == date(2026, 11, 25)
    assert sessions.following("XNYS", date(2026, 11, 25)).day == date(2026, 11, 27)


def test_a_day_in_new_york_is_six_and_a_half_hours_with_five_and_a_half_before(sessions: Sessions) -> None:
    session = sessions.session("XNYS", date(2026, 11, 20))
    assert session is not None
    assert session.close - session.open == 390 * MINUTE
    assert session.open - session.pre == 330 * MINUTE
