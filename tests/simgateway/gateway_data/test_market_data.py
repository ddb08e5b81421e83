import ib_insync
import pytest

from tests.simgateway.gateway_data.terminal import SATURDAY, WEDNESDAY, Terminal, build


def kinds(messages: list[list[str]], req_id: int) -> list[str]:
    """Message and tick numbers of one request, such as 1/66 for a delayed bid price."""
    told = []
    for fields in messages:
        place = {"81": 1, "58": 2, "57": 2, "4": 2, "21": 1}.get(fields[0], 2)
        if fields[place] == str(req_id):
            told.append(
                fields[0] if fields[0] in ("81", "58", "57", "4") else f"{fields[0]}/{fields[place + 1]}"
            )
    return told


def test_a_line_begins_with_its_parameters_then_prices_sizes_and_the_days_figures():
    terminal = Terminal(build(WEDNESDAY))
    ticker = terminal.ib.reqMktData(terminal.stock("AAPL"))
    terminal.read()
    told = kinds(terminal.told, 2)
    assert told == [
        *("81", "1/1", "1/2", "1/4", "2/0", "2/3", "2/5"),
        *("46/45", "45/49", "1/6", "1/7", "2/8", "1/9", "1/14"),
    ]
    assert ticker.bid < ticker.ask
    assert ticker.low <= ticker.last <= ticker.high
    assert ticker.halted == 0
    assert ticker.bboExchange == "9c0001"


def test_a_line_tells_only_what_changed():
    terminal = Terminal(build(WEDNESDAY))
    ticker = terminal.ib.reqMktData(terminal.stock("AAPL"))
    terminal.read()
    first = (ticker.bid, ticker.ask)
    later = terminal.wait(20)
    assert (ticker.bid, ticker.ask) != first
    assert not {"1/9", "1/14", "45/49"} & set(kinds(later, 2))
    quote = terminal.gateway.market.quote(ticker.contract.conId, terminal.gateway.now)
    assert (ticker.bid, ticker.ask) == (float(quote.bid), float(quote.ask))
    terminal.ib.cancelMktData(ticker.contract)
    assert terminal.wait(20) == []


def test_a_snapshot_ends_and_is_silent_afterwards():
    terminal = Terminal(build(WEDNESDAY))
    contract = terminal.stock("MSFT")
    (ticker,) = terminal.ask(lambda: terminal.ib.reqTickersAsync(contract))
    assert terminal.told[-1][0] == "57"
    assert ticker.ask > ticker.bid > 0
    assert terminal.wait(30) == []


def test_without_a_market_bid_and_ask_are_minus_one_and_a_snapshot_takes_eleven_seconds():
    terminal = Terminal(build(SATURDAY))
    contract = terminal.stock("MSFT")
    terminal.ib.reqMktData(contract, snapshot=True)
    terminal.read()
    prices = {fields[3]: (fields[4], fields[5]) for fields in terminal.of("1")}
    assert prices["1"] == prices["2"] == ("-1.0", "0")
    assert float(prices["4"][0]) > 0
    assert not terminal.of("57")
    assert [fields[0] for fields in terminal.wait(11)] == ["57"]


def test_no_price_in_pence_is_minus_a_hundred():
    gateway = build(SATURDAY)
    terminal = Terminal(gateway)
    pence = next(i for i in gateway.catalogue.listed() if i.price_magnifier == 100)
    terminal.ib.reqMktData(ib_insync.Contract(conId=pence.con_id, exchange="SMART"))
    terminal.read()
    assert [fields[4] for fields in terminal.of("1") if fields[3] in ("1", "2")] == ["-100.0", "-100.0"]


def test_frozen_data_shows_the_last_quote_of_the_week():
    terminal = Terminal(build(SATURDAY))
    contract = terminal.stock("AAPL")
    terminal.ib.reqMarketDataType(2)
    ticker = terminal.ib.reqMktData(contract)
    terminal.read()
    assert kinds(terminal.told, 2)[:2] == ["58", "81"]
    assert ticker.marketDataType == 2
    assert ticker.ask > ticker.bid > 0


def test_delayed_data_is_a_quarter_of_an_hour_old_and_says_so():
    terminal = Terminal(build(WEDNESDAY, market_data="delayed"))
    contract = terminal.stock("AAPL")
    terminal.ib.reqMarketDataType(3)
    ticker = terminal.ib.reqMktData(contract)
    terminal.read()
    told = kinds(terminal.told, 2)
    assert told[:9] == ["4", "58", "81", "1/66", "1/67", "1/68", "2/69", "2/70", "2/71"]
    assert told[9:] == ["46/88", "45/90", "1/72", "1/73", "2/74", "1/75", "1/76"]
    assert terminal.codes() == [10167]
    old = terminal.gateway.market.quote(contract.conId, WEDNESDAY - 900_000_000)
    assert (ticker.bid, ticker.ask) == (float(old.bid), float(old.ask))


