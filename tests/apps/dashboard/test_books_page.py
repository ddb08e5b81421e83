"""The Books page: figures of our own beside the broker's, dashes where nobody knows, acts with a reason."""

import re
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.broker.ports import MoneyTold
from apps.dashboard.templatetags.desk import DASH
from apps.desks.models import Account
from apps.journal import clock
from apps.ledger.actions.book_broker import book_money
from apps.ledger.models import Adoption, CashBalance, CashEntry
from apps.market.actions.answer_lookup import Found, answer_lookup, ask_lookup
from apps.market.models import Contract, ContractChange
from apps.runbook import booking
from tests.played_day import PlayedDay

D = Decimal


def tell(account: Account) -> None:
    told = (
        ("CashBalance", "USD", "250000"),
        ("CashBalance", "EUR", "25000"),
        ("ExchangeRate", "EUR", "1.0825"),
        ("NetLiquidation", "USD", "300000"),
    )
    rows = [
        MoneyTold(account=account.code, tag=tag, currency=cur, value=D(value)) for tag, cur, value in told
    ]
    book_money(account.gateway, rows, clock.now())


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_unopened_books_say_so_and_show_no_worth(client: Client, ann: User, day: PlayedDay) -> None:
    page = text_of(client.get("/books/").content.decode())
    assert "CASH_NEVER_ADOPTED" in page and "Open the books" in page
    assert f"NAV, USD {DASH}" in page
    assert "The books are not opened" in client.get("/").content.decode()


def test_the_opening_balances_are_taken_over_with_a_reason(client: Client, ann: User, day: PlayedDay) -> None:
    account = Account.objects.get()
    tell(account)
    client.post("/books/adopt/", {"reason": " "})
    assert not Adoption.objects.exists()
    client.post("/books/adopt/", {"reason": "first day"})
    assert set(Adoption.objects.exclude(currency="").values_list("currency", "amount", "actor")) == {
        ("EUR", D(25000), "ann"),
        ("USD", D(250000), "ann"),
    }
    booking.keep_books(clock.now())
    assert "The books are not opened" not in client.get("/").content.decode()
    page = text_of(client.get("/books/").content.decode())
    assert "1.0825 gateway" in page and "25,000.00" in page
    assert "Price" in page and "Exchange rates" in page and "Since start" in page
    band = text_of(client.get("/tiles/band/").content.decode())
    assert "Drawdown" in band and "Net exposure" in band


def test_a_changed_contract_is_shown_and_taken_over(client: Client, ann: User, day: PlayedDay) -> None:
    contract = Contract.objects.get(symbol="WEC")
    names = ("con_id", "symbol", "sec_type", "currency", "min_tick", "price_magnifier")
    values = {name: getattr(contract, name) for name in names} | {"multiplier": D(10)}
    lookup = ask_lookup("WEC")
    assert answer_lookup(lookup.pk, Found(values=values, tick_steps=[])) is None
    page = client.get("/books/").content.decode()
    assert "WEC is not what it was: multiplier 1 → 10" in page
    row = ContractChange.objects.get()
    assert client.post("/books/take-over/", {"change": "999", "reason": "x"}).status_code == 404
    client.post("/books/take-over/", {"change": row.pk, "reason": "split"})
    assert ContractChange.objects.get().settled_by == "ann"


def test_the_page_asks_little_of_the_database(client: Client, ann: User, day: PlayedDay) -> None:
    tell(Account.objects.get())
    client.post("/books/adopt/", {"reason": "first day"})
    booking.keep_books(clock.now())
    client.get("/books/")
    with CaptureQueriesContext(connection) as caught:
        client.get("/books/sheet/")
    assert len(caught) <= 60, len(caught)
    assert CashBalance.objects.count() == 2


def test_money_paid_out_is_looked_at_twice_before_it_is_booked(
    client: Client, ann: User, day: PlayedDay
) -> None:
    tell(Account.objects.get())
    client.post("/books/adopt/", {"reason": "first day"})
    today = f"{clock.now():%Y-%m-%d}"
    asked = {"way": "out", "amount": "1,250.50", "currency": "USD", "day": today, "reason": "rent"}
    page = text_of(client.post("/books/flow/", asked).content.decode())
    assert "nothing is booked yet" in page and "−1,250.50" in page and "248,749.50" in page
    assert not CashEntry.objects.filter(cause="flow").exists()
    sure = asked | {"amount": "1250.50", "sure": "yes"}
    assert client.post("/books/flow/", sure).status_code == 302
    client.post("/books/flow/", sure)  # a second click
    assert CashBalance.objects.get(currency="USD").amount == D("248749.50")
    assert "−1,250.50 USD rent" in text_of(client.get("/books/").content.decode())


def test_an_amount_that_cannot_be_read_books_nothing(client: Client, ann: User, day: PlayedDay) -> None:
    tell(Account.objects.get())
    client.post("/books/adopt/", {"reason": "first day"})
    for amount in ("", "much", "-5", "NaN", "1e400"):
        asked = {"way": "in", "amount": amount, "currency": "USD", "day": "2026-11-18", "reason": "x"}
        client.post("/books/flow/", asked | {"sure": "yes"})
    assert not CashEntry.objects.filter(cause="flow").exists()
