"""Twenty-five sessions in a row with faults between everything: what must hold at each close, holds.

python -m pytest -m deep -s tests/faults/test_soak.py
TRADINGDESK_TEST_SOAK_SEED=7 TRADINGDESK_TEST_SOAK_SESSIONS=3 …    # that seed, the first three sessions
TRADINGDESK_TEST_SOAK_BEGIN=8 TRADINGDESK_TEST_SOAK_SESSIONS=1 …   # the eighth alone, with the same faults
"""

import os
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from apps.desks.actions.save_strategy import save_strategy
from apps.desks.models import Strategy
from apps.journal import clock
from apps.journal.ports import SYSTEM
from apps.ledger.actions.adopt import CASH_TAG, adopt_cash
from apps.ledger.models import AccountValue
from apps.market.management.commands.refresh_calendars import refresh
from apps.market.models import Session
from apps.reconciliation.models import Break
from apps.runbook.jobs import keep_house
from tests.builders import make_desk
from tests.nursery import Nursery
from tests.road.desk import eventually
from tests.soak.people import TRADER, People
from tests.soak.processes import LINK, WORKER, Processes
from tests.soak.session import Played, Row

NEW_YORK = ZoneInfo("America/New_York")
# Europe's clocks change on 25 October, America's on 1 November; 27 November is a half day after a holiday.
FIRST, LAST = date(2026, 10, 23), date(2026, 11, 27)
SEED = int(os.environ.get("TRADINGDESK_TEST_SOAK_SEED", "20261121"))
SESSIONS = int(os.environ.get("TRADINGDESK_TEST_SOAK_SESSIONS", "25"))
BEGIN = int(os.environ.get("TRADINGDESK_TEST_SOAK_BEGIN", "1"))
FAULTS = 200
OPENING = "opening balance, taken over from the broker on the desk's first day"


@pytest.fixture
def desk(desk_environment: dict[str, str], nursery: Nursery, tmp_path: Path) -> Iterator[Processes]:
    intake = tmp_path / "intake"
    intake.mkdir()
    environment = {**desk_environment, "TRADINGDESK_MODE": "sim", "TRADINGDESK_INTAKE": str(intake)}
    made = Processes(nursery, tmp_path, environment)
    with made.on_its_clock(datetime.combine(FIRST, time(9, 12), NEW_YORK).astimezone(UTC)):
        refresh(["XNYS"], lambda line: None)
        made.open_gateway()
        made.account = make_desk(port=made.port)
        save_strategy(
            Strategy.objects.get(), actor=SYSTEM, reason="the soak", parameters={"propose_again": True}
        )
        try:
            yield made
        finally:
            made.end_all()


def opened(desk: Processes, people: People) -> None:
    """Everything runs, and the books take over what the broker has."""
    people.arrive()
    desk.start(LINK)
    desk.start(WORKER)
    eventually(desk.is_ready, "a ready link", 60)
    assert desk.account is not None
    cash = AccountValue.objects.filter(account=desk.account, tag=CASH_TAG).exclude(currency="BASE")
    eventually(cash.exists, "the broker's cash", 90)
    for row in cash:
        adopt_cash(
            desk.account, row.currency, amount=row.value, reason=OPENING, actor=TRADER, now=clock.now()
        )
    desk.jump(clock.now() + timedelta(minutes=2))  # a comparison of the books is due at once
    eventually(lambda: Break.objects.filter(kind="POSITION_THEIRS_ONLY").exists(), "a case of a position", 90)
    people.adopt_everything(clock.now())


def told(row: Row) -> str:
    faults = ", ".join(f"{count} {name}" for name, count in sorted(row.faults.items()))
    return (
        f"{row.number:>3}  {row.day:%a %d %b}  {sum(row.faults.values()):>3} faults  {row.orders:>3} orders  "
        f"{row.fills:>3} fills  {len(row.differences)} differences  "
        f"{'complete' if not row.report else 'INCOMPLETE'}  {row.seconds:5.0f} s  ({faults})"
    )


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@pytest.mark.deep
def test_a_month_of_sessions_with_faults_between_everything_loses_and_doubles_nothing(
    desk: Processes, tmp_path: Path
) -> None:
    people, rows = People(), []
    opened(desk, people)
    days = list(Session.objects.filter(day__gte=FIRST, day__lte=LAST).order_by("day"))
    days = days[BEGIN - 1 : BEGIN - 1 + SESSIONS]
    say(f"\nseed {SEED}, {len(days)} sessions from {days[0].day} to {days[-1].day}")
    for number, session in enumerate(days, BEGIN):
        played = Played(desk, people, tmp_path / "intake", SEED, number, session.day, say)
        rows.append(played.play())
        say(told(rows[-1]))
        found = [*rows[-1].differences, *rows[-1].report]
        assert not found, "\n".join([*found, played.picture()])
        keep_house()
        midnight = datetime.combine(session.day + timedelta(days=1), time(0), NEW_YORK)
        played.night(midnight.astimezone(UTC))
    good, faults = sum(row.good for row in rows), sum((Counter(row.faults) for row in rows), Counter())
    say(f"{good}/{len(rows)} sessions, {faults.total()} faults, people: {dict(people.acts)}")
    assert good == len(rows)
    assert faults.total() >= FAULTS * len(rows) // 25
