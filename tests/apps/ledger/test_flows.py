"""Money paid in and out: in the cash, in no result, once, and told with its reason."""

from datetime import timedelta
from decimal import Decimal

import pytest

from apps.journal import clock
from apps.journal.models import Entry
from apps.ledger.actions.book_day import book_days
from apps.ledger.actions.book_flow import Flow, FlowRefused, book_flow, effect_of
from apps.ledger.books import cash_of
from apps.ledger.models import BookDay, CashEntry
from apps.ledger.rebuilding import differences
from apps.ledger.results import earned, from_outside
from tests.apps.ledger.test_results import open_books, tomorrow
from tests.stations import TODAY, TRADER, Stations

D = Decimal


def paid(amount: str = "5000", **changes: object) -> Flow:
    return Flow(**({"currency": "USD", "amount": D(amount), "day": TODAY} | changes))  # type: ignore[arg-type]


def book(stations: Stations, flow: Flow, reason: str = "from the bank") -> CashEntry:
    return book_flow(stations.account, flow, reason=reason, actor=TRADER, now=clock.now())


def cash(stations: Stations) -> dict[str, Decimal]:
    return {money.currency: money.amount for money in cash_of(stations.account)}


def test_what_is_paid_in_is_cash_and_no_result(stations: Stations) -> None:
    open_books(stations)
    told = effect_of(stations.account, paid(), clock.now())
    assert (told.before, told.after, told.in_adopted) == (100_000, 105_000, False)
    book(stations, paid())
    assert cash(stations) == {"USD": D(105_000)}
    book_days(stations.account, clock.now())
    assert earned(stations.account.pk, TODAY, TODAY, by="cause") == {}
    assert from_outside(stations.account.pk, TODAY, TODAY)["flow"] == 5000
    line = Entry.objects.get(verb="book_flow")
    assert (line.actor, line.reason, line.after["amount"]) == ("trader", "from the bank", "5000")
    assert list(differences(stations.account)) == []


def test_what_is_paid_out_lessens_the_cash(stations: Stations) -> None:
    open_books(stations)
    book(stations, paid("-20000"))
    assert cash(stations) == {"USD": D(80_000)}


def test_the_same_payment_is_not_booked_twice_by_a_second_click(stations: Stations) -> None:
    open_books(stations)
    book(stations, paid())
    with pytest.raises(FlowRefused) as refused:
        book(stations, paid())
    assert refused.value.reason.code == "FLOW_TWICE"
    assert cash(stations) == {"USD": D(105_000)}


def test_what_was_paid_before_the_balance_was_taken_over_is_in_it_already(stations: Stations) -> None:
    open_books(stations)
    earlier = paid(day=TODAY - timedelta(days=3))
    assert effect_of(stations.account, earlier, clock.now()).in_adopted
    book(stations, earlier)
    assert cash(stations) == {"USD": D(100_000)}


def test_a_payment_told_a_day_late_stands_on_its_own_day(stations: Stations) -> None:
    open_books(stations)
    book_days(stations.account, clock.now())
    with tomorrow():
        book(stations, paid())
        book_days(stations.account, clock.now())
        row = BookDay.objects.get(trading_day=TODAY)
    assert row.closing == 105_000 and row.restated == 0  # the worth moved, the result did not


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": D(0)}, "FLOW_AMOUNT"),
        ({"amount": D("NaN")}, "FLOW_AMOUNT"),
        ({"currency": "XAU"}, "FLOW_CURRENCY"),
        ({"day": TODAY + timedelta(days=1)}, "FLOW_IN_FUTURE"),
    ],
)
def test_what_cannot_have_been_paid_is_refused(
    stations: Stations, changes: dict[str, object], code: str
) -> None:
    open_books(stations)
    with pytest.raises(FlowRefused) as refused:
        book(stations, paid(**changes))
    assert refused.value.reason.code == code and not CashEntry.objects.filter(cause="flow").exists()


def test_without_a_reason_or_an_opening_balance_nothing_is_booked(stations: Stations) -> None:
    with pytest.raises(FlowRefused) as unopened:
        book(stations, paid())
    open_books(stations)
    with pytest.raises(FlowRefused) as silent:
        book(stations, paid(), reason="  ")
    assert (unopened.value.reason.code, silent.value.reason.code) == (
        "CASH_NEVER_ADOPTED",
        "FLOW_WITHOUT_REASON",
    )
