"""One result of a day: whoever tells it, tells the same to the cent."""

from datetime import timedelta
from decimal import Decimal

from django.test import Client, override_settings
from django.urls import reverse

from apps.alerts.summary import day_lines
from apps.dashboard.books import Books
from apps.dashboard.booksheet import Sheet
from apps.dashboard.pulse import Ticker
from apps.dashboard.templatetags.desk import money, signed
from apps.journal import clock
from apps.journal.ports import SYSTEM
from apps.ledger.actions.book_day import book_days
from apps.ledger.actions.state_fee import Stated, state_fee
from apps.ledger.models import BookDay, DayResult, Fill
from apps.ledger.queries import cumulative_net
from apps.ledger.results import day_change, earned
from apps.reports.actions.close_report import close_report
from apps.reports.actions.reissue_report import reissue_report
from apps.reports.queries import restated_since
from apps.risk.models import BreakerReading
from apps.runbook.breaking import watch_breakers
from apps.runbook.situation import session_value
from tests.apps.ledger.test_results import open_books, tell_rate, trade
from tests.people import make_person
from tests.stations import TODAY, Stations, clock_line

D = Decimal
CENT = D("0.01")


def cents(amount: Decimal | None) -> Decimal:
    assert amount is not None
    return amount.quantize(CENT)


def traded_day(stations: Stations) -> None:
    """Dollars and pence: bought, half of the pence sold again, fees told in dollars and in pounds."""
    open_books(stations)
    tell_rate(stations, "GBP", "1.2537")
    stations.contract("ISF", currency="GBP", price_magnifier=100)
    trade(stations, "WEC", "0001.01.01", "30", price="100.10")
    trade(stations, "ISF", "0002.01.01", "1000", price="801.5")
    trade(stations, "ISF", "0003.01.01", "500", price="803.1", side="SLD")
    for exec_id, paid, currency in (("0001", "1.03", "USD"), ("0002", "6.11", "GBP"), ("0003", "3", "GBP")):
        stations.hear("commission", exec_id=f"{exec_id}.01.01", commission=paid, currency=currency)
    stations.quote("WEC", bid=D("101.31"), ask=D("101.35"), last=D("101.99"))
    stations.quote("ISF", bid=D("799.7"), ask=D("800.2"), last=D("805"))


WANTED = cents(
    30 * (D("101.33") - D("100.10"))
    - D("1.03")
    + D("1.2537") * (D("-500") * (D("801.5") - D("799.95")) / 100 + 500 * D("1.6") / 100 - D("9.11"))
)


def test_every_page_tells_the_same_result_of_a_day_with_a_foreign_fill(stations: Stations) -> None:
    traded_day(stations)
    now = clock.now()
    book_days(stations.account, now)
    desk, sheet = Books(stations.account, now), Sheet(stations.account, now)
    report = close_report(stations.account, TODAY, actor=SYSTEM, now=now)
    told = {
        "Desk": desk.day.net,
        "Desk, the strategies and nobody": sum(part.net for part in desk.parts.values()),
        "Desk, by contract": sum(part.net for part in desk.parts_by_contract.values()),
        "Books": sheet.totals[0],
        "Books, since the start": sheet.totals[-1],
        "Books, by contract": sum(row.amounts[0] for row in sheet.by_contract),
        "kept parts": sum(earned(stations.account.pk, TODAY, TODAY, by="cause").values()),
        "kept sums": sum(DayResult.objects.values_list("net", flat=True)),
        "report": D(report.summary["net"]),
        "report, since the start": D(report.summary["since_start"]),
        "limit of cumulative loss": cumulative_net(stations.account.pk),
    }
    assert {name: cents(amount) for name, amount in told.items()} == dict.fromkeys(told, WANTED)
    assert Ticker(stations.account).cells()["day"][0] == signed(WANTED, 0)
    session = session_value("XNYS", now)
    assert session is not None
    assert f"P&L {WANTED:+,.2f} USD" in "\n".join(day_lines(stations.account, session))


