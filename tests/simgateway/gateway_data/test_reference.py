import ib_insync
import pytest

from tests.simgateway.gateway_data.terminal import WEDNESDAY, Terminal, build


@pytest.fixture
def terminal() -> Terminal:
    return Terminal(build(WEDNESDAY))


def details(
    terminal: Terminal, contract: ib_insync.Contract, *, seconds: int = 0
) -> list[ib_insync.ContractDetails]:
    found = terminal.ask(lambda: terminal.ib.reqContractDetailsAsync(contract), seconds=seconds)
    assert isinstance(found, list)
    return found


def test_a_share_is_described_in_full(terminal: Terminal):
    (row,) = details(terminal, ib_insync.Stock("AAPL", "SMART", "USD"))
    assert row.contract.conId == 265598
    assert (row.contract.exchange, row.contract.primaryExchange) == ("SMART", "NASDAQ")
    assert row.timeZoneId == "US/Eastern"
    assert row.tradingHours.startswith("20261118:0400-20261118:2000;")
    assert row.liquidHours.startswith("20261118:0930-20261118:1600;")
    assert len(row.validExchanges.split(",")) == len(row.marketRuleIds.split(","))
    assert "LMT" in row.orderTypes.split(",")
    assert row.minTick == 0.01 and row.longName


def test_a_future_tells_its_month_its_multiplier_and_its_last_minute(terminal: Terminal):
    rows = details(terminal, ib_insync.Future("MES", "", "CME"))
    assert len(rows) > 1
    first = rows[0]
    assert first.contract.multiplier == "5"
    assert first.realExpirationDate == first.contract.lastTradeDateOrContractMonth
    assert first.contractMonth == first.realExpirationDate[:6]
    assert first.lastTradeTime == "08:30"
    assert first.underSymbol and first.underSecType == "IND"
    raw = next(fields for fields in terminal.told if fields[0] == "10")
    assert raw[4].split(" ")[2] == "US/Central"


def test_a_continuous_future_is_the_front_month(terminal: Terminal):
    months = details(terminal, ib_insync.Future("MES", "", "CME"))
    (front,) = details(terminal, ib_insync.ContFuture("MES", "CME"))
    assert front.contract.conId == min(months, key=lambda row: row.realExpirationDate).contract.conId


def test_a_whole_chain_comes_in_parts_and_ends(terminal: Terminal):
    under = terminal.stock("QQQ")
    chains = terminal.ask(lambda: terminal.ib.reqSecDefOptParamsAsync("QQQ", "", "STK", under.conId))
    smart = next(row for row in chains if row.exchange == "SMART")
    expiry = sorted(smart.expirations)[2]
    rows = details(terminal, ib_insync.Option("QQQ", expiry, 0, "C", "SMART"), seconds=2)
    assert [row.contract.strike for row in rows] == sorted(smart.strikes)
    assert {row.contract.lastTradeDateOrContractMonth for row in rows} == {expiry}
    assert {row.underConId for row in rows} == {under.conId}
    assert terminal.told[-1][0] == "52"


def test_an_option_is_found_by_its_terms(terminal: Terminal):
    under = terminal.stock("QQQ")
    (chain, *_) = terminal.ask(lambda: terminal.ib.reqSecDefOptParamsAsync("QQQ", "", "STK", under.conId))
    wanted = ib_insync.Option(
        "QQQ", chain.expirations[1], chain.strikes[50], "P", "SMART", tradingClass="QQQ"
    )
    (row,) = details(terminal, wanted)
    assert (row.contract.strike, row.contract.right) == (chain.strikes[50], "P")
    (again,) = details(terminal, ib_insync.Contract(conId=row.contract.conId, exchange="SMART"))
    assert again.contract == row.contract


def test_nothing_found_is_error_200_and_no_end(terminal: Terminal):
    assert details(terminal, ib_insync.Stock("NOSUCH", "SMART", "USD")) == []
    assert terminal.codes() == [200]
    assert not terminal.of("52")


def test_a_combo_has_no_details_and_may_never_be_answered():
    refusing, silent = Terminal(build(WEDNESDAY)), Terminal(build(WEDNESDAY, bag_contract_details="mute"))
    combo = ib_insync.Bag(symbol="QQQ", exchange="SMART", currency="USD")
    refusing.ib.client.reqContractDetails(4, combo)
    refusing.read()
    assert refusing.codes() == [321]
    silent.ib.client.reqContractDetails(4, combo)
    assert silent.wait(60) == []


