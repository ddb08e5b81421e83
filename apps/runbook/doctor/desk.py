"""The desk: settings, database, journal, calendars and gateway."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec

from django.apps import apps
from django.conf import settings
from django.db import Error, connection

from apps.runbook.checks import unsafe_settings
from apps.runbook.database.cluster import running_pid
from apps.runbook.database.folders import folders
from apps.runbook.database.tables import migrations_waiting
from apps.runbook.doctor.finding import Finding, bad, look, well
from apps.runbook.processes.probes import listens
from tradingdesk import env

OLDEST_SERVER = 140000
DAYS_AHEAD = 30
SESSIONS: str = "market.Session"
USUAL_PORTS = {"paper": (4002, 7497), "live": (4001, 7496)}


def safe_settings() -> Iterator[Finding]:
    """What paper and live would refuse to start with."""
    found = unsafe_settings()
    for error in found:
        if error.id == "tradingdesk.E001" and not running_before():
            yield look("settings", "no signing key is kept yet", "The first ./desk up makes and keeps one.")
        else:
            yield bad("settings", f"{error.id}: {error.msg}", error.hint or "")
    if not found:
        yield well("settings", f"mode {settings.MODE}, {settings.PUBLIC_URL}")


def running_before() -> bool:
    """Whether a desk was ever started here."""
    return folders().data.exists() or bool(env.text("DATABASE_URL"))


def database() -> Iterator[Finding]:
    """Which server it is, whether it answers, and whether its tables are ours."""
    where = "DATABASE_URL" if env.text("DATABASE_URL") else f"embedded, {folders().data}"
    try:
        connection.ensure_connection()
        version: int = connection.pg_version  # type: ignore[attr-defined]
        missing = migrations_waiting()
    except Error as error:
        if not env.text("DATABASE_URL") and running_pid(folders().data) is None:
            yield look("database", f"{where}: not running", "./desk demo or ./desk up starts it.")
        else:
            yield bad(
                "database", f"{where}: {error}".strip(), "Check DATABASE_URL, or ./desk database status"
            )
        return
    if version < OLDEST_SERVER:
        yield bad("database", f"{where}: version {version}", "Use PostgreSQL 14 or newer.")
    elif missing:
        yield bad("database", f"{where}: {missing} migrations are missing", "./desk migrate")
    else:
        yield well("database", f"{where}: PostgreSQL {version // 10000}.{version % 10000}")
    if settings.MODE == "live" and not env.text("DATABASE_URL"):
        yield look(
            "database",
            "live accounts on the embedded server",
            "Back it up daily: pg_dump -Fc, keep 14, try a restore.",
        )


def calendars() -> Iterator[Finding]:
    """The session table must reach into the next weeks, or the desk does not know when markets close."""
    if not apps.is_installed("apps.market"):
        spec = find_spec("exchange_calendars")
        yield (
            well("calendars", "package installed")
            if spec
            else bad(
                "calendars",
                "exchange-calendars is missing",
                "Run ./desk again: it installs the requirements.",
            )
        )
        return
    horizon = datetime.now(UTC).date() + timedelta(days=DAYS_AHEAD)
    try:
        known = apps.get_model(SESSIONS).objects.filter(day__gte=horizon).exists()
    except Error:
        yield look("calendars", "not read: the database does not answer", "./desk database start")
        return
    if known:
        yield well("calendars", f"sessions are known beyond {horizon}")
    else:
        yield look("calendars", f"no session is known after {horizon}", "./desk refresh-calendars")


def gateway() -> Iterator[Finding]:
    """Whether the gateway's address fits the mode, and whether it answers."""
    host, port, mode = settings.GATEWAY_HOST, settings.GATEWAY_PORT, settings.MODE
    other = {"paper": "live", "live": "paper"}.get(mode, "")
    if port in USUAL_PORTS.get(other, ()):
        yield bad(
            "gateway",
            f"mode {mode}, but {port} is the usual port of {other}",
            "Set TRADINGDESK_GATEWAY_PORT or the mode.",
        )
    if listens(host, port):
        yield well("gateway", f"{host}:{port} accepts connections")
    elif mode == "sim":
        yield look(
            "gateway", f"the simulated gateway at {host}:{port} is not running", "./desk demo starts it."
        )
    else:
        yield bad(
            "gateway",
            f"nothing listens at {host}:{port}",
            "Start IB Gateway, allow API connections in its settings, and check TRADINGDESK_GATEWAY_PORT.",
        )
