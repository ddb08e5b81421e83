from datetime import date

import ib_insync
import pytest

from tests.simgateway.gateway_data.terminal import WEDNESDAY, Terminal, build


@pytest.fixture
def terminal() -> Terminal:
    return Terminal(build(WEDNESDAY))


def bars_of(terminal: Terminal, contract: object, duration: str, size: str, **more: object) -> list:
    what = str(more.pop("what", "TRADES"))
    end = str(more.pop("end", ""))
    ask = terminal.ib.reqHistoricalDataAsync
    found = terminal.ask(lambda: ask(contract, end, duration, size, what, True, **more))
    return found if more.get("keepUpToDate") else list(found)


def test_minute_bars_are_in_order_and_agree_with_themselves(terminal: Terminal):
    bars = bars_of(terminal, terminal.stock("MSFT"), "2 D", "5 mins")
    assert len(bars) == 78 + 6
    assert all(bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high for bar in bars)
    assert [bar.date for bar in bars] == sorted({bar.date for bar in bars})
    assert str(bars[0].date.tzinfo) == "US/Eastern"
    assert (bars[0].date.hour, bars[0].date.minute) == (9, 30)


def test_the_last_bar_closes_where_the_quote_is(terminal: Terminal):
    contract = terminal.stock("MSFT")
    (*_, last) = bars_of(terminal, contract, "1800 S", "30 secs")
    quote = terminal.gateway.market.quote(contract.conId, WEDNESDAY)
    assert abs(last.close - float(quote.last)) < 0.002 * last.close


def test_daily_bars_are_dated_by_day_and_skip_the_weekend(terminal: Terminal):
    bars = bars_of(terminal, terminal.stock("AAPL"), "1 M", "1 day")
    assert all(isinstance(bar.date, date) and bar.date.weekday() < 5 for bar in bars)
    assert bars[-1].date == date(2026, 11, 18)
    assert 18 <= len(bars) <= 24


def test_an_end_and_seconds_since_the_epoch_are_understood(terminal: Terminal):
    end = "20261117 16:00:00 US/Eastern"
    bars = bars_of(terminal, terminal.stock("AAPL"), "3600 S", "5 mins", end=end, formatDate=2)
    assert len(bars) == 12
    assert bars[-1].date.isoformat() == "2026-11-17T20:55:00+00:00"


@pytest.mark.parametrize("version", [176, 200])
def test_the_end_of_the_bars_has_a_message_of_its_own_from_version_196_on(version: int):
    terminal = Terminal(build(WEDNESDAY, server_version=200), version=version)
    stock = ib_insync.Stock("AAPL", "SMART", "USD")
    terminal.ib.client.reqHistoricalData(6, stock, "", "1 D", "1 hour", "TRADES", 1, 1, False, [])
    terminal.read()
    (bars,) = terminal.of("17")
    if version < 196:
        assert len(bars) == 5 + 8 * int(bars[4])
        assert not terminal.of("108")
    else:
        assert len(bars) == 3 + 8 * int(bars[2])
        assert [fields[:2] for fields in terminal.of("108")] == [["108", "6"]]


def test_bars_are_kept_up_to_date_until_cancelled(terminal: Terminal):
    contract = terminal.stock("AAPL")
    bars = bars_of(terminal, contract, "3600 S", "1 min", keepUpToDate=True)
    count, shown = len(bars), bars[-1].close
    terminal.wait(125)
    assert len(bars) == count + 3
    assert [bar.date for bar in bars] == sorted({bar.date for bar in bars})
    assert bars[-1].close != shown
    terminal.ib.cancelHistoricalData(bars)
    terminal.read()
    assert terminal.codes() == [162]
    assert terminal.wait(60) == []
    terminal.ib.client.cancelHistoricalData(4711)
    terminal.read()
    assert terminal.errors[-1][:2] == (4711, 366)


