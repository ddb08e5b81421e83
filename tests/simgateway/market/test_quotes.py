from collections.abc import Callable
from datetime import date
from decimal import Decimal
from itertools import pairwise
from statistics import correlation, stdev

import pytest

from apps.simgateway.exchange.instant import DAY, HOUR, MINUTE, SECOND
from apps.simgateway.exchange.quote import Quote
from apps.simgateway.exchange.ticks import on_tick
from tests.simgateway.market.conftest import NOON, TODAY, Exchange, utc

AAPL, SPX, VIX, SPY = 265598, 416904, 13455763, 756733
PRICES = ("bid", "ask", "last", "open", "high", "low", "close")


def shown(quote: Quote) -> list[Decimal]:
    return [price for name in PRICES if (price := getattr(quote, name)) is not None]


def test_the_same_seed_gives_the_same_quotes_in_any_order(fresh: Callable[[int], Exchange]) -> None:
    one, other = fresh(7).market, fresh(7).market
    times = [NOON + n * 37 * SECOND - (n % 3) * 26 * HOUR for n in range(60)]
    forward = [one.quote(AAPL, at) for at in times]
    backward = [other.quote(AAPL, at) for at in reversed(times)][::-1]
    assert forward == backward


def test_another_seed_gives_other_quotes(fresh: Callable[[int], Exchange]) -> None:
    assert fresh(7).market.quote(AAPL, NOON) != fresh(8).market.quote(AAPL, NOON)


def test_a_quote_holds_through_its_step_and_moves_after(exchange: Exchange) -> None:
    market = exchange.market
    at = market.next_change(AAPL, NOON)
    assert at == NOON + SECOND // 2
    assert market.quote(AAPL, NOON) == market.quote(AAPL, at - 1)
    prices = {market.quote(AAPL, NOON + n * SECOND).bid for n in range(60)}
    assert len(prices) > 5


def test_every_listed_price_is_on_its_tick_and_in_order(exchange: Exchange) -> None:
    for instrument in exchange.catalogue.listed():
        quote = exchange.market.quote(instrument.con_id, utc("2026-11-20 14:31"))
        rule = exchange.catalogue.rule_for(instrument)
        assert all(on_tick(price, rule) for price in shown(quote)), instrument.symbol
        if instrument.tradeable:
            assert quote.bid is not None and quote.ask is not None, instrument.symbol
            assert 0 < quote.bid < quote.ask, instrument.symbol
            assert quote.ask - quote.bid < quote.ask / 200, instrument.symbol
        else:
            assert (quote.bid, quote.ask, quote.bid_size) == (None, None, 0)
        if quote.last is not None and quote.high is not None and quote.low is not None:
            assert quote.low <= quote.last <= quote.high, instrument.symbol


