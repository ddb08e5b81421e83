"""Keep the newest quote of each watched contract."""

from collections.abc import Sequence
from typing import Any

from apps.market.models import LastQuote

FIELDS = [
    "bid", "ask", "bid_size", "ask_size", "last", "close", "volume", "halted", "data_type", "received_at",
]  # fmt: skip


def save_quotes(rows: Sequence[dict[str, Any]]) -> None:
    """One statement for all of them; no journal line, since a quote is not an act."""
    LastQuote.objects.bulk_create(
        [LastQuote(**row) for row in rows],
        update_conflicts=True,
        unique_fields=["contract"],
        update_fields=FIELDS,
    )
