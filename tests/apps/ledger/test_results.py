"""Days of the books: taken apart by cause, restated in sight, never other than the evidence makes them."""

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import override_settings

from apps.broker.ports import MoneyTold
from apps.journal import clock
from apps.journal.models import Entry
from apps.journal.ports import Actor
from apps.ledger.actions.adopt import adopt_cash, adopt_position
from apps.ledger.actions.book_broker import book_money
from apps.ledger.actions.book_day import book_days
from apps.ledger.books import cash_of, nav_now
from apps.ledger.dayreading import read_day
from apps.ledger.daysums import sums_of
from apps.ledger.models import BookDay, CashBalance, CashEntry, Position, ResultPart
from apps.ledger.rebuilding import differences
from apps.ledger.results import earned, from_outside, periods
from apps.market.models import FxRate, LastQuote
from apps.runbook import booking
from tests.stations import OPENING, TODAY, Stations, clock_line

D = Decimal
TRADER = Actor("user", "trader")
TOMORROW = TODAY + timedelta(days=1)


def tell_rate(stations: Stations, currency: str, value: str) -> None:
    told = MoneyTold(account=stations.account.code, tag="ExchangeRate", currency=currency, value=D(value))
    book_money(stations.account.gateway, [told], clock.now())


def open_books(stations: Stations, amount: str = "100000") -> None:
    adopt_cash(stations.account, "USD", amount=D(amount), reason="opening", actor=TRADER, now=OPENING)


def trade(stations: Stations, symbol: str, exec_id: str, quantity: str, **more: str) -> None:
    contract = stations.contract(symbol)
    body = {"con_id": str(contract.con_id), "symbol": symbol, "sec_type": contract.sec_type}
    body |= {"currency": contract.currency, "time": (clock.now() + timedelta(seconds=1)).isoformat()}
    stations.executed(exec_id, quantity, **(body | more))


def day(stations: Stations, which: date = TODAY) -> dict[str, Decimal | None]:
    return earned(stations.account.pk, which, which, by="cause")


def tomorrow() -> override_settings:
    return override_settings(CLOCK=clock_line(OPENING + timedelta(days=1)))


def test_a_day_is_price_and_fees_and_what_was_adopted_is_no_gain(stations: Stations) -> None:
    open_books(stations)
    trade(stations, "WEC", "0001.01.01", "30")
    stations.hear("commission", exec_id="0001.01.01", commission="1", currency="USD")
    stations.quote("WEC", bid=D(102), ask=D(104))
    book_days(stations.account, clock.now())
    assert day(stations) == {"price": D(90), "fee": D(-1)}
    assert from_outside(stations.account.pk, TODAY, TODAY) == {"adoption": D(100_000)}
    row = BookDay.objects.get()
    assert (row.opening, row.closing, row.provisional) == (0, D(100_089), False)


def test_selling_what_was_adopted_realizes_against_the_adopted_cost(stations: Stations) -> None:
    open_books(stations)
    contract = stations.contract("WEC")
    stations.quote("WEC", bid=D(110), ask=D(110))
    adopt_position(
        stations.account, contract, quantity=D(30), average_cost=D(100), reason="held before", actor=TRADER,
        now=OPENING,
    )  # fmt: skip
    trade(stations, "WEC", "0001.01.01", "10", side="SLD", price="110")
    sums = sums_of(read_day(stations.account, TODAY, clock.now()), "contract")
    assert sums[contract.pk].realized == [D(100)]


def test_a_day_without_a_commission_is_provisional(stations: Stations) -> None:
    open_books(stations)
    trade(stations, "WEC", "0001.01.01", "30")
    stations.quote("WEC")
    book_days(stations.account, clock.now())
    assert [code for code, _ in BookDay.objects.get().reasons] == ["FEE_PENDING"]


def test_the_next_day_begins_where_the_last_one_ended_and_the_rate_has_its_part(stations: Stations) -> None:
    open_books(stations)
    stations.contract("ISF", currency="GBP", price_magnifier=100)
    tell_rate(stations, "GBP", "1.20")
    trade(stations, "ISF", "0001.01.01", "1000", price="800")
    stations.quote("ISF", bid=D(800), ask=D(800))
    book_days(stations.account, clock.now())
    with tomorrow():
        tell_rate(stations, "GBP", "1.30")
        stations.quote("ISF", bid=D(812), ask=D(812))
        book_days(stations.account, clock.now())
        nav = nav_now(stations.account, clock.now())
    assert day(stations, TOMORROW) == {"price": D(156), "fx": D(0)}  # the pounds owed pay for those held
    first, second = BookDay.objects.order_by("trading_day")
    assert first.closing == second.opening and second.closing == nav.total == D(100_156)
    month = next(one for one in periods(stations.account.pk, TOMORROW) if one.title == "Month")
    assert month.total == D(156)


