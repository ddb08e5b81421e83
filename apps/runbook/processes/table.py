"""The table of the desk's processes: one row each; a row whose command does not exist is left out."""

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace

from django.conf import settings
from django.core.management import get_commands

from apps.journal import clock
from apps.runbook.database.server import database_row, owned_by_another
from apps.runbook.database.tables import migrations_waiting
from apps.runbook.management.commands.set_up_desk import is_set_up
from apps.runbook.processes.probes import answers, listens
from apps.runbook.processes.row import Row, nothing
from apps.runbook.seed import stage
from apps.runbook.seed.load import day_is_laid
from tradingdesk import env

SIMULATED = "sim"


def manage(*words: str) -> list[str]:
    """Return the command line of one of our own commands."""
    return [sys.executable, str(env.BASE_DIR / "manage.py"), *words]


def manage_row(name: str, title: str, words: Iterable[str], **more: object) -> Row:
    """Return a row that runs one of our own commands in the checkout."""
    line = manage(*words)
    return Row(name=name, title=title, command=lambda: line, folder=env.BASE_DIR, **more)  # type: ignore[arg-type]


def gateway_words() -> list[str]:
    """Return the simulated gateway's command line."""
    return ["run_sim_gateway", "--host", settings.GATEWAY_HOST, "--port", str(settings.GATEWAY_PORT)]


def gateway_row() -> Row:
    """The simulated gateway as `up` runs it: on the wall's own time. Stopped or killed, it comes back with
    its orders, fills and positions, as a broker does.
    """
    words = [*gateway_words(), "--state", str(stage.state_folder())]
    return manage_row("simgateway", "Simulated gateway", words, ready=gateway_listens)


def demo_gateway_row() -> Row:
    """The demo's gateway has a control door and accounts of its own, and stands by the clock of the day."""
    return replace(
        gateway_row(),
        command=lambda: manage(*gateway_words(), *stage.gateway_words()),
        first=stage.prepare_gateway,
        ready=lambda: gateway_listens() and stage.door_is_open(),
        environment={"TRADINGDESK_HOME": str(env.home())},
    )


def gateway_listens() -> bool:
    return listens(settings.GATEWAY_HOST, settings.GATEWAY_PORT)


def web_address() -> str:
    """Return where this machine itself reaches the web process."""
    host = "127.0.0.1" if settings.HTTP_HOST in ("0.0.0.0", "::") else settings.HTTP_HOST
    return f"http://{host}:{settings.HTTP_PORT}"


def every_row(*, demo: bool, day_file: str = "") -> Iterator[Row]:
    """Yield the rows in the order in which they start."""
    if not env.text("DATABASE_URL") and not owned_by_another():
        yield database_row()
    before_tables = stage.before_tables if demo else nothing
    step: dict[str, object] = {"once": True, "start_within": 180}
    migrate = ("migrate", "--no-input")
    yield manage_row("migrate", "Tables", migrate, needed=tables_are_due, before=before_tables, **step)
    if settings.MODE == SIMULATED:
        yield demo_gateway_row() if demo else gateway_row()
    if demo:
        day = ("load_demo_day",)
        yield manage_row("demo_day", "A trading day", day, needed=day_is_due, **step)
    elif not day_file:
        first = ("set_up_desk",)
        yield manage_row("set_up", "Gateway and account", first, needed=lambda: not is_set_up(), **step)
    if day_file:
        yield manage_row("set_up_day", "The day's set-up", ("set_up_day", day_file), **step)
    yield manage_row("worker", "Worker", ("run_worker",), restarts=True, beside=True)
    yield manage_row("link", "Broker link", ("run_broker_link",), stop_within=30.0, beside=True)
    healthy = f"{web_address()}/healthz"
    yield manage_row("web", "Web", ("web",), ready=lambda: answers(healthy), beside=True)


def day_is_due() -> bool:
    """A day that plays by itself, and the first one after it, need another phase than the one that stands."""
    return bool(settings.DEMO_SPEED) or not day_is_laid(clock.now())


def tables_are_due() -> bool:
    """Looking here costs less than a process that finds nothing."""
    return migrations_waiting() > 0


def table(*, demo: bool = False, day_file: str = "") -> list[Row]:
    """Return the rows whose programs exist."""
    known = get_commands()
    return [
        row
        for row in every_row(demo=demo, day_file=day_file)
        if row.name == "database" or row.command()[2] in known
    ]


def taken_ports() -> list[str]:
    """Return a sentence for each port that one of our processes needs and somebody else has."""
    wanted = [("TRADINGDESK_PORT", settings.HTTP_HOST, settings.HTTP_PORT)]
    if settings.MODE == SIMULATED and "run_sim_gateway" in get_commands():
        wanted.append(("TRADINGDESK_GATEWAY_PORT", settings.GATEWAY_HOST, settings.GATEWAY_PORT))
    return [
        f"Port {port} on {host} is taken by another program. Stop it, or set {name} to a free port."
        for name, host, port in wanted
        if listens("127.0.0.1" if host == "0.0.0.0" else host, port)
    ]


def keep_secret_key() -> None:
    """Make the signing key on the first start, so that web and worker read the same one."""
    path = env.home() / "secret_key"
    if env.text("SECRET_KEY") or path.is_file():
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(settings.SECRET_KEY)
    settings.KEPT_SECRET_KEY = settings.SECRET_KEY
