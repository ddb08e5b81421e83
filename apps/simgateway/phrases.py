"""One line of plain text is one turn at the control door: `fault hold message=orderStatus ref=T-7`.

The same lines stand in scenario files, in scripts and on the command line: a verb, its words, and name=value.
"""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps.simgateway.clock import read_instant, read_span
from apps.simgateway.exchange.instant import Instant

# verb → the names of its plain words, in order; the last takes all that is left
WORDS: dict[str, tuple[str, ...]] = {
    "fault": ("kind",),
    "clear": ("which",),
    "release": ("which",),
    "quote": ("symbol",),
    "unquote": ("symbol",),
    "shift": ("symbol", "percent"),
    "halt": ("symbol",),
    "resume": ("symbol",),
    "link": ("code",),
    "switch": ("name", "value"),
    "fill": ("ref",),
    "reject": ("ref",),
    "discard": ("ref",),
    "locate": ("ref",),
    "notice": ("ref",),
    "correct": ("ref",),
    "bust": ("ref",),
    "foreign": ("symbol",),
    "manual": ("symbol",),
    "liquidate": ("symbol",),
    "hangup": ("client",),
    "stall": ("client",),
    "unstall": ("client",),
    "clock": ("how", "value"),
    "scenario": ("name",),
    "tape": ("file",),
}


@dataclass(frozen=True, slots=True)
class Turn:
    """A verb of the control door and its arguments, all text."""

    verb: str
    args: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Timed:
    """A turn of a scenario, at an instant, or so long after the scenario began."""

    turn: Turn
    at: Instant | None = None
    after: int = 0


def read_turn(line: str) -> Turn:
    """The turn that a line asks for."""
    words = shlex.split(line)
    if not words:
        raise ValueError("an empty line asks for nothing")
    return turn_of(words[0], words[1:])


def turn_of(verb: str, words: list[str]) -> Turn:
    args: dict[str, Any] = {}
    plain: list[str] = []
    for word in words:
        name, equals, value = word.partition("=")
        if equals and name.isidentifier():
            args[name] = value
        else:
            plain.append(word)
    names = WORDS.get(verb, ())
    if len(plain) > len(names) and not names:
        raise ValueError(f"{verb} takes no plain words, only name=value; not: {' '.join(plain)}")
    for place, name in enumerate(names):
        last = place == len(names) - 1
        text = " ".join(plain[place:]) if last else "".join(plain[place : place + 1])
        if text:
            args.setdefault(name, text)
    return Turn(verb, args)


def read_scenario(path: Path) -> Iterator[Timed]:
    """The turns of a scenario; a line may begin with `after 30s: ` or `at 2026-11-20T15:50 US/Eastern: `."""
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = "" if raw.startswith("#") else raw.partition(" #")[0].strip()
        if not line:
            continue
        try:
            yield _timed(line)
        except ValueError as error:
            raise ValueError(f"{path.name}, line {number}: {error}") from None


def _timed(line: str) -> Timed:
    when, colon, rest = line.partition(": ")
    if colon and when.startswith("after "):
        return Timed(read_turn(rest), after=read_span(when[6:]))
    if colon and when.startswith("at "):
        return Timed(read_turn(rest), at=read_instant(when[3:]))
    return Timed(read_turn(line))
