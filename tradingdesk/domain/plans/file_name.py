"""A plan run says in its file name when it was made."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime

from tradingdesk.domain.plans.problem import Problem, file_problem

_PATTERN = re.compile(r"execution_plan_run_(\d{8}_\d{6})_([0-9A-Za-z]{4,64})\.csv", re.ASCII)
_EXPECTED = "name it execution_plan_run_YYYYMMDD_HHMMSS_hash.csv"


def stamp_of(file_name: str) -> datetime | None:
    """The run's own date and time (zone-less, as written), or None for any other name."""
    match = _PATTERN.fullmatch(file_name)
    if match is None:
        return None
    try:
        return datetime.strptime(match[1], "%Y%m%d_%H%M%S")
    except ValueError:
        return None


def newest_of(file_names: Iterable[str], trading_day: date) -> str | None:
    """The latest run of that day, or None: a day without a plan is not an error."""
    stamped = [
        (stamp, name) for name in file_names if (stamp := stamp_of(name)) and stamp.date() == trading_day
    ]
    return max(stamped)[1] if stamped else None


def file_name_problem(file_name: str, trading_day: date) -> Problem | None:
    """Whether the name is a plan run's and of this trading day."""
    stamp = stamp_of(file_name)
    if stamp is None:
        return file_problem("FILE_NAME_UNKNOWN", _EXPECTED, value=file_name)
    if stamp.date() < trading_day:
        return file_problem("FILE_STALE", f"send a plan made for {trading_day}", value=file_name)
    if stamp.date() > trading_day:
        return file_problem("FILE_DATED_AHEAD", f"send it on {stamp.date()}", value=file_name)
    return None
