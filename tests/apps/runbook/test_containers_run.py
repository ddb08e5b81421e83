"""`docker compose up` without an engine: each container's command in its surroundings, in their order."""

import http.cookiejar
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.db import connection

from apps.runbook.database.roles import ROLES, name_of
from tests.apps.runbook.test_desk_runs import free_port
from tests.database import ROOT, owner
from tests.house.test_containers import OURS

NAME = "desk_rehearsed"
HOLDS = {"/keys": "keys", "/var/lib/tradingdesk": "home"}  # volumes, and where they are here


class Rehearsal:
    """The services of the compose file as processes of this machine."""

    def __init__(self, folder: Path, database: str) -> None:
        self.folder, self.database = folder, database
        self.ports = {"4012": str(free_port()), "8000": str(free_port())}
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        for kept in HOLDS.values():
            (folder / kept).mkdir(mode=0o700)

    def here(self, text: object) -> str:
        """A path, port or host of a container as it is on this machine."""
        told = str(text).lower() if isinstance(text, bool) else str(text)
        told = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", told)
        for place, kept in HOLDS.items():
            told = told.replace(place, str(self.folder / kept))
        for port, ours in self.ports.items():
            told = re.sub(rf"\b{port}\b", ours, told)
        return told

    def environment(self, name: str) -> dict[str, str]:
        image = {
            "TRADINGDESK_HOME": "/var/lib/tradingdesk",
            "TRADINGDESK_ENV_FILE": "",
        }  # as in the Dockerfile
        told = {key: self.here(value) for key, value in {**image, **OURS[name]["environment"]}.items()}
        if told.get("TRADINGDESK_GATEWAY_HOST") == "sim":
            told["TRADINGDESK_GATEWAY_HOST"] = "127.0.0.1"
        bare = {key: os.environ[key] for key in ("PATH", "HOME", "PYTHONPYCACHEPREFIX") if key in os.environ}
        return bare | told

    def command(self, name: str) -> list[str]:
        _python, script, *words = OURS[name]["command"]
        return [sys.executable, str(ROOT / script), *(self.here(word) for word in words)]

    def start(self, name: str) -> None:
        log = (self.folder / f"{name}.log").open("wb")
        self.running[name] = subprocess.Popen(
            self.command(name), env=self.environment(name), cwd=ROOT, stdout=log, stderr=subprocess.STDOUT
        )
        log.close()

    def up(self) -> None:
        """Each after those it depends on; what runs once has to end well, what stays has to get healthy."""
        waiting = list(OURS)
        while waiting:
            name = next(one for one in waiting if not set(OURS[one].get("depends_on", {})) & set(waiting))
            waiting.remove(name)
            self.start(name)
            if OURS[name]["restart"] == "no":
                assert self.running[name].wait(180) == 0, self.said(name)
            if name == "keys":
                (self.folder / "keys" / "database_url").write_text(self.database)
            if "healthcheck" in OURS[name]:
                self.wait_for(lambda name=name: self.is_healthy(name), f"a healthy {name}")  # type: ignore[misc]

    def is_healthy(self, name: str) -> bool:
        assert self.running[name].poll() is None, self.said(name)
        _cmd, _python, *words = OURS[name]["healthcheck"]["test"]
        check = [sys.executable, *(self.here(word) for word in words)]
        return (
            subprocess.run(check, env=self.environment(name), cwd=ROOT, capture_output=True).returncode == 0
        )

    def said(self, name: str) -> str:
        return f"{name}: {(self.folder / f'{name}.log').read_text()[-3000:]}"

    def wait_for(self, there: Callable[[], Any], what: str, seconds: float = 90) -> None:
        until = time.monotonic() + seconds
        while not there():
            assert time.monotonic() < until, f"no {what}\n" + "\n".join(map(self.said, self.running))
            time.sleep(0.3)

    def exec(self, name: str, *words: str) -> str:
        """`docker compose exec NAME python manage.py …`"""
        line = [sys.executable, str(ROOT / "manage.py"), *words]
        told = subprocess.run(line, env=self.environment(name), cwd=ROOT, capture_output=True, text=True)
        assert told.returncode == 0, told.stderr
        return told.stdout

    def down(self) -> None:
        family = [one for child in self.running.values() for one in _family(child.pid)]
        for child in self.running.values():
            child.terminate()
        for child in self.running.values():
            try:
                child.wait(15)
            except subprocess.TimeoutExpired:
                child.kill()
        for one in family:
            if one.is_running():
                one.kill()


def _family(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True) if psutil.pid_exists(pid) else []


@pytest.fixture
def rehearsal(tmp_path: Path, transactional_db: None) -> Iterator[Rehearsal]:
    told = connection.settings_dict
    name = f"{NAME}_{os.getpid()}"
    passfile = told["OPTIONS"]["passfile"]
    url = f"postgresql://{told['USER']}@/{name}?host={told['HOST']}&passfile={passfile}"
    with owner() as server:
        server.execute(f"CREATE DATABASE {name}")
        made = Rehearsal(tmp_path, url)
        yield made
        made.down()
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")
        for role in ROLES:
            server.execute(f"DROP ROLE IF EXISTS {name_of(role, name)}")


def test_compose_runs_the_demo_with_a_plan_to_review_and_a_way_in(rehearsal: Rehearsal) -> None:
    rehearsal.up()
    way_in = re.search(r"http://\S+(/enter/\S+)", rehearsal.exec("web", "entry"))
    assert way_in
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    address = f"http://127.0.0.1:{rehearsal.ports['8000']}"
    browser.open(address + way_in[1]).close()

    def page(path: str) -> str:
        with browser.open(address + path) as answer:
            return str(answer.read().decode())

    rehearsal.wait_for(lambda: "EXECUTE " in page("/review/"), "plan to review")
    assert len(set(re.findall(r"/reports/\d+/20\d\d-\d\d-\d\d/", page("/reports/")))) >= 15
    assert "S12 hold" in rehearsal.exec("worker", "check_invariants")
    skew = re.search(r"skew ([+-][\d.]+) s", rehearsal.exec("link", "gateway", "check"))
    assert skew and abs(float(skew[1])) < 1
    first = (rehearsal.folder / "home" / "clock").read_text()
    rehearsal.exec("day", "prepare")  # `up` once more while it runs: the clock is left alone
    assert (rehearsal.folder / "home" / "clock").read_text() == first
