"""Quotes from a CSV text (columns below), where an empty cell means no change."""

import csv
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from io import StringIO

from apps.simgateway.exchange.catalogue import Catalogue
from apps.simgateway.exchange.instant import Instant, from_datetime
from apps.simgateway.exchange.overrides import Manual

COLUMNS = ("symbol", "time", "bid", "ask", "bid_size", "ask_size", "last", "last_size")
_PARTS = COLUMNS[2:]


class TapeError(ValueError):
    """A tape cannot be read; says the line and what is wrong with it."""


def read_tape(text: str, catalogue: Catalogue) -> dict[int, list[tuple[Instant, Manual]]]:
    """Rows by contract. A cell left empty keeps what the row before it said of that symbol."""
    reader = csv.DictReader(StringIO(text.lstrip("\ufeff")))
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise TapeError(f"line 1: the columns must be {','.join(COLUMNS)}")
    rows: dict[int, list[tuple[Instant, Manual]]] = {}
    for line, row in enumerate(reader, start=2):
        con_id = _con_id(row["symbol"], catalogue, line)
        kept = rows.setdefault(con_id, [])
        previous = kept[-1] if kept else None
        at = _time(row["time"], line)
        if previous is not None and at < previous[0]:
            raise TapeError(f"line {line}: the time goes back; sort the rows of {row['symbol']}")
        kept.append((at, _quote(row, previous[1] if previous else None, line)))
    return rows


def _con_id(name: str, catalogue: Catalogue, line: int) -> int:
    """A symbol, EUR.USD for a pair, or a contract number for anything else."""
    if name.isdigit() and catalogue.by_con_id(int(name)):
        return int(name)
    for instrument in catalogue.listed():
        if name in ((instrument.local_symbol,) if instrument.sec_type == "CASH" else (instrument.symbol,)):
            return instrument.con_id
    raise TapeError(
        f"line {line}: {name!r} is not listed; give a symbol, a pair such as EUR.USD, or a con_id"
    )


def _time(text: str, line: int) -> Instant:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise TapeError(f"line {line}: {text!r} is not a time such as 2026-11-20T14:30:00Z") from error
    return from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _quote(row: dict[str, str], previous: Manual | None, line: int) -> Manual:
    parts: dict[str, Decimal | None] = {}
    for name in _PARTS:
        cell = (row[name] or "").strip()
        try:
            parts[name] = Decimal(cell) if cell else getattr(previous, name, None)
        except InvalidOperation as error:
            raise TapeError(f"line {line}: {name} {cell!r} is not a number") from error
    return Manual(
        bid=parts["bid"],
        ask=parts["ask"],
        bid_size=parts["bid_size"],
        ask_size=parts["ask_size"],
        last=parts["last"],
        last_size=parts["last_size"],
    )
