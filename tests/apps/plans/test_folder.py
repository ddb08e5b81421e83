"""The intake folder: what is whole is taken, what is still coming waits, the rest is put aside."""

import os
import time
from datetime import datetime
from pathlib import Path

from apps.desks.models import Account
from apps.plans.intake.folder import UNFINISHED_UNTIL, YOUNGEST, look_into
from apps.plans.models import Plan, Quarantine
from apps.runbook.daily import take_from_folder
from tests.plan_files import NAME, NOON, plan_bytes, row

LATER = "execution_plan_run_20261118_101500_bbbb.csv"


def lay(folder: Path, name: str, data: bytes, *, age: float) -> Path:
    path = folder / name
    path.write_bytes(data)
    os.utime(path, (time.time() - age,) * 2)
    return path


def take(folder: Path, now: datetime = NOON) -> str:
    return take_from_folder(now, folder)


def test_a_whole_file_becomes_a_plan_and_leaves_the_folder(account: Account, tmp_path: Path) -> None:
    lay(tmp_path, NAME, plan_bytes(), age=YOUNGEST + 1)
    assert "accepted" in take(tmp_path)
    assert Plan.objects.get().source == "folder"
    assert not (tmp_path / NAME).exists() and (tmp_path / "taken" / NAME).exists()
    assert take(tmp_path) == ""


def test_a_file_that_was_written_just_now_waits(account: Account, tmp_path: Path) -> None:
    path = lay(tmp_path, NAME, plan_bytes(), age=0.2)
    assert take(tmp_path) == "" and not Plan.objects.exists()
    ((name, why),) = look_into(tmp_path, wall=time.time()).waiting
    assert name == NAME and why.startswith("written")
    os.utime(path, (time.time() - 3,) * 2)
    assert "accepted" in take(tmp_path)


def test_half_a_file_waits_for_its_end_and_is_quarantined_without_one(
    account: Account, tmp_path: Path
) -> None:
    lay(tmp_path, NAME, plan_bytes(end=""), age=YOUNGEST + 1)
    assert take(tmp_path) == "" and not Quarantine.objects.exists()
    lay(tmp_path, NAME, plan_bytes(end=""), age=UNFINISHED_UNTIL + 1)
    assert "quarantined" in take(tmp_path)
    assert Quarantine.objects.get().problems[0]["code"] == "FILE_TRUNCATED"
    assert (tmp_path / "refused" / NAME).exists()


def test_fifty_megabytes_are_refused_without_being_read(account: Account, tmp_path: Path) -> None:
    path = lay(tmp_path, NAME, b"", age=10)
    with path.open("r+b") as file:
        file.truncate(50_000_000)
    os.utime(path, (time.time() - 10,) * 2)
    (found,) = look_into(tmp_path, wall=time.time()).ready
    assert found.data == b"" and found.problem is not None
    assert "quarantined" in take(tmp_path)
    assert Quarantine.objects.get().size == 50_000_000


def test_only_the_newest_run_of_today_counts(account: Account, tmp_path: Path) -> None:
    lay(tmp_path, NAME, plan_bytes(), age=10)
    lay(tmp_path, LATER, plan_bytes(row(instrument_id="ATO")), age=10)
    take(tmp_path)
    assert Plan.objects.get().file_name == LATER
    assert Quarantine.objects.get().problems[0]["code"] == "FILE_OVERTAKEN"


def test_files_in_delivery_and_hidden_files_are_left_alone(account: Account, tmp_path: Path) -> None:
    for name in (f".{NAME}.part", f"{NAME}.tmp", ".hidden"):
        lay(tmp_path, name, plan_bytes(), age=100)
    look = look_into(tmp_path, wall=time.time())
    assert look.ready == [] and look.waiting == []


def test_a_folder_that_is_not_there_holds_nothing(account: Account, tmp_path: Path) -> None:
    assert take(tmp_path / "nowhere") == ""
