"""Our net asset value beside the broker's net liquidation: what is explained passes, what is not halts."""

from datetime import timedelta
from decimal import Decimal

import pytest

from apps.ledger.models import Fill
from apps.reconciliation.actions.end_halt import halt_problem
from apps.reconciliation.models import Break, Run, Standing
from apps.reconciliation.queries import verdict_of
from apps.risk.models import Stop
from apps.runbook.releasing import checklist, release_problem
from tests.apps.reconciliation.told import Broker, worth
from tests.stations import ADMIN, Stations


@pytest.fixture
def broker(stations: Stations) -> Broker:
    """A million in cash, taken over from the broker."""
    found = Broker(stations)
    found.tell(money=worth("1000000"))
    found.adopt_opening()
    found.rest()
    return found


def test_without_an_opening_balance_the_worth_is_unknown_and_nothing_halts(stations: Stations) -> None:
    broker = Broker(stations)
    broker.tell(money=worth("1000000"))
    run = broker.compare()
    assert run.level == Run.UNKNOWN and run.unexplained_bps is None
    assert "opening balance" in run.reason and not Stop.objects.filter(level=Stop.HALTED).exists()


@pytest.mark.parametrize(
    ("nav", "level"),
    [("1000000", "PASS"), ("1002500", "PASS"), ("1002600", "HALT"), ("990000", "EMERGENCY")],
)
def test_what_nobody_can_explain_halts_beyond_a_quarter_of_a_per_cent(
    broker: Broker, nav: str, level: str
) -> None:
    broker.tell(money=worth(nav, "1000000"))
    run = broker.compare()
    assert run.level == level, run.reason
    halted = Stop.objects.filter(scope="account", key=broker.stations.account.code, level=Stop.HALTED)
    assert halted.exists() is (level != "PASS")
    assert verdict_of(broker.stations.account, broker.now).level == (level if level != "PASS" else "UNKNOWN")


def test_a_fill_that_the_money_knows_and_we_do_not_yet_neither_halts_nor_passes(broker: Broker) -> None:
    """The broker's money and positions have it; our books hear of it with the next reading."""
    broker.stations.quote("WEC", bid=Decimal(100), ask=Decimal(100), last=Decimal(100))
    broker.stations.executed("E1.01", "3000", "100", perm_id=9, time=broker.now.isoformat())
    broker.rest()
    figures = worth("1000000", "697000", StockMarketValue="303000")
    broker.tell(money=figures, positions={"WEC": (3000, "100"), "OHI": (30, "100")})
    run = broker.compare()
    assert run.level == Run.UNKNOWN and "next reading" in run.reason, (run.level, run.reason)
    assert not Stop.objects.filter(level=Stop.HALTED).exists() and not Break.objects.exists()
    broker.rest()
    broker.tell(money=figures, positions={"WEC": (3000, "100"), "OHI": (30, "100")})
    broker.compare()
    assert Break.objects.filter(kind="POSITION_THEIRS_ONLY").exists(), "it did not come: that is a case"


def test_what_is_owed_and_not_paid_yet_is_in_both_figures(broker: Broker) -> None:
    broker.tell(money=worth("1005000", "1000000", AccruedCash="5000"))
    run = broker.compare()
    assert run.level == Run.PASS and run.unexplained == 0
    assert run.ours == run.theirs == 1_005_000


def test_an_older_price_is_a_cause_and_a_wrong_one_is_not(broker: Broker) -> None:
    broker.stations.quote("WEC", bid=Decimal(100), ask=Decimal(100), last=Decimal(100))
    broker.stations.executed("E1.01", "3000", "100", perm_id=9, time=broker.now.isoformat())
    Fill.objects.update(booked_at=broker.now - timedelta(minutes=1), commission=0, commission_currency="USD")
    broker.rest()
    broker.tell(positions={"WEC": (3000, "100")}, money=worth("1009000", "700000", StockMarketValue="309000"))
    run = broker.compare()
    assert run.level == Run.PASS, run.reason
    assert [step["cause"] for step in run.steps] == ["stale mark"]
    broker.tell(  # pence taken for pounds
        positions={"WEC": (3000, "100")}, money=worth("730900", "700000", StockMarketValue="30900")
    )
    assert broker.compare().level == Run.EMERGENCY


def test_a_halt_ends_by_a_person_after_a_fresh_comparison_that_passes(broker: Broker) -> None:
    account = broker.stations.account
    broker.tell(money=worth("990000", "1000000"))
    broker.compare()
    stop = Stop.objects.get(scope="account", key=account.code)
    case = Break.objects.get()
    assert (case.kind, case.severity) == ("NAV_UNEXPLAINED", "critical")
    problem = release_problem(
        "account", account.code, epoch=stop.epoch, reason="a good reason", now=broker.now
    )
    assert problem is not None and problem.code == "RELEASE_NOT_READY"
    broker.rest()
    broker.tell(money=worth("1000000"))
    assert broker.compare().level == Run.PASS
    assert Standing.objects.get().level == "EMERGENCY", "a pass by itself ends no halt"
    assert verdict_of(account, broker.now).level == "EMERGENCY"
    assert halt_problem(account, since=stop.since, reason="found the missing transfer") is None
    told = {item.title: item.good for item in checklist(stop, broker.now)}
    assert next(good for title, good in told.items() if "books pass" in title)


def test_a_release_ends_the_standing_halt(broker: Broker) -> None:
    from apps.reconciliation.actions.end_halt import end_halt

    account = broker.stations.account
    broker.tell(money=worth("990000", "1000000"))
    broker.compare()
    end_halt(account, actor=ADMIN, reason="a transfer that was booked late", now=broker.now)
    row = Standing.objects.get()
    assert (row.level, row.ended_by) == ("PASS", ADMIN.name)


def test_money_told_while_an_execution_comes_is_not_judged(broker: Broker) -> None:
    broker.stations.quote("WEC")
    broker.stations.executed("E1.01", "30", perm_id=9)
    Fill.objects.update(booked_at=broker.now)
    broker.tell(positions={"WEC": (30, "100")}, money=worth("1000000"))
    run = broker.compare()
    assert run.level == Run.UNKNOWN and "execution came" in run.reason
