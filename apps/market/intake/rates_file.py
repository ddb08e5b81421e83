"""Rates from a file: a second source, marked as such. The ECB's history, or a plain table.

The ECB's file has a column for each currency, worth one euro of the row's date. A plain table has the
columns `currency`, `base`, `rate` and `date` or `at`: what one unit of the currency was worth in the base.
A file is taken whole or not at all.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction

from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor, Subject
from apps.market.actions.save_rates import RateTold, save_rates
from apps.market.ports import GATEWAY
from tradingdesk.domain.money import NumberRefused, finite

FIXED_AT, FIXED_IN = time(14, 15), ZoneInfo("Europe/Berlin")  # when the ECB takes the rates of a day
EURO = "EUR"
PLAIN = {"currency", "base", "rate"}
REASONS = {
    "RATES_FILE_UNREADABLE": "The file of rates is neither the ECB's nor a table of currency, base and rate.",
    "RATES_SOURCE_TAKEN": "Only the gateway's own rates are called the gateway's.",
}


MOST_TOLD = 10


class RatesRefused(Exception):
    """Nothing of the file was taken; the code and the words say why."""

    def __init__(self, text: str, code: str = "RATES_FILE_UNREADABLE") -> None:
        self.code = code
        super().__init__(text)


@dataclass(frozen=True, slots=True)
class Told:
    """One rate of the file: a unit of the currency in the base."""

    currency: str
    base: str
    value: Decimal
    at: datetime


@transaction.atomic
def import_rates(text: str, *, source: str, bases: Iterable[str], actor: Actor, name: str) -> int:
    """Keep what the file tells about each of these bases; how many rates of a day were written."""
    if source == GATEWAY:
        raise RatesRefused("name the second source otherwise than the gateway", "RATES_SOURCE_TAKEN")
    told = read_rates(text)
    rows = [row for base in sorted(set(bases)) for row in _into(base, told, source)]
    kept = save_rates(rows)
    write_entry(
        "import_rates",
        subject=Subject("market.fxrate", source),
        actor=actor,
        after={
            "file": name,
            "rates": kept,
            "newest": max((row.at for row in told), default=None),
        },
        topics=("books",),
    )
    return kept


def read_rates(text: str) -> list[Told]:
    """Every rate of the file, or a refusal that names each line, what is wrong there and what to write."""
    lines = csv.reader(io.StringIO(text.lstrip("\ufeff")), skipinitialspace=True)
    header = [cell.strip() for cell in next(lines, [])]
    names = [cell.lower() for cell in header]
    read = _ecb_row if names[:1] == ["date"] and not set(names) >= PLAIN else _plain_row
    if read is _plain_row and not set(names) >= PLAIN:
        raise RatesRefused("the first line names neither Date and currencies nor currency, base and rate")
    told: list[Told] = []
    wrong: list[str] = []
    for number, cells in enumerate(lines, 2):
        if not any(cell.strip() for cell in cells):
            continue
        try:
            told += read(header if read is _ecb_row else names, cells)
        except ValueError as problem:
            wrong.append(f"line {number}: {problem}")
    if wrong:
        more = f"; and {len(wrong) - MOST_TOLD} more" if len(wrong) > MOST_TOLD else ""
        raise RatesRefused("; ".join(wrong[:MOST_TOLD]) + more)
    return told


def _ecb_row(header: list[str], cells: list[str]) -> Iterator[Told]:
    at = datetime.combine(_day(cells[0]), FIXED_AT, FIXED_IN).astimezone(UTC)
    for currency, cell in zip(header[1:], cells[1:], strict=False):
        if currency and cell.strip() not in ("", "N/A"):
            yield Told(EURO, currency.upper(), _rate(cell), at)


def _plain_row(names: list[str], cells: list[str]) -> Iterator[Told]:
    row = dict(zip(names, (cell.strip() for cell in cells), strict=False))
    if row.get("at"):
        at = datetime.fromisoformat(row["at"])
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    else:
        at = datetime.combine(_day(_cell(row, "date")), FIXED_AT, FIXED_IN).astimezone(UTC)
    yield Told(_cell(row, "currency").upper(), _cell(row, "base").upper(), _rate(_cell(row, "rate")), at)


def _cell(row: dict[str, str], name: str) -> str:
    if not row.get(name):
        raise ValueError(f"the {name} is missing")
    return row[name]


def _day(text: str) -> date:
    for form in ("%Y-%m-%d", "%d %B %Y"):
        try:
            return datetime.strptime(text.strip(), form).date()
        except ValueError:
            continue
    raise ValueError(f"{text!r} is no date: write it as 2026-11-17")


def _rate(text: str) -> Decimal:
    try:
        value = finite(text.strip())
    except NumberRefused:
        value = Decimal(0)
    if value <= 0:
        raise ValueError(f"{text!r} is no rate: write a plain number above zero, such as 1.0852")
    return value


def _into(base: str, told: Iterable[Told], source: str) -> Iterator[RateTold]:
    """Told directly, the other way round, or over a third currency that both were told against at once."""
    by_moment: dict[datetime, dict[str, Decimal]] = {}
    for row in told:
        if row.base == base:
            by_moment.setdefault(row.at, {})[row.currency] = row.value
        elif row.currency == base:
            by_moment.setdefault(row.at, {})[row.base] = 1 / row.value
    for row in told:
        bridge = by_moment.get(row.at, {}).get(row.currency)
        if bridge is not None and row.base != base:
            by_moment[row.at].setdefault(row.base, bridge / row.value)
    for at, values in by_moment.items():
        for currency, value in values.items():
            yield RateTold(base=base, currency=currency, value=value, at=at, source=source)