def test_a_chain_of_an_unknown_underlying_is_refused_and_of_a_bare_one_empty(terminal: Terminal):
    terminal.ib.client.reqSecDefOptParams(3, "XXX", "", "STK", 1)
    terminal.read()
    assert terminal.errors[-1][:2] == (3, 321)
    pair = terminal.contract(ib_insync.Forex("EURUSD"))
    assert terminal.ask(lambda: terminal.ib.reqSecDefOptParamsAsync("EUR", "", "CASH", pair.conId)) == []


def test_symbols_are_searched_once_a_second(terminal: Terminal):
    found = terminal.ask(lambda: terminal.ib.reqMatchingSymbolsAsync("AAP"))
    assert found[0].contract.symbol == "AAPL"
    assert "OPT" in found[0].derivativeSecTypes
    terminal.ib.client.reqMatchingSymbols(50, "MSF")
    assert not terminal.read()
    assert [fields[0] for fields in terminal.wait(1)] == ["79"]


def test_a_market_rule_tells_the_steps_of_the_contract(terminal: Terminal):
    (row,) = details(terminal, ib_insync.Stock("AAPL", "SMART", "USD"))
    rule = int(row.marketRuleIds.split(",")[0])
    steps = terminal.ask(lambda: terminal.ib.reqMarketRuleAsync(rule))
    assert steps[0].lowEdge == 0
    assert row.minTick in [step.increment for step in steps]
    terminal.ib.client.reqMarketRule(99999)
    terminal.read()
    assert terminal.errors[-1][:2] == (-1, 321)


def test_the_lists_that_hardly_change_are_answered(terminal: Terminal):
    ib = terminal.ib
    assert terminal.ask(ib.reqCurrentTimeAsync).timestamp() * 1_000_000 == WEDNESDAY
    assert {row.exchange for row in terminal.ask(ib.reqMktDepthExchangesAsync)} >= {"NASDAQ", "CME"}
    letters = terminal.ask(lambda: ib.reqSmartComponentsAsync("9c0001"))
    assert {row.exchange: row.exchangeLetter for row in letters}["NASDAQ"] == "Q"
    assert terminal.ask(ib.reqNewsProvidersAsync)[0].code == "BRFG"
    assert "TOP_PERC_GAIN" in terminal.ask(ib.reqScannerParametersAsync)
    ib.client.reqFamilyCodes()
    ib.client.reqSoftDollarTiers(8)
    ib.client.reqUserInfo(9)
    assert [fields[0] for fields in terminal.read()] == ["78", "77", "107"]


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (lambda client, stock: client.reqFundamentalData(7, stock, "ReportSnapshot", []), 10358),
        (lambda client, stock: client.reqNewsArticle(7, "BRFG", "BRFG$1", []), 10172),
        (lambda client, stock: client.reqWshMetaData(7), 10276),
        (lambda client, stock: client.replaceFA(7, 1, "<xml/>"), 321),
        (lambda client, stock: client.reqSmartComponents(7, "zz"), 321),
        (lambda client, stock: client.exerciseOptions(7, stock, 1, 1, "DU1000001", 0), 322),
    ],
)
def test_what_the_gateway_does_not_have_draws_its_own_error(terminal: Terminal, ask, code: int):
    ask(terminal.ib.client, ib_insync.Stock("AAPL", "SMART", "USD"))
    terminal.read()
    assert [error[:2] for error in terminal.errors] == [(7, code)]


def test_a_scan_ranks_stocks_and_is_told_again(terminal: Terminal):
    scan = ib_insync.ScannerSubscription(
        instrument="STK", locationCode="STK.US.MAJOR", scanCode="TOP_PERC_GAIN"
    )
    scan.numberOfRows = 5
    rows = terminal.ask(lambda: terminal.ib.reqScannerDataAsync(scan))
    assert [row.rank for row in rows] == [0, 1, 2, 3, 4]
    moves = []
    for row in rows:
        quote = terminal.gateway.market.quote(row.contractDetails.contract.conId, WEDNESDAY)
        moves.append(quote.last / quote.close)
    assert moves == sorted(moves, reverse=True)
    terminal.read()
    assert terminal.codes() == [162]  # ib_insync cancels a scan once it has its rows
    terminal.ib.client.reqScannerSubscription(90, scan, [], [])
    terminal.read()
    assert [fields[0] for fields in terminal.wait(30)] == ["20"]
