"""Plan files as the strategy's generator writes them."""

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from tradingdesk.domain.plans import Line
from tradingdesk.domain.plans.bracket_csv import COLUMNS, CONTEXT_NUMBERS, CONTEXT_WORDS

NEW_YORK = ZoneInfo("America/New_York")


def plan_file(
    lines: Sequence[Line], at: datetime, *, extra: Sequence[Mapping[str, str]] = ()
) -> tuple[str, bytes]:
    """The name and the bytes of a run made at that moment."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows([row_of(line) for line in lines])
    writer.writerows(extra)
    data = out.getvalue().encode()
    local = at.astimezone(NEW_YORK)
    return f"execution_plan_run_{local:%Y%m%d_%H%M%S}_{hashlib.sha256(data).hexdigest()[:8]}.csv", data


def row_of(line: Line) -> dict[str, str]:
    context = {name: line.context.get(name, "") for name in (*CONTEXT_NUMBERS, *CONTEXT_WORDS)}
    return {
        "instrument_id": line.symbol,
        "direction": line.side.value,
        "order_type": "LIMIT",
        "limit_price": str(line.limit_price),
        "quantity": f"{line.quantity:f}",
        "stop_loss": str(line.stop_price),
        "take_profit_1": str(line.target_1),
        "take_profit_2": str(line.target_2),
        **context,
    }


def drop(folder: Path, name: str, data: bytes) -> Path:
    """Write it beside its name first, so that nobody ever reads half of it."""
    folder.mkdir(parents=True, exist_ok=True)
    coming = folder / f".{name}.part"
    coming.write_bytes(data)
    coming.replace(folder / name)
    return folder / name
