"""Cash, positions, average costs and results."""

from decimal import Decimal

import pytest

from apps.simgateway.exchange.events import Commission
from tests.simgateway.trading.floorplan import ACCOUNT, Pit, at, future, option, stock

D = Decimal


def position(pit, con_id=1):
    return pit.accounts.account(ACCOUNT).positions[con_id]


def fees(events):
    return [e for e in events if isinstance(e, Commission)]


def test_a_share_costs_its_price_and_the_commission():
    pit = Pit()
    pit.market.set(1, 100, 100)
    _, events = pit.send("BUY", 400)
    assert fees(events)[0].amount == D("2.0012")
    assert fees(events)[0].realized is None
    assert position(pit).average_cost == D("100.005003")
    assert pit.accounts.account(ACCOUNT).cash["USD"] == 1_000_000 - 40_000 - D("2.0012")


def test_the_minimum_is_charged_on_the_first_print_and_small_change_on_each():
    pit = Pit()
    pit.market.set(1, 100, 100, size=40)
    charged = fees(pit.send("BUY", 100)[1])
    for bid in (99, 98):
        pit.market.set(1, bid, 100, size=40)
        charged += fees(pit.later())
    assert [f.amount for f in charged] == [D("1.00012"), D("0.00012"), D("0.00006")]


def test_a_sale_carries_regulatory_fees_and_takes_the_result():
    pit = Pit()
    pit.market.set(1, 100, 100)
    pit.send("BUY", 100)
    pit.market.set(1, 110, 110)
    report = fees(pit.send("SELL", 50)[1])[0]
    assert report.amount > 1
    assert report.realized == D(50) * 110 - report.amount - (D(5000) + D("0.50015"))
    assert position(pit).average_cost == D("100.010003")


def test_a_short_position_is_negative_at_a_positive_cost():
    pit = Pit()
    pit.market.set(1, 100, 100)
    _, events = pit.send("SELL", 200)
    held = position(pit)
    assert (held.quantity, held.average_cost > 0) == (-200, True)
    assert held.average_cost == 100 - fees(events)[0].amount / 200


def test_a_sale_of_more_than_is_held_turns_the_position():
    pit = Pit()
    pit.market.set(1, 100, 100)
    pit.send("BUY", 100)
    pit.market.set(1, 105, 105)
    report = fees(pit.send("SELL", 150)[1])[0]
    held = position(pit)
    assert held.quantity == -50
    assert held.average_cost == pytest.approx(105 - report.amount / 150)
    assert report.realized == pytest.approx(500 - D("1.0003") - report.amount * 100 / 150)


def test_a_future_costs_its_value_and_moves_cash_only_when_closed():
    pit = Pit(stock(), future(5))
    pit.market.set(5, "6302.25", "6302.25")
    report = fees(pit.send("BUY", 1, con_id=5)[1])[0]
    account = pit.accounts.account(ACCOUNT)
    assert position(pit, 5).average_cost == D("6302.25") * 50 + report.amount
    assert account.cash["USD"] == 1_000_000 - report.amount
    pit.market.set(5, "6312.25", "6312.25")
    pit.send("SELL", 1, con_id=5)
    assert account.cash["USD"] == 1_000_000 + 500 - 2 * report.amount


def test_an_option_costs_its_premium_times_the_multiplier():
    pit = Pit(stock(), option(2, 100, "C"))
    pit.market.set(1, 100, 100)
    pit.market.set(2, "2.35", "2.35")
    report = fees(pit.send("BUY", 2, con_id=2)[1])[0]
    assert position(pit, 2).average_cost == 235 + report.amount / 2


def test_a_share_in_pence_is_paid_in_pounds():
    pit = Pit(stock(), stock(7, "LLL", currency="GBP", price_magnifier=100), _fx(8))
    pit.market.set(7, 250, 250)
    pit.market.set(8, "1.25", "1.25")
    order, events = pit.send("BUY", 1000, con_id=7)
    fee = fees(events)[0]
    account = pit.accounts.account(ACCOUNT)
    assert (fee.amount, fee.currency) == (3, "GBP")
    assert account.cash["GBP"] == -2503
    assert position(pit, 7).average_cost == D("2.503")
    assert order.average_price == 250
    rows = {(v.tag, v.currency): v.value for v in pit.accounts.values(ACCOUNT, pit.now)}
    assert rows["StockMarketValue", "GBP"] == "2500.0000"
    assert rows["NetLiquidation", "USD"] == f"{1_000_000 - D('3.75'):.2f}"


def _fx(con_id):
    return stock(con_id, "GBP", sec_type="CASH", min_tick=D("0.00005"))


def test_a_currency_pair_moves_both_balances():
    pit = Pit(stock(), _fx(8))
    pit.market.set(8, "1.25000", "1.25000")
    pit.send("BUY", 20_000, con_id=8)
    cash = pit.accounts.account(ACCOUNT).cash
    assert cash["GBP"] == 20_000
    assert cash["USD"] == 1_000_000 - 25_000 - 2
    assert pit.held(8) == 20_000


def test_results_of_the_day_count_from_the_morning():
    pit = Pit()
    pit.market.set(1, 100, 100)
    pit.send("BUY", 100)
    pit.market.set(1, 110, 110)
    pit.until("2026-03-04 05:00:00")
    pit.until("2026-03-04 17:00:00")
    assert pit.accounts.pnl(ACCOUNT, pit.now).daily == 0
    pit.market.set(1, 112, 112)
    figures = pit.accounts.pnl(ACCOUNT, pit.now)
    assert (figures.daily, figures.unrealized) == (200, D("1198.9997"))
    pit.send("SELL", 100)
    after = pit.accounts.pnl(ACCOUNT, pit.now)
    assert after.unrealized == 0
    assert after.realized == D("1198.9997") - fees_of(pit)
    assert after.daily == 200 - fees_of(pit)
    single = pit.accounts.pnl_single(ACCOUNT, 1, pit.now)
    assert (single.position, single.daily, single.value) == (0, after.daily, 0)
    assert pit.accounts.pnl_single(ACCOUNT, 99, pit.now) is None


def fees_of(pit):
    return sum(pit.accounts.commission_of(x.exec_id).amount for x in pit.accounts.executions())


def test_a_closed_position_is_shown_until_the_day_ends():
    pit = Pit()
    pit.market.set(1, 100, 100)
    pit.send("BUY", 100)
    pit.send("SELL", 100)
    rows = pit.accounts.portfolio(ACCOUNT, pit.now)
    assert [(r.con_id, r.position, r.average_cost) for r in rows] == [(1, 0, 0)]
    pit.until("2026-03-04 05:00:00")
    assert pit.accounts.positions(ACCOUNT) == []


@pytest.mark.parametrize("tag", ["NetLiquidation", "BuyingPower", "accountReady", "Cushion", "SettledCash"])
def test_the_full_list_of_values_is_told(tag):
    pit = Pit()
    rows = pit.accounts.values(ACCOUNT, at("17:00"))
    assert len(rows) > 150
    assert tag in {row.tag for row in rows}
    assert len({(row.tag, row.currency) for row in rows}) == len(rows)