def test_the_very_same_request_within_fifteen_seconds_violates_the_pace(terminal: Terminal):
    contract = terminal.stock("AAPL")
    assert bars_of(terminal, contract, "1 D", "1 hour")
    assert bars_of(terminal, contract, "1 D", "1 hour") == []
    assert "pacing violation" in terminal.errors[-1][2]
    terminal.wait(15)
    assert bars_of(terminal, contract, "1 D", "1 hour")


def test_the_seventh_request_for_a_contract_in_two_seconds_is_too_much(terminal: Terminal):
    contract = terminal.stock("AAPL")
    answers = [bool(bars_of(terminal, contract, f"{n} D", "1 hour")) for n in range(1, 9)]
    assert answers == [True] * 6 + [False] * 2


def test_sixty_requests_for_small_bars_fill_ten_minutes(terminal: Terminal):
    contract = terminal.stock("AAPL")
    for n in range(62):
        terminal.ib.client.reqHistoricalData(
            1000 + n, contract, "", f"{60 + n} S", "5 secs", "TRADES", 1, 1, False, []
        )
        terminal.wait(1)
    assert [error[:2] for error in terminal.errors] == [(1060, 162), (1061, 162)]


@pytest.mark.parametrize(
    ("duration", "size", "what", "end", "code"),
    [
        ("1 D", "7 mins", "TRADES", "", 321),
        ("1 fortnight", "1 day", "TRADES", "", 321),
        ("1 D", "1 day", "RUMOURS", "", 321),
        ("1 D", "1 day", "ADJUSTED_LAST", "20261117 16:00:00 US/Eastern", 321),
        ("1 D", "1 day", "TRADES", "yesterday", 10314),
        ("1 D", "1 day", "FEE_RATE", "", 162),
    ],
)
def test_nonsense_is_told(terminal: Terminal, duration: str, size: str, what: str, end: str, code: int):
    bars_of(terminal, terminal.stock("AAPL"), duration, size, what=what, end=end)
    assert terminal.codes() == [code]


def test_currencies_have_no_trades_but_midpoints(terminal: Terminal):
    pair = terminal.contract(ib_insync.Forex("EURUSD"))
    assert bars_of(terminal, pair, "1 D", "1 hour") == []
    assert terminal.codes() == [162]
    assert bars_of(terminal, pair, "1 D", "1 hour", what="MIDPOINT")[-1].volume == -1


def test_a_schedule_lists_the_sessions(terminal: Terminal):
    contract = terminal.stock("AAPL")
    found = terminal.ask(lambda: terminal.ib.reqHistoricalScheduleAsync(contract, 7))
    assert [row.refDate for row in found.sessions][-1] == "20261118"
    assert found.sessions[-1].startDateTime == "20261118-09:30:00"
    assert found.timeZone == "US/Eastern"


def test_head_ticks_and_histogram_are_answered(terminal: Terminal):
    contract, ib = terminal.stock("AAPL"), terminal.ib
    head = terminal.ask(lambda: ib.reqHeadTimeStampAsync(contract, "TRADES", True, 1))
    assert head.year <= 2024
    books = terminal.ask(
        lambda: ib.reqHistoricalTicksAsync(contract, "20261117 10:00:00 US/Eastern", "", 100, "BID_ASK", True)
    )
    assert len(books) == 100 and all(tick.priceBid < tick.priceAsk for tick in books)
    trades = terminal.ask(
        lambda: ib.reqHistoricalTicksAsync(contract, "", "20261117 16:00:00 US/Eastern", 50, "TRADES", True)
    )
    assert [tick.time for tick in trades] == sorted(tick.time for tick in trades)
    assert trades[-1].time.isoformat() == "2026-11-17T20:59:59+00:00"
    rows = terminal.ask(lambda: ib.reqHistogramDataAsync(contract, True, "3 days"))
    assert [row.price for row in rows] == sorted(row.price for row in rows)
    assert sum(row.count for row in rows) > 1000
