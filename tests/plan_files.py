"""Plan files for tests: the documented row, and what can be wrong with it."""

from datetime import date, datetime

from tests.builders import NEW_YORK
from tradingdesk.domain.plans.bracket_csv import COLUMNS

DAY = date(2026, 11, 18)
NOON = datetime(2026, 11, 18, 12, tzinfo=NEW_YORK)
NAME = "execution_plan_run_20261118_093000_a1b2c3.csv"
WEC_CELLS = (
    "WEC,BUY,LIMIT,115.79,113,112.26,120.49,122.84,401.38,142.5,positive,Utilities,"
    "0.8027,0.988,1.3,54.51,neutral,False"
)
WEC = dict(zip(COLUMNS, WEC_CELLS.split(","), strict=True))


def row(**changes: str) -> str:
    return ",".join({**WEC, **changes}.values())


def plan_bytes(*rows: str, end: str = "\n") -> bytes:
    return "\n".join([",".join(COLUMNS), *(rows or (row(),))]).encode() + end.encode()
