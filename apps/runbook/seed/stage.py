"""The demo's clock and gateway: where a simulated day begins, and how every process shares its time."""

import json
import os
import time
import urllib.request
from datetime import UTC, date, datetime, timedelta
from datetime import time as day_time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from apps.desks.models import Account
from apps.journal import clock
from apps.journal.models import Entry
from apps.market.models import Session
from apps.market.ports import CALENDAR
from apps.risk.queries import reserved
from apps.runbook.seed.script import EXPOSURE
from apps.runbook.situation import trading_day
from tradingdesk import env

BOOK = Path(__file__).parent / "accounts.yaml"
NEW_YORK = ZoneInfo("America/New_York")
OPENING = day_time(9, 36)
INTO_SESSION, FIRST_MINUTE = timedelta(minutes=6), timedelta(minutes=1)
WEDNESDAY = 2
SHUT_WEDNESDAYS = {(1, 1), (6, 19), (7, 4), (12, 25)}
BEFORE_HISTORY = timedelta(days=35)
NOT_AFTER = timedelta(minutes=30)  # before the close: later than that, the next session is played
ROOM_WANTED = EXPOSURE / 3
DOOR_WITHIN = 10.0
QUOTE_STEP_MS, QUOTES_A_SECOND = 2000, 4


def gateway_home() -> Path:
    return env.home() / "simgateway"


def state_folder() -> Path:
    """What the simulated broker remembers from one run to the next."""
    return gateway_home() / "state"


def first_moment(today: date | None = None) -> datetime:
    """Six minutes into the session of the last Wednesday."""
    day = today or datetime.now(UTC).date()
    day -= timedelta(days=(day.weekday() - WEDNESDAY) % 7)
    while (day.month, day.day) in SHUT_WEDNESDAYS:
        day -= timedelta(days=7)
    return datetime.combine(day, OPENING, NEW_YORK).astimezone(UTC)


def set_clock(moment: datetime) -> None:
    """This process, every process started after it, and a command in another terminal read this clock.

    A day that plays by itself changes its pace: then each of them goes on reading the file.
    """
    line = str(clock.Line(moment, time.time(), 1.0))
    path = env.clock_file()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(line)
    part.replace(path)
    settings.CLOCK = f"{clock.FOLLOW}{path}" if settings.DEMO_SPEED else line
    os.environ["TRADINGDESK_CLOCK"] = settings.CLOCK


def before_tables() -> None:
    """The desk's founding lines are older than the history that is laid on them."""
    set_clock(first_moment() - BEFORE_HISTORY)


def choose_moment() -> datetime:
    """A fresh desk begins on its Wednesday; any other where its clock stood, or in the next session."""
    last = _last_heard()
    if settings.DEMO_SPEED:
        return _before_submission(last)
    if last is None:
        return first_moment()
    session = Session.objects.filter(calendar=CALENDAR, close_at__gt=last + NOT_AFTER).order_by("day").first()
    if session is not None and session.open_at < last and not _room_left(last):
        session = Session.objects.filter(calendar=CALENDAR, day__gt=session.day).order_by("day").first()
    if session is None:
        return last + timedelta(seconds=1)
    return max(last + timedelta(seconds=1), session.open_at + timedelta(minutes=6))


def _before_submission(last: datetime | None) -> datetime:
    """A day that plays by itself is played from its beginning: the first one, or the next that is whole."""
    if last is None:
        return first_moment() - INTO_SESSION + FIRST_MINUTE
    session = Session.objects.filter(calendar=CALENDAR, open_at__gt=last).order_by("day").first()
    return last + timedelta(seconds=1) if session is None else session.open_at + FIRST_MINUTE


def _last_heard() -> datetime | None:
    """The latest moment that the desk or its broker has lived; None on a first start."""
    written = Entry.objects.order_by("-sequence").values_list("at", flat=True).first()
    if written is None or not Session.objects.exists() or not Account.objects.exists():
        return None
    return max(written, _gateway_stood_at() or written)


def _gateway_stood_at() -> datetime | None:
    path = state_folder() / "gateway.json"
    if not path.is_file():
        return None
    return datetime.fromtimestamp(json.loads(path.read_text())["now"] / 1_000_000, UTC)


def _room_left(moment: datetime) -> bool:
    """Whether a new plan would still fit under today's exposure."""
    taken = [reserved(account.code, trading_day(moment)) for account in Account.objects.all()]
    return EXPOSURE - max(taken, default=EXPOSURE * 0) >= ROOM_WANTED


def prepare_gateway() -> None:
    """Stand the clock where the gateway will start, and forget the doors of gateways that are gone."""
    set_clock(choose_moment())
    for stale in gateway_home().glob("control-*.json"):
        stale.unlink()


def gateway_words() -> list[str]:
    """What is added to the gateway's command line in a demo."""
    # quotes that change twice a second are more than can be told when a second is a hundredth of one
    slower = [f"step_ms={QUOTE_STEP_MS}", f"quote_pause_ms={quote_pause(clock.speed())}"]
    switches = [word for one in slower for word in ("--switch", one)] if settings.DEMO_SPEED else []
    state = ["--state", str(state_folder())]
    return ["--book", str(BOOK), "--control", "0", *state, "--clock", str(env.clock_file()), *switches]


def quote_pause(speed: float) -> int:
    """A second holds no more quotes than the link can hear, however many of the day's seconds it is."""
    return round(1000 * speed / QUOTES_A_SECOND) if speed > 1 else 0


def ask_gateway(verb: str, **args: str) -> dict[str, Any]:
    """One turn at the running gateway's control door."""
    told = json.loads(_door_file().read_text())
    request = urllib.request.Request(
        f"http://127.0.0.1:{told['port']}/{verb}",
        data=json.dumps(args).encode(),
        headers={"Authorization": f"Bearer {told['token']}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=DOOR_WITHIN) as answer:
        content: dict[str, Any] = json.load(answer)
        return content


def door_is_open() -> bool:
    return any(gateway_home().glob("control-*.json"))


def _door_file() -> Path:
    doors = list(gateway_home().glob("control-*.json"))
    if not doors:
        raise ConnectionRefusedError("no gateway has a control door open")
    return max(doors, key=lambda path: path.stat().st_mtime)
