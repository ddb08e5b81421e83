"""The demo's past: played through the desk's own actions, so that it keeps every rule of the present."""

import dataclasses
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command
from django.db.models import Sum
from django.test import override_settings

from apps.approvals.models import Request
from apps.broker.models import Intent, Order
from apps.broker.ports import MoneyTold, PositionTold
from apps.dashboard.report_index import cumulative_of
from apps.desks.models import Account
from apps.journal import clock
from apps.ledger.books import cash_of, nav_now
from apps.ledger.models import Adoption, BookDay, DayResult, Fill, NavPoint, Position, ResultPart
from apps.ledger.rebuilding import differences
from apps.market.actions.answer_lookup import Found
from apps.market.models import Session
from apps.plans.models import Plan
from apps.reconciliation.models import Run
from apps.reports.models import DayReport
from apps.risk.models import Verdict
from apps.runbook.invariants import CHECKS
from apps.runbook.seed import load, stage
from apps.runbook.seed.load import HELD, SYMBOLS, drop_plan, lay_desk, load_past, plan_is_needed
from apps.runbook.seed.script import Day, past_days
from apps.runbook.seed.survey import Listed, Survey
from apps.tickets.models import Ticket
from tests.builders import make_sessions
from tradingdesk.domain.plans import parse_plan

HELD_OF_EACH = Decimal(25)
TODAY = date(2026, 11, 18)
MORNING = datetime(2026, 11, 18, 14, 36, tzinfo=UTC)
VALUES = {
    "sec_type": "STK", "currency": "USD", "exchange": "SMART", "primary_exchange": "NYSE",
    "trading_class": "NMS", "long_name": "", "multiplier": Decimal(1), "price_magnifier": 1,
    "min_tick": Decimal("0.01"),
    "time_zone": "US/Eastern", "expiry": "", "strike": Decimal(0), "right": "", "calendar": "XNYS",
}  # fmt: skip


def listed(number: int, symbol: str) -> Listed:
    values = {**VALUES, "con_id": 5000 + number, "symbol": symbol, "local_symbol": symbol}
    mid = Decimal(40 + 11 * number)
    return Listed(
        symbol=symbol,
        con_id=5000 + number,
        found=Found(values=values, tick_steps=[["0", "0.01"]]),
        mid=mid,
        bid=mid - Decimal("0.01"),
        ask=mid + Decimal("0.01"),
    )


@pytest.fixture
def found() -> Survey:
    """What a gateway would have said."""
    told = {symbol: listed(number, symbol) for number, symbol in enumerate((*SYMBOLS, *HELD))}
    money = {"NetLiquidation": "1138378.50", "GrossPositionValue": "110400.00"}
    return Survey(
        account="DU1000001",
        server_version=176,
        listed=told,
        money=tuple(
            MoneyTold(account="DU1000001", tag=tag, currency="USD", value=Decimal(value))
            for tag, value in money.items()
        ),
        positions=tuple(
            PositionTold(
                account="DU1000001",
                con_id=told[symbol].con_id,
                symbol=symbol,
                quantity=HELD_OF_EACH,
                average_cost=Decimal("231.4051"),
            )
            for symbol in HELD
        ),
    )


