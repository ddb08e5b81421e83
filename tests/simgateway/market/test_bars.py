from datetime import date
from decimal import Decimal

import pytest

from apps.simgateway.exchange.bars import HistoryQuery, bar_size, day_stamp, duration_start
from apps.simgateway.exchange.instant import DAY, HOUR, MINUTE, SECOND
from apps.simgateway.exchange.quote import Bar
from apps.simgateway.exchange.sessions import Sessions
from tests.simgateway.market.conftest import NOON, Exchange, utc

AAPL = 265598


def bars(exchange: Exchange, duration: str, size: str, con_id: int = AAPL, **parts: object) -> list[Bar]:
    instrument = exchange.catalogue.known(con_id)
    begin = duration_start(duration, NOON, sessions=exchange.sessions, hours=instrument.hours)
    query = HistoryQuery(con_id=con_id, begin=begin, end=NOON, size=bar_size(size), **parts)  # type: ignore[arg-type]
    return exchange.market.history.bars(instrument, query)


def test_todays_daily_bar_is_todays_quote(exchange: Exchange) -> None:
    quote, bar = exchange.market.quote(AAPL, NOON - SECOND // 2), bars(exchange, "1 D", "1 day")[-1]
    assert (bar.open, bar.high, bar.low, bar.close) == (quote.open, quote.high, quote.low, quote.last)
    assert bar.at == day_stamp(date(2026, 11, 20))
    assert bar.volume == pytest.approx(quote.volume, rel=Decimal("0.001"))


def test_small_bars_make_up_large_ones(exchange: Exchange) -> None:
    small, large = bars(exchange, "1 D", "1 min"), bars(exchange, "1 D", "30 mins")
    assert [bar.at for bar in small] == [utc("2026-11-20 14:30") + n * MINUTE for n in range(150)]
    assert len(large) == 5
    for n, bar in enumerate(large):
        part = small[n * 30 : n * 30 + 30]
        assert (bar.open, bar.close) == (part[0].open, part[-1].close)
        assert bar.high == max(p.high for p in part)
        assert bar.low == min(p.low for p in part)
        assert bar.volume == sum(p.volume for p in part)


def test_five_second_bars_hold_the_quotes_of_their_steps(exchange: Exchange) -> None:
    bar = bars(exchange, "60 S", "5 secs")[-1]
    lasts = [exchange.market.quote(AAPL, bar.at + n * SECOND // 2).last for n in range(10)]
    assert (bar.open, bar.close) == (lasts[0], lasts[-1])
    assert (bar.high, bar.low) == (max(filter(None, lasts)), min(filter(None, lasts)))


def test_hours_stand_on_the_clock_though_the_session_opens_at_half_past(exchange: Exchange) -> None:
    found = [bar.at for bar in bars(exchange, "1 D", "1 hour")]
    assert found == [utc(f"2026-11-20 {text}") for text in ("14:30", "15:00", "16:00")]


def test_extended_hours_are_left_out_unless_asked_for(exchange: Exchange) -> None:
    assert bars(exchange, "1 D", "5 mins")[0].at == utc("2026-11-20 14:30")
    assert bars(exchange, "1 D", "5 mins", regular_only=False)[0].at == utc("2026-11-20 09:00")


def test_a_year_of_days_skips_weekends_and_holidays(exchange: Exchange) -> None:
    found = {bar.at: bar for bar in bars(exchange, "1 Y", "1 day")}
    assert 250 <= len(found) <= 253
    assert day_stamp(date(2025, 11, 27)) not in found
    assert day_stamp(date(2026, 7, 6)) in found
    for bar in found.values():
        assert bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high
        assert bar.low <= bar.wap <= bar.high
        assert bar.volume > 0 and bar.count > 0


def test_a_past_days_close_is_the_next_days_previous_close(exchange: Exchange) -> None:
    yesterday = bars(exchange, "2 D", "1 day")[0]
    close = exchange.market.quote(AAPL, NOON).close
    assert close is not None
    assert abs(yesterday.close - close) <= Decimal("0.05")


def test_weeks_and_months_gather_their_days(exchange: Exchange) -> None:
    days, weeks, months = (bars(exchange, "6 M", size) for size in ("1 day", "1 week", "1 month"))
    assert 25 <= len(weeks) <= 28
    assert 6 <= len(months) <= 7
    assert sum(bar.volume for bar in weeks) == sum(bar.volume for bar in days)
    assert max(bar.high for bar in months) >= max(bar.close for bar in days)


def test_bid_is_below_ask_and_middle_between(exchange: Exchange) -> None:
    bid, ask, middle = (bars(exchange, "1800 S", "5 mins", show=show) for show in ("BID", "ASK", "MIDPOINT"))
    assert len(bid) == len(ask) == len(middle) == 6
    for b, a, m in zip(bid, ask, middle, strict=True):
        assert b.close < a.close
        assert b.close <= m.close <= a.close
        assert (b.volume, b.count) == (-1, -1)


def test_every_kind_of_contract_has_bars(exchange: Exchange) -> None:
    option = exchange.one("QQQ", "OPT", expiry="20261218", strike=Decimal(600), right="P").con_id
    for con_id in (exchange.one("ES", "FUT").con_id, option, 12087792, 13455763):
        show = "MIDPOINT" if con_id == 12087792 else "TRADES"
        found = bars(exchange, "5 D", "1 hour", con_id, show=show)
        assert len(found) >= 25
        assert all(bar.low <= bar.open <= bar.high for bar in found)


def test_history_begins_with_the_table(exchange: Exchange) -> None:
    head = exchange.market.history.head(exchange.catalogue.known(AAPL))
    assert head == utc("2024-01-02 14:30")
    found = bars(exchange, "10 Y", "1 month")
    assert found[0].at == day_stamp(date(2024, 1, 2))


def test_past_ticks_come_in_order_within_trading_hours(exchange: Exchange) -> None:
    history, apple = exchange.market.history, exchange.catalogue.known(AAPL)
    forward = history.ticks(apple, utc("2026-11-20 08:59:50"), count=20, end=NOON)
    assert forward == [utc("2026-11-20 09:00") + n * SECOND for n in range(20)]
    backward = history.ticks_before(apple, utc("2026-11-23 09:00:05"), count=10)
    assert backward[5:] == [utc("2026-11-23 09:00") + n * SECOND for n in range(5)]
    assert backward[4] == utc("2026-11-21 00:59:59")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("60 S", NOON - 60 * SECOND),
        ("1 D", utc("2026-11-20 09:00")),
        ("2 D", utc("2026-11-19 09:00")),
        ("1 W", NOON - 7 * DAY),
        ("1 Y", NOON - 365 * DAY - 6 * HOUR),
    ],
)
def test_durations_reach_back(text: str, expected: int, sessions: Sessions) -> None:
    assert duration_start(text, NOON, sessions=sessions, hours="XNYS") == expected


@pytest.mark.parametrize("text", ["", "1", "1 X", "0 D", "D 1"])
def test_a_bad_duration_is_told(text: str, sessions: Sessions) -> None:
    with pytest.raises(ValueError, match="no duration"):
        duration_start(text, NOON, sessions=sessions, hours="XNYS")


def test_a_bad_bar_size_is_told() -> None:
    with pytest.raises(ValueError, match="no bar size '7 mins'"):
        bar_size("7 mins")