@pytest.mark.parametrize(("mode", "code"), [("refused", 10089), ("off", 10168), ("competing", 10197)])
def test_live_data_that_is_not_to_be_had_is_refused(mode: str, code: int):
    terminal = Terminal(build(WEDNESDAY, market_data=mode))
    terminal.ib.reqMktData(terminal.stock("AAPL"))
    terminal.read()
    assert terminal.codes() == [code]
    assert not terminal.of("1")
    assert bool(terminal.of("81")) == (mode == "refused")
    assert terminal.wait(10) == []


def test_an_index_has_a_level_but_no_bid():
    terminal = Terminal(build(WEDNESDAY))
    ticker = terminal.ib.reqMktData(terminal.contract(ib_insync.Index("VIX", "CBOE", "USD")))
    terminal.read()
    assert 5 < ticker.last < 100
    assert not {"1/1", "1/2"} & set(kinds(terminal.told, 2))


def test_the_hundred_and_first_line_is_refused_until_one_is_given_back():
    terminal = Terminal(build(WEDNESDAY, market_data_lines=3))
    contracts = [terminal.stock(name) for name in ("AAPL", "MSFT", "NVDA", "QQQ")]
    for contract in contracts:
        terminal.ib.reqMktData(contract)
    terminal.read()
    assert terminal.codes() == [101]
    terminal.ib.cancelMktData(contracts[0])
    ticker = terminal.ib.reqMktData(contracts[3], "233")
    terminal.read()
    assert terminal.codes() == [101]
    assert ticker.rtVolume > 0


def test_a_halt_is_told_as_a_tick_and_takes_the_quote_away():
    gateway = build(WEDNESDAY)
    terminal = Terminal(gateway)
    contract = terminal.stock("AAPL")
    ticker = terminal.ib.reqMktData(contract)
    terminal.read()
    gateway.market.halt(contract.conId)
    terminal.wait(1)
    assert ticker.halted == 1
    assert ticker.bid == ticker.ask == -1
    gateway.market.resume(contract.conId)
    terminal.wait(1)
    assert ticker.halted == 0
    assert ticker.ask > ticker.bid > 0


def test_generic_ticks_bring_their_figures_and_unknown_ones_are_refused():
    terminal = Terminal(build(WEDNESDAY))
    contract = terminal.stock("AAPL")
    ticker = terminal.ib.reqMktData(contract, "100,101,104,106,165,221,233,236,456,595")
    terminal.read()
    assert ticker.callVolume > 0 and ticker.putOpenInterest > 0
    assert 0.02 < ticker.impliedVolatility < 3 and ticker.histVolatility > 0
    assert ticker.low52week < ticker.last < ticker.high52week
    assert ticker.low <= ticker.vwap <= ticker.high
    assert ticker.shortableShares > 1000 and ticker.markPrice > 0
    terminal.ib.reqMktData(terminal.stock("MSFT"), "9999")
    terminal.read()
    assert terminal.errors[-1][1] == 321
    assert "233(RTVolume)" in terminal.errors[-1][2]


def test_one_number_serves_one_line_and_an_unknown_one_cannot_be_cancelled():
    terminal = Terminal(build(WEDNESDAY))
    contract = terminal.stock("AAPL")
    for _ in range(2):
        terminal.ib.client.reqMktData(77, contract, "", False, False, [])
    terminal.ib.client.cancelMktData(78)
    terminal.read()
    assert terminal.errors[-2][:2] == (77, 322)
    assert terminal.errors[-1][:2] == (78, 300)


def test_an_unknown_contract_and_a_vague_one_draw_error_200():
    terminal = Terminal(build(WEDNESDAY))
    terminal.ib.client.reqMktData(5, ib_insync.Stock("NOSUCH", "SMART", "USD"), "", False, False, [])
    vague = ib_insync.Option("QQQ", "", 0, "C", "SMART")
    terminal.ib.client.reqMktData(6, vague, "", False, False, [])
    terminal.read()
    assert [error[:2] for error in terminal.errors] == [(5, 200), (6, 200)]
    assert "ambiguous" in terminal.errors[1][2]


def test_a_client_that_hangs_up_takes_its_lines_with_it():
    gateway = build(WEDNESDAY, market_data_lines=1)
    first, second = Terminal(gateway), Terminal(gateway, conn=2, client_id=2)
    first.ib.reqMktData(first.stock("AAPL"))
    gateway.close(1, gateway.now)
    gateway.take()
    ticker = second.ib.reqMktData(second.stock("MSFT"))
    second.wait(5)
    assert ticker.bid > 0
    assert second.codes() == []
