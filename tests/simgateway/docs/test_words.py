"""What the pages print is run as it is printed; only ports and file names are a test's own."""

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateway import ROOT, end
from tests.ports import free_port
from tests.simgateway.docs.page import README, blocks

BIN = Path(sys.executable).parent
SHELL = blocks("sh")


class Reader:
    """Somebody who types what the page says, in the project's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._own = {
            "4002": str(free_port()),
            "4003": str(free_port()),
            "day.jsonl": str(folder / "day.jsonl"),
        }
        self._environment = {
            **{name: text for name, text in os.environ.items() if not name.startswith("DJANGO")},
            "TRADINGDESK_HOME": str(folder),
            "PATH": f"{BIN}:{os.environ['PATH']}",
        }

    def own(self, text: str) -> str:
        for printed, used in self._own.items():
            text = text.replace(printed, used)
        return text

    def types(self, line: str) -> str:
        """A command that has to succeed; answers what it printed."""
        done = subprocess.run(
            ["sh", "-c", self.own(line)],
            cwd=ROOT,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        return done.stdout

    @contextlib.contextmanager
    def starts(self, line: str) -> Iterator[str]:
        """A command that serves until Ctrl-C; answers what it says when it is up."""
        process = subprocess.Popen(
            ["sh", "-c", f"exec {self.own(line)}"],
            cwd=ROOT,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout is not None
        try:
            said = ""
            while "Ctrl-C" not in said:
                said += (read := process.stdout.readline())
                assert read, f"it ended: {said}"
            yield said
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0
        finally:
            end(process)


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    return Reader(tmp_path)


def start_of(page: str) -> str:
    """The command with which a page starts the gateway."""
    found = re.search(r"^python manage\.py run_sim_gateway.*$", page, re.MULTILINE)
    assert found
    return found[0]


def test_the_start_says_where_who_when_and_which(reader: Reader) -> None:
    with reader.starts(SHELL[0]) as said:
        assert reader.own("127.0.0.1:4002") in said
        assert re.search(r"accounts +DU\d+", said)
        assert "2026-11-20T15:00:0" in said
        assert re.search(r"seed +1\b", said)


def test_the_program_of_the_page_trades(reader: Reader) -> None:
    (program,) = blocks("python")
    assert len([line for line in program.splitlines() if line]) <= 12
    (reader.folder / "program.py").write_text(reader.own(program), encoding="utf-8")
    with reader.starts(SHELL[0]):
        said = reader.types(f"python {reader.folder / 'program.py'}")
    status, shares, price = said.split()
    assert (status, float(shares)) == ("Filled", 100)
    assert float(price) > 0


def test_the_program_of_the_readme_trades(reader: Reader) -> None:
    (program,) = [block for block in blocks("python", README) if "ib_insync" in block]
    (reader.folder / "program.py").write_text(reader.own(program), encoding="utf-8")
    with reader.starts(f"{start_of(README)} --start '2026-11-18T09:35 US/Eastern'"):
        said = reader.types(f"python {reader.folder / 'program.py'}")
    assert said.split()[0] == "Filled"


@pytest.mark.deep
def test_the_lines_that_turn_it_are_taken_and_the_day_plays_again(reader: Reader) -> None:
    (serving,) = [block for block in SHELL if "--control" in block]
    (turning,) = [block for block in SHELL if "sim status" in block]
    (replaying,) = [block for block in SHELL if "sim replay" in block]
    with reader.starts(serving):
        for line in turning.strip().splitlines():
            assert reader.types(line).strip(), line
    assert "The same" in reader.types(replaying)


def test_a_line_that_is_not_understood_fails_and_says_what_is(reader: Reader) -> None:
    (serving,) = [block for block in SHELL if "--control" in block]
    with (
        reader.starts(serving),
        pytest.raises(AssertionError, match="no fault named explode; there are: hold"),
    ):
        reader.types("python manage.py sim fault explode")
