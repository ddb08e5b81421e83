"""A whole session that plays by itself, as a newcomer starts it: real processes, a simulated gateway."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.apps.runbook.test_desk_runs import ports, processes_of
from tests.database import ROOT, environment_of

__all__ = ["ports"]

STARTED, OVER = r"The desk is at \S+\s+\((\d+) s\)", r"The day is over after (\d+) s"
STEPS = ("submit of bracket-day: done", "close out of bracket-day: done", "clean up of bracket-day: done")


@pytest.mark.deep
def test_a_whole_session_plays_in_less_than_two_minutes_and_leaves_nothing_undone(
    own_home: Path, ports: dict[str, str]
) -> None:
    run = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "demo", "--speed", "800", "--once"],
        env={**environment_of(own_home), **ports, "TRADINGDESK_ENV_FILE": "", "TRADINGDESK_MODE": "sim"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    for step in STEPS:
        assert step in run.stdout, run.stdout
    began, over = (re.search(pattern, run.stdout) for pattern in (STARTED, OVER))
    assert began is not None and over is not None
    assert int(over[1]) - int(began[1]) < 120, run.stdout
    assert processes_of(own_home) == []
