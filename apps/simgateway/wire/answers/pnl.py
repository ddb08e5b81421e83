"""What is said about profit and loss; None goes out as the largest double, which means unknown."""

from decimal import Decimal

from apps.simgateway.wire.numbers import double, plain
from apps.simgateway.wire.state import Money


def pnl(
    version: int, *, req_id: int, daily: Money, unrealized: Money = None, realized: Money = None
) -> list[str]:
    return ["94", str(req_id), double(daily), double(unrealized), double(realized)]


def pnl_single(
    version: int,
    *,
    req_id: int,
    position: Decimal,
    daily: Money,
    unrealized: Money = None,
    realized: Money = None,
    value: Money = None,
) -> list[str]:
    held = plain(position)
    return ["95", str(req_id), held, double(daily), double(unrealized), double(realized), double(value)]
