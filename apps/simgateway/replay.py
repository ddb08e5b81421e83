"""Play a recorded day again from its inputs, and see whether the same bytes come out."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest

from apps.simgateway.assembly import Setup, build_machine
from apps.simgateway.machine import Machine
from apps.simgateway.record import Ledger, Line
from apps.simgateway.wire.framing import Hello

_OUTPUTS = ("out", "hangup", "stall")
_PLACE = ("n", "at", "wall")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a replay went: how many outputs agreed, and the first that did not."""

    inputs: int
    outputs: int
    difference: str = ""


def replay(lines: Iterable[Line]) -> Outcome:
    """Feed the inputs of one run to a fresh gateway and compare every output with the recorded one."""
    inputs = outputs = 0
    recorded: list[Line] = []
    machine: Machine | None = None
    for line in _with_end(lines):
        kind = line["kind"]
        if kind in _OUTPUTS:
            recorded.append(line)
            continue
        if kind not in _INPUTS and kind not in ("start", "end"):
            continue
        if machine is not None and (recorded or kind == "end"):
            if difference := _difference(machine, recorded):
                return Outcome(inputs, outputs, difference)
            outputs += len(recorded)
            recorded = []
        if kind == "start":
            machine = _started(line)
        elif machine is None:
            raise ValueError("the ledger does not begin with the start of a run")
        elif kind != "end":
            inputs += 1
            _INPUTS[kind](machine, line)
    return Outcome(inputs, outputs)


def _with_end(lines: Iterable[Line]) -> Iterator[Line]:
    yield from lines
    yield {"kind": "end", "at": 0}


def _started(line: Line) -> Machine:
    return build_machine(Setup.from_line(line), Ledger(remember=None))


def _difference(machine: Machine, recorded: list[Line]) -> str:
    """The first output that is not as it was recorded; nothing when all are."""
    before = machine.ledger.count
    machine.take()
    made = [line for line in machine.ledger.since(before) if line["kind"] in _OUTPUTS]
    machine.ledger.forget()
    for was, now in zip_longest(recorded, made):
        if was is None or now is None or _content(was) != _content(now):
            place = f"line {was['n']}" if was else f"after line {recorded[-1]['n'] if recorded else '?'}"
            return f"{place}: recorded {_brief(was)}, now {_brief(now)}"
    return ""


def _content(line: Line) -> Line:
    return {key: value for key, value in line.items() if key not in ("n", "wall")}


def _brief(line: Line | None) -> str:
    if line is None:
        return "nothing"
    return str({key: value for key, value in line.items() if key not in _PLACE})[:600]


def _control(machine: Machine, line: Line) -> None:
    try:
        machine.control(line["verb"], line["args"], line["at"])
    except ValueError:
        return  # it was refused then, too; the outputs tell if it was not


_INPUTS: dict[str, Callable[[Machine, Line], None]] = {
    "open": lambda machine, line: machine.open(line["conn"], line["at"]),
    "hello": lambda machine, line: machine.hello(
        line["conn"], Hello(line["min"], line["max"], line["options"]), line["at"]
    ),
    "in": lambda machine, line: machine.frame(line["conn"], line["fields"], line["at"]),
    "refused": lambda machine, line: machine.refuse(line["conn"], line["reason"], line["at"]),
    "close": lambda machine, line: machine.close(line["conn"], line["at"]),
    "control": _control,
    "advance": lambda machine, line: machine.advance(line["at"]),
}
