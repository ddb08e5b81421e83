from apps.simgateway.exchange.events import PositionChanged
from tests.simgateway.gateway_data.terminal import (
    FIRST,
    SECOND_ACCOUNT,
    WEDNESDAY,
    Terminal,
    booked,
    build,
)

AAPL, MSFT = 265598, 272093


def holding(shares: int = 100) -> Terminal:
    """A client of a gateway whose first account holds Apple."""
    gateway = build(WEDNESDAY)
    booked(gateway, AAPL, shares, "250.00")
    return Terminal(gateway)


def bought(terminal: Terminal, con_id: int, shares: int, price: str) -> None:
    booked(terminal.gateway, con_id, shares, price, serial=2)
    terminal.gateway.on_event(PositionChanged(account=FIRST, con_id=con_id))
    terminal.read()


def test_account_values_then_the_portfolio_the_time_and_the_end():
    terminal = holding()
    terminal.ask(lambda: terminal.ib.reqAccountUpdatesAsync(FIRST))
    kinds = [fields[0] for fields in terminal.told]
    assert kinds == ["6"] * kinds.count("6") + ["7", "8", "54"]
    assert kinds.count("6") > 150
    rows = {(row.tag, row.currency): row.value for row in terminal.ib.accountValues(FIRST)}
    assert rows["accountReady", ""] == "true"
    assert float(rows["CashBalance", "EUR"]) == 2000
    assert float(rows["NetLiquidation", "USD"]) > 90_000
    assert ("NetLiquidationByCurrency", "BASE") in rows
    (item,) = terminal.ib.portfolio()
    assert (item.position, item.averageCost) == (100, 250.01)
    assert item.marketValue == item.marketPrice * 100


def test_an_account_in_its_nightly_reset_is_not_ready():
    terminal = Terminal(build(WEDNESDAY, account_ready=False))
    terminal.ask(lambda: terminal.ib.reqAccountUpdatesAsync(FIRST))
    assert {row.value for row in terminal.ib.accountValues() if row.tag == "accountReady"} == {"false"}


def test_a_fill_is_pushed_soon_and_the_rest_every_three_minutes():
    terminal = holding()
    terminal.ask(lambda: terminal.ib.reqAccountUpdatesAsync(FIRST))
    terminal.told.clear()
    bought(terminal, MSFT, 10, "400")
    terminal.wait(1)
    assert {fields[2] for fields in terminal.of("7")} >= {str(MSFT)}
    assert any(fields[2] == "TotalCashValue" for fields in terminal.of("6"))
    terminal.told.clear()
    terminal.wait(170)
    assert terminal.told == []
    terminal.wait(10)
    assert [fields[0] for fields in terminal.told][-1] == "8"
    assert all(fields[2] != "AccountType" for fields in terminal.of("6"))


def test_a_closed_position_stays_with_nothing_until_the_day_ends():
    terminal = holding()
    terminal.ask(lambda: terminal.ib.reqAccountUpdatesAsync(FIRST))
    terminal.ask(lambda: terminal.ib.reqPositionsAsync())
    bought(terminal, AAPL, -100, "260")
    terminal.wait(1)
    last = terminal.of("61")[-1]
    assert (last[3], last[-2], float(last[-1])) == (str(AAPL), "0", 0)
    row = terminal.of("7")[-1]
    assert row[13] == "0"
    assert float(row[18]) > 990
    terminal.gateway.accounts.roll(terminal.gateway.now)
    assert terminal.ask(lambda: terminal.ib.reqPositionsAsync()) == []


def test_asking_for_another_account_ends_the_first():
    terminal = holding()
    terminal.ib.client.reqAccountUpdates(True, FIRST)
    terminal.ib.client.reqAccountUpdates(True, SECOND_ACCOUNT)
    terminal.read()
    assert terminal.errors == [(-1, 2100, "API client has been unsubscribed from account data.")]
    bought(terminal, MSFT, 10, "400")
    assert terminal.wait(1) == []
    terminal.ib.client.reqAccountUpdates(True, "DU9")
    terminal.read()
    assert terminal.codes()[-1] == 321


