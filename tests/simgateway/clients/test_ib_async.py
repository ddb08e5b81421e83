"""ib_async 2.1 through the same tests as ib_insync, in an environment of its own."""

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.gateway import ROOT

HERE = Path(__file__).parent
LOCK = HERE / "ib_async.txt"
FAMILY = sorted(str(path.relative_to(ROOT)) for path in HERE.glob("test_family_*.py"))


def environment() -> Path:
    """The python of `.envs/ib_async`; it is made when it is missing or its lock has changed."""
    folder = ROOT / ".envs" / "ib_async"
    python, stamp = folder / "bin" / "python", folder / ".installed"
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return python
    venv.create(folder, with_pip=True, clear=True)
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(LOCK)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=540, check=False)
    if done.returncode:
        pytest.fail(f"ib_async cannot be installed; is a package registry reachable?\n{done.stderr[-2000:]}")
    stamp.write_text(wanted)
    return python


@pytest.mark.deep
def test_ib_async_passes_every_test_that_ib_insync_passes() -> None:
    told = {**os.environ, "SIM_CLIENT_LIBRARY": "ib_async", "SIM_GATEWAY_PYTHON": sys.executable}
    for name in [name for name in told if name.startswith(("PYTEST", "DJANGO"))]:
        del told[name]
    settings = ["-c", str(HERE / "ib_async.ini"), "--rootdir", str(ROOT)]
    done = subprocess.run(
        [str(environment()), "-m", "pytest", *settings, *FAMILY],
        cwd=ROOT,
        env=told,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    assert "skipped" not in done.stdout
    assert f"{sum(Path(ROOT, path).read_text().count('def test_') for path in FAMILY)} passed" in done.stdout
