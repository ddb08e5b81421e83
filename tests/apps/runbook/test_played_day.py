"""A whole session that plays by itself, as a newcomer starts it: real processes, a simulated gateway."""

import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.apps.runbook.test_desk_runs import ports, processes_of
from tests.database import ROOT, environment_of

__all__ = ["ports"]

STARTED, OVER = r"The desk is at \S+\s+\((\d+) s\)", r"The day is over after (\d+) s"
STEPS = ("submit of bracket-day: done", "close out of bracket-day: done", "clean up of bracket-day: done")


@pytest.mark.deep
@pytest.mark.parametrize("kills", [False, True])
def test_a_whole_session_plays_in_less_than_two_minutes_and_leaves_nothing_undone(
    own_home: Path, ports: dict[str, str], kills: bool
) -> None:
    """And so it does when the simulated gateway is killed in the middle of a fast hour."""
    said = ""
    with subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "demo", "--speed", "800", "--once"],
        env={**environment_of(own_home), **ports, "TRADINGDESK_ENV_FILE": "", "TRADINGDESK_MODE": "sim"},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as run:
        assert run.stdout is not None
        too_long = threading.Timer(400, run.kill)
        too_long.start()
        for line in run.stdout:
            said += line
            if kills and STEPS[0] in line:
                time.sleep(6.0)
                killed = f"run_sim_gateway.*--port {ports['TRADINGDESK_GATEWAY_PORT']}"
                subprocess.run(["pkill", "-9", "-f", killed], check=True)
        too_long.cancel()
    assert run.returncode == 0, said
    for step in STEPS:
        assert step in said, said
    assert ("Simulated gateway started again" in said) == kills, said
    began, over = (re.search(pattern, said) for pattern in (STARTED, OVER))
    assert began is not None and over is not None
    assert int(over[1]) - int(began[1]) < 120, said
    assert processes_of(own_home) == []
