"""Options on the Positions page: the whole position's Greeks, and dashes for what nobody told."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from apps.journal import clock
from apps.ledger.books import holdings_of, nav_now
from apps.ledger.models import Position
from apps.market.actions.save_quotes import save_greeks
from apps.market.models import Contract, LastQuote
from tests.played_day import PlayedDay
from tradingdesk.domain.market import Greeks

D = Decimal
Fragment = Callable[..., Any]


@pytest.fixture
def put(day: PlayedDay) -> Contract:
    """Three bought puts on PNW."""
    contract = Contract.objects.create(
        con_id=880001, symbol="PNW", local_symbol="PNW   261218P00090000", sec_type="OPT", currency="USD",
        exchange="SMART", multiplier=D(100), min_tick=D("0.01"), calendar="XNYS", expiry="20261218",
        strike=D(90), right="P", time_zone="America/New_York", checked_at=clock.now(),
    )  # fmt: skip
    Position.objects.create(
        account=day.account, contract=contract, quantity=D(3), average_cost=D("2.10"), changed_at=clock.now()
    )
    LastQuote.objects.create(contract=contract, bid=D("2.00"), ask=D("2.20"), received_at=clock.now())
    return contract


def told(contract: Contract, **more: Any) -> None:
    values = {"delta": D("-0.4"), "underlying": D(93), "gamma": D("0.05"), "vega": D("0.09")}
    greeks = Greeks(**(values | {"theta": None, "implied_vol": D("0.31"), "at": clock.now()} | more))
    save_greeks({contract.pk: greeks})


def test_a_held_option_shows_how_the_whole_position_moves(fragment: Fragment, put: Contract) -> None:
    told(put)
    told(put, delta=D("-0.5"))
    page = fragment("/positions/").content.decode()
    row = page.partition(f'id="opt-{put.pk}"')[2].partition("</tr>")[0]
    cells = [cell.partition(">")[2].partition("</td>")[0] for cell in row.split("<td")[1:]]
    assert cells[2] == "−150.00"  # 3 × 100 × −0.5
    assert cells[3].startswith("−13,950.00")
    assert cells[4:7] == ["+15.00", "+27.00", "—"]
    assert cells[7:9] == ["31.0", "93.00"]


def test_before_the_model_has_spoken_there_are_dashes_and_no_zero(fragment: Fragment, put: Contract) -> None:
    page = fragment("/positions/").content.decode()
    table = page.partition('id="options"')[2].partition("</table>")[0]
    assert "0.00" not in table and table.count("—") >= 8


def test_a_model_that_has_not_spoken_for_long_is_unknown_in_the_row_and_in_the_total(
    fragment: Fragment, put: Contract
) -> None:
    told(put, at=clock.now() - timedelta(minutes=11))
    table = fragment("/positions/").content.decode().partition('id="options"')[2].partition("</table>")[0]
    assert "120.00" not in table and "27.00" not in table and table.count("—") >= 10
    assert "data-since" in table  # how old it is, is known


def test_the_exposure_of_the_books_follows_the_model(day: PlayedDay, put: Contract) -> None:
    told(put, at=clock.now() - timedelta(minutes=1))
    (holding,) = [one for one in holdings_of(day.account, clock.now()) if one.contract.con_id == put.con_id]
    assert holding.greeks is not None and holding.greeks.delta == D("-0.4")


def test_an_option_keeps_its_terms_and_is_counted_at_its_strike_without_a_model(
    day: PlayedDay, put: Contract
) -> None:
    worth = nav_now(day.account, clock.now())
    (valued,) = [one for one in worth.holdings if one.holding.contract.con_id == put.con_id]
    assert valued.holding.contract == put.as_value()
    assert (put.as_value().expiry, put.as_value().strike, put.as_value().right) == (
        date(2026, 12, 18),
        D(90),
        "P",
    )
    assert valued.exposure_base == D(-3 * 100 * 90)


def test_how_long_an_option_still_runs_is_told(fragment: Fragment, put: Contract) -> None:
    row = fragment("/positions/").content.decode().partition(f'id="opt-{put.pk}"')[2].partition("</tr>")[0]
    assert "18 Dec" in row


def test_a_day_without_options_has_no_such_table(fragment: Fragment, day: PlayedDay) -> None:
    assert 'id="options"' not in fragment("/positions/").content.decode()
