"""Once a day's result is told, prices, rates and accruals move the next session's and no more its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import override_settings

from apps.broker.ports import MoneyTold
from apps.journal import clock
from apps.journal.models import Entry
from apps.ledger.actions.book_broker import book_money
from apps.ledger.actions.book_day import book_days
from apps.ledger.books import nav_now
from apps.ledger.dayreading import read_day
from apps.ledger.models import BookDay
from apps.ledger.results import earned, earned_in, periods
from apps.market.models import DayMark
from apps.market.queries import priced_day
from tests.apps.ledger.test_results import open_books, tell_rate, trade
from tests.builders import make_sessions
from tests.stations import OPENING, TODAY, Stations, clock_line

D = Decimal
CLOSE = datetime(2026, 11, 18, 21, 0, tzinfo=UTC)
TOLD = CLOSE + timedelta(minutes=5)
THURSDAY, FRIDAY, SATURDAY, MONDAY = (date(2026, 11, day) for day in (19, 20, 21, 23))


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    with override_settings(CLOCK=clock_line(moment)):
        yield


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 17, tzinfo=UTC)


def price(stations: Stations, amount: str, symbol: str = "WEC") -> None:
    stations.quote(symbol, bid=D(amount), ask=D(amount))


def book(stations: Stations) -> None:
    book_days(stations.account, clock.now())


def result(stations: Stations, day: date = TODAY) -> dict[str, Decimal | None]:
    return earned(stations.account.pk, day, day, by="cause")


@pytest.fixture
def held(stations: Stations) -> Stations:
    """Thirty bought at 100, a week and a half of sessions."""
    make_sessions(MONDAY)
    open_books(stations)
    trade(stations, "WEC", "0001.01.01", "30")
    stations.hear("commission", exec_id="0001.01.01", commission="1", currency="USD")
    price(stations, "101")
    book(stations)
    return stations


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (CLOSE, TODAY),
        (TOLD - timedelta(seconds=1), TODAY),
        (TOLD, THURSDAY),
        (noon(FRIDAY) + timedelta(hours=12), MONDAY),
        (noon(SATURDAY), MONDAY),
        (
            datetime(2020, 5, 5, 12, tzinfo=UTC),
            date(2020, 5, 5),
        ),  # the table of sessions does not reach there
        (datetime(2030, 5, 5, 12, tzinfo=UTC), date(2030, 5, 5)),
    ],
)
def test_a_price_counts_to_the_session_whose_result_is_not_told_yet(
    stations: Stations, moment: datetime, day: date
) -> None:
    make_sessions(MONDAY)
    assert priced_day(moment) == day


def test_what_happens_after_hours_is_the_next_session_s(held: Stations) -> None:
    for moment, amount in (
        (TOLD, "103"),
        (TOLD + timedelta(minutes=1), "104"),
        (TOLD + timedelta(hours=4), "110"),
    ):
        with at(moment):
            price(held, amount)
            book(held)
            shown = earned_in(read_day(held.account, TODAY, clock.now()), by="cause")
        assert result(held) == shown == {"price": D(90), "fee": D(-1)}
    with at(noon(THURSDAY)):
        price(held, "110")
        book(held)
        nav = nav_now(held.account, clock.now()).total
    assert result(held, THURSDAY) == {"price": D(210)}
    first, second = BookDay.objects.order_by("trading_day")
    assert first.closing == second.opening == D(100_089) and second.closing == nav
    assert first.restated == 0


def test_a_fee_that_is_told_after_the_result_restates_the_day_the_same_evening(held: Stations) -> None:
    with at(TOLD):
        price(held, "103")
        trade(held, "WEC", "0002.01.01", "1", price="103", time=OPENING.isoformat())
        book(held)
        book(held)
        assert BookDay.objects.get().restated == 0
        held.hear("commission", exec_id="0002.01.01", commission="2", currency="USD")
        book(held)
    assert BookDay.objects.get().restated == 1 and result(held) == {"price": D(90), "fee": D(-3)}
    assert Entry.objects.filter(verb="restate_day").count() == 1


def test_a_worker_that_was_away_at_the_close_values_the_day_once_when_it_is_back(held: Stations) -> None:
    for moment, amount in ((TOLD + timedelta(hours=1), "105"), (TOLD + timedelta(hours=2), "109")):
        with at(moment):
            price(held, amount)
            book(held)
        assert result(held) == {"price": D(150), "fee": D(-1)}
    assert DayMark.objects.get().settled


def test_a_page_that_is_opened_before_the_worker_is_back_shows_the_price_of_now(held: Stations) -> None:
    with at(TOLD + timedelta(hours=1)):
        price(held, "105")
        assert earned_in(read_day(held.account, TODAY, clock.now()), by="cause")["price"] == D(150)
    assert not DayMark.objects.get().settled


def test_a_weekend_has_no_result_by_price_and_monday_has_all_of_it(held: Stations) -> None:
    with at(noon(FRIDAY)):
        price(held, "102")
        book(held)
    with at(noon(FRIDAY) + timedelta(hours=5)):
        book(held)
    for moment, amount in ((noon(SATURDAY), "120"), (noon(SATURDAY) + timedelta(days=1), "90")):
        with at(moment):
            price(held, amount)
            book(held)
    with at(noon(MONDAY)):
        price(held, "103")
        book(held)
        total = periods(held.account.pk, MONDAY)[-1].total
    assert [result(held, one).get("price", D(0)) for one in (SATURDAY, MONDAY)] == [D(0), D(30)]
    assert total == D(89)
    closings = BookDay.objects.order_by("trading_day").values_list("opening", "closing")
    assert [before[1] for before in closings[:4]] == [after[0] for after in closings[1:]]


def test_what_is_bought_where_the_exchange_does_not_open_is_valued_once(held: Stations) -> None:
    price(held, "40", "ESZ")
    book(held)
    with at(noon(SATURDAY)):
        trade(held, "ESZ", "0002.01.01", "10", price="50")
        for amount in ("51", "55"):
            price(held, amount, "ESZ")
            book(held)
        assert result(held, SATURDAY)["price"] == D(10)


def test_rates_and_accruals_told_after_the_close_are_the_next_session_s(held: Stations) -> None:
    held.contract("ISF", currency="GBP", price_magnifier=100)
    tell_rate(held, "GBP", "1.20")
    trade(held, "ISF", "0003.01.01", "1000", price="800")
    price(held, "900", "ISF")
    with at(TOLD):
        price(held, "900", "ISF")
        book(held)
    told = result(held)
    assert told == {"price": D(30) + D(1200), "fee": D(-1)}
    with at(TOLD + timedelta(hours=3)):
        tell_rate(held, "GBP", "1.50")
        accrued = MoneyTold(account=held.account.code, tag="AccruedCash", currency="USD", value=D(7))
        book_money(held.account.gateway, [accrued], clock.now())
        book(held)
        assert result(held) == told
    with at(noon(THURSDAY)):
        tell_rate(held, "GBP", "1.50")
        price(held, "900", "ISF")
        book(held)
    assert result(held, THURSDAY) == {"fx": D(300), "accrual": D(7)}


def test_an_account_that_begins_on_a_weekend_knows_its_rates(stations: Stations) -> None:
    make_sessions(MONDAY)
    stations.contract("ISF", currency="GBP", price_magnifier=100)
    for moment in (noon(SATURDAY), noon(SATURDAY) + timedelta(hours=1)):
        with at(moment):
            open_books(stations)
            tell_rate(stations, "GBP", "1.20")
            trade(stations, "ISF", f"000{moment.hour % 10}.01.01", "100", price="800")
            price(stations, "810", "ISF")
            book(stations)
    assert None not in result(stations, SATURDAY).values()
    with at(noon(MONDAY)):
        tell_rate(stations, "GBP", "1.30")
        price(stations, "810", "ISF")
        book(stations)
    assert None not in result(stations, MONDAY).values() and None not in result(stations, SATURDAY).values()
