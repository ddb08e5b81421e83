"""A command at a desk that does not run: a sentence and a remedy, no traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from tests.database import ROOT


def run(*words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *words],
        env=os.environ | {"TRADINGDESK_MODE": "sim"} | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_database_that_is_not_there_is_named_with_what_starts_it(tmp_path: Path) -> None:
    told = run("token", "list", DATABASE_URL="", TRADINGDESK_HOME=str(tmp_path))
    assert told.returncode == 1 and "Traceback" not in told.stderr
    assert "The database does not answer" in told.stderr and "./desk database start" in told.stderr
    whole = run("token", "--traceback", "list", DATABASE_URL="", TRADINGDESK_HOME=str(tmp_path))
    assert "Traceback" in whole.stderr


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("made", [[], ["auth", "0001"]], ids=["no table", "a first start has made some"])
def test_a_database_without_its_tables_is_told_to_be_one(
    desk_environment: dict[str, str], made: list[str]
) -> None:
    environment = desk_environment | {"PGOPTIONS": "-c search_path=bare"}
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA bare")
    try:
        if made:
            assert run("migrate", *made, **environment).returncode == 0
        told = run("entry", **environment)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA bare CASCADE")
    assert told.returncode == 1 and "Traceback" not in told.stderr
    assert "./desk migrate makes them" in told.stderr
