"""The embedded PostgreSQL by hand: ./desk database run|start|stop|status|url."""

import os
import subprocess
import sys
import time
from argparse import ArgumentParser
from typing import Any

import psutil
from django.core.management.base import BaseCommand, CommandError

from apps.runbook.database.cluster import accepts_connections, running_pid
from apps.runbook.database.connection import database_url
from apps.runbook.database.folders import folders
from apps.runbook.database.server import database_row, owner_lock
from apps.runbook.processes.lock import stop_holder
from apps.runbook.processes.refusals import REFUSALS
from apps.runbook.processes.supervisor import StopAsked, Supervisor
from apps.runbook.processes.table import manage
from tradingdesk import env

START_WITHIN = 90.0
# What the supervisor says once the server answers and the desk's database is in it.
READY = "✓ PostgreSQL"


class Command(BaseCommand):
    help = "Start, stop and look at the embedded PostgreSQL."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        words = parser.add_subparsers(dest="word", required=True)
        run = words.add_parser("run", help="run it in the foreground until Ctrl-C")
        run.add_argument("--fast", action="store_true", help="without fsync: for data that may be lost")
        run.add_argument("--owner", type=int, help="stop when this process has ended")
        words.add_parser("start", help="start it in the background")
        words.add_parser("stop", help="stop what `start` started")
        words.add_parser("status", help="say whether it runs, and where its data is")
        words.add_parser("url", help="print its address with the password")

    def handle(self, *, word: str, **options: Any) -> None:
        if env.text("DATABASE_URL"):
            raise CommandError(
                "DATABASE_URL is set: the desk uses that server, and there is no embedded one."
            )
        verbs = {"start": self.start, "stop": self.stop, "status": self.status, "url": self.url}
        try:
            if word == "run":
                self.run(fast=options["fast"], owner=options["owner"])
            else:
                verbs[word]()
        except REFUSALS as refusal:
            raise CommandError(str(refusal)) from None

    def run(self, *, fast: bool, owner: int | None) -> None:
        lock = owner_lock()
        lock.take(word="database run", address=str(env.socket_folder()))
        supervisor = Supervisor([database_row(fast=fast)], logs=env.home() / "log", say=self.stdout.write)
        supervisor.listen()
        try:
            supervisor.start()
            supervisor.watch(until=lambda: owner is not None and not psutil.pid_exists(owner))
        except StopAsked:
            self.stdout.write("Asked to stop before the server was ready.")
        finally:
            supervisor.stop()
            lock.free()

    def start(self) -> None:
        if accepts_connections(folders().data):
            self.stdout.write("It runs already.")
            return
        log = env.home() / "log" / "database-run.log"
        env.home().mkdir(mode=0o700, parents=True, exist_ok=True)
        log.parent.mkdir(mode=0o700, exist_ok=True)
        with log.open("wb") as output:
            runner = subprocess.Popen(
                manage("database", "run"),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd=env.BASE_DIR,
            )
        limit = time.monotonic() + START_WITHIN
        while time.monotonic() < limit and runner.poll() is None:
            if READY in log.read_text():
                self.stdout.write(f"PostgreSQL runs (pid {running_pid(folders().data)}).")
                return
            time.sleep(0.05)
        raise CommandError(f"It did not start:\n{log.read_text()}")

    def stop(self) -> None:
        holder = stop_holder(owner_lock().path)
        if holder is None:
            self.stdout.write("It does not run.")
        elif holder.alive():
            raise CommandError(f"Its owner (pid {holder.pid}) does not stop.")
        else:
            self.stdout.write("Stopped.")

    def status(self) -> None:
        places = folders()
        pid = running_pid(places.data)
        state = f"runs (pid {pid})" if pid and accepts_connections(places.data) else "does not run"
        self.stdout.write(f"PostgreSQL {state}. Data: {places.data}. Socket: {places.socket}.")
        if not pid:
            sys.exit(3)

    def url(self) -> None:
        if not folders().passfile.is_file():
            raise CommandError("There is no embedded database yet: `./desk database start` makes it.")
        if os.isatty(sys.stdout.fileno()):
            self.stderr.write("(this line holds the password)")
        self.stdout.write(database_url(folders()))
