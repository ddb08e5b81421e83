"""The score asks the broker's statements: a day counts when its result is the same to the cent."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from apps.desks.models import Account, Strategy
from apps.journal import clock
from apps.ledger.models import DayResult, Fill
from apps.reconciliation.models import Statement
from apps.reports.queries import standing_reports
from apps.reports.scores import score_for
from tradingdesk.domain.scorecard import Criterion


@dataclass(frozen=True)
class Told:
    """One execution as a statement tells it."""

    exec_id: str
    side: str
    quantity: Decimal
    price: Decimal
    commission: Decimal | None
    commission_currency: str = "USD"
    con_id: int = 0
    sec_type: str = "STK"

    @staticmethod
    def of(fill: Fill) -> "Told":
        return Told(fill.exec_id, fill.side, fill.quantity, fill.price, fill.commission)

    def row(self) -> dict[str, Any]:
        plain = {name: str(getattr(self, name)) for name in ("exec_id", "side", "quantity", "price")}
        fee = None if self.commission is None else str(self.commission)
        return plain | {"commission": fee, "commission_currency": self.commission_currency, "sec_type": "STK"}


@pytest.fixture
def strategy(account: Account) -> Strategy:
    """The one that traded on every day of the past."""
    row = DayResult.objects.filter(account=account, strategy__isnull=False).select_related("strategy").first()
    assert row is not None and row.strategy is not None
    return row.strategy


def told_on(account: Account, day: date) -> list[Told]:
    rows = Fill.objects.filter(account=account, trading_day=day, superseded=False, busted=False)
    return [Told.of(fill) for fill in rows.order_by("pk")]


def state(account: Account, day: date, told: list[Told]) -> None:
    body = {"executions": [one.row() for one in told], "positions": [], "cash": []}
    Statement.objects.create(
        account=account, day=day, name="flex.xml", digest=f"{Statement.objects.count():064d}",
        taken_by="ann", taken_at=clock.now(), body=body,
    )  # fmt: skip


def statement_row(strategy: Strategy, account: Account) -> Criterion:
    score = score_for(strategy, account, clock.now())
    return next(row for row in score.criteria if row.name == "P&L equals the statement")


def test_the_days_agree_with_their_statements_to_the_cent_or_say_why_not(
    account: Account, strategy: Strategy
) -> None:
    days = list(standing_reports(account.pk).values_list("trading_day", flat=True))
    row = statement_row(strategy, account)
    assert row.passed is True and row.measured == "2 of 2 agree", "the past has its statements"
    Statement.objects.all().delete()
    row = statement_row(strategy, account)
    assert row.passed is None and list(row.days) == days, row
    state(account, days[0], told_on(account, days[0]))
    row = statement_row(strategy, account)
    assert row.passed is None and row.days == (days[1],), row
    state(account, days[1], told_on(account, days[1]))
    row = statement_row(strategy, account)
    assert row.passed is True and row.measured == "2 of 2 agree", row
    for told, passed in others_of(told_on(account, days[1]), strategy):
        state(account, days[1], told)
        row = statement_row(strategy, account)
        assert row.passed is passed and row.days == (days[1],), (told, row)
    state(account, days[1], told_on(account, days[1]))
    assert statement_row(strategy, account).passed is True, "the newest statement of a day counts"


def others_of(good: list[Told], strategy: Strategy) -> list[tuple[list[Told], bool | None]]:
    """The same day with one execution of the strategy told otherwise, and what is to be made of it."""
    mine = set(Fill.objects.filter(strategy=strategy).values_list("exec_id", flat=True))
    at = next(number for number, one in enumerate(good) if one.exec_id in mine)
    one = good[at]
    assert one.commission is not None
    others: list[tuple[Told, bool | None]] = [
        (replace(one, commission=one.commission + Decimal("0.02")), False),
        (replace(one, price=one.price + 1), False),
        (replace(one, exec_id="0000.00000001.01.01"), False),  # ours stands in no line of theirs
        (replace(one, commission=None), None),  # a fee that is not told yet
    ]
    return [([*good[:at], other, *good[at + 1 :]], passed) for other, passed in others]


def test_what_traded_after_the_close_is_looked_for_in_the_next_day_s_statement_too(
    account: Account, strategy: Strategy
) -> None:
    first, second = standing_reports(account.pk).values_list("trading_day", flat=True)
    fill = Fill.objects.filter(strategy=strategy, trading_day=first).last()
    assert fill is not None
    late = Told.of(fill)
    Fill.objects.filter(pk=fill.pk).update(at=datetime.combine(first, time(23, 30), UTC))
    rest = [one for one in told_on(account, first) if one != late]
    for days, passed in (((rest, [late]), True), (([*rest, late], []), True), ((rest, []), False)):
        for day, more in zip((first, second), days, strict=True):
            state(account, day, more if day == first else [*told_on(account, second), *more])
        assert statement_row(strategy, account).passed is passed, days
