"""Runs a script: a plain text of who sends what, what is told to whom, and what goes wrong in between.

See README.md beside the scripts for the language. Everything runs in this process, on a clock that the script
moves, through real bytes in both directions.
"""

import re
import shlex
from collections.abc import Callable
from pathlib import Path

from apps.simgateway.assembly import Setup, build_machine
from apps.simgateway.clock import read_instant, read_span
from apps.simgateway.gateway.core import Hangup, Output, Stall, Write
from apps.simgateway.machine import Machine
from apps.simgateway.phrases import read_turn
from tests.simgateway.scripts.actors import Actor, Told, Wanted, fits, framed, greeting
from tests.simgateway.scripts.requests import request_fields

_CONDITION = re.compile(r"^(\w+)(!=|=|~|>|<)(.*)$", re.DOTALL)
_START = "2026-11-20T10:00 US/Eastern"  # a Friday, half an hour after the opening


class ScriptFailed(AssertionError):
    """A line of a script did not hold."""


class Stage:
    """The gateway, the actors, and the script's own clock."""

    def __init__(self, machine: Machine | None = None) -> None:
        self.setup: dict[str, str] = {}
        self.now = machine.gateway.now if machine else read_instant(_START)
        self.actors: dict[str, Actor] = {}
        self.variables: dict[str, str] = {}
        self.answer: dict[str, object] = {}
        self._machine = machine
        self._sockets = 0

    @property
    def machine(self) -> Machine:
        """Built when it is first needed, so that a script can say with what."""
        if self._machine is None:
            own = {word: int(self.setup.pop(word, "1")) for word in ("seed", "accounts")}
            self._machine = build_machine(Setup(start=self.now, switches=self.setup, **own))
        return self._machine

    def open(self, name: str) -> Actor:
        self._sockets += 1
        actor = self.actors[name] = Actor(name, self._sockets)
        self.machine.open(actor.conn, self.now)
        self.settle()
        return actor

    def send(self, actor: Actor, data: bytes) -> None:
        """Bytes on their way, in segments when the actor wants them so; a dead socket keeps them."""
        if actor.stalled:
            actor.unsent += data
            return
        size = actor.piece or len(data)
        for start in range(0, len(data), size):
            self.machine.receive(actor.conn, data[start : start + size], self.now)
            self.settle()

    def settle(self) -> None:
        for output in self.machine.take():
            for actor in self.actors.values():
                if actor.conn == output.conn and not actor.closed:
                    self._deliver(actor, output)

    def _deliver(self, actor: Actor, output: Output) -> None:
        if isinstance(output, Write):
            actor.receive(output.data)
        elif isinstance(output, Hangup):
            actor.closed = True
            self.machine.close(actor.conn, self.now)
        elif isinstance(output, Stall):
            self._stall(actor, output.on)

    def _stall(self, actor: Actor, on: bool) -> None:
        actor.stalled = on
        if not on:
            actor.read()
            unsent, actor.unsent = actor.unsent, b""
            if unsent:
                self.send(actor, unsent)

    def wait_until(self, instant: int) -> None:
        """Let time pass, stopping wherever something is due."""
        while (due := self.machine.next_due) is not None and due <= instant:
            self.now = max(self.now, due)
            self.machine.advance(self.now)
            self.settle()
        self.now = instant
        self.machine.advance(self.now)
        self.settle()


def run_script(path: Path) -> None:
    """Run every line; the first that does not hold fails, with its number and what was there instead."""
    run_lines(path.read_text(encoding="utf-8").splitlines(), name=path.name)


def run_lines(lines: list[str], machine: Machine | None = None, *, name: str = "script") -> None:
    stage = Stage(machine)
    for number, raw in enumerate(lines, 1):
        line = "" if raw.startswith("#") else raw.partition(" #")[0].strip()
        if not line:
            continue
        try:
            _perform(stage, _filled_in(stage, line))
        except (ValueError, KeyError, AssertionError) as error:
            raise ScriptFailed(f"{name}, line {number}: {line}\n{error}") from None


def _filled_in(stage: Stage, line: str) -> str:
    return re.sub(r"\$(\w+)", lambda found: stage.variables.get(found[1], found[0]), line)


def _perform(stage: Stage, line: str) -> None:
    words = shlex.split(line)
    for pattern, act in _GENERAL:
        if found := re.fullmatch(pattern, line):
            act(stage, found)
            return
    actor_line = len(words) > 1 and f"{words[1]} {words[2] if len(words) > 2 else ''}".strip()
    for opening, act in _ACTIONS.items():
        if actor_line and (
            actor_line == opening or actor_line.startswith(f"{opening} ") or words[1] == opening
        ):
            act(stage, words[0], words[1 + len(opening.split()) :])
            return
    turn = read_turn(line)
    stage.answer = stage.machine.control(turn.verb, turn.args, stage.now)
    stage.settle()


def _with(stage: Stage, found: re.Match[str]) -> None:
    stage.setup |= dict(word.split("=", 1) for word in shlex.split(found[1]))


def _it_is(stage: Stage, found: re.Match[str]) -> None:
    if stage.actors:
        stage.wait_until(read_instant(found[1]))
    else:
        stage.now = read_instant(found[1])


def _wait(stage: Stage, found: re.Match[str]) -> None:
    stage.wait_until(stage.now + read_span(found[1]))


def _remember(stage: Stage, found: re.Match[str]) -> None:
    stage.variables[found[1]] = str(stage.answer[found[2]])


_GENERAL: tuple[tuple[str, Callable[[Stage, re.Match[str]], None]], ...] = (
    (r"with (.+)", _with),
    (r"it is (.+)", _it_is),
    (r"wait (.+)", _wait),
    (r"call (\w+) its (\w+)", _remember),
)


