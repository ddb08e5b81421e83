"""The worth of a large book: as the bench lays it, with few statements whatever its size."""

from decimal import Decimal

from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.journal import clock
from apps.ledger.books import nav_now
from apps.runbook.bench.worth import CURRENCIES, POSITIONS, lay_worth, time_worth
from tests.stations import Stations


def test_a_thousand_positions_in_six_currencies_are_read_with_few_statements(stations: Stations) -> None:
    account = lay_worth(stations.account.gateway)
    with CaptureQueriesContext(connection) as caught:
        nav = nav_now(account, clock.now())
    assert len(caught) <= 8, len(caught)
    assert len(nav.holdings) == POSITIONS and nav.reasons == ()
    rates = {name: Decimal(value) for name, value in CURRENCIES.items()}
    expected = sum((10_000 * rate for rate in rates.values()), Decimal(0))
    for number in range(POSITIONS):
        currency = list(CURRENCIES)[number % len(CURRENCIES)]
        quantity = Decimal(number % 50 + 1) * (-1) ** number
        worth = quantity * (Decimal("1.5") * 10 if number % 5 == 0 else Decimal("100.5"))
        expected += worth / (100 if currency == "GBP" else 1) * rates[currency]
    assert nav.total == expected
    assert time_worth(stations.account.gateway, rounds=2).samples == 2
