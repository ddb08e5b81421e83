"""`./desk plan submit`: the door for whoever has a shell on the desk's machine."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from apps.approvals.models import Request
from apps.plans.models import Plan, Quarantine
from tests.plan_files import plan_bytes, row
from tests.stations import TODAY, Stations, stations

__all__ = ["stations"]
NAME = f"execution_plan_run_{TODAY:%Y%m%d}_143000_abcd1234.csv"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / NAME
    path.write_bytes(plan_bytes(row(instrument_id="ATO")))
    return path


def submit(path: Path, *words: str) -> str:
    told = StringIO()
    call_command("plan", "submit", str(path), *words, stdout=told, stderr=told)
    return told.getvalue()


def test_a_dry_run_says_every_order_and_stores_nothing(stations: Stations, file: Path) -> None:
    told = submit(file, "--dry-run")
    assert "ATO A: BUY" in told and "ATO B: BUY" in told and "Nothing was stored or sent." in told
    assert not Plan.objects.exists()


def test_a_plan_is_in_once_and_takes_the_place_of_what_nobody_decided(stations: Stations, file: Path) -> None:
    waiting = stations.propose("WEC")
    assert "is in." in submit(file)
    waiting.refresh_from_db()
    assert waiting.state == Request.SUPERSEDED
    assert "was in already; nothing was changed" in submit(file)
    assert Plan.objects.count() == 2


def test_a_bad_file_is_told_line_by_line_and_ends_with_another_code(stations: Stations, file: Path) -> None:
    file.write_bytes(plan_bytes(row(limit_price="NaN")))
    with pytest.raises(SystemExit):
        submit(file)
    assert Quarantine.objects.get().problems[0]["code"] == "CELL_NOT_FINITE"
    with pytest.raises(CommandError, match="No such file"):
        submit(file.with_name("absent.csv"))


def test_the_account_is_known_by_its_code_or_as_it_is_shown(stations: Stations, file: Path) -> None:
    for account in (stations.account.code, stations.account.masked()):
        assert "ATO A" in submit(file, "--account", account, "--dry-run")
    with pytest.raises(CommandError, match="No strategy fits"):
        submit(file, "--strategy", "another", "--dry-run")