def test_a_late_fee_and_a_bust_restate_the_day_that_was_over(stations: Stations) -> None:
    open_books(stations)
    trade(stations, "WEC", "0001.01.01", "30")
    stations.quote("WEC", bid=D(103), ask=D(103))
    traded_at = CashEntry.objects.get(cause="trade").at.isoformat()
    book_days(stations.account, clock.now())
    with tomorrow():
        stations.quote("WEC", bid=D(103), ask=D(103))
        book_days(stations.account, clock.now())
        stations.hear("commission", exec_id="0001.01.01", commission="1.5", currency="USD")
        book_days(stations.account, clock.now())
        assert day(stations) == {"price": D(90), "fee": D("-1.5")}
        trade(stations, "WEC", "0001.01.02", "0", price="0", time=traded_at)
        book_days(stations.account, clock.now())
    assert day(stations) == {}
    row = BookDay.objects.get(trading_day=TODAY)
    assert (row.restated, row.provisional, row.closing) == (2, False, D(100_000))
    lines = Entry.objects.filter(verb="restate_day").order_by("pk").values_list("before", "after")
    assert [(before["net"], after["net"]) for before, after in lines] == [
        ("90.00000000", "88.50000000"),
        ("88.50000000", "0"),
    ]


def test_an_unknown_price_leaves_the_day_unknown_and_says_which(stations: Stations) -> None:
    open_books(stations)
    trade(stations, "WEC", "0001.01.01", "30")
    book_days(stations.account, clock.now())
    assert day(stations) == {"price": None}
    assert BookDay.objects.get().closing is None
    assert ["MARK_MISSING", "WEC has no price"] in BookDay.objects.get().reasons


@pytest.mark.parametrize("seed", range(4))
def test_the_books_kept_are_the_books_that_the_evidence_makes(stations: Stations, seed: int) -> None:
    """Executions, corrections, busts, fees early, late and twice, adoptions between them, in any order."""
    chance = random.Random(seed)
    kinds = _stage(stations)
    said = _story(chance, kinds, seed)
    for place, (symbol, body) in enumerate(said):
        fee = {"commission": str(chance.choice(["1.05", "-0.2", "-1"])), "currency": "USD"}
        if chance.random() < 0.5:
            stations.hear("commission", exec_id=body["exec_id"], **fee)
        trade(stations, symbol, **body)
        if place == 12:
            _adopt_something(stations)
    assert list(differences(stations.account)) == []
    for balance in CashBalance.objects.all():
        total = sum(entry.amount for entry in CashEntry.objects.filter(currency=balance.currency))
        assert total == balance.amount
    _parts_are_the_whole(stations)


def _story(chance: random.Random, kinds: list[str], seed: int) -> list[tuple[str, dict[str, str]]]:
    said: list[tuple[str, dict[str, str]]] = []
    for number in range(24):
        root = number if chance.random() < 0.6 else number // 2
        body = {
            "exec_id": f"{seed:04}.{root:02}.{chance.randint(1, 3):02}",
            "quantity": "0" if chance.random() < 0.1 else str(chance.randint(1, 40)),
            "time": (OPENING + timedelta(seconds=chance.randint(-300, 300))).isoformat(),
            "price": str(chance.randint(9000, 11000) / 100),
            "side": chance.choice(["BOT", "SLD"]),
        }
        said.append((kinds[root % len(kinds)], body))
        if chance.random() < 0.3:
            said.append(chance.choice(said))
    return said


def _stage(stations: Stations) -> list[str]:
    stations.contract("ISF", currency="GBP", price_magnifier=100)
    stations.contract("FESX", sec_type="FUT", currency="EUR", multiplier=D(10))
    stations.contract("EUR", sec_type="CASH")
    for symbol in ("WEC", "ISF", "FESX"):
        stations.quote(symbol, bid=D(101), ask=D(101))
    for currency, value in (("GBP", "1.25"), ("EUR", "1.08")):
        tell_rate(stations, currency, value)
    return ["WEC", "ISF", "FESX", "EUR"]


def _adopt_something(stations: Stations) -> None:
    open_books(stations)
    adopt_position(
        stations.account, stations.contract("WEC"), quantity=D(12), average_cost=D(99), reason="counted",
        actor=TRADER, now=OPENING,
    )  # fmt: skip


def _parts_are_the_whole(stations: Stations) -> None:
    now = clock.now()
    book_days(stations.account, now)
    row = BookDay.objects.get()
    parts = [part.amount for part in ResultPart.objects.all()]
    assert row.opening is not None and row.closing is not None and None not in parts
    assert abs(sum(parts) - (row.closing - row.opening)) < D("0.0001")  # type: ignore[arg-type]
    total = nav_now(stations.account, now).total
    assert total is not None and abs(total - row.closing) < D("0.01")


def test_books_that_were_tampered_with_are_found_the_same_day(stations: Stations) -> None:
    open_books(stations)
    trade(stations, "WEC", "0001.01.01", "30")
    assert booking.check_books(clock.now()) == ""
    Position.objects.update(quantity=29)
    CashBalance.objects.update(amount=1)
    told = booking.check_books(clock.now())
    assert "kept 29.0000, the evidence makes 30.0000" in told and "USD: kept 1.00000000" in told
    assert Entry.objects.filter(reason_code="BOOKS_DIFFER").count() == 1


def test_the_chore_keeps_one_worth_a_minute_and_the_day_with_it(stations: Stations) -> None:
    open_books(stations)
    for _ in range(3):
        booking.keep_books(clock.now())
    assert (BookDay.objects.count(), cash_of(stations.account)[0].amount) == (1, 100_000)
    assert not FxRate.objects.exists() and not LastQuote.objects.exists()
