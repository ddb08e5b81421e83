"""What is said by the market scanner."""

from collections.abc import Sequence

from apps.simgateway.wire.numbers import plain
from apps.simgateway.wire.state import ScannerRow

__all__ = ["ScannerRow"]


def scanner_data(version: int, *, req_id: int, rows: Sequence[ScannerRow]) -> list[str]:
    fields = ["20", "3", str(req_id), str(len(rows))]
    for row in rows:
        fields += (str(row.rank), str(row.con_id), row.symbol, row.sec_type, row.expiry, plain(row.strike))
        fields += (row.right, row.exchange, row.currency, row.local_symbol, row.market_name)
        fields += (row.trading_class, row.distance, row.benchmark, row.projection, row.legs)
    return fields


def scanner_parameters(version: int, *, xml: str) -> list[str]:
    return ["19", "1", xml]
