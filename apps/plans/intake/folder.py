"""What lies in the intake folder: which files are whole, which are still being written, which are too large.

File times are the wall's, so they are compared with the wall's clock and never with the desk's.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path

from tradingdesk.domain.plans import Problem, stamp_of
from tradingdesk.domain.plans.csv_text import SIZE_LIMIT
from tradingdesk.domain.plans.problem import file_problem

YOUNGEST = 2.0  # seconds since the last write before a file is read at all
UNFINISHED_UNTIL = 30.0  # seconds that a file without a final line break is waited for
TAKEN, REFUSED = "taken", "refused"
STILL_COMING = (".tmp", ".part", ".partial", ".crdownload", ".filepart", ".swp", "~")


@dataclass(frozen=True, slots=True)
class Found:
    """A file that may be taken: its bytes, or the reason why they were not read."""

    path: Path
    size: int
    data: bytes = b""
    problem: Problem | None = None


@dataclass(slots=True)
class Look:
    """One look into the folder, the newest run first."""

    ready: list[Found] = field(default_factory=list)
    waiting: list[tuple[str, str]] = field(default_factory=list)  # name and why


def look_into(folder: Path, *, wall: float) -> Look:
    """Read what is whole. A folder that is not there holds nothing."""
    look = Look()
    if not folder.is_dir():
        return look
    for path in sorted(folder.iterdir(), key=_newest_first, reverse=True):
        if path.name.startswith(".") or path.name.endswith(STILL_COMING) or not path.is_file():
            continue
        found = _read(path, wall)
        if isinstance(found, str):
            look.waiting.append((path.name, found))
        else:
            look.ready.append(found)
    return look


def _newest_first(path: Path) -> tuple[str, str]:
    stamp = stamp_of(path.name)
    return (stamp.isoformat() if stamp else "", path.name)


def _read(path: Path, wall: float) -> Found | str:
    """The file, or why it has to wait. What changes while it is read is not read."""
    try:
        before = path.stat()
        age = wall - before.st_mtime
        if age < YOUNGEST:
            return f"written {max(age, 0):.1f} s ago"
        if (problem := size_problem(before.st_size)) is not None:
            return Found(path, before.st_size, problem=problem)
        data = path.read_bytes()
        after = path.stat()
    except OSError as trouble:
        return f"cannot be read: {trouble.strerror}"
    if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns) or len(
        data
    ) != after.st_size:
        return "its size is still changing"
    if not data.endswith(b"\n") and age < UNFINISHED_UNTIL:
        return "it has no final line break yet"
    return Found(path, len(data), data)


def size_problem(size: int) -> Problem | None:
    """Ask this before a file is read: what is too large to be a plan is never brought into memory."""
    if size <= SIZE_LIMIT:
        return None
    return file_problem("FILE_TOO_LARGE", f"a plan is at most {SIZE_LIMIT:,} bytes", value=f"{size:,} bytes")


def put_aside(path: Path, place: str) -> None:
    """Move a file out of the way once it is decided; a name that is taken already gets a number."""
    folder = path.parent / place
    folder.mkdir(exist_ok=True)
    target, number = folder / path.name, 1
    while target.exists():
        number += 1
        target = folder / f"{path.stem}.{number}{path.suffix}"
    os.replace(path, target)
