"""Starts processes of ours fast: a parent that has the libraries in memory forks them from itself.

A child is a process like any other: `manage.py` from its first line, its own environment and log, killed like
any other. Only the reading of libraries, which takes seconds on a busy machine, happened before.

    nursery = Nursery()
    child = nursery.start(["manage.py", "run_broker_link"], env={…}, cwd=folder, log=path)
"""

import contextlib
import importlib
import json
import os
import runpy
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
# Whatever takes long to read and looks at no setting of ours.
LIBRARIES = (
    "asyncio", "concurrent.futures", "numpy", "psycopg", "psycopg_binary", "structlog", "structlog.dev",
    "rich.traceback", "eventkit", "ib_insync", "environ", "psutil", "prometheus_client", "zoneinfo", "yaml",
    "django.core.management", "django.db.models", "django.db.backends.postgresql.base", "django.forms",
    "django.http", "django.urls", "django.template", "tradingdesk.domain.risk.checks",
    "tradingdesk.domain.tickets.submission", "tradingdesk.domain.approvals", "tradingdesk.domain.portfolio",
    "tradingdesk.domain.plans", "apps.simgateway.running",
)  # fmt: skip


class Child:
    """One process of the nursery; speaks like subprocess.Popen as far as the tests listen."""

    stdout = None

    def __init__(self, nursery: "Nursery", pid: int) -> None:
        self._nursery, self.pid = nursery, pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self._nursery.ask(do="poll", pid=self.pid)["code"]
        return self.returncode

    def wait(self, timeout: float = 60) -> int:
        until = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > until:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout)
            time.sleep(0.01)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Nursery:
    """The parent. It ends with the last word of its input, and every child with it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).resolve())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            start_new_session=True,
        )

    def start(self, words: list[str], *, env: dict[str, str], cwd: Path, log: Path) -> Child:
        told = self.ask(do="start", words=words, env=env, cwd=str(cwd), log=str(log))
        return Child(self, told["pid"])

    def ask(self, **question: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait(20)


def serve() -> None:
    """Answer one question a line until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.path[0] = str(ROOT)
    for name in LIBRARIES:
        importlib.import_module(name)
    children: dict[int, int | None] = {}
    for line in sys.stdin:
        question = json.loads(line)
        if question.pop("do") == "start":
            pid = _fork(**question)
            children[pid] = None
            answer: dict[str, Any] = {"pid": pid}
        else:
            answer = {"code": _code(children, question["pid"])}
        print(json.dumps(answer), flush=True)
    for pid in children:
        if _code(children, pid) is None:
            os.kill(pid, signal.SIGKILL)


def _code(children: dict[int, int | None], pid: int) -> int | None:
    if children[pid] is None:
        with contextlib.suppress(ChildProcessError):
            found, status = os.waitpid(pid, os.WNOHANG)
            children[pid] = os.waitstatus_to_exitcode(status) if found else None
    return children[pid]


def _fork(words: list[str], env: dict[str, str], cwd: str, log: str) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        _become(words, env, cwd, log)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001  # the last frame of a process: told, and then it ends
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _become(words: list[str], env: dict[str, str], cwd: str, log: str) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    nothing = os.open(os.devnull, os.O_RDONLY)
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for source, target in ((nothing, 0), (file, 1), (file, 2)):
        os.dup2(source, target)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = [str(ROOT / words[0]), *words[1:]]
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    serve()
