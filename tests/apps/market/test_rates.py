"""Rates from a second source are marked as such, and the gateway's go first until they are a day old."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from apps.desks.models import Account
from apps.journal.models import Entry
from apps.market.actions.save_rates import RateTold, save_rates
from apps.market.intake.rates_file import RatesRefused, read_rates
from apps.market.models import FxRate
from apps.market.queries import closing_rates, rates_of, told_rates
from tests.builders import make_desk
from tradingdesk.domain.money import Money, Reason

D = Decimal
NOW = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
ECB = "Date, USD, GBP, JPY, \n2026-11-18, 1.10, 0.88, N/A, \n2026-11-17, 1.09, 0.87, 170.1, \n"


@pytest.fixture
def account(db: None) -> Account:
    return make_desk(port=7497)


def test_the_ecb_s_file_tells_every_currency_in_the_account_s_own(account: Account, tmp_path: Path) -> None:
    (tmp_path / "eurofxref.csv").write_text(ECB)
    call_command("fx", str(tmp_path / "eurofxref.csv"), "--source", "ecb")
    rates = rates_of(account, NOW)
    euro, pound = rates.rate_of("EUR"), rates.rate_of("GBP")
    assert euro is not None and (euro.value, euro.source) == (D("1.10"), "ecb")
    assert (
        pound is not None
        and pound.value == D("1.25")
        and pound.at == datetime(2026, 11, 18, 13, 15, tzinfo=UTC)
    )
    assert Entry.objects.get(verb="import_rates").after["file"] == "eurofxref.csv"


def test_a_plain_table_is_taken_and_the_same_file_twice_is_once(account: Account, tmp_path: Path) -> None:
    file = tmp_path / "rates.csv"
    file.write_text(
        "currency,base,rate,at\nCHF,USD,1.12,2026-11-18T14:00:00Z\nUSD,EUR,0.9,2026-11-18T14:00:00\n"
    )
    for _ in range(2):
        call_command("fx", str(file))
    assert {(row.currency, row.source) for row in told_rates("USD", NOW)} == {
        ("CHF", "file"),
        ("EUR", "file"),
    }
    assert FxRate.objects.count() == 2


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n1,2\n",
        "Date,USD\nyesterday,1.1\n",
        "Date,USD\n2026-11-18,-1\n",
        "currency,base,rate,date\nCHF,USD,many,2026-11-18\n",
        "currency,base,rate,date\nCHF,USD\n",
    ],
)
def test_a_file_with_a_wrong_line_is_refused_whole(text: str) -> None:
    with pytest.raises(RatesRefused):
        read_rates(text)


def test_every_line_that_cannot_be_read_is_named_with_what_to_write() -> None:
    lines = ["currency,base,rate,date", "GBP,USD,nan,2026-11-17", "JPY,USD,x,2026-11-17", "CHF,USD,1.1,17/11"]
    lines += ["EUR,USD", "SEK,,0.1,2026-11-17", "NOK,USD,0.09,2026-11-17"]
    with pytest.raises(RatesRefused) as refused:
        read_rates("\n".join(lines))
    told = str(refused.value).split("; ")
    assert [one.partition(":")[0] for one in told] == [f"line {number}" for number in range(2, 7)]
    assert "'nan' is no rate: write a plain number" in told[0] and "'x' is no rate" in told[1]
    assert (
        "write it as 2026-11-17" in told[2] and "date is missing" in told[3] and "base is missing" in told[4]
    )


def test_nobody_calls_a_file_the_gateway(account: Account, tmp_path: Path) -> None:
    (tmp_path / "rates.csv").write_text(ECB)
    with pytest.raises(CommandError, match="RATES_SOURCE_TAKEN"):
        call_command("fx", str(tmp_path / "rates.csv"), "--source", "gateway")
    assert not FxRate.objects.exists()


def test_the_gateway_s_rate_stands_until_it_is_a_day_old_and_then_the_second_source_s(
    account: Account,
) -> None:
    told = {"base": "USD", "currency": "EUR"}
    save_rates([RateTold(**told, value=D("1.08"), at=NOW)])
    later = NOW + timedelta(hours=20)
    save_rates([RateTold(**told, value=D("1.20"), at=later, source="ecb")])
    rate = rates_of(account, later).rate_of("EUR")
    assert rate is not None and rate.source == "gateway"
    latest = NOW + timedelta(hours=30)
    save_rates([RateTold(**told, value=D("1.21"), at=latest, source="ecb")])
    rate = rates_of(account, latest).rate_of("EUR")
    assert rate is not None and (rate.source, rate.value) == ("ecb", D("1.21"))
    nobody = rates_of(account, latest + timedelta(hours=25)).to_base(
        Money(D(1), "EUR"), latest + timedelta(hours=25)
    )
    assert isinstance(nobody, Reason) and nobody.code == "FX_RATE_STALE"


def test_the_last_rate_of_a_day_stays_when_the_next_day_has_others(account: Account) -> None:
    for hours, value in ((0, "1.08"), (2, "1.09"), (24, "1.10")):
        save_rates([RateTold(base="USD", currency="EUR", value=D(value), at=NOW + timedelta(hours=hours))])
    rate = closing_rates(account, NOW.date()).rate_of("EUR")
    assert rate is not None and rate.value == D("1.09")


@pytest.mark.parametrize("value", ["0", "-1", "NaN", "Infinity"])
def test_what_is_no_rate_is_not_kept(account: Account, value: str) -> None:
    assert save_rates([RateTold(base="USD", currency="EUR", value=D(value), at=NOW)]) == 0