def test_positions_are_told_of_all_accounts_and_then_as_they_change():
    terminal = holding()
    (row,) = terminal.ask(lambda: terminal.ib.reqPositionsAsync())
    assert (row.account, row.contract.symbol, row.position, row.avgCost) == (FIRST, "AAPL", 100, 250.01)
    assert row.contract.exchange == "NASDAQ"
    bought(terminal, MSFT, 10, "400")
    assert {row.contract.symbol: row.position for row in terminal.ib.positions()} == {"AAPL": 100, "MSFT": 10}
    terminal.ib.client.cancelPositions()
    terminal.told.clear()
    bought(terminal, MSFT, 5, "400")
    assert terminal.told == []


def test_positions_and_values_by_account_carry_the_request_number():
    terminal = holding()
    terminal.ib.client.reqPositionsMulti(31, FIRST, "")
    terminal.ib.client.reqPositionsMulti(32, SECOND_ACCOUNT, "")
    terminal.ib.client.reqPositionsMulti(33, "DU9", "")
    terminal.read()
    assert [(fields[0], fields[2]) for fields in terminal.told[:3]] == [
        ("71", "31"),
        ("72", "31"),
        ("72", "32"),
    ]
    assert terminal.errors[-1][:2] == (33, 321)
    terminal.told.clear()
    terminal.ib.client.reqAccountUpdatesMulti(34, SECOND_ACCOUNT, "", True)
    terminal.read()
    assert terminal.told[-1] == ["74", "1", "34"]
    tags = {fields[5] for fields in terminal.of("73")}
    assert {"NetLiquidation", "CashBalance", "ExchangeRate"} <= tags
    assert "BuyingPower" not in tags


def test_a_summary_tells_the_tags_asked_for_of_every_account():
    terminal = holding()
    terminal.ib.client.reqAccountSummary(41, "All", "NetLiquidation,BuyingPower,$LEDGER:ALL")
    terminal.read()
    rows = terminal.of("63")
    assert {fields[3] for fields in rows} == {FIRST, SECOND_ACCOUNT}
    mine = [fields for fields in rows if fields[3] == FIRST]
    assert [fields[4] for fields in mine[:2]] == ["NetLiquidation", "BuyingPower"]
    assert {fields[6] for fields in mine[2:]} == {"USD", "EUR", "BASE"}
    assert terminal.told[-1] == ["64", "1", "41"]


def test_a_third_summary_is_refused_until_one_is_cancelled():
    terminal = holding()
    for number in (41, 42, 43):
        terminal.ib.client.reqAccountSummary(number, "All", "NetLiquidation")
    terminal.read()
    assert [error[:2] for error in terminal.errors] == [(43, 322)]
    terminal.ib.client.cancelAccountSummary(41)
    terminal.ib.client.reqAccountSummary(44, "All", "NetLiquidation")
    terminal.read()
    assert ["64", "1", "44"] in terminal.told


def test_a_wrong_tag_or_group_is_refused():
    terminal = holding()
    terminal.ib.client.reqAccountSummary(41, "All", "NetLiquidation,Luck")
    terminal.ib.client.reqAccountSummary(42, "Nobody", "NetLiquidation")
    terminal.read()
    assert [error[:2] for error in terminal.errors] == [(41, 321), (42, 321)]


def test_results_are_told_at_once_and_every_second():
    terminal = holding()
    pnl = terminal.ib.reqPnL(FIRST)
    single = terminal.ib.reqPnLSingle(FIRST, "", AAPL)
    terminal.read()
    price = terminal.gateway.market.quote(AAPL, WEDNESDAY).reference
    assert single.position == 100
    assert abs(single.value - float(price) * 100) < 0.01
    assert abs(single.unrealizedPnL - (float(price) * 100 - 25_001)) < 0.01
    assert abs(pnl.unrealizedPnL - single.unrealizedPnL) < 0.01
    told = terminal.wait(5)
    assert [fields[0] for fields in told].count("94") == 5
    assert [fields[0] for fields in told].count("95") == 5
    terminal.ib.cancelPnL(FIRST)
    assert {fields[0] for fields in terminal.wait(2)} == {"95"}


def test_results_that_nobody_knows_are_the_largest_double_or_silence():
    terminal = holding()
    terminal.ib.client.reqPnLSingle(51, FIRST, "", MSFT)
    terminal.ib.client.reqPnLSingle(52, FIRST, "", 1)
    terminal.ib.client.reqPnL(53, "DU9", "")
    terminal.read()
    unknown = "1.7976931348623157E308"
    assert terminal.of("95") == [["95", "51", "0", unknown, unknown, unknown, unknown]]
    assert terminal.errors[-1][:2] == (53, 321)
    assert {fields[1] for fields in terminal.wait(3)} == {"51"}