def test_the_days_range_only_widens_and_holds_every_last(exchange: Exchange) -> None:
    opening = utc("2026-11-20 14:30")
    high, low, seen = Decimal(0), Decimal(10**9), []
    for n in range(1200):
        quote = exchange.market.quote(AAPL, opening + n * SECOND // 2)
        assert quote.high is not None and quote.low is not None and quote.last is not None
        seen.append(quote.last)
        assert quote.high >= high and quote.low <= low
        high, low = quote.high, quote.low
        assert (high, low) == (max(seen), min(seen))
    assert quote.open == seen[0]


def test_the_range_at_noon_is_that_of_every_step_since_the_open(exchange: Exchange) -> None:
    exchange.market.shift(AAPL, 0.4, utc("2026-11-20 15:10:10"))
    opening, fair = utc("2026-11-20 14:30"), exchange.market.fair
    logs = [fair.log_dev(AAPL, at) for at in range(opening, NOON + 1, SECOND // 2)]
    face = exchange.market.quoter.face(exchange.catalogue.known(AAPL))
    quote = exchange.market.quote(AAPL, NOON)
    assert quote.high == face.grid.nearest(fair.from_log(AAPL, max(logs)))
    assert quote.low == face.grid.nearest(fair.from_log(AAPL, min(logs)))


def test_a_closed_market_shows_its_last_price_and_no_book(exchange: Exchange) -> None:
    saturday = exchange.market.quote(AAPL, utc("2026-11-21 15:00"))
    friday = exchange.market.quote(AAPL, utc("2026-11-21 00:59:59"))
    assert (saturday.bid, saturday.ask, saturday.bid_size, saturday.ask_size) == (None, None, 0, 0)
    assert saturday.last is not None and friday.last is not None
    assert abs(saturday.last - friday.last) <= Decimal("0.05")
    assert (saturday.high, saturday.volume, saturday.close) == (friday.high, friday.volume, friday.close)
    assert exchange.market.next_change(AAPL, utc("2026-11-21 15:00")) == utc("2026-11-23 09:00")


def test_a_pair_is_worth_at_the_weekend_what_it_closed_at_on_friday(exchange: Exchange) -> None:
    friday = exchange.market.quote(12087792, utc("2026-11-20 21:59:59")).mid
    saturday = exchange.market.quote(12087792, utc("2026-11-21 12:00")).reference
    assert friday is not None and saturday is not None
    assert abs(friday - saturday) < Decimal("0.0002")


def test_an_expired_option_has_no_book_and_its_last_day_stays(exchange: Exchange) -> None:
    option = exchange.one("QQQ", "OPT", expiry="20261120", strike=Decimal(580), right="C")
    live, dead = (exchange.market.quote(option.con_id, at) for at in (NOON, NOON + 3 * DAY))
    assert live.bid is not None
    assert (dead.bid, dead.ask) == (None, None)
    under = exchange.market.fair.value(exchange.one("QQQ"), utc("2026-11-20 21:00"))
    assert dead.last is not None
    assert float(dead.last) == pytest.approx(max(0.0, under - 580), abs=0.01)


def test_before_the_open_there_is_a_wider_book_and_no_range(exchange: Exchange) -> None:
    early = exchange.market.quote(AAPL, utc("2026-11-20 12:00"))
    assert early.bid is not None and early.ask is not None
    assert (early.open, early.high, early.low, early.volume) == (None, None, None, 0)
    regular = exchange.market.quote(AAPL, NOON)
    assert regular.bid is not None and regular.ask is not None
    assert early.ask - early.bid > regular.ask - regular.bid


def test_yesterdays_close_is_yesterdays_auction(exchange: Exchange) -> None:
    auction = exchange.market.auction_price(AAPL, date(2026, 11, 19), "close")
    assert exchange.market.quote(AAPL, NOON).close == auction
    opening = exchange.market.auction_price(AAPL, TODAY, "open")
    assert exchange.market.quote(AAPL, NOON).open == opening
    with pytest.raises(LookupError, match="no session"):
        exchange.market.auction_price(AAPL, date(2026, 11, 22), "open")


def test_volume_grows_through_the_day(exchange: Exchange) -> None:
    volumes = [exchange.market.quote(AAPL, NOON + n * MINUTE).volume for n in range(-120, 120, 5)]
    assert volumes == sorted(set(volumes))


def test_volatility_moves_against_the_index(exchange: Exchange) -> None:
    times = [NOON - n * DAY for n in range(150)]
    index, fear = (
        [exchange.market.fair.value(exchange.catalogue.known(con_id), at) for at in times]
        for con_id in (SPX, VIX)
    )
    assert correlation(index, fear) < -0.6
    assert min(fear) >= 9 and max(fear) <= 95


def test_daily_moves_are_as_large_as_the_data_says(exchange: Exchange) -> None:
    fair, instrument = exchange.market.fair, exchange.catalogue.known(SPX)
    values = [
        fair.log_dev(instrument.con_id, NOON - n * DAY) for n in range(700) if (5 - n) % 7 not in (0, 1)
    ]
    moves = [later - earlier for earlier, later in pairwise(values)]
    assert stdev(moves) * 252**0.5 == pytest.approx(0.15, rel=0.2)


def test_a_fund_goes_with_its_index_and_a_future_carries_it(exchange: Exchange) -> None:
    market = exchange.market
    front, back = (exchange.one("ES", "FUT", expiry=month).con_id for month in ("202612", "202703"))
    index, fund = market.quote(SPX, NOON).last, market.quote(SPY, NOON).last
    assert index is not None and fund is not None
    assert abs(fund * 10 / index - Decimal("0.997")) < Decimal("0.02")
    near, far = market.quote(front, NOON).mid, market.quote(back, NOON).mid
    assert near is not None and far is not None
    assert index < near < far < index * Decimal("1.03")


def test_a_swiss_franc_future_is_quoted_the_other_way_round(exchange: Exchange) -> None:
    quote = exchange.market.quote(exchange.one("6S", "FUT").con_id, NOON)
    pair = exchange.market.quote(12087820, NOON)
    assert quote.mid is not None and pair.mid is not None
    assert float(quote.mid * pair.mid) == pytest.approx(1.0, abs=0.01)
    assert quote.high is not None and quote.low is not None
    assert quote.low <= quote.mid <= quote.high


def test_options_are_quoted_around_their_model_on_the_three_dollar_grid(exchange: Exchange) -> None:
    chain = exchange.catalogue.chain(exchange.one("AAPL").con_id, "20261218", TODAY)
    rule = exchange.catalogue.rule_for(chain[0])
    for option in chain:
        quote, model = exchange.market.quote(option.con_id, NOON), exchange.market.greeks(option.con_id, NOON)
        assert model is not None and quote.ask is not None
        assert all(on_tick(price, rule) for price in shown(quote))
        assert float(quote.bid or 0) <= model.price <= float(quote.ask)
        if quote.bid is not None and quote.bid >= 3:
            assert quote.bid % Decimal("0.05") == 0
    assert any(exchange.market.quote(option.con_id, NOON).bid is None for option in chain)


def test_the_surface_rises_when_the_index_falls(exchange: Exchange) -> None:
    before, after = (
        exchange.one("SPY", "OPT", expiry="20261218", strike=Decimal(strike), right="P")
        for strike in (685, 644)
    )
    calm = exchange.market.greeks(before.con_id, NOON)
    exchange.market.shift(SPX, -6, NOON)
    shaken = exchange.market.greeks(after.con_id, NOON + SECOND)
    assert calm is not None and shaken is not None
    assert abs(calm.delta - shaken.delta) < 0.1
    assert shaken.iv > calm.iv * 1.15


def test_rates_agree_with_the_pairs_even_at_the_weekend(exchange: Exchange) -> None:
    market, sunday = exchange.market, utc("2026-11-22 12:00")
    assert market.fx_rate("USD", "USD", sunday) == 1
    euro = market.fx_rate("EUR", "USD", sunday)
    assert euro * market.fx_rate("USD", "EUR", sunday) == pytest.approx(Decimal(1), abs=Decimal("1e-8"))
    mid = market.quote(12087792, NOON).mid
    assert mid is not None
    assert abs(market.fx_rate("EUR", "USD", NOON) - mid) < Decimal("0.0001")
    cross = market.quote(12087807, NOON).mid
    assert cross is not None
    assert float(cross) == pytest.approx(float(market.fx_rate("EUR", "GBP", NOON)), rel=0.01)
    with pytest.raises(LookupError, match="NOK"):
        market.fx_rate("NOK", "USD", NOON)


def test_an_unknown_contract_is_told(exchange: Exchange) -> None:
    with pytest.raises(LookupError, match="no contract 12"):
        exchange.market.quote(12, NOON)
