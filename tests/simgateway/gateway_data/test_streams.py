import ib_insync
import pytest

from tests.simgateway.gateway_data.terminal import SATURDAY, WEDNESDAY, Terminal, build


def an_option(terminal: Terminal, right: str = "C") -> ib_insync.Contract:
    """The option nearest to the money on QQQ, some weeks out."""
    under = terminal.stock("QQQ")
    chains = terminal.ask(lambda: terminal.ib.reqSecDefOptParamsAsync("QQQ", "", "STK", under.conId))
    chain = next(row for row in chains if row.exchange == "SMART")
    spot = float(terminal.gateway.market.quote(under.conId, terminal.gateway.now).reference)
    strike = min(chain.strikes, key=lambda level: abs(level - spot))
    return terminal.contract(
        ib_insync.Option("QQQ", sorted(chain.expirations)[3], strike, right, "SMART", tradingClass="QQQ")
    )


def test_an_option_line_computes_bid_ask_and_model():
    terminal = Terminal(build(WEDNESDAY))
    ticker = terminal.ib.reqMktData(an_option(terminal))
    terminal.read()
    assert [fields[2] for fields in terminal.of("21")][:2] == ["10", "11"]
    assert terminal.of("21")[-1][2] == "13"
    assert 0.3 < ticker.modelGreeks.delta < 0.7
    assert ticker.bidGreeks.impliedVol < ticker.askGreeks.impliedVol
    assert ticker.bid <= ticker.modelGreeks.optPrice <= ticker.ask


def test_what_cannot_be_computed_is_minus_one_or_minus_two():
    terminal = Terminal(build(SATURDAY))
    ticker = terminal.ib.reqMktData(an_option(terminal))
    terminal.read()
    bid = next(fields for fields in terminal.of("21") if fields[2] == "10")
    assert bid[4:] == ["-1.0", "-2.0", "-1.0", "-1.0", "-2.0", "-2.0", "-2.0", "-1.0"]
    assert ticker.bidGreeks.impliedVol is None


def test_a_combo_is_quoted_net_of_its_legs():
    terminal = Terminal(build(WEDNESDAY))
    call, put = an_option(terminal), an_option(terminal, "P")
    combo = ib_insync.Bag(symbol="QQQ", exchange="SMART", currency="USD")
    combo.comboLegs = [
        ib_insync.ComboLeg(conId=call.conId, ratio=1, action="BUY", exchange="SMART"),
        ib_insync.ComboLeg(conId=put.conId, ratio=1, action="SELL", exchange="SMART"),
    ]
    ticker = terminal.ib.reqMktData(combo)
    terminal.read()
    market, now = terminal.gateway.market, terminal.gateway.now
    first, second = market.quote(call.conId, now), market.quote(put.conId, now)
    assert ticker.bid == pytest.approx(float(first.bid - second.ask))
    assert ticker.ask == pytest.approx(float(first.ask - second.bid))


def test_volatility_and_price_are_each_others_inverse():
    terminal = Terminal(build(WEDNESDAY))
    option = an_option(terminal)
    spot = option.strike * 1.01
    priced = terminal.ask(lambda: terminal.ib.calculateOptionPriceAsync(option, 0.25, spot))
    back = terminal.ask(lambda: terminal.ib.calculateImpliedVolatilityAsync(option, priced.optPrice, spot))
    assert back.impliedVol == pytest.approx(0.25, abs=1e-4)
    assert 0 < priced.delta < 1
    terminal.ib.client.calculateOptionPrice(66, terminal.stock("AAPL"), 0.2, 100, [])
    terminal.read()
    assert terminal.errors[-1][:2] == (66, 321)


