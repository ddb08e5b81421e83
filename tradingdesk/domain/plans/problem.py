"""What is wrong with a plan file, said so that its author can mend it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """Whether a problem condemns the whole file or only its row."""

    FILE = "file"
    ROW = "row"


@dataclass(frozen=True, slots=True)
class Problem:
    """Where it is, what stands there, and what should stand there. Line 0 is the file itself."""

    scope: Scope
    code: str
    line: int
    column: str
    value: str
    remedy: str


def file_problem(code: str, remedy: str, *, line: int = 0, column: str = "", value: str = "") -> Problem:
    """A problem that sends the whole file to quarantine."""
    return Problem(Scope.FILE, code, line, column, shown(value), remedy)


def row_problem(code: str, remedy: str, *, line: int, column: str, value: str) -> Problem:
    """A problem that refuses one row and leaves the others standing."""
    return Problem(Scope.ROW, code, line, column, shown(value), remedy)


def shown(value: str) -> str:
    """At most sixty printable characters of what stood in the file."""
    return "".join(mark if mark.isprintable() else "�" for mark in value[:60])