def test_the_breaker_of_the_daily_loss_measures_the_result_that_is_shown(stations: Stations) -> None:
    traded_day(stations)
    now = clock.now()
    book_days(stations.account, now)
    net = DayResult.objects.get().net
    assert net is not None and net != 0
    watch_breakers(now)
    assert BreakerReading.objects.get(name="day_loss").measured is None  # it began with nothing: no share
    BookDay.objects.update(opening=D(10_000))
    watch_breakers(now + timedelta(seconds=4))
    assert BreakerReading.objects.get(name="day_loss").measured == (100 * net / 10_000).quantize(D("0.0001"))


def test_a_result_that_is_not_of_now_is_not_measured(stations: Stations) -> None:
    traded_day(stations)
    now = clock.now()
    book_days(stations.account, now)
    BookDay.objects.update(opening=D(10_000))
    assert day_change(stations.account.pk, TODAY, since=now) is not None
    assert day_change(stations.account.pk, TODAY, since=now + timedelta(seconds=1)) is None


def test_a_split_of_the_result_adds_up_to_it(stations: Stations) -> None:
    traded_day(stations)
    day = Books(stations.account, clock.now()).day
    assert day.realized == D("1.2537") * 500 * D("1.6") / 100
    assert day.commissions == D("1.03") + D("1.2537") * D("9.11")
    assert day.realized is not None and day.unrealized is not None and day.commissions is not None
    assert day.realized + day.unrealized - day.commissions == day.net
    assert (day.fills, day.provisional) == (3, False)


def test_an_unknown_rate_leaves_the_result_unknown_everywhere_and_is_no_nought(stations: Stations) -> None:
    open_books(stations)
    stations.contract("ISF", currency="GBP", price_magnifier=100)
    trade(stations, "ISF", "0002.01.01", "1000", price="801.5")
    stations.quote("ISF", bid=D(800), ask=D(800))
    now = clock.now()
    book_days(stations.account, now)
    report = close_report(stations.account, TODAY, actor=SYSTEM, now=now)
    assert Books(stations.account, now).day.net is None
    assert Sheet(stations.account, now).totals[0] is None
    assert report.summary["net"] is None and DayResult.objects.get().net is None
    assert day_change(stations.account.pk, TODAY, since=now) is None


def test_a_version_says_when_its_day_was_restated_after_it(stations: Stations, client: Client) -> None:
    traded_day(stations)
    now = clock.now()
    book_days(stations.account, now)
    first = close_report(stations.account, TODAY, actor=SYSTEM, now=now)
    assert restated_since(first) is None
    told = D(first.summary["net"])
    fee = Stated(exec_root="0001.01", amount=D("2.03"), currency="USD")
    client.force_login(make_person("ann"))
    address = reverse("report", args=[stations.account.pk, TODAY.isoformat()])
    assert "were restated" not in client.get(address).content.decode()
    with override_settings(CLOCK=clock_line(now + timedelta(days=1))):
        state_fee(stations.account.pk, fee, reason="their invoice", actor=SYSTEM, now=clock.now())
        book_days(stations.account, clock.now())
        found = restated_since(first)
        assert found is not None and (found.told, found.now) == (told, told - 1)
        client.force_login(make_person("ann"))
        page = client.get(address).content.decode()
        assert f"net {money(told - 1)} now, {money(told)} here" in page
        second = reissue_report(stations.account, TODAY, actor=SYSTEM, reason="the fee", now=clock.now())
        assert restated_since(second) is None


def test_a_new_version_has_the_fee_that_was_ruled_a_moment_before(stations: Stations) -> None:
    traded_day(stations)
    now = clock.now()
    book_days(stations.account, now)
    first = close_report(stations.account, TODAY, actor=SYSTEM, now=now)
    fill = Fill.objects.get(exec_id="0001.01.01")
    fee = Stated(exec_root=fill.exec_root, amount=D("2.03"), currency="USD")
    with override_settings(CLOCK=clock_line(now + timedelta(days=1))):
        state_fee(stations.account.pk, fee, reason="their invoice", actor=SYSTEM, now=clock.now())
        again = {"actor": SYSTEM, "reason": "the fee", "now": clock.now()}
        second = reissue_report(stations.account, TODAY, **again)
    assert D(second.summary["net"]) == D(first.summary["net"]) - 1
