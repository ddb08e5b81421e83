"""A report is gathered from the stations once, shut by the database, and changed only as a new version."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.db.models import Sum

from apps.desks.models import Account
from apps.journal import clock
from apps.journal.models import Entry
from apps.journal.ports import SYSTEM, Actor
from apps.ledger.models import DayResult, Fill
from apps.reconciliation.models import Run
from apps.reports.actions.close_report import close_report
from apps.reports.actions.reissue_report import reissue_report
from apps.reports.actions.sign_report import sign_report
from apps.reports.models import DayReport, ExecutionRow, SignOff, TradeRow
from apps.reports.ports import ReportRefused
from apps.reports.queries import digest_of, newest_report, standing_reports
from tradingdesk.domain.scorecard import ExitType

ANN = Actor("user", "ann")


def newest(account: Account) -> DayReport:
    found = standing_reports(account.pk).last()
    assert found is not None
    return found


def reissue(account: Account, day: date, reason: str = "a late fee") -> DayReport:
    return reissue_report(account, day, actor=ANN, reason=reason, now=clock.now())


def test_each_session_of_the_past_has_one_report_and_asking_again_makes_none(account: Account) -> None:
    reports = list(standing_reports(account.pk))
    assert len(reports) == 2 and all(report.closed and report.version == 1 for report in reports)
    lines = Entry.objects.filter(verb="close_report").count()
    again = close_report(account, reports[0].trading_day, actor=SYSTEM, now=clock.now())
    assert again.pk == reports[0].pk
    assert DayReport.objects.count() == 2 and Entry.objects.filter(verb="close_report").count() == lines == 2
    trades_are_the_fills_and_the_results_of_the_books(account)
    for report in reports:  # the broker's lists of each evening agree with our books
        assert report.summary["reconciled"] is True, Run.objects.values_list(
            "about", "level", "reason", "steps"
        )
        assert newest_report(account.pk, report.trading_day).content["reconciliation"]["comparisons"] == 2


def trades_are_the_fills_and_the_results_of_the_books(account: Account) -> None:
    for report in standing_reports(account.pk):
        fills = Fill.objects.filter(trading_day=report.trading_day, strategy__isnull=False)
        trades = report.trades.all()
        assert {row.exit_type for row in trades} <= {"TP1", "TP2", "SL"}
        assert 2 * sum(row.quantity for row in trades) == sum(row.quantity for row in fills)
        made = DayResult.objects.filter(trading_day=report.trading_day, strategy__isnull=False)
        realized = made.aggregate(sum=Sum("realized"))["sum"] or Decimal(0)
        assert sum((row.pnl for row in trades), Decimal(0)) == realized
        net = {row.strategy.name: row.realized - row.commissions for row in made if row.strategy}
        told = {name: Decimal(one) for name, one in report.summary["by_strategy"].items() if name}
        assert told == net
        whole = sum((Decimal(one) for one in report.summary["by_strategy"].values()), Decimal(0))
        assert Decimal(report.content["results"]["day"]["net"]) == whole == Decimal(report.summary["net"])


def test_every_order_that_was_sent_stands_with_its_cost(account: Account) -> None:
    report = newest(account)
    rows = list(report.executions.all())
    assert len(rows) == report.content["execution"]["sent"] > 0
    for row in rows:
        sign = 1 if row.side == "BUY" else -1
        if row.role == "entry" and row.average_price and row.arrival_mid:
            wanted = sign * (row.average_price - row.arrival_mid) / row.arrival_mid * 10_000
            assert row.arrival_bps == pytest.approx(float(wanted), abs=0.001)
        else:
            assert row.arrival_bps is None
        assert row.spread_bps is None or row.spread_bps > 0
    entries = [row for row in rows if row.role == "entry"]
    assert any(row.close_bps is not None for row in entries) and any(row.waiting_cost for row in entries)
    counted = sum(report.content["slippage"]["bins"].values())
    assert counted == report.content["slippage"]["n"] == sum(1 for row in rows if row.arrival_bps is not None)


CHANGES = {
    "report": lambda report: DayReport.objects.filter(pk=report.pk).update(made_by="somebody else"),
    "reopening": lambda report: DayReport.objects.filter(pk=report.pk).update(closed=False),
    "trade": lambda report: TradeRow.objects.filter(report=report).update(pnl=1),
    "order": lambda report: ExecutionRow.objects.filter(report=report).update(arrival_bps=0),
    "another trade": lambda report: ExecutionRow.objects.create(
        report=report, trading_day=report.trading_day, ticket_key="x", sent_at=clock.now(), hour=9,
        attempts=1, quantity=1, filled=0,
    ),
    "removal": lambda report: ExecutionRow.objects.filter(report=report).delete(),
    "signature": lambda report: SignOff.objects.update(note="another"),
}  # fmt: skip


def test_the_database_refuses_any_change_of_what_is_closed(account: Account) -> None:
    report = next(row for row in standing_reports(account.pk) if row.trades.exists())
    sign_report(report, actor=ANN, now=clock.now())
    for change in CHANGES.values():
        with pytest.raises(DatabaseError, match=r"closed|for ever"), transaction.atomic():
            change(report)
    report.refresh_from_db()
    assert report.digest == digest_of(report)


def test_what_changed_later_is_a_new_version_with_its_difference(account: Account) -> None:
    report = next(row for row in standing_reports(account.pk) if row.trades.exists())
    day = report.trading_day
    with pytest.raises(ReportRefused) as refused:
        reissue(account, day)
    assert refused.value.code == "REPORT_UNCHANGED"
    fill = Fill.objects.filter(trading_day=day, strategy__isnull=False).first()
    assert fill is not None
    Fill.objects.filter(pk=fill.pk).update(commission=None)
    second = reissue(account, day)
    assert (second.version, second.supersedes_id) == (2, report.pk)
    assert "gaps[1]" in {row["where"] for row in second.difference}
    assert newest_report(account.pk, day) == second and standing_reports(account.pk).count() == 2
    assert digest_of(report) == report.digest != second.digest
    with pytest.raises(ReportRefused, match="Say why"):
        reissue(account, day, " ")


def test_a_signature_stands_once_for_each_person_and_for_the_newest_version_only(account: Account) -> None:
    report = next(row for row in standing_reports(account.pk) if row.trades.exists())
    signed = sign_report(report, actor=ANN, note="read", now=clock.now())
    assert (signed.by, signed.note) == ("ann", "read")
    with pytest.raises(ReportRefused) as twice:
        sign_report(report, actor=ANN, now=clock.now())
    assert twice.value.code == "REPORT_SIGNED"
    Fill.objects.filter(trading_day=report.trading_day).update(commission=None)
    reissue(account, report.trading_day)
    with pytest.raises(ReportRefused) as late:
        sign_report(report, actor=Actor("user", "bob"), now=clock.now())
    assert late.value.code == "REPORT_OVERTAKEN"
    assert Entry.objects.filter(verb="sign_report").count() == SignOff.objects.count() == 1


def test_a_day_without_anything_is_reported_too(stations: object) -> None:
    account = Account.objects.get()
    report = close_report(account, date(2026, 11, 16), actor=SYSTEM, now=clock.now())
    assert report.summary["entries"] == 0 and report.trades.count() == 0
    assert report.content["nav"]["broker"] is None and report.summary["nav"] is None
    assert set(report.content["exits"]) == {one.value for one in ExitType}