@pytest.fixture
def stage_clock(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(load, "PAST_SESSIONS", 3)
    make_sessions(date(2026, 11, 2), days=25)
    with override_settings(CLOCK=f"{MORNING.isoformat()}@0x0"):
        yield


def test_the_survey_asks_for_all_that_the_demo_s_account_holds() -> None:
    (account,) = yaml.safe_load(stage.BOOK.read_text())["accounts"]
    assert tuple(row["symbol"] for row in account["positions"]) == HELD


def test_the_same_seed_makes_the_same_past() -> None:
    sessions = [
        Session(calendar="XNYS", day=TODAY, open_at=MORNING, close_at=MORNING + timedelta(hours=6))
        for _ in range(5)
    ]
    prices = {"WEC": Decimal(115), "ATO": Decimal(148), "KO": Decimal(71), "PNW": Decimal(92)}
    assert past_days(sessions, prices, 3) == past_days(sessions, prices, 3)
    assert past_days(sessions, prices, 3) != past_days(sessions, prices, 4)


def test_the_past_agrees_with_itself_and_with_the_broker(stage_clock: None, found: Survey) -> None:
    load_past(found, TODAY)
    assert Plan.objects.count() == 3 and Request.objects.filter(state="approved").count() == 3
    assert not Verdict.objects.filter(outcome="block").exists()
    assert set(Ticket.objects.values_list("state", flat=True)) == {"FILLED", "CANCELLED"}
    assert set(Intent.objects.values_list("state", flat=True)) == {"CLOSED"}
    assert Order.objects.exclude(intent=None).count() == Ticket.objects.count()
    held = {
        row.contract.symbol: (row.quantity, row.broker_quantity)
        for row in Position.objects.exclude(quantity=0)
    }
    assert held == dict.fromkeys(HELD, (HELD_OF_EACH, HELD_OF_EACH))
    results = DayResult.objects.filter(strategy__isnull=False)
    traded = Fill.objects.filter(strategy__isnull=False).values("trading_day").distinct().count()
    assert results.count() == traded > 0 and not results.filter(provisional=True).exists()
    made = sum((row.realized - row.commissions for row in results), Decimal(0))
    first, last = NavPoint.objects.order_by("at").first(), NavPoint.objects.order_by("-at").first()
    assert first is not None and last is not None
    assert last.nav == Decimal("1138378.50") and last.nav - first.nav == made
    fees = Fill.objects.filter(strategy__isnull=False).aggregate(sum=Sum("commission"))["sum"]
    assert fees == sum((row.commissions for row in results), Decimal(0))
    since_start = DayReport.objects.latest("trading_day").content["results"]["start"]["net"]
    assert Decimal(cumulative_of(Account.objects.get().pk)["cumulative_pnl"]) == made
    assert Decimal(since_start) == made  # what was held before the desk came is no result of its days
    for report in DayReport.objects.all():  # each day's report has that day's acts
        day = report.trading_day
        acts = report.content["acts"]["rows"]
        assert acts and {row["at"][:10] for row in acts} == {day.isoformat()}, day
    out = StringIO()
    call_command("verify_journal", stdout=out)
    assert "sound" in out.getvalue()
    since = datetime(2026, 10, 1, tzinfo=UTC)
    broken = [text for checks in CHECKS.values() for check in checks for text in check(since)]
    assert broken == []  # or the demo would halt itself in its first minute


def test_a_load_that_was_interrupted_goes_on_and_doubles_nothing(
    stage_clock: None, found: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole_day, played = load.play_day, []

    def tired(stage: load.Stage, day: Day, *, nav_before: Decimal) -> None:
        if played:
            raise KeyboardInterrupt
        played.append(day.session.day)
        whole_day(stage, day, nav_before=nav_before)

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(load, "play_day", tired)
        load_past(found, TODAY)
    assert Plan.objects.count() == 1
    load_past(found, TODAY)
    assert Plan.objects.count() == 3 and Plan.objects.values("trading_day").distinct().count() == 3
    assert Adoption.objects.exclude(contract=None).count() == len(HELD)


def test_the_plan_of_today_is_sound_and_dropped_only_when_none_waits(
    stage_clock: None, found: Survey, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TRADINGDESK_INTAKE", str(tmp_path))
    account, _ = lay_desk("DU1000001")
    assert plan_is_needed(account, MORNING)
    name = drop_plan(found, account, MORNING)
    parsed = parse_plan((tmp_path / name).read_bytes(), file_name=name, trading_day=TODAY)
    assert len(parsed.lines) == 10 and "AAPL" in {line.symbol for line in parsed.lines}
    assert [problem.code for problem in parsed.problems] == ["QUANTITY_TOO_SMALL"]
    assert sum(line.notional for line in parsed.lines) > 50_000
    lay_desk("DU1000001")
    assert Account.objects.count() == 1


def test_a_fresh_demo_begins_on_a_wednesday_that_trades() -> None:
    assert stage.first_moment(date(2026, 11, 21)) == MORNING
    assert stage.first_moment(date(2026, 11, 18)) == MORNING
    assert stage.first_moment(date(2024, 12, 26)).date() == date(2024, 12, 18)


def test_a_later_demo_goes_on_where_the_clock_stood_or_in_the_next_session(stage_clock: None) -> None:
    assert stage.choose_moment() == stage.first_moment()
    lay_desk("DU1000001")
    assert stage.choose_moment() == MORNING + timedelta(seconds=1)
    with override_settings(CLOCK="2026-11-18T20:50:00+00:00@0x0"):
        load.set_phase(
            load.Strategy.objects.get(name="bracket-day"),
            Account.objects.get(),
            phase="walk",
            actor=load.SYSTEM,
            reason="a test of it",
        )
    assert stage.choose_moment() == MORNING + timedelta(days=1)


def test_the_books_end_the_past_with_the_broker_s_cash_and_worth_to_the_cent(
    stage_clock: None, found: Survey
) -> None:
    held = sum((HELD_OF_EACH * found.listed[symbol].mid for symbol in HELD), Decimal(0))
    cash = Decimal("1138378.50") - held - 25000 * Decimal("1.0825")
    told = (
        ("CashBalance", "USD", cash),
        ("CashBalance", "EUR", Decimal(25000)),
        ("ExchangeRate", "EUR", Decimal("1.0825")),
    )
    more = tuple(
        MoneyTold(account=found.account, tag=tag, currency=currency, value=value)
        for tag, currency, value in told
    )
    load_past(dataclasses.replace(found, money=(*found.money, *more)), TODAY)
    account = Account.objects.get()
    assert {money.currency: money.amount for money in cash_of(account)} == {"EUR": 25000, "USD": cash}
    nav = nav_now(account, clock.now() - timedelta(hours=12))
    assert nav.total == Decimal("1138378.50") and nav.reasons == ()
    assert list(differences(account)) == []
    stated = Run.objects.filter(about=Run.STATEMENT)
    assert stated.count() == 3 and {row.level for row in stated} == {Run.PASS}, stated.values("reason")
    navs = {point.at.date(): point.nav for point in NavPoint.objects.order_by("at")}
    days = BookDay.objects.order_by("trading_day")
    assert [round(row.closing or 0, 2) for row in days[1:]] == [navs[row.trading_day] for row in days[1:]]
    earned = ResultPart.objects.filter(cause="price", strategy__isnull=False).values("trading_day")
    assert earned.exists() and not days.filter(provisional=True).exists()
