"""The tables a report gives away: their columns, and how a value is written so that no formula is read."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet

from apps.reports.models import ExecutionRow, TradeRow

FORMULA = ("=", "+", "-", "@", "\t", "\r")
AT_ONCE = 2000  # rows that are held at a time, and lines that are sent together at most


def neutral(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def price(value: Decimal | None) -> str:
    """With two places at least, and as many more as it has."""
    if value is None:
        return ""
    places = max(2, -int(value.normalize().as_tuple().exponent))
    return f"{value:.{places}f}"


def money(value: Decimal | None) -> str:
    return "" if value is None else f"{value:.2f}"


def quantity(value: Decimal) -> str:
    return f"{value.normalize():f}"


def text(value: Any) -> str:
    return "" if value is None else neutral(str(value))


def number(value: Any) -> str:
    return "" if value is None else str(value)


def moment(value: datetime | None) -> str:
    return "" if value is None else value.astimezone(UTC).isoformat()


Column = tuple[str, str, Callable[[Any], str]]  # its name, the field, and how it is written

TRADES: tuple[Column, ...] = (
    ("date", "report__trading_day", number),
    ("ticker", "ticker", text),
    ("direction", "direction", text),
    ("entry_price", "entry_price", price),
    ("entry_qty", "quantity", quantity),
    ("exit_price", "exit_price", price),
    ("exit_qty", "quantity", quantity),
    ("exit_type", "exit_type", text),
    ("pnl", "pnl", money),
    ("pnl_pct", "pnl_pct", money),
    ("commission", "commission", money),
    ("score", "score", text),
    ("sector", "sector", text),
    ("sl_price", "stop_price", price),
    ("tp1_price", "target_1", price),
    ("tp2_price", "target_2", price),
)
ORDERS: tuple[Column, ...] = (
    ("date", "trading_day", number),
    ("order", "ticket_key", text),
    ("strategy", "strategy", text),
    ("symbol", "symbol", text),
    ("side", "side", text),
    ("role", "role", text),
    ("type", "order_type", text),
    ("phase", "phase", text),
    ("state", "state", text),
    ("attempts", "attempts", number),
    ("quantity", "quantity", quantity),
    ("filled", "filled", quantity),
    ("average_price", "average_price", price),
    ("worth", "worth", money),
    ("commission", "commission", money),
    ("sent_at_utc", "sent_at", moment),
    ("filled_at_utc", "filled_at", moment),
    ("spread_bps", "spread_bps", number),
    ("arrival_mid", "arrival_mid", price),
    ("decision_mid", "decision_mid", price),
    ("close_mid", "close_mid", price),
    ("arrival_bps", "arrival_bps", number),
    ("decision_bps", "decision_bps", number),
    ("close_bps", "close_bps", number),
    ("waiting_cost", "waiting_cost", money),
)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one kind, of one report or of all of an account."""

    columns: tuple[Column, ...]
    rows: QuerySet[Any]

    def values(self) -> Iterator[tuple[Any, ...]]:
        """By a cursor of the server: however many there are, a few are held."""
        fields = dict.fromkeys(field for _, field, _ in self.columns)
        places = {field: place for place, field in enumerate(fields)}
        wanted = [places[field] for _, field, _ in self.columns]
        for row in self.rows.values_list(*fields).iterator(chunk_size=AT_ONCE):
            yield tuple(row[place] for place in wanted)

    def csv(self) -> Iterator[str]:
        """Pieces of a file, many lines each."""
        out = StringIO()
        writer = csv.writer(out)
        writer.writerow([name for name, _, _ in self.columns])
        writers = [write for _, _, write in self.columns]
        for place, row in enumerate(self.values(), 1):
            writer.writerow([write(value) for write, value in zip(writers, row, strict=True)])
            if place % AT_ONCE == 0:
                yield out.getvalue()
                out.seek(0)
                out.truncate()
        yield out.getvalue()

    def json(self) -> Iterator[str]:
        """The same rows at full precision, as one list."""
        names = [name for name, _, _ in self.columns]
        lead = "["
        for row in self.values():
            yield lead + json.dumps(dict(zip(names, row, strict=True)), cls=DjangoJSONEncoder)
            lead = ",\n"
        yield "[]\n" if lead == "[" else "]\n"


def trades_table(account_id: int, report_id: int | None = None) -> Table:
    return Table(TRADES, _rows(TradeRow.objects.all(), account_id, report_id).order_by("pk"))


def orders_table(account_id: int, report_id: int | None = None) -> Table:
    return Table(ORDERS, _rows(ExecutionRow.objects.all(), account_id, report_id).order_by("pk"))


def _rows(rows: QuerySet[Any], account_id: int, report_id: int | None) -> QuerySet[Any]:
    """Of one version, or of the newest one of every day. Rows are only ever added: their order is time's."""
    if report_id is not None:
        return rows.filter(report_id=report_id, report__account_id=account_id)
    return rows.filter(report__account_id=account_id, report__closed=True, report__superseded_by=None)


TABLES: dict[str, Callable[..., Table]] = {"trades": trades_table, "orders": orders_table}


def pieces(lines: Iterable[str], size: int = AT_ONCE) -> Iterator[str]:
    """Lines gathered into pieces worth sending."""
    held: list[str] = []
    for line in lines:
        held.append(line)
        if len(held) == size:
            yield "".join(held)
            held = []
    yield "".join(held)
