"""Once a day's result is told, prices, rates and accruals move the next session's and no more its own."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from apps.broker.ports import MoneyTold
from apps.journal import clock
from apps.journal.models import Entry
from apps.ledger.actions.adopt import adopt_position
from apps.ledger.actions.book_broker import book_money
from apps.ledger.actions.book_day import book_days
from apps.ledger.actions.snapshot_nav import snapshot_nav
from apps.ledger.books import nav_now
from apps.ledger.dayreading import read_day, total_of
from apps.ledger.models import Adoption, BookDay, Fill, NavSnapshot
from apps.ledger.results import earned, earned_in, periods
from apps.market.models import DayMark
from apps.market.queries import counted_day, priced_day
from tests.apps.ledger.test_results import TRADER, open_books, tell_rate, trade
from tests.builders import make_sessions
from tests.stations import OPENING, TODAY, Stations, at

D = Decimal
CLOSE = datetime(2026, 11, 18, 21, 0, tzinfo=UTC)
TOLD = CLOSE + timedelta(minutes=5)
THURSDAY, FRIDAY, SATURDAY, MONDAY = (date(2026, 11, day) for day in (19, 20, 21, 23))


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
    assert [before[1] for before in closings[:2]] == [after[0] for after in closings[1:]]


SUNDAY_EVENING = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # futures trade again


@pytest.mark.parametrize("kind", ["STK", "FUT"])
def test_what_is_traded_where_the_exchange_does_not_open_is_the_next_session_s(
    held: Stations, kind: str
) -> None:
    """A report for each session, and nothing between them: their results add up to all there is."""
    held.contract("ESZ", sec_type=kind)
    price(held, "40", "ESZ")
    book(held)
    for day in (THURSDAY, FRIDAY):
        with at(noon(day) + timedelta(hours=4)):
            book(held)
    for moment, exec_id in ((noon(SATURDAY), "0002.01.01"), (SUNDAY_EVENING, "0003.01.01")):
        with at(moment):
            trade(held, "ESZ", exec_id, "10", price="50", time=moment.isoformat())
            held.hear("commission", exec_id=exec_id, commission="3", currency="USD")
            price(held, "52", "ESZ")
            book(held)
            snapshot_nav(held.account, moment)
            shown = earned_in(read_day(held.account, MONDAY, moment), by="cause")
        assert result(held, MONDAY) == shown
    assert shown == {"price": D(40), "fee": D(-6)}
    assert set(Fill.objects.filter(contract__symbol="ESZ").values_list("trading_day", flat=True)) == {MONDAY}
    assert set(NavSnapshot.objects.values_list("trading_day", flat=True)) == {MONDAY}
    with at(noon(MONDAY) + timedelta(hours=4)):
        price(held, "55", "ESZ")
        book(held)
        nav = nav_now(held.account, clock.now()).total
    days = [(row.opening, row.closing) for row in BookDay.objects.order_by("trading_day")]
    assert len(days) == 4 and days[-1][1] == nav
    sessions = (TODAY, THURSDAY, FRIDAY, MONDAY)
    told = [total_of(result(held, day).values()) or D(0) for day in sessions]
    assert told[-1] == D(94) and sum(told, start=D(100_000)) == nav


def test_a_future_that_is_adopted_on_a_weekend_opens_at_what_was_adopted(held: Stations) -> None:
    future = held.contract("ESF", sec_type="FUT")
    price(held, "40", "ESF")
    with at(noon(SATURDAY)):
        cost, why = D(38), "held before"
        adopt_position(
            held.account, future, quantity=D(2), average_cost=cost, reason=why, actor=TRADER, now=clock.now()
        )
        trade(held, "ESF", "0004.01.01", "1", price="39")
        price(held, "41", "ESF")
        book(held)
    with at(noon(MONDAY)):
        book(held)
    assert Adoption.objects.get(contract__symbol="ESF").trading_day == MONDAY
    assert result(held, MONDAY)["price"] == D(2) + D(2)


@pytest.mark.parametrize(
    ("day", "counts_to"),
    [
        (FRIDAY, FRIDAY),
        (SATURDAY, MONDAY),
        (MONDAY, MONDAY),
        (MONDAY + timedelta(days=5), MONDAY + timedelta(days=5)),  # the table of sessions ends before
        (date(2026, 11, 14), date(2026, 11, 14)),  # and begins after
        (date(2020, 5, 5), date(2020, 5, 5)),
    ],
)
def test_a_date_without_a_session_counts_to_the_next_one(
    stations: Stations, day: date, counts_to: date
) -> None:
    make_sessions(TODAY - timedelta(days=2), days=3)
    make_sessions(MONDAY)
    assert counted_day(day) == counts_to


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
    assert result(stations, SATURDAY) == {} and None not in result(stations, MONDAY).values()
    with at(noon(MONDAY)):
        tell_rate(stations, "GBP", "1.30")
        price(stations, "810", "ISF")
        book(stations)
    assert None not in result(stations, MONDAY).values()
