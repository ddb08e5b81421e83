"""What is said about orders, except the orders themselves."""

from decimal import Decimal

from apps.simgateway.wire.answers.completedorder import completed_order
from apps.simgateway.wire.answers.openorder import open_order
from apps.simgateway.wire.numbers import plain

__all__ = [
    "completed_order",
    "completed_orders_end",
    "open_order",
    "open_order_end",
    "order_bound",
    "order_status",
]


def order_status(
    version: int,
    *,
    order_id: int,
    status: str,
    filled: Decimal | str,
    remaining: Decimal | str,
    avg_fill_price: Decimal | float | str,
    perm_id: int,
    parent_id: int = 0,
    last_fill_price: Decimal | float | str = 0,
    client_id: int,
    why_held: str = "",
    mkt_cap_price: Decimal | float | str = 0,
) -> bytes:
    """As bytes at once: no message is told more often."""
    return (
        f"3\0{order_id}\0{status}\0{plain(filled)}\0{plain(remaining)}\0{plain(avg_fill_price)}\0{perm_id}\0"
        f"{parent_id}\0{plain(last_fill_price)}\0{client_id}\0{why_held}\0{plain(mkt_cap_price)}\0"
    ).encode()


def open_order_end(version: int) -> list[str]:
    return ["53", "1"]


def order_bound(version: int, *, perm_id: int, client_id: int, order_id: int) -> list[str]:
    return ["100", str(perm_id), str(client_id), str(order_id)]


def completed_orders_end(version: int) -> list[str]:
    return ["102"]
