"""Every script of this folder is one test."""

import re
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path

import pytest

from apps.simgateway.gateway.dispatch import CONTROLS
from apps.simgateway.gateway.faults.kinds import KINDS
from apps.simgateway.gateway.switches import Switches
from tests.simgateway.scripts.requests import PLAIN
from tests.simgateway.scripts.runner import ScriptFailed, run_script

SCRIPTS = sorted(Path(__file__).parent.glob("*.txt"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_the_gateway_follows_the_script(path: Path):
    failure = ""
    try:
        run_script(path)
    except ScriptFailed as failed:
        failure = str(failed)
    if failure:
        pytest.fail(failure, pytrace=False)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("A connects as client 1\nA is told nextValidId id=77", "line 2: A is told nextValidId id=77"),
        ("A connects as client 1\nA is not told nextValidId", "line 2"),
        ("A connects as client 1\nA is told nothing", "managedAccts"),
        ("A connects as client 1\nA is closed", "line 2"),
        ("A opens\nA says v157..176\nA speaks 200", "answered with version '176'"),
        ("A connects as client 1\nA is told nextValidId colour=red", "no such field"),
        ("A connects as client 1\nA sends reqNonsense", "no request named reqNonsense"),
        ("A connects as client 1\nA sends reqPositions colour=red", "reqPositions does not know colour"),
        ("A connects as client 1\nA places 1: BUY 1 MSFT MKT colour=red", "placeOrder does not know colour"),
        ("explode now=yes", "does not know 'explode'"),
        ("fault explode", "no fault named explode"),
    ],
)
def test_a_script_that_does_not_hold_fails_at_its_line(lines: str, said: str, tmp_path: Path):
    script = tmp_path / "wrong.txt"
    script.write_text(lines, encoding="utf-8")
    with pytest.raises(ScriptFailed, match=said):
        run_script(script)


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        (r"^fault {}\b", KINDS),
        (r"^(?:with .*|switch ){}[= ]", [field.name for field in fields(Switches)]),
        (r"^{}\b", [verb for verb in CONTROLS if verb != "tape"]),  # a tape needs a file beside its script
        (r"sends {}\b", [name for name in PLAIN if name != "startApi"]),
    ],
    ids=["faults", "switches", "verbs", "requests"],
)
def test_there_is_a_script_for_each(pattern: str, names: Iterable[str]):
    text = "\n".join(path.read_text(encoding="utf-8") for path in SCRIPTS)
    assert [name for name in names if not re.search(pattern.format(name), text, re.MULTILINE)] == []
