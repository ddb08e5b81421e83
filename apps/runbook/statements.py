"""Statements that are dropped in a folder: taken, or put aside with the reason beside them."""

import time
from datetime import datetime
from pathlib import Path

from django.conf import settings

from apps.journal.ports import Actor
from apps.plans.intake.folder import REFUSED, TAKEN, YOUNGEST, put_aside
from apps.reconciliation.intake.statement import LARGEST, StatementRefused, take_statement
from tradingdesk import env

WATCHER = Actor("system", "statement folder")


def statement_folder() -> Path:
    """Where statements are dropped."""
    return Path(env.text("TRADINGDESK_STATEMENTS") or settings.HOME / "statements")


def take_statements(now: datetime, folder: Path | None = None) -> str:
    """Every whole file; one that is still being written waits. A folder that is not there holds nothing."""
    place = folder or statement_folder()
    if not place.is_dir():
        return ""
    return "; ".join(_take(path) for path in sorted(place.glob("*.xml")) if _is_whole(path))


def _is_whole(path: Path) -> bool:
    return path.is_file() and time.time() - path.stat().st_mtime >= YOUNGEST


def _take(path: Path) -> str:
    with path.open("rb") as file:
        data = file.read(LARGEST + 1)
    try:
        told = take_statement(data, path.name, actor=WATCHER)
    except StatementRefused as refused:
        put_aside(path, REFUSED)
        (path.parent / REFUSED / f"{path.stem}.txt").write_text(f"{refused.code}: {refused}\n")
        return f"{path.name} refused: {refused}"
    put_aside(path, TAKEN)
    return " ".join(told)
