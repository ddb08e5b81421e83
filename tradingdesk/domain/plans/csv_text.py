"""From bytes to cells: everything that can be wrong with a plan file before its rows mean anything."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO

from tradingdesk.domain.plans.problem import Problem, file_problem

SIZE_LIMIT = 1_000_000
ROW_LIMIT = 2_000
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of named cells with the line each began on; or the problems that kept them from being read."""

    rows: tuple[tuple[int, dict[str, str]], ...] = ()
    problems: tuple[Problem, ...] = ()


def read_table(data: bytes, columns: Sequence[str]) -> Table:
    """The file as named cells. A problem here condemns the whole file."""
    found = bytes_problem(data)
    if found is not None:
        return Table(problems=(found,))
    try:
        text = data.decode("utf-8")
        lines = list(csv.reader(StringIO(text, newline=""), strict=True))
    except UnicodeDecodeError:
        return Table(problems=(file_problem("FILE_ENCODING", "save the file as UTF-8"),))
    except csv.Error as trouble:
        return Table(problems=(file_problem("FILE_UNREADABLE", f"mend the quoting: {trouble}"),))
    header, body = lines[0], [(number, cells) for number, cells in enumerate(lines[1:], 2) if cells]
    problems = header_problems(header, columns) or _shape_problems(body, len(header))
    if problems:
        return Table(problems=tuple(problems))
    return Table(tuple((number, dict(zip(header, cells, strict=True))) for number, cells in body))


def bytes_problem(data: bytes) -> Problem | None:
    """Size, marks, encoding and the missing end of a file that is still being written."""
    if len(data) > SIZE_LIMIT:
        return file_problem(
            "FILE_TOO_LARGE", f"a plan is at most {SIZE_LIMIT:,} bytes", value=f"{len(data):,} bytes"
        )
    if not data.strip():
        return file_problem("FILE_EMPTY", "send a header and at least one row")
    if data.startswith(_MARKS):
        return file_problem("FILE_MARKED", "save as UTF-8 without a byte order mark")
    if b"\x00" in data:
        return file_problem("FILE_ENCODING", "save the file as UTF-8 text")
    if not data.endswith(b"\n"):
        return file_problem("FILE_TRUNCATED", "send the finished file, with a line break at its end")
    return None


def header_problems(header: Sequence[str], columns: Sequence[str]) -> list[Problem]:
    """The format's columns, each exactly once, in any order."""
    found = [
        file_problem("COLUMN_MISSING", "add the column", line=1, column=name)
        for name in columns
        if name not in header
    ]
    for name in dict.fromkeys(header):
        if name not in columns:
            found.append(
                file_problem("COLUMN_UNKNOWN", "remove the column", line=1, column=name[:60], value=name)
            )
        elif header.count(name) > 1:
            found.append(file_problem("COLUMN_REPEATED", "keep the column once", line=1, column=name))
    return found


def _shape_problems(body: Sequence[tuple[int, Sequence[str]]], width: int) -> list[Problem]:
    if not body:
        return [file_problem("FILE_EMPTY", "send at least one row below the header")]
    if len(body) > ROW_LIMIT:
        return [
            file_problem("ROW_COUNT", f"a plan has at most {ROW_LIMIT:,} rows", value=f"{len(body):,} rows")
        ]
    return [
        file_problem("ROW_LENGTH", f"the row needs {width} cells", line=number, value=f"{len(cells)} cells")
        for number, cells in body
        if len(cells) != width
    ]
