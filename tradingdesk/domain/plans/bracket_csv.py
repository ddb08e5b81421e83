"""The bracket plan's CSV, read strictly.

Two kinds of refusal. What only a broken or hostile generator writes (NaN, infinity, absurd or
negative numbers, formula cells, control characters, a ticker twice) sends the whole file to
quarantine: the rows that look well came out of the same machine. What a sound generator may get
wrong for one ticker (a misplaced stop, a quantity of one, an empty cell) refuses that row by its
line number and leaves the others standing. Nothing is dropped silently.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tradingdesk.domain.money import NumberRefused, Side, finite
from tradingdesk.domain.plans.csv_text import read_table
from tradingdesk.domain.plans.file_name import file_name_problem
from tradingdesk.domain.plans.line import Line, line_problem
from tradingdesk.domain.plans.problem import Problem, Scope, file_problem, row_problem

PRICE_COLUMNS = ("limit_price", "stop_loss", "take_profit_1", "take_profit_2")
CONTEXT_NUMBERS = ("risk_usd", "score", "multiplier_total", "mult_vix", "mult_utility", "sector_bmi")
CONTEXT_WORDS = ("gex_regime", "sector", "sector_regime", "is_mean_reversion")
COLUMNS = (
    "instrument_id", "direction", "order_type", "limit_price", "quantity", "stop_loss", "take_profit_1",
    "take_profit_2", "risk_usd", "score", "gex_regime", "sector", "multiplier_total", "mult_vix",
    "mult_utility", "sector_bmi", "sector_regime", "is_mean_reversion",
)  # fmt: skip

# What each column means, for the page that asks for the file.
MEANINGS = {
    "instrument_id": "the ticker as the broker writes it",
    "direction": "BUY or SELL",
    "order_type": "LIMIT",
    "limit_price": "the entry's limit",
    "quantity": "whole units, at least 2: a third goes to bracket A, the rest to B",
    "stop_loss": "the stop of both brackets, on the losing side of the entry",
    "take_profit_1": "bracket A's target",
    "take_profit_2": "bracket B's target, no nearer than A's",
}
PRICE_CEILING = Decimal(1_000_000)
QUANTITY_CEILING = Decimal(1_000_000)
_SYMBOL = re.compile(r"[A-Z][A-Z0-9]{0,9}([ .-][A-Z0-9]{1,4})?", re.ASCII)
_FORMULA = re.compile(r"\s*[=+\-@|]")
_WORDS = {"direction": ("BUY", "SELL"), "order_type": ("LIMIT",)}
# Where a cell breaks the one rule that a line states for several cells, name the cell to mend.
_COLUMN_OF = {
    "QUANTITY_FRACTIONAL": "quantity",
    "QUANTITY_TOO_SMALL": "quantity",
    "STOP_MISPLACED": "stop_loss",
    "TARGET_MISPLACED": "take_profit_1",
}


@dataclass(frozen=True, slots=True)
class Parsed:
    """The lines that can be traded, and everything wrong with the rest."""

    lines: tuple[Line, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def quarantined(self) -> bool:
        """True when the file as a whole is refused; it then has no lines."""
        return any(problem.scope is Scope.FILE for problem in self.problems)


def parse_plan(data: bytes, *, file_name: str, trading_day: date) -> Parsed:
    """Read a plan for this trading day: lines, row refusals, or a quarantine with its reasons."""
    wrong_name = file_name_problem(file_name, trading_day)
    if wrong_name is not None:
        return Parsed(problems=(wrong_name,))
    table = read_table(data, COLUMNS)
    if table.problems:
        return Parsed(problems=table.problems)
    lines: list[Line] = []
    problems = _repeated_symbols(table.rows)
    for number, cells in table.rows:
        line, found = read_row(number, cells)
        problems.extend(found)
        if line is not None:
            lines.append(line)
    parsed = Parsed(tuple(lines), tuple(problems))
    return Parsed(problems=parsed.problems) if parsed.quarantined else parsed


def read_row(number: int, cells: Mapping[str, str]) -> tuple[Line | None, list[Problem]]:
    """The row as a line, or everything that keeps it from being one."""
    found = row_problems(number, cells)
    if found:
        return None, found
    line = _line(number, cells)
    refusal = line_problem(line)
    if refusal is None:
        return line, []
    column = _COLUMN_OF[refusal.code]
    return None, [row_problem(refusal.code, refusal.text, line=number, column=column, value=cells[column])]


def row_problems(number: int, cells: Mapping[str, str]) -> list[Problem]:
    """Every cell of one row that cannot be read as what its column means."""
    checks = [
        *(_word_problem(number, name, cells[name]) for name in _WORDS),
        _symbol_problem(number, cells["instrument_id"]),
        *(_amount_problem(number, name, cells[name], ceiling=PRICE_CEILING) for name in PRICE_COLUMNS),
        _amount_problem(number, "quantity", cells["quantity"], ceiling=QUANTITY_CEILING),
        *(_number_problem(number, name, cells[name]) for name in CONTEXT_NUMBERS if cells[name]),
        *(_text_problem(number, name, cells[name]) for name in CONTEXT_WORDS),
    ]
    return [problem for problem in checks if problem is not None]


def _line(number: int, cells: Mapping[str, str]) -> Line:
    return Line(
        number=number,
        symbol=cells["instrument_id"],
        side=Side(cells["direction"]),
        quantity=finite(cells["quantity"]),
        limit_price=finite(cells["limit_price"]),
        stop_price=finite(cells["stop_loss"]),
        target_1=finite(cells["take_profit_1"]),
        target_2=finite(cells["take_profit_2"]),
        context={name: cells[name] for name in (*CONTEXT_NUMBERS, *CONTEXT_WORDS)},
    )


def _repeated_symbols(rows: tuple[tuple[int, dict[str, str]], ...]) -> list[Problem]:
    counts = Counter(cells["instrument_id"] for _, cells in rows)
    return [
        file_problem(
            "SYMBOL_REPEATED", "give each ticker one line", line=number, column="instrument_id",
            value=cells["instrument_id"],
        )
        for number, cells in rows
        if cells["instrument_id"] and counts[cells["instrument_id"]] > 1
    ]  # fmt: skip


def _text_problem(number: int, column: str, value: str) -> Problem | None:
    if _FORMULA.match(value):
        return file_problem("CELL_FORMULA", "write plain text", line=number, column=column, value=value)
    if not value.isprintable():
        return file_problem("CELL_CONTROL", "remove the character", line=number, column=column, value=value)
    return None


def _word_problem(number: int, column: str, value: str) -> Problem | None:
    if value in _WORDS[column]:
        return None
    remedy = f"write {' or '.join(_WORDS[column])}"
    return _text_problem(number, column, value) or row_problem(
        "CELL_UNKNOWN", remedy, line=number, column=column, value=value
    )


def _symbol_problem(number: int, value: str) -> Problem | None:
    if _SYMBOL.fullmatch(value):
        return None
    remedy = "write the ticker in capitals, e.g. WEC or BRK B"
    return _text_problem(number, "instrument_id", value) or row_problem(
        "SYMBOL_MALFORMED", remedy, line=number, column="instrument_id", value=value
    )


def _number_problem(number: int, column: str, value: str) -> Problem | None:
    try:
        finite(value)
    except NumberRefused as refused:
        return _unreadable(number, column, value, code=refused.reason.code)
    return None


def _unreadable(number: int, column: str, value: str, *, code: str) -> Problem:
    remedy = "write a plain number such as 115.79"
    if value == "":
        return row_problem("CELL_MISSING", remedy, line=number, column=column, value=value)
    if code in ("NUMBER_NOT_FINITE", "NUMBER_UNSET"):
        return file_problem("CELL_NOT_FINITE", remedy, line=number, column=column, value=value)
    if code == "NUMBER_TOO_LARGE":
        return file_problem("CELL_TOO_LARGE", remedy, line=number, column=column, value=value)
    return _text_problem(number, column, value) or row_problem(
        "CELL_NOT_A_NUMBER", remedy, line=number, column=column, value=value
    )


def _amount_problem(number: int, column: str, value: str, *, ceiling: Decimal) -> Problem | None:
    unreadable = _number_problem(number, column, value)
    if unreadable is not None:
        return unreadable
    amount = finite(value)
    if amount < 0:
        return file_problem(
            "CELL_NEGATIVE", "write it without a minus", line=number, column=column, value=value
        )
    if amount > ceiling:
        return file_problem("CELL_TOO_LARGE", f"at most {ceiling:,}", line=number, column=column, value=value)
    if amount == 0:
        return row_problem("CELL_ZERO", "write an amount above zero", line=number, column=column, value=value)
    return None
