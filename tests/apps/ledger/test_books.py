"""Cash follows every execution, fee and word of the broker; what was wrong is taken back in sight."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from apps.broker.ports import MoneyTold, PositionTold
from apps.journal import clock
from apps.journal.models import Entry
from apps.journal.ports import Actor
from apps.ledger.actions.adopt import AdoptionRefused, adopt_cash, adopt_opening, adopt_position
from apps.ledger.actions.book_broker import book_money, book_positions
from apps.ledger.actions.book_cash import settle_described
from apps.ledger.actions.snapshot_nav import snapshot_nav
from apps.ledger.books import accruals_of, cash_of, holdings_of, nav_now
from apps.ledger.models import Adoption, CashEntry, NavSnapshot, PendingContract, Position
from apps.market.models import Lookup
from apps.market.queries import rates_of
from tests.stations import OPENING, Stations

D = Decimal
TRADER = Actor("user", "trader")


def cash(stations: Stations) -> dict[str, Decimal]:
    return {money.currency: money.amount for money in cash_of(stations.account)}


def entries() -> list[tuple[str, Decimal, bool]]:
    return [(row.cause, row.amount, row.reverses_id is not None) for row in CashEntry.objects.order_by("pk")]


def fee(stations: Stations, amount: str, exec_id: str = "0001.01.01", currency: str = "USD") -> None:
    stations.hear("commission", exec_id=exec_id, commission=amount, currency=currency)


def open_books(stations: Stations, **amounts: str) -> None:
    for currency, amount in ({"USD": "100000"} | amounts).items():
        adopt_cash(
            stations.account, currency, amount=D(amount), reason="opening", actor=TRADER, now=clock.now()
        )


def trade(stations: Stations, symbol: str, exec_id: str, quantity: str, **more: str) -> None:
    con_id = str(stations.contract(symbol).con_id)
    stations.executed(exec_id, quantity, con_id=con_id, symbol=symbol, **more)


def tell(stations: Stations, *told: tuple[str, str, str]) -> None:
    code = stations.account.code
    rows = [MoneyTold(account=code, tag=tag, currency=cur, value=D(value)) for tag, cur, value in told]
    book_money(stations.account.gateway, rows, clock.now())


def test_a_share_is_paid_for_once_and_its_fee_comes_when_it_comes(stations: Stations) -> None:
    for _ in range(3):
        stations.executed("0001.01.01", "30")
    assert cash(stations) == {"USD": D(-3000)}
    fee(stations, "1.05")
    fee(stations, "1.05")
    assert entries() == [("trade", D(-3000), False), ("fee", D("-1.05"), False)]
    assert cash(stations) == {"USD": D("-3001.05")}


def test_a_corrected_fee_takes_the_first_one_back_in_sight(stations: Stations) -> None:
    stations.executed("0001.01.01", "30")
    fee(stations, "1.05")
    fee(stations, "-0.35")
    assert entries()[1:] == [
        ("fee", D("-1.05"), False),
        ("fee", D("1.05"), True),
        ("fee", D("0.35"), False),
    ]
    assert cash(stations) == {"USD": D("-2999.65")}


def test_a_correction_and_a_bust_take_back_what_they_correct(stations: Stations) -> None:
    stations.executed("0001.01.01", "30")
    fee(stations, "1")
    stations.executed("0001.01.02", "20", price="99")
    assert cash(stations) == {"USD": D(-1980)}  # the fee of the corrected one was told anew or not at all
    stations.executed("0001.01.03", "0", price="0")
    assert cash(stations) == {"USD": D(0)}
    assert sum(amount for _, amount, _ in entries()) == 0
    assert CashEntry.objects.filter(reverses=None, reversed_by=None).count() == 0


def test_a_future_moves_no_cash_until_it_closes_and_then_its_gain(stations: Stations) -> None:
    stations.contract("MES", sec_type="FUT", multiplier=D(5))
    trade(stations, "MES", "0001.01.01", "2", price="6700", sec_type="FUT")
    assert cash(stations) == {}
    trade(stations, "MES", "0002.01.01", "2", price="6710", sec_type="FUT", side="SLD")
    assert entries() == [("variation", D(100), False)]
    trade(stations, "MES", "0001.01.02", "2", price="6705", sec_type="FUT")
    assert cash(stations) == {"USD": D(50)}
    assert [cause for cause, _, _ in entries()] == ["variation"] * 3


def test_pence_are_pounds_by_the_contract_and_a_pair_moves_two_currencies(stations: Stations) -> None:
    stations.contract("ISF", currency="GBP", price_magnifier=100)
    trade(stations, "ISF", "0001.01.01", "1000", price="812.5", currency="GBP")
    stations.contract("EUR", sec_type="CASH", local_symbol="EUR.USD")
    trade(stations, "EUR", "0002.01.01", "20000", price="1.08", sec_type="CASH")
    assert cash(stations) == {"EUR": D(20000), "GBP": D(-8125), "USD": D(-21600)}
    assert {row.cause for row in CashEntry.objects.filter(currency__in=("EUR", "USD"))} == {"fx"}
    assert [one.contract.symbol for one in holdings_of(stations.account, clock.now())] == ["ISF"]


def test_an_opening_balance_is_taken_over_with_a_reason_and_one_line(stations: Stations) -> None:
    tell(stations, ("CashBalance", "USD", "1000000"), ("CashBalance", "EUR", "25000"))
    with pytest.raises(AdoptionRefused):
        adopt_opening(stations.account, reason=" ", actor=TRADER, now=clock.now())
    adopt_opening(stations.account, reason="first day", actor=TRADER, now=clock.now())
    adopt_opening(stations.account, reason="again", actor=TRADER, now=clock.now())
    assert cash(stations) == {"EUR": D(25000), "USD": D(1000000)}
    assert Adoption.objects.count() == 2
    lines = Entry.objects.filter(verb="adopt_cash").values_list("actor", "reason")
    assert list(lines) == [("trader", "first day")] * 2


def test_what_happened_before_the_adopted_balance_is_in_it_however_late_it_is_told(
    stations: Stations,
) -> None:
    open_books(stations)
    early = (OPENING - timedelta(hours=1)).isoformat()
    stations.executed("0001.01.01", "30", time=early)
    fee(stations, "1")
    assert cash(stations) == {"USD": D(100000)}
    stations.executed("0002.01.01", "10", time=(clock.now() + timedelta(minutes=1)).isoformat())
    assert cash(stations) == {"USD": D(99000)}


def test_an_adopted_position_stands_and_later_fills_go_on_from_it(stations: Stations) -> None:
    now = clock.now()
    stations.executed("0001.01.01", "30", time=(now - timedelta(hours=1)).isoformat())
    contract = stations.contract("WEC")
    stations.quote("WEC", bid=D(110), ask=D(110))
    adopted = adopt_position(
        stations.account, contract, quantity=D(20), average_cost=D(101), reason="sold in TWS", actor=TRADER,
        now=now,
    )  # fmt: skip
    assert adopted.worth == D(-1100) and adopted.before == {
        "quantity": "30.0000",
        "average_cost": "100.000000",
    }
    stations.executed("0000.01.01", "10", time=(now - timedelta(hours=2)).isoformat())
    row = Position.objects.get()
    assert (row.quantity, row.average_cost) == (20, 101)
    stations.executed("0002.01.01", "5", side="SLD", time=(now + timedelta(minutes=1)).isoformat())
    assert Position.objects.get().quantity == 15


def test_the_books_are_added_to_and_never_changed(stations: Stations) -> None:
    stations.executed("0001.01.01", "30")
    open_books(stations)
    for statement in (
        "UPDATE ledger_cashentry SET amount = 1",
        "DELETE FROM ledger_cashentry",
        "UPDATE ledger_adoption SET amount = 1",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_the_nav_is_unknown_without_an_opening_balance_and_known_with_one(stations: Stations) -> None:
    stations.executed("0001.01.01", "30")
    stations.quote("WEC", bid=D(101), ask=D(103))
    nav = nav_now(stations.account, clock.now())
    assert nav.total is None and [one.code for one in nav.reasons] == ["CASH_NEVER_ADOPTED"]
    open_books(stations)
    nav = nav_now(stations.account, clock.now())
    assert nav.total == 100_000 + 30 * 102 and nav.exposure.long == 3060


def test_a_foreign_balance_without_a_rate_or_with_one_of_yesterday_is_never_worth_one(
    stations: Stations,
) -> None:
    now = clock.now()
    open_books(stations, GBP="500")
    assert [one.code for one in nav_now(stations.account, now).reasons] == ["FX_RATE_MISSING"]
    tell(stations, ("ExchangeRate", "GBP", "1.254321"), ("ExchangeRate", "BASE", "1"))
    rate = rates_of(stations.account, clock.now()).rate_of("GBP")
    assert rate is not None and (rate.value, rate.source) == (D("1.254321"), "gateway")
    assert nav_now(stations.account, clock.now()).total == 100_000 + 500 * D("1.254321")
    old = nav_now(stations.account, clock.now() + timedelta(hours=25))
    assert old.total is None and old.reasons[0].code == "FX_RATE_STALE"


def test_accruals_follow_the_broker_and_stand_apart_from_cash(stations: Stations) -> None:
    open_books(stations)
    tell(stations, ("AccruedCash", "USD", "12.50"), ("AccruedCash", "BASE", "12.50"))
    tell(stations, ("AccruedCash", "USD", "10"))
    assert cash(stations) == {"USD": D(100000)}
    assert [money.amount for money in accruals_of(stations.account)] == [D(10)]
    assert nav_now(stations.account, clock.now()).total == 100_010


def test_a_contract_only_named_so_far_leaves_cash_and_nav_unknown_until_it_is_described(
    stations: Stations,
) -> None:
    open_books(stations)
    later = (clock.now() + timedelta(seconds=1)).isoformat()
    stations.executed("0001.01.01", "2", con_id="4242", symbol="Z", sec_type="FUT", price="8000", time=later)
    assert (cash(stations), PendingContract.objects.count()) == ({"USD": D(100000)}, 1)
    assert Lookup.objects.get(con_id=4242).state == Lookup.ASKED
    nav = nav_now(stations.account, clock.now())
    assert nav.total is None and {one.code for one in nav.reasons} == {"CONTRACT_UNCONFIRMED"}
    contract = Position.objects.get(contract__con_id=4242).contract
    contract.confirmed, contract.multiplier = True, D(10)
    contract.save()
    stations.executed("0002.01.01", "2", con_id="4242", symbol="Z", sec_type="FUT", price="8001", side="SLD",
                      time=(clock.now() + timedelta(seconds=2)).isoformat())  # fmt: skip
    assert settle_described() == 1 and not PendingContract.objects.exists()
    assert cash(stations) == {"USD": D(100020)}


def test_the_broker_s_cost_of_a_future_is_a_price_again(stations: Stations) -> None:
    contract = stations.contract("M6E", sec_type="FUT", multiplier=D(12500))
    told = PositionTold(
        account=stations.account.code, con_id=contract.con_id, symbol="M6E", quantity=D(3),
        average_cost=D("14648.75"), sec_type="FUT",
    )  # fmt: skip
    book_positions(stations.account.gateway, [told], clock.now())
    assert Position.objects.get().broker_cost == D("1.171900")


def test_a_snapshot_is_one_a_minute_and_growth_leaves_out_what_was_paid_in(stations: Stations) -> None:
    open_books(stations)
    now = clock.now()
    first = snapshot_nav(stations.account, now)
    assert snapshot_nav(stations.account, now + timedelta(seconds=30)).pk == first.pk
    assert (first.nav, first.growth, first.complete) == (100_000, 1, True)
    open_books(stations, USD="150000")
    second = snapshot_nav(stations.account, clock.now() + timedelta(minutes=1))
    assert (second.nav, second.growth, second.drawdown) == (150_000, 1, 0)
    stations.executed("0001.01.01", "300", time=(clock.now() + timedelta(minutes=1)).isoformat())
    stations.quote("WEC", bid=D(50), ask=D(50))
    third = snapshot_nav(stations.account, clock.now() + timedelta(minutes=2))
    assert (third.nav, third.growth, third.drawdown) == (135_000, D("0.9"), D("-0.1"))
    assert NavSnapshot.objects.count() == 3
