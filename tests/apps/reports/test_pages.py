"""The pages of the reports over a played past: what they say, what they give away, whom they let sign."""

import csv
import json
import re
from datetime import date
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncRequestFactory, Client, RequestFactory
from django.urls import reverse

from apps.dashboard import report
from apps.dashboard.charts.figure import INKS, Chart
from apps.dashboard.streaming import AT_ONCE, file_answer
from apps.desks.models import Account
from apps.journal.models import Entry
from apps.ledger.models import Fill
from apps.reports.models import SignOff
from apps.reports.queries import history, standing_reports
from apps.reports.tables import orders_table, price, text, trades_table
from tests.database import ROOT
from tests.people import make_person

SPEC = (
    "date,ticker,direction,entry_price,entry_qty,exit_price,exit_qty,exit_type,pnl,pnl_pct,commission,"
    "score,sector,sl_price,tp1_price,tp2_price"
)


@pytest.fixture
def ann(client: Client, account: Account) -> Any:
    made = make_person("ann", "trader")
    client.force_login(made)
    return made


def traded_day(account: Account) -> date:
    report = next(row for row in standing_reports(account.pk) if row.trades.exists())
    return report.trading_day


def address(account: Account, day: date, name: str = "report", *more: str) -> str:
    return reverse(name, args=[account.pk, day.isoformat(), *more])


def figures_of(page: str) -> dict[str, Any]:
    found = re.findall(r'<script id="figure-(\w+)" type="application/json">(.*?)</script>', page)
    return {name: json.loads(body) for name, body in found}


def test_a_report_shows_its_day_with_every_chart_and_table(
    client: Client, ann: Any, account: Account
) -> None:
    day = traded_day(account)
    page = client.get(address(account, day)).content.decode()
    assert f"Day report, {day:%a} {day.day} {day:%b} {day.year}" in page
    charts = figures_of(page)
    assert {"equity", "daily", "exits", "slippage", "fills", "strategies", "exposure"} <= set(charts)
    for name, figure in charts.items():
        assert figure["data"] and "template" not in figure["layout"], name
    for heading in ("Trades", "Scorecard", "What comes next", "Decisions", "What people did", "Sign-off"):
        assert f">{heading}</h2>" in page
    assert 'rel="prev"' in page or 'rel="next"' in page
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page)
    curve_ends_at_the_sum(client, account)


def curve_ends_at_the_sum(client: Client, account: Account) -> None:
    newest = history(account.pk)[-1]
    page = client.get(address(account, newest.day)).content.decode()
    curve = next(one for one in figures_of(page)["equity"]["data"] if one["name"] == "equity")
    days = history(account.pk)
    nav, net = days[0].number("nav"), days[0].number("net")
    assert nav is not None and net is not None
    total = sum((told.number("net") or Decimal(0) for told in days), Decimal(0))
    assert curve["y"][-1] == pytest.approx(float(100 * total / (nav - net)), abs=1e-4)


