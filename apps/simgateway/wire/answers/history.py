"""What is said about the past."""

from collections.abc import Sequence
from decimal import Decimal

from apps.simgateway.wire.numbers import double, flag, plain
from apps.simgateway.wire.state import HistoricalBar, HistoricalSession, Money


def historical_data(
    version: int, *, req_id: int, start: str, end: str, bars: Sequence[HistoricalBar]
) -> list[str]:
    """Bars. From version 196 on `start` and `end` go in `historical_data_end`, which has to follow."""
    fields = ["17", str(req_id)]
    if version < 196:
        fields += (start, end)
    fields.append(str(len(bars)))
    for bar in bars:
        fields += (bar.date, double(bar.open), double(bar.high), double(bar.low), double(bar.close))
        fields += (plain(bar.volume), plain(bar.wap), str(bar.count))
    return fields


def historical_data_end(version: int, *, req_id: int, start: str, end: str) -> list[str]:
    """Only from version 196 on: before, the bars say it."""
    return ["108", str(req_id), start, end]


def historical_data_update(version: int, *, req_id: int, bar: HistoricalBar) -> list[str]:
    fields = ["90", str(req_id), str(bar.count), bar.date, double(bar.open), double(bar.close)]
    return [*fields, double(bar.high), double(bar.low), plain(bar.wap), plain(bar.volume)]


def head_timestamp(version: int, *, req_id: int, timestamp: str) -> list[str]:
    return ["88", str(req_id), timestamp]


def histogram_data(version: int, *, req_id: int, rows: Sequence[tuple[Money, Decimal | int]]) -> list[str]:
    """Rows of price and size."""
    fields = ["89", str(req_id), str(len(rows))]
    for price, size in rows:
        fields += (double(price), plain(size))
    return fields


def historical_ticks(
    version: int, *, req_id: int, ticks: Sequence[tuple[int, Money, Decimal | int]], done: bool
) -> list[str]:
    """Midpoints: rows of seconds, price and size."""
    fields = ["96", str(req_id), str(len(ticks))]
    for time, price, size in ticks:
        fields += (str(time), "0", double(price), plain(size))
    return [*fields, flag(done)]


def historical_ticks_bid_ask(
    version: int,
    *,
    req_id: int,
    ticks: Sequence[tuple[int, int, Money, Money, Decimal | int, Decimal | int]],
    done: bool,
) -> list[str]:
    """Rows of seconds, mask, bid, ask, bid size and ask size."""
    fields = ["97", str(req_id), str(len(ticks))]
    for time, mask, bid, ask, bid_size, ask_size in ticks:
        fields += (str(time), str(mask), double(bid), double(ask), plain(bid_size), plain(ask_size))
    return [*fields, flag(done)]


def historical_ticks_last(
    version: int,
    *,
    req_id: int,
    ticks: Sequence[tuple[int, int, Money, Decimal | int, str, str]],
    done: bool,
) -> list[str]:
    """Rows of seconds, mask, price, size, exchange and special conditions."""
    fields = ["98", str(req_id), str(len(ticks))]
    for time, mask, price, size, exchange, special in ticks:
        fields += (str(time), str(mask), double(price), plain(size), exchange, special)
    return [*fields, flag(done)]


def historical_schedule(
    version: int, *, req_id: int, start: str, end: str, time_zone: str, sessions: Sequence[HistoricalSession]
) -> list[str]:
    fields = ["106", str(req_id), start, end, time_zone, str(len(sessions))]
    for session in sessions:
        fields += (session.start, session.end, session.ref_date)
    return fields
