"""The supervisor starts in order, shows why something failed, restarts what dies, and leaves nothing."""

import functools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from apps.runbook.processes.lock import AlreadyRunning, Lock, read_holder
from apps.runbook.processes.row import Row
from apps.runbook.processes.supervisor import StartFailed, Supervisor

SLEEPER = "import time; time.sleep(600)"
DEAF = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
PARENT = (
    "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']).wait()"
)


def row(name: str, code: str, **more: object) -> Row:
    return Row(name=name, title=name, command=lambda: [sys.executable, "-c", code], **more)  # type: ignore[arg-type]


def supervisor(tmp_path: Path, *rows: Row) -> tuple[Supervisor, list[str]]:
    said: list[str] = []
    return Supervisor(rows, logs=tmp_path, say=said.append), said


def wait_for(true: Callable[[], bool], seconds: float = 10) -> None:
    limit = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < limit, "it did not happen"
        time.sleep(0.02)


def test_rows_start_in_order_and_stop_the_other_way_round(tmp_path: Path) -> None:
    order: list[str] = []
    rows = [row(name, SLEEPER, after=lambda name=name: order.append(name)) for name in ("first", "second")]
    owner, said = supervisor(tmp_path, *rows)
    owner.start()
    pids = [child.process.pid for child in owner.children]
    owner.stop()
    assert order == ["first", "second"]
    assert not any(psutil.pid_exists(pid) for pid in pids)
    assert [line.split()[1] for line in said if "✓" in line] == ["first", "second"]


def test_a_step_runs_once_before_what_comes_after_it(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    step = row("step", f"open({str(mark)!r}, 'w').close()", once=True)
    owner, _ = supervisor(tmp_path, step, row("next", f"assert open({str(mark)!r}); {SLEEPER}"))
    owner.start()
    assert [child.row.name for child in owner.children] == ["next"]
    owner.stop()


def test_rows_beside_one_another_start_before_either_is_ready(tmp_path: Path) -> None:
    marks = [tmp_path / "one", tmp_path / "two"]

    def meets(mine: Path, other: Path) -> str:
        wait = f"while not os.path.exists({str(other)!r}): time.sleep(0.01)"
        return f"import os, time\nopen({str(mine)!r}, 'w').close()\n{wait}"

    rows = [
        row(mine.name, meets(mine, other), once=True, beside=True, start_within=20)
        for mine, other in (marks, marks[::-1])
    ]
    owner, said = supervisor(tmp_path, *rows)
    owner.start()
    assert owner.children == [] and len([line for line in said if "✓" in line]) == 2


def test_a_step_with_nothing_to_do_is_passed_over(tmp_path: Path) -> None:
    step = row("step", "raise SystemExit('it ran')", once=True, needed=lambda: False)
    owner, said = supervisor(tmp_path, step, row("next", SLEEPER))
    owner.start()
    owner.stop()
    assert said[0] == "  ✓ step  nothing to do"


def test_what_does_not_come_up_is_named_with_the_end_of_its_log(tmp_path: Path) -> None:
    owner, _ = supervisor(
        tmp_path, row("good", SLEEPER), row("bad", "raise SystemExit('no such gateway')", once=True)
    )
    with pytest.raises(StartFailed, match=r"bad ended with code 1(.|\n)*no such gateway"):
        owner.start()
    pids = [child.process.pid for child in owner.children]
    owner.stop()
    assert pids and not any(psutil.pid_exists(pid) for pid in pids)


def test_what_is_never_ready_is_given_up(tmp_path: Path) -> None:
    owner, _ = supervisor(tmp_path, row("slow", SLEEPER, ready=lambda: False, start_within=0.3))
    with pytest.raises(StartFailed, match="not ready within"):
        owner.start()
    owner.stop()


def test_the_deaf_and_their_children_are_killed_in_the_end(tmp_path: Path) -> None:
    deaf = row("deaf", DEAF, ready=lambda: b"deaf" in (tmp_path / "deaf.log").read_bytes(), stop_within=0.3)
    owner, said = supervisor(tmp_path, deaf, row("parent", PARENT))
    owner.start()
    parent = psutil.Process(owner.children[1].process.pid)
    wait_for(lambda: bool(parent.children()))
    everyone = [owner.children[0].process.pid, parent.pid, *(child.pid for child in parent.children())]
    owner.stop()
    wait_for(lambda: not any(psutil.pid_exists(pid) for pid in everyone))
    assert any("deaf did not stop by itself" in line for line in said)


def test_what_dies_is_started_again(tmp_path: Path) -> None:
    owner, said = supervisor(tmp_path, row("mortal", SLEEPER))
    owner.start()
    first = owner.children[0].process.pid
    os.kill(first, signal.SIGKILL)
    owner.watch(until=lambda: bool(owner.children) and owner.children[0].process.pid != first)
    owner.stop()
    assert any("mortal ended with code -9; again in 1 s" in line for line in said)
    assert any("mortal started again" in line for line in said)


def test_what_is_started_again_goes_on_where_it_was(tmp_path: Path) -> None:
    """A gateway that died must not begin another day; a database makes its folder ready each time."""
    begun: list[str] = []
    hooks = {name: functools.partial(begun.append, name) for name in ("first", "before")}
    owner, _ = supervisor(tmp_path, row("mortal", SLEEPER, **hooks))
    owner.start()
    first = owner.children[0].process.pid
    os.kill(first, signal.SIGKILL)
    owner.watch(until=lambda: bool(owner.children) and owner.children[0].process.pid != first)
    owner.stop()
    assert begun == ["first", "before", "before"]


def test_a_killed_supervisor_takes_its_processes_along(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from apps.runbook.processes.supervisor import Supervisor;"
        "from apps.runbook.processes.row import Row;"
        f"s = Supervisor([Row(name='a', title='a', command=lambda: [sys.executable, '-c', {SLEEPER!r}])],"
        f" logs=Path({str(tmp_path)!r})); s.start(); print(s.children[0].process.pid, flush=True); s.watch()"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        line = next(line for line in owner.stdout if line.strip().isdigit())
        owner.kill()
    wait_for(lambda: not psutil.pid_exists(int(line)))


def test_a_home_has_one_desk_and_the_second_hears_of_the_first(tmp_path: Path) -> None:
    path = tmp_path / "desk.lock"
    first, second = Lock(path), Lock(path)
    first.take(word="demo", address="http://127.0.0.1:8000")
    with pytest.raises(AlreadyRunning, match=rf"pid {os.getpid()}, `./desk demo`, http://127.0.0.1:8000"):
        second.take(word="up", address="-")
    first.free()
    second.take(word="up", address="-")
    second.free()


def test_a_note_whose_writer_is_gone_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "desk.lock"
    path.write_text(f'{{"pid": {os.getpid()}, "word": "up", "address": "-", "since": 12.5}}')
    assert read_holder(path) is None
    path.write_text("half a no")
    assert read_holder(path) is None
