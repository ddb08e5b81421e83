"""What is said about quotes as they move."""

from decimal import Decimal

from apps.simgateway.wire.numbers import double, flag, plain
from apps.simgateway.wire.state import Money

Size = Decimal | int | str


def tick_price(
    version: int, *, req_id: int, tick_type: int, price: Money, size: Size = 0, mask: int = 0
) -> list[str]:
    return ["1", "6", str(req_id), str(tick_type), double(price), plain(size), str(mask)]


def tick_size(version: int, *, req_id: int, tick_type: int, size: Size) -> list[str]:
    return ["2", "6", str(req_id), str(tick_type), plain(size)]


def tick_generic(version: int, *, req_id: int, tick_type: int, value: Money) -> list[str]:
    return ["45", "6", str(req_id), str(tick_type), double(value)]


def tick_string(version: int, *, req_id: int, tick_type: int, value: str) -> list[str]:
    return ["46", "6", str(req_id), str(tick_type), value]


def tick_option_computation(
    version: int,
    *,
    req_id: int,
    tick_type: int,
    attribute: int = 1,
    iv: Money,
    delta: Money,
    price: Money,
    dividends: Money,
    gamma: Money,
    vega: Money,
    theta: Money,
    under_price: Money,
) -> list[str]:
    """None may be missing here: what was not computed is -1, or -2 for a Greek."""
    values = (iv, delta, price, dividends, gamma, vega, theta, under_price)
    return ["21", str(req_id), str(tick_type), str(attribute), *map(double, values)]


def tick_efp(
    version: int,
    *,
    req_id: int,
    tick_type: int,
    basis_points: Money,
    formatted: str,
    implied_future: Money,
    hold_days: int,
    future_last_trade: str,
    dividend_impact: Money,
    dividends_to_last_trade: Money,
) -> list[str]:
    fields = ["47", "6", str(req_id), str(tick_type), double(basis_points), formatted, double(implied_future)]
    tail = [double(dividend_impact), double(dividends_to_last_trade)]
    return [*fields, str(hold_days), future_last_trade, *tail]


def tick_req_params(
    version: int, *, req_id: int, min_tick: Money, bbo_exchange: str, snapshot_permissions: int
) -> list[str]:
    return ["81", str(req_id), plain(min_tick), bbo_exchange, str(snapshot_permissions)]


def tick_snapshot_end(version: int, *, req_id: int) -> list[str]:
    return ["57", "1", str(req_id)]


def market_data_type(version: int, *, req_id: int, market_data_type: int) -> list[str]:
    return ["58", "1", str(req_id), str(market_data_type)]


def delta_neutral_validation(
    version: int, *, req_id: int, con_id: int, delta: Money, price: Money
) -> list[str]:
    return ["56", "1", str(req_id), str(con_id), double(delta), double(price)]


def reroute_mkt_data_req(version: int, *, req_id: int, con_id: int, exchange: str) -> list[str]:
    return ["91", str(req_id), str(con_id), exchange]


def reroute_mkt_depth_req(version: int, *, req_id: int, con_id: int, exchange: str) -> list[str]:
    return ["92", str(req_id), str(con_id), exchange]


def realtime_bar(
    version: int,
    *,
    req_id: int,
    time: int,
    open: Money,
    high: Money,
    low: Money,
    close: Money,
    volume: Money,
    wap: Money,
    count: int,
) -> list[str]:
    prices = [double(open), double(high), double(low), double(close)]
    return ["50", "3", str(req_id), str(time), *prices, plain(volume), plain(wap), str(count)]


def tick_by_tick_last(
    version: int,
    *,
    req_id: int,
    time: int,
    price: Money,
    size: Size,
    mask: int = 0,
    exchange: str,
    special_conditions: str = "",
    all_trades: bool = False,
) -> list[str]:
    """A trade; type 2 when the client asked for all of them, else 1."""
    fields = ["99", str(req_id), "2" if all_trades else "1", str(time), double(price), plain(size)]
    return [*fields, str(mask), exchange, special_conditions]


def tick_by_tick_bid_ask(
    version: int,
    *,
    req_id: int,
    time: int,
    bid: Money,
    ask: Money,
    bid_size: Size,
    ask_size: Size,
    mask: int = 0,
) -> list[str]:
    fields = ["99", str(req_id), "3", str(time), double(bid), double(ask)]
    return [*fields, plain(bid_size), plain(ask_size), str(mask)]


def tick_by_tick_midpoint(version: int, *, req_id: int, time: int, midpoint: Money) -> list[str]:
    return ["99", str(req_id), "4", str(time), double(midpoint)]


def market_depth(
    version: int, *, req_id: int, position: int, operation: int, side: int, price: Money, size: Size
) -> list[str]:
    """One row of a book; operation 0 inserts, 1 updates, 2 deletes; side 1 is the bid."""
    fields = ["12", "1", str(req_id), str(position), str(operation), str(side)]
    return [*fields, double(price), plain(size)]


def market_depth_l2(
    version: int,
    *,
    req_id: int,
    position: int,
    market_maker: str,
    operation: int,
    side: int,
    price: Money,
    size: Size,
    is_smart_depth: bool = False,
) -> list[str]:
    fields = ["13", "1", str(req_id), str(position), market_maker, str(operation), str(side)]
    return [*fields, double(price), plain(size), flag(is_smart_depth)]
