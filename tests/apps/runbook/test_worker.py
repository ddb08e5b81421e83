"""The worker as it runs: a file dropped into the folder waits for a person a few seconds later, by itself."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings

from apps.approvals.models import Request
from apps.market.models import Lookup
from apps.runbook.models import JobRun
from tests.database import ROOT
from tests.plan_files import NAME, plan_bytes
from tests.stations import Stations

WITHIN = 30.0


@pytest.fixture
def worker(
    transactional_db: None, stations: Stations, desk_environment: dict[str, str], tmp_path: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    told = {
        **desk_environment,
        "TRADINGDESK_CLOCK": settings.CLOCK,
        "TRADINGDESK_INTAKE": str(tmp_path / "intake"),
        "TRADINGDESK_ENV_FILE": "",
    }
    with (tmp_path / "worker.log").open("wb") as log:
        running = subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "run_worker"],
            env=told,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    yield running
    if running.poll() is None:
        running.send_signal(signal.SIGTERM)
        running.wait(20)


def test_a_file_in_the_folder_waits_for_a_person_without_anybody_touching_it(
    stations: Stations, worker: "subprocess.Popen[bytes]", tmp_path: Path
) -> None:
    Lookup.objects.create(
        symbol="WEC", state="found", contract=stations.contract("WEC"), asked_at=datetime.now(UTC)
    )
    (tmp_path / "intake").mkdir()
    (tmp_path / "intake" / NAME).write_bytes(plan_bytes())
    limit = time.monotonic() + WITHIN
    while not Request.objects.exists():
        assert time.monotonic() < limit, (tmp_path / "worker.log").read_text()[-3000:]
        assert worker.poll() is None
        stations.quote("WEC", bid="115.75", ask="115.79", last="115.77")
        stations.refresh()
        time.sleep(0.2)
    assert Request.objects.get().state == "proposed"
    assert JobRun.objects.get(kind="take_from_folder").runs >= 1
    began = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    worker.wait(20)
    assert time.monotonic() - began < 15
    assert leftovers(worker.pid) == []


def leftovers(session: int) -> list[str]:
    """What the worker's session still runs."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(int(folder.name)) == session and int(folder.name) != session:
                found.append((folder / "cmdline").read_text())
        except (ProcessLookupError, FileNotFoundError):
            continue
    return found
