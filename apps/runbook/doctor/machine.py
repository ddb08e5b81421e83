"""The machine: interpreter, disk, ports and clock."""

import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import Error, connection

from apps.runbook.doctor.finding import Finding, bad, look, well
from apps.runbook.processes.desk import desk_lock
from apps.runbook.processes.lock import read_holder
from apps.runbook.processes.table import taken_ports

OLDEST, NEWEST = (3, 11), (3, 13)
LEAST_FREE_BYTES = 2_000_000_000
LARGEST_SKEW_MS = 500


def python() -> Iterator[Finding]:
    """ib_insync asks for an event loop in a way that Python 3.14 no longer answers."""
    found = sys.version_info[:2]
    text = f"{found[0]}.{found[1]}.{sys.version_info[2]}"
    if OLDEST <= found <= NEWEST:
        yield well("python", text)
    else:
        yield bad("python", f"{text} is not supported", "Use Python 3.11, 3.12 or 3.13: PYTHON=… ./desk demo")


def disk() -> Iterator[Finding]:
    """A full disk stops the database, and with it everything."""
    place = settings.HOME
    while not Path(place).exists():
        place = Path(place).parent
    free = shutil.disk_usage(place).free
    text = f"{free / 1e9:.1f} GB free for {settings.HOME}"
    if free < LEAST_FREE_BYTES:
        yield bad("disk", text, "Free some space, or set TRADINGDESK_HOME to a larger disk.")
    else:
        yield well("disk", text)


def ports() -> Iterator[Finding]:
    """Our ports must be free, unless our own desk holds them."""
    holder = read_holder(desk_lock().path)
    if holder is not None:
        yield well("ports", f"held by the desk that runs here (pid {holder.pid})")
        return
    taken = taken_ports()
    for sentence in taken:
        text, _, remedy = sentence.partition(". ")
        yield bad("ports", text, remedy)
    if not taken:
        yield well("ports", f"{settings.HTTP_PORT} is free for the web")


def clock() -> Iterator[Finding]:
    """The database's clock counts windows and cut-offs; ours must agree with it."""
    try:
        with connection.cursor() as cursor:
            began = time.time()
            cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
            told = float(cursor.fetchone()[0])
            ended = time.time()
    except Error:
        yield look("clock", "not compared: the database does not answer", "Start it: ./desk database start")
        return
    skew = (told - (began + ended) / 2) * 1000
    text = f"{skew:+.0f} ms from this machine to the database"
    if abs(skew) > LARGEST_SKEW_MS:
        yield bad("clock", text, "Let both machines keep time with NTP: timedatectl set-ntp true")
    else:
        yield well("clock", text)