def test_charts_are_drawn_once_for_what_they_are_made_of(
    client: Client, ann: Any, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[int] = []
    draw = report._charts

    def counted(*told: Any) -> dict[str, Chart]:
        drawn.append(1)
        return draw(*told)

    monkeypatch.setattr(report, "_charts", counted)
    day = traded_day(account)
    first, second = (figures_of(client.get(address(account, day)).content.decode()) for _ in range(2))
    assert first == second and len(drawn) == 1
    Fill.objects.filter(trading_day=day).update(commission=None)
    client.post(address(account, day, "report-reissue"), {"reason": "fees were taken back"})
    assert figures_of(client.get(address(account, day)).content.decode()).keys() == first.keys()
    assert len(drawn) == 2
    other = next(told.day for told in history(account.pk) if told.day != day)
    client.get(address(account, other))
    assert len(drawn) == 3


def test_the_browser_knows_every_colour_that_the_server_names() -> None:
    script = (ROOT / "static" / "desk" / "charts.js").read_text()
    assert dict(re.findall(r'(\w+): "(#0[0-9a-f]{5})"', script)) == INKS


def test_the_files_have_the_columns_and_the_rows_of_the_paper_test(
    client: Client, ann: Any, account: Account
) -> None:
    day = traded_day(account)
    body = b"".join(client.get(address(account, day, "report-table", "trades", "csv"))).decode()
    lines = list(csv.DictReader(StringIO(body)))
    assert body.splitlines()[0] == SPEC
    report = next(row for row in standing_reports(account.pk) if row.trading_day == day)
    rows = list(report.trades.order_by("pk"))
    assert [line["ticker"] for line in lines] == [row.ticker for row in rows]
    assert sum(Decimal(line["pnl"]) for line in lines) == pytest.approx(
        sum(row.pnl for row in rows), abs=Decimal("0.1")
    )
    told = json.loads(b"".join(client.get(address(account, day, "report-table", "orders", "json"))))
    assert len(told) == report.executions.count()
    whole = b"".join(client.get(reverse("report-whole-table", args=[account.pk, "trades", "csv"]))).decode()
    assert len(whole.splitlines()) > len(lines)
    assert Entry.objects.filter(verb="export_report").count() == 3
    assert client.get(address(account, day, "report-table", "secrets", "csv")).status_code == 404
    whole_tables_hold_every_report(account)


def test_numbers_are_plain_and_texts_are_no_formulas() -> None:
    assert [price(Decimal(one)) for one in ("115.79", "120.4900", "0.123400", "7")] == [
        "115.79",
        "120.49",
        "0.1234",
        "7.00",
    ]
    assert [text(one) for one in ("=1+1", "@x", "-1", "WEC", None)] == ["'=1+1", "'@x", "'-1", "WEC", ""]


def test_an_asynchronous_server_sends_the_file_in_pieces() -> None:
    made = file_answer(RequestFactory().get("/"), iter(["a\n"]), "x.csv")
    assert not made.is_async and b"".join(made) == b"a\n"  # type: ignore[arg-type]
    lines = [f"{number},2\n" for number in range(AT_ONCE + 1)]
    answer = file_answer(AsyncRequestFactory().get("/"), iter(lines), "x.csv")

    async def read() -> list[bytes]:
        return [piece async for piece in answer]

    pieces = async_to_sync(read)()
    assert answer.is_async and len(pieces) == 2 and b"".join(pieces) == "".join(lines).encode()


def whole_tables_hold_every_report(account: Account) -> None:
    assert len("".join(trades_table(account.pk).csv()).splitlines()) - 1 == sum(
        row.trades.count() for row in standing_reports(account.pk)
    )
    assert len(json.loads("".join(orders_table(account.pk).json()))) == sum(
        row.executions.count() for row in standing_reports(account.pk)
    )


def test_signing_is_for_who_may_and_names_the_version_that_was_read(
    client: Client, ann: Any, account: Account
) -> None:
    day = traded_day(account)
    answer = client.post(address(account, day, "report-sign"), {"version": "7", "note": "x"}, follow=True)
    assert "version 1 stands now" in answer.content.decode() and not SignOff.objects.exists()
    answer = client.post(
        address(account, day, "report-sign"), {"version": "1", "note": "all seen"}, follow=True
    )
    page = answer.content.decode()
    assert "Signed: version 1" in page and "all seen" in page
    client.force_login(make_person("vic", "viewer"))
    assert client.post(address(account, day, "report-sign"), {"version": "1"}).status_code == 403
    assert "Sign version" not in client.get(address(account, day)).content.decode()
    assert SignOff.objects.get().by == "ann"
    client.force_login(ann)
    a_new_version_is_drawn_up_and_the_old_one_stays(client, account, day)


def a_new_version_is_drawn_up_and_the_old_one_stays(client: Client, account: Account, day: date) -> None:
    again = address(account, day, "report-reissue")
    assert "No new version" in client.post(again, {"reason": "to see"}, follow=True).content.decode()
    Fill.objects.filter(trading_day=day).update(commission=None)
    page = client.post(again, {"reason": "fees were taken back"}, follow=True).content.decode()
    assert "Version 2 stands" in page and "fees were taken back" in page
    old = client.get(address(account, day) + "?version=1").content.decode()
    assert "Version 2 stands" in old and "Sign version" not in old


def test_the_index_finds_sessions_by_date_ticker_and_state(
    client: Client, ann: Any, account: Account
) -> None:
    day = traded_day(account)
    ticker = (
        next(row for row in standing_reports(account.pk) if row.trading_day == day).trades.all()[0].ticker
    )

    def found(query: str) -> set[str]:
        page = client.get("/reports/", {"q": query}).content.decode()
        return set(re.findall(rf"/reports/{account.pk}/(\d{{4}}-\d\d-\d\d)/", page))

    assert len(found("")) == 2 and found(day.isoformat()) == {day.isoformat()}
    assert day.isoformat() in found(ticker.lower()) and found("nothinglikeit") == set()
    assert found("unsigned") == found("") and found("signed") == set()
    told = client.get(reverse("report-cumulative", args=[account.pk])).json()
    assert told["trading_days"] == 2 and len(told["daily_history"]) == 2
    assert Decimal(told["cumulative_pnl"]) == sum(Decimal(row["pnl"]) for row in told["daily_history"])


def test_execution_and_scorecard_count_what_the_reports_hold(
    client: Client, ann: Any, account: Account
) -> None:
    for against in ("arrival", "decision", "close", "nonsense"):
        page = client.get("/execution/", {"against": against, "sessions": "21"}).content.decode()
        assert "What approving cost" in page and "figure-distribution" in page, against
    entries = sum(told.summary["entries"] for told in history(account.pk))
    filled = sum(told.summary["entries_filled"] for told in history(account.pk))
    assert f"{filled} / {entries}" in page
    card = client.get("/scorecard/").content.decode()
    assert f"({filled} of {entries})" in card and "2 of 21 sessions, 19 to go" in card
    assert client.get("/scorecard/").content.decode().count("missed</span>") == card.count("missed</span>")


def test_a_report_of_an_account_out_of_reach_is_shut(client: Client, account: Account) -> None:
    day = traded_day(account)
    client.force_login(make_person("far", "trader", "risk", accounts=("DU9999999",)))
    paths = [address(account, day), address(account, day, "report-table", "trades", "csv")]
    paths += [
        reverse("report-whole-table", args=[account.pk, "orders", "csv"]),
        reverse("report-cumulative", args=[account.pk]),
    ]
    assert [client.get(path).status_code for path in paths] == [403] * 4
    assert client.post(address(account, day, "report-sign"), {"version": "1"}).status_code == 403
    assert account.masked() not in client.get("/reports/").content.decode()
    client.force_login(make_person("ann", "trader"))
    for wrong in ("2020-01-02", "2026-13-45", "yesterday"):
        assert client.get(f"/reports/{account.pk}/{wrong}/").status_code == 404