def test_tick_by_tick_tells_the_book_and_the_trades():
    terminal = Terminal(build(WEDNESDAY))
    contract = terminal.stock("AAPL")
    for number, kind in ((1001, "BidAsk"), (1002, "AllLast"), (1003, "MidPoint")):
        terminal.ib.client.reqTickByTickData(number, contract, kind, 0, False)
    terminal.read()
    terminal.wait(20)
    told = terminal.of("99")
    by_kind = {
        number: [fields for fields in told if fields[1] == number] for number in ("1001", "1002", "1003")
    }
    assert all(len(rows) > 3 for rows in by_kind.values())
    assert {len(rows[0]) for rows in by_kind.values()} == {9, 5}
    assert all(float(fields[4]) < float(fields[5]) for fields in by_kind["1001"])
    terminal.ib.client.reqTickByTickData(1004, contract, "Last", 0, False)
    terminal.read()
    assert terminal.errors[-1][:2] == (1004, 10190)


def test_tick_by_tick_needs_live_data():
    terminal = Terminal(build(WEDNESDAY, market_data="delayed"))
    terminal.ib.client.reqTickByTickData(1001, terminal.stock("AAPL"), "BidAsk", 0, False)
    terminal.read()
    assert terminal.codes() == [10189]


def test_five_second_bars_follow_each_other():
    terminal = Terminal(build(WEDNESDAY))
    bars = terminal.ib.reqRealTimeBars(terminal.stock("AAPL"), 5, "TRADES", True)
    terminal.read()
    terminal.wait(20)
    assert [bar.time.second for bar in bars] == [0, 5, 10, 15]
    assert all(bar.low <= bar.open_ <= bar.high and bar.low <= bar.close <= bar.high for bar in bars)
    terminal.ib.cancelRealTimeBars(bars)
    assert terminal.wait(20) == []
    terminal.ib.client.reqRealTimeBars(
        70, terminal.contract(ib_insync.Forex("EURUSD")), 5, "TRADES", True, []
    )
    terminal.read()
    assert terminal.errors[-1][:2] == (70, 420)


def test_a_book_is_built_once_and_then_changed_in_place():
    terminal = Terminal(build(WEDNESDAY))
    ticker = terminal.ib.reqMktDepth(terminal.stock("AAPL"), 5)
    terminal.read()
    assert [level.price for level in ticker.domBids] == sorted(
        (b.price for b in ticker.domBids), reverse=True
    )
    assert [level.price for level in ticker.domAsks] == sorted(level.price for level in ticker.domAsks)
    assert len(ticker.domBids) == len(ticker.domAsks) == 5
    assert ticker.domBids[0].price < ticker.domAsks[0].price
    terminal.wait(20)
    quote = terminal.gateway.market.quote(ticker.contract.conId, terminal.gateway.now)
    assert ticker.domBids[0].price == float(quote.bid)
    assert len(ticker.domBids) == 5


def test_a_fourth_book_and_the_book_of_an_index_are_refused():
    terminal = Terminal(build(WEDNESDAY))
    for number, name in enumerate(("AAPL", "MSFT", "NVDA", "QQQ"), start=80):
        stock = ib_insync.Stock(name, "SMART", "USD")
        terminal.ib.client.reqMktDepth(number, stock, 3, True, [])
    terminal.ib.client.reqMktDepth(90, ib_insync.Index("VIX", "CBOE", "USD"), 3, False, [])
    terminal.ib.client.cancelMktDepth(99, False)
    terminal.read()
    refused = [error[:2] for error in terminal.errors if error[1] != 2152]  # a note of each book's venues
    assert refused == [(83, 309), (90, 10092), (99, 310)]
    assert {fields[4] for fields in terminal.of("13")} >= {"NASDAQ"}


def test_nothing_moves_while_the_line_is_down_and_a_lost_subscription_stays_lost():
    gateway = build(WEDNESDAY)
    terminal = Terminal(gateway)
    terminal.ib.reqMktData(terminal.stock("AAPL"))
    terminal.ib.reqPnL("DU1000001")
    terminal.read()
    for restored, goes_on in (("1102", True), ("1101", False)):
        gateway.control("link", {"code": "1100"}, gateway.now)
        terminal.read()
        assert terminal.wait(20) == []
        gateway.control("link", {"code": restored}, gateway.now)
        terminal.read()
        assert ({fields[0] for fields in terminal.wait(5)} >= {"1", "2", "94"}) == goes_on
    assert terminal.wait(20) == []
