"""One embedded server: made once, checked before each start, stopped by whoever started it."""

import os
import secrets
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psutil

from apps.runbook.database.account import SystemAccount, server_account
from apps.runbook.database.binaries import Binaries, find_binaries
from apps.runbook.database.folders import Folders, folders, lay_folders
from tradingdesk import env

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "64MB",
    "max_connections": "50",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u ",
}
# Only for data that a test run throws away: a crash of the machine would lose it.
FAST_AND_LOOSE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


class ClusterRefused(Exception):
    """The data folder cannot be used as it is; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """The server's account, programs and folders."""

    account: SystemAccount
    binaries: Binaries
    places: Folders
    fast: bool = False

    def command(self) -> list[str]:
        """Return the server's command line; its data folder is what we later know it by."""
        settings = {**SETTINGS, "unix_socket_directories": str(self.places.socket)}
        if self.fast:
            settings |= FAST_AND_LOOSE
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [self.binaries.program("postgres"), "-D", str(self.places.data), *options]

    def prepare(self) -> None:
        """Bring the data folder to a state in which the server can start, or refuse with a remedy."""
        if not (self.places.data / "PG_VERSION").is_file():
            self.initialise()
        self.check_major()
        clear_stale_pid(self.places.data)

    def initialise(self) -> None:
        """Make a new data folder beside its final name, so that half a one is never started."""
        half = self.places.data.with_name("data.new")
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(mode=0o700)
        password = secrets.token_urlsafe(32)
        with tempfile.TemporaryDirectory(dir=self.places.home, prefix="first-") as folder:
            told = Path(folder) / "password"
            told.touch(mode=0o600)
            told.write_text(password)
            if self.account.borrowed:
                for path in (half, Path(folder), told):
                    os.chown(path, self.account.uid, self.account.gid)
            self.run_initdb(half, told)
        write_passfile(self.places.passfile, password)
        half.rename(self.places.data)

    def run_initdb(self, target: Path, password: Path) -> None:
        """Run initdb: a password even on loopback, and a locale that needs nothing of the system."""
        command = [self.binaries.program("initdb"), "-D", str(target), "-U", env.DATABASE_USER, "-E", "UTF8"]
        command += ["--auth=scram-sha-256", f"--pwfile={password}"]
        if int(self.binaries.major) >= 17:
            command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        else:
            command += ["--locale=C.UTF-8"]
        if self.fast:
            command += ["--no-sync"]
        done = subprocess.run(
            command, capture_output=True, text=True, cwd="/", **self.account.popen_options()
        )
        if done.returncode != 0:
            shutil.rmtree(target, ignore_errors=True)
            raise ClusterRefused(f"initdb failed: {(done.stderr or done.stdout).strip()}")

    def check_major(self) -> None:
        """Refuse a data folder that another major version wrote; PostgreSQL would too, less kindly."""
        found = (self.places.data / "PG_VERSION").read_text().strip()
        if found != self.binaries.major:
            raise ClusterRefused(upgrade_recipe(found, self.binaries, self.places))


def upgrade_recipe(found: str, binaries: Binaries, places: Folders) -> str:
    """Say how data of another major version comes across."""
    return (
        f"The data in {places.data} was written by PostgreSQL {found}; this is PostgreSQL {binaries.version}."
        " Either dump and load:\n"
        f"  1. start it with the programs of version {found}: postgres -D {places.data} -k /tmp\n"
        f"  2. pg_dump -Fc -h /tmp -U {env.DATABASE_USER} {env.DATABASE_NAME} > desk.dump, then stop it\n"
        f"  3. mv {places.data} {places.data}.{found}; ./desk database start\n"
        f'  4. {binaries.program("pg_restore")} -d "$(./desk database url)" desk.dump\n'
        f"or convert in place: {binaries.program('pg_upgrade')} -b OLD/bin -B {binaries.folder} "
        f"-d {places.data} -D NEW"
    )


def open_cluster(*, fast: bool = False) -> Cluster:
    """Lay the folders, find the programs, and return the cluster, not yet started."""
    account = server_account()
    places = folders()
    lay_folders(places, account)
    return Cluster(account, find_binaries(places.copied_binaries, account), places, fast)


def write_passfile(path: Path, password: str) -> None:
    """Keep the password where libpq looks for it, for our eyes only."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(f"*:*:*:{env.DATABASE_USER}:{password}\n")


def running_pid(data: Path) -> int | None:
    """Return the pid of the server on this data folder; a number in a file alone proves nothing."""
    try:
        pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None
    return pid if is_server_of(pid, data) else None


def is_server_of(pid: int, data: Path) -> bool:
    """Tell whether that process is a PostgreSQL started on this data folder."""
    try:
        command = psutil.Process(pid).cmdline()
    except psutil.Error:
        return False
    return bool(command) and "postgres" in Path(command[0]).name and str(data) in command


def clear_stale_pid(data: Path) -> None:
    """Remove what a crash left behind; PostgreSQL would refuse if the number were reused since."""
    if (data / "postmaster.pid").exists() and running_pid(data) is None:
        (data / "postmaster.pid").unlink()


def accepts_connections(data: Path) -> bool:
    """Tell whether the server says of itself that it is ready."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[7].strip() == "ready" and running_pid(data) is not None
