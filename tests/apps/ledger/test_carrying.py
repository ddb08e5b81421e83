"""What is kept of the past changes nothing but the time it takes to read it."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import psycopg
import pytest
from django.db import connection, transaction

from apps.desks.models import Strategy
from apps.journal import clock
from apps.journal.ports import Actor
from apps.ledger.actions.adopt import adopt_position
from apps.ledger.actions.carry import BEHIND, carry_forward
from apps.ledger.dayreading import Facts, facts_of
from apps.ledger.history import position_from
from apps.ledger.models import Carried, Carry, Fill
from apps.ledger.rebuilding import differences
from apps.market.ports import desk_day
from apps.runbook.jobs import close_books
from tests.stations import Stations

D = Decimal
TRADER = Actor("user", "trader")
KINDS = {"WEC": "STK", "ATO": "STK", "MES": "FUT"}
DAYS_BACK = 60


def at(days: int, minutes: int = 0) -> datetime:
    return clock.now() - timedelta(days=days, minutes=minutes)


def trade(stations: Stations, symbol: str, exec_id: str, quantity: str, **more: str) -> None:
    kind = KINDS[symbol]
    extra = {"multiplier": D(5)} if kind == "FUT" else {}
    contract = stations.contract(symbol, sec_type=kind, **extra)
    told = {"con_id": str(contract.con_id), "symbol": symbol, "sec_type": kind, **more}
    stations.executed(exec_id, quantity, **told)


def without_carry(read: Callable[[], object]) -> object:
    """The same read from the first fill on."""
    with transaction.atomic():
        Carried.objects.all().delete()
        Carry.objects.all().delete()
        found = read()
        transaction.set_rollback(True)
    return found


def told_of(facts: Facts) -> object:
    """All of it; of the days what is not nothing."""
    days = {
        key: (day.whole, {who: span for who, span in day.by_strategy.items() if any_of(span)}, day.adopted)
        for key, day in facts.days.items()
    }
    points = {key: value for key, value in facts.points.items() if value}
    return days, dict(facts.cash), sorted(map(str, facts.movements)), facts.fees, points


def any_of(span: object) -> bool:
    held = (span.opening.quantity, span.closing.quantity, span.moved)  # type: ignore[attr-defined]
    return any(held)


def reads_alike(stations: Stations) -> None:
    account, today = stations.account, desk_day(clock.now())
    for day in (today, today - timedelta(days=1), today - BEHIND, today - timedelta(days=DAYS_BACK // 2)):
        assert told_of(facts_of(account, day)) == without_carry(lambda: told_of(facts_of(account, day)))  # noqa: B023
    for contract in {row.contract_id for row in Fill.objects.all()}:
        kept = position_from(account.pk, contract)
        whole = without_carry(lambda: position_from(account.pk, contract))  # noqa: B023
        assert kept == whole
    assert list(differences(account)) == []


@pytest.mark.parametrize("seed", range(8))
def test_days_and_positions_read_alike_with_it_and_without(stations: Stations, seed: int) -> None:
    dice = random.Random(seed)
    strategies = [None, Strategy.objects.get(), Strategy.objects.create(name="other", system=5)]
    told: list[tuple[str, str, str]] = []  # symbol, root, time
    for step in range(28):
        what = dice.choices(("trade", "correct", "carry", "adopt"), (14, 3, 4, 1))[0]
        symbol = dice.choice(sorted(KINDS))
        if what == "trade":
            # mostly as time goes on, and sometimes late
            days = DAYS_BACK - 2 * step if dice.random() < 0.8 else dice.randrange(DAYS_BACK)
            when = at(max(0, days), dice.randrange(300)).isoformat()
            side, price = dice.choice(("BOT", "SLD")), str(100 + dice.randrange(-300, 300) / D(100))
            trade(
                stations,
                symbol,
                f"00{step:02}.01.01",
                str(dice.randrange(1, 9)),
                side=side,
                price=price,
                time=when,
            )
            Fill.objects.filter(exec_root=f"00{step:02}.01").update(strategy=dice.choice(strategies))
            told.append((symbol, f"00{step:02}.01", when))
        elif what == "correct" and told:
            symbol, root, when = told.pop(dice.randrange(len(told)))
            trade(stations, symbol, f"{root}.02", dice.choice(("0", "3")), price="101", time=when)
        elif what == "carry":
            carry_forward(stations.account, clock.now())
        elif what == "adopt" and any(one == symbol for one, *_ in told):
            adopt_position(
                stations.account, stations.contract(symbol), quantity=D(dice.randrange(-5, 6)),
                average_cost=D("99.5"), reason="counted", actor=TRADER, now=at(dice.randrange(DAYS_BACK)),
            )  # fmt: skip
    carry_forward(stations.account, clock.now())
    assert Carry.objects.get().day == desk_day(clock.now()) - BEHIND
    reads_alike(stations)


def test_what_is_told_late_drops_it_and_the_worker_keeps_it_anew(stations: Stations) -> None:
    trade(stations, "WEC", "0001.01.01", "30", time=at(40).isoformat())
    close_books()
    assert Carried.objects.filter(whole=True).get().quantity == 30
    trade(stations, "WEC", "0002.01.01", "5", time=at(2).isoformat())  # later than what is kept
    stations.hear("commission", exec_id="0001.01.01", commission="1.05", currency="USD")
    assert Carry.objects.exists()
    trade(stations, "WEC", "0003.01.01", "7", time=at(20).isoformat())
    assert (
        not Carry.objects.exists() and position_from(stations.account.pk, contract_of("WEC")).quantity == 42
    )
    close_books()
    assert Carried.objects.filter(whole=True).get().quantity == 37
    reads_alike(stations)


def contract_of(symbol: str) -> int:
    return Fill.objects.filter(contract__symbol=symbol)[0].contract_id


def test_no_fill_of_before_is_read_again(stations: Stations) -> None:
    for number in range(30):
        side = "SLD" if number % 3 == 2 else "BOT"
        trade(stations, "WEC", f"00{number:02}.01.01", "5", side=side, time=at(45 - number).isoformat())
        trade(stations, "MES", f"01{number:02}.01.01", "1", side=side, time=at(45 - number).isoformat())
    carry_forward(stations.account, clock.now())
    day = desk_day(clock.now())
    before = told_of(facts_of(stations.account, day)), position_from(stations.account.pk, contract_of("WEC"))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # behind the triggers' back
        Fill.objects.filter(trading_day__lte=day - BEHIND).update(quantity=999, price=1)
        cursor.execute("SET LOCAL session_replication_role = origin")
    after = told_of(facts_of(stations.account, day)), position_from(stations.account.pk, contract_of("WEC"))
    assert after == before and Carry.objects.exists()
    trade(stations, "MES", "0900.01.01", "1", side="SLD", time=clock.now().isoformat())
    assert before != told_of(facts_of(stations.account, day))


def test_it_waits_for_no_booking(stations: Stations) -> None:
    trade(stations, "WEC", "0001.01.01", "30", time=at(40).isoformat())
    told = connection.get_connection_params()
    names = ("host", "port", "dbname", "user", "password", "passfile")
    login = {name: told[name] for name in names if name in told}
    with psycopg.connect(**login) as booking:
        booking.execute("LOCK TABLE ledger_fill IN ROW EXCLUSIVE MODE")  # as an insert does
        assert carry_forward(stations.account, clock.now()) == 0 and not Carry.objects.exists()
    assert carry_forward(stations.account, clock.now()) > 0 and Carry.objects.exists()
