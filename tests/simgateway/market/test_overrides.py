from collections.abc import Callable
from decimal import Decimal

import pytest

from apps.simgateway.exchange.instant import HOUR, SECOND
from apps.simgateway.exchange.tape import TapeError, read_tape
from tests.simgateway.market.conftest import NOON, TODAY, Exchange, utc

AAPL, SPX, SPY = 265598, 416904, 756733
HEAD = "symbol,time,bid,ask,bid_size,ask_size,last,last_size\n"


def test_a_set_quote_holds_until_it_is_cleared(exchange: Exchange) -> None:
    market = exchange.market
    before = market.quote(AAPL, NOON)
    market.set_quote(AAPL, bid=Decimal(100), ask=Decimal("100.02"), ask_size=Decimal(700))
    held = market.quote(AAPL, NOON + HOUR)
    assert (held.bid, held.ask, held.ask_size) == (Decimal(100), Decimal("100.02"), Decimal(700))
    assert held.bid_size > 0
    market.clear_quote(AAPL)
    assert market.quote(AAPL, NOON) == before


def test_a_set_quote_can_end_by_itself(exchange: Exchange) -> None:
    exchange.market.set_quote(AAPL, last=Decimal(90), since=NOON, until=NOON + SECOND)
    assert exchange.market.quote(AAPL, NOON).last == Decimal(90)
    assert exchange.market.quote(AAPL, NOON + SECOND).last != Decimal(90)


def test_a_set_quote_leaves_yesterday_alone(exchange: Exchange, fresh: Callable[[int], Exchange]) -> None:
    exchange.market.set_quote(AAPL, bid=Decimal(100), ask=Decimal(101), last=Decimal(100))
    touched, plain = exchange.market.quote(AAPL, NOON), fresh(7).market.quote(AAPL, NOON)
    assert (touched.close, touched.open) == (plain.close, plain.open)
    assert touched.low == Decimal(100)


def test_a_set_quote_can_show_no_book(exchange: Exchange) -> None:
    exchange.market.set_quote(AAPL, missing=True)
    quote = exchange.market.quote(AAPL, NOON)
    assert (quote.bid, quote.ask, quote.bid_size) == (None, None, 0)
    assert quote.last is not None


def test_options_follow_a_set_quote_of_their_underlying(exchange: Exchange) -> None:
    call = exchange.one("AAPL", "OPT", expiry="20261218", strike=Decimal(265), right="C")
    before = exchange.market.quote(call.con_id, NOON).mid
    exchange.market.set_quote(AAPL, bid=Decimal("299.99"), ask=Decimal("300.01"), since=NOON)
    after, greeks = exchange.market.quote(call.con_id, NOON).mid, exchange.market.greeks(call.con_id, NOON)
    assert before is not None and after is not None and greeks is not None
    assert after > before + 20
    assert greeks.under_price == pytest.approx(300.0)


def test_an_auction_crosses_at_a_last_price_set_by_hand(exchange: Exchange) -> None:
    exchange.market.set_quote(AAPL, last=Decimal("250.25"), since=NOON)
    assert exchange.market.auction_price(AAPL, TODAY, "close") == Decimal("250.25")
    assert exchange.market.auction_price(AAPL, TODAY, "open") != Decimal("250.25")


def test_a_shift_stays_and_takes_followers_along(
    exchange: Exchange, fresh: Callable[[int], Exchange]
) -> None:
    plain, market = fresh(7).market, exchange.market
    future = exchange.one("ES", "FUT").con_id
    market.quote(SPY, NOON)
    market.shift(SPX, -5, NOON)
    for con_id in (SPX, SPY, future):
        before, after = plain.quote(con_id, NOON + HOUR), market.quote(con_id, NOON + HOUR)
        assert before.last is not None and after.last is not None
        assert float(after.last / before.last) == pytest.approx(0.95, abs=0.002)
        assert market.quote(con_id, NOON - SECOND) == plain.quote(con_id, NOON - SECOND)
        assert after.low is not None and after.low <= after.last
        assert after.open == before.open


def test_shifting_a_future_shifts_what_it_is_on(exchange: Exchange) -> None:
    before = exchange.market.quote(SPX, NOON).last
    exchange.market.shift(exchange.one("ES", "FUT").con_id, 2, NOON)
    after = exchange.market.quote(SPX, NOON + SECOND).last
    assert before is not None and after is not None
    assert float(after / before) == pytest.approx(1.02, abs=0.001)


def test_a_halt_takes_the_book_away_until_it_is_lifted(exchange: Exchange) -> None:
    before = exchange.market.quote(AAPL, NOON)
    exchange.market.halt(AAPL)
    halted = exchange.market.quote(AAPL, NOON)
    assert (halted.halted, halted.bid, halted.ask) == (True, None, None)
    exchange.market.resume(AAPL)
    assert exchange.market.quote(AAPL, NOON) == before


def test_a_tape_plays_row_by_row(exchange: Exchange) -> None:
    text = HEAD + (
        "AAPL,2026-11-20T17:00:00Z,100,100.10,300,400,100.05,50\n"
        "EUR.USD,2026-11-20T17:00:00Z,1.1,1.1001,1000000,1000000,,\n"
        "AAPL,2026-11-20T17:00:10Z,101,,,,,\n"
    )
    for con_id, rows in read_tape(text, exchange.catalogue).items():
        exchange.market.play(con_id, rows)
    first, second = exchange.market.quote(AAPL, NOON), exchange.market.quote(AAPL, NOON + 10 * SECOND)
    assert (first.bid, first.ask, first.last, first.last_size) == (
        Decimal(100),
        Decimal("100.10"),
        Decimal("100.05"),
        Decimal(50),
    )
    assert (second.bid, second.ask) == (Decimal(101), Decimal("100.10"))
    assert exchange.market.quote(AAPL, NOON - SECOND).bid != Decimal(100)
    assert exchange.market.quote(12087792, NOON).bid == Decimal("1.1")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("symbol,time\n", "line 1: the columns must be"),
        (HEAD + "NOPE,2026-11-20T17:00:00Z,1,2,,,,\n", "line 2: 'NOPE' is not listed"),
        (HEAD + "AAPL,noon,1,2,,,,\n", "line 2: 'noon' is not a time"),
        (HEAD + "AAPL,2026-11-20T17:00:00Z,one,2,,,,\n", "line 2: bid 'one' is not a number"),
        (
            HEAD + "AAPL,2026-11-20T17:00:00Z,1,2,,,,\nAAPL,2026-11-20T16:00:00Z,1,2,,,,\n",
            "line 3: the time goes back",
        ),
    ],
)
def test_a_bad_tape_is_told_by_line(text: str, told: str, exchange: Exchange) -> None:
    with pytest.raises(TapeError, match=told):
        read_tape(text, exchange.catalogue)


def test_a_tape_names_an_option_by_its_number(exchange: Exchange) -> None:
    option = exchange.one("QQQ", "OPT", expiry="20261218", strike=Decimal(600), right="P")
    rows = read_tape(HEAD + f"{option.con_id},2026-11-20T17:00:00,3,3.1,10,10,,\n", exchange.catalogue)
    assert rows[option.con_id][0][0] == utc("2026-11-20 17:00")