def _connects(stage: Stage, name: str, words: list[str]) -> None:
    """`A connects as client 1`: greeting, start, and what a client reads first."""
    client, *rest = words[1:] if words[0] == "client" else words
    _opens(stage, name, [])
    _says(stage, name, [rest[-1] if rest else "v157..176"])
    stage.send(stage.actors[name], framed(request_fields("startApi", {"client": client})))


def _opens(stage: Stage, name: str, words: list[str]) -> None:
    stage.open(name)


def _says(stage: Stage, name: str, words: list[str]) -> None:
    stage.send(stage.actors[name], greeting(" ".join(words)))


def _sends(stage: Stage, name: str, words: list[str]) -> None:
    kind, *rest = words
    if kind == "bytes":
        stage.send(stage.actors[name], bytes.fromhex("".join(rest)))
    elif kind == "fields":
        stage.send(stage.actors[name], framed(rest))
    else:
        stage.send(stage.actors[name], framed(request_fields(kind, _words(rest))))


def _words(parts: list[str]) -> dict[str, str]:
    return dict(part.split("=", 1) for part in parts)


def _places(stage: Stage, name: str, words: list[str]) -> None:
    """`A places 1: BUY 100 AAPL STP LMT 99.50 aux=100 ref=T-1`."""
    number, side, quantity, symbol, *rest = words
    given = _words([word for word in rest if "=" in word])
    plain = [word for word in rest if "=" not in word]
    kinds = [word for word in plain if word[0].isalpha()]
    prices = [word for word in plain if not word[0].isalpha()]
    own = {
        "id": number.rstrip(":"),
        "side": side,
        "quantity": quantity,
        "symbol": symbol,
        "type": " ".join(kinds),
    }
    if prices:
        own["aux" if own["type"] in ("STP", "MIT", "TRAIL") else "limit"] = prices[0]
    stage.send(stage.actors[name], framed(request_fields("placeOrder", own | given)))


def _told(stage: Stage, name: str, words: list[str]) -> None:
    actor, (kind, *rest) = stage.actors[name], words
    if kind == "nothing":
        _require(not actor.waiting, actor.waiting)
        return
    wanted = _wanted(rest)
    place = actor.find(kind, wanted)
    _require(place is not None, actor.waiting)
    actor.cursor = place + 1
    _capture(stage, actor.told[place], wanted)


def _next_told(stage: Stage, name: str, words: list[str]) -> None:
    actor, wanted = stage.actors[name], _wanted(words[1:])
    waiting = actor.waiting
    _require(bool(waiting) and fits(waiting[0], words[0], wanted), waiting)
    actor.cursor += 1
    _capture(stage, waiting[0], wanted)


def _not_told(stage: Stage, name: str, words: list[str]) -> None:
    actor = stage.actors[name]
    _require(actor.find(words[0], _wanted(words[1:])) is None, actor.waiting)


def _forgets(stage: Stage, name: str, words: list[str]) -> None:
    actor = stage.actors[name]
    actor.cursor = len(actor.told)


def _closes(stage: Stage, name: str, words: list[str]) -> None:
    stage.actors[name].closed = True
    stage.machine.close(stage.actors[name].conn, stage.now)
    stage.settle()


def _is(attribute: str, value: bool) -> Callable[[Stage, str, list[str]], None]:
    def check(stage: Stage, name: str, words: list[str]) -> None:
        _require(getattr(stage.actors[name], attribute) is value, stage.actors[name].waiting)

    return check


def _speaks(stage: Stage, name: str, words: list[str]) -> None:
    actor = stage.actors[name]
    if actor.version != words[-1]:
        raise AssertionError(f"it was answered with version {actor.version!r}")


def _in_pieces(stage: Stage, name: str, words: list[str]) -> None:
    stage.actors[name].piece = int(words[-1])


_ACTIONS: dict[str, Callable[[Stage, str, list[str]], None]] = {
    "connects as": _connects,
    "opens": _opens,
    "says": _says,
    "sends": _sends,
    "places": _places,
    "is told": _told,
    "is next": lambda stage, name, words: _next_told(stage, name, words[1:]),
    "is not": lambda stage, name, words: _NEGATED[words[0]](stage, name, words[1:]),
    "is closed": _is("closed", True),
    "is stalled": _is("stalled", True),
    "forgets": _forgets,
    "closes": _closes,
    "speaks": _speaks,
    "writes": _in_pieces,
}
_NEGATED: dict[str, Callable[[Stage, str, list[str]], None]] = {
    "told": _not_told,
    "closed": _is("closed", False),
    "stalled": _is("stalled", False),
}


def _wanted(words: list[str]) -> Wanted:
    wanted = []
    for word in words:
        found = _CONDITION.match(word)
        if found is None:
            raise ValueError(f"'{word}' is no condition; write field=value, field~pattern, field>5")
        wanted.append((found[1], found[2], found[3]))
    return wanted


def _capture(stage: Stage, told: Told, wanted: Wanted) -> None:
    for key, _op, value in wanted:
        if value.startswith("$"):
            stage.variables[value[1:]] = told[1][key]


def _require(holds: bool, waiting: list[Told]) -> None:
    if not holds:
        shown = "\n".join(f"    {name} {_brief(fields)}" for name, fields in waiting[:40])
        raise AssertionError(f"  what was there instead:\n{shown or '    nothing'}")


def _brief(fields: dict[str, str]) -> str:
    return " ".join(f"{key}={value}" for key, value in fields.items() if value not in ("", "0", "0.0"))[:200]
