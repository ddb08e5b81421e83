"""One desk per home: a lock that the kernel frees when its holder dies, and a note of who holds it."""

import fcntl
import json
import os
import signal
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

import psutil


@dataclass(frozen=True, slots=True)
class Holder:
    """Who runs the desk here."""

    pid: int
    word: str
    address: str
    since: float

    def alive(self) -> bool:
        """Tell whether that pid still is the process that wrote the note."""
        try:
            return bool(abs(psutil.Process(self.pid).create_time() - self.since) < 2)
        except psutil.Error:
            return False


class AlreadyRunning(Exception):
    """Another supervisor holds this home."""

    def __init__(self, holder: Holder | None) -> None:
        self.holder = holder
        where = f" (pid {holder.pid}, `./desk {holder.word}`, {holder.address})" if holder else ""
        super().__init__(f"A desk is already running here{where}. `./desk down` stops it.")


class Lock:
    """Held for as long as the supervisor lives."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file: IO[str] | None = None

    def take(self, *, word: str, address: str) -> None:
        """Take the lock and leave the note, or say who has it."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = self.path.open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise AlreadyRunning(read_holder(self.path)) from None
        own = Holder(os.getpid(), word, address, psutil.Process().create_time())
        file.truncate(0)
        file.write(json.dumps(asdict(own)))
        file.flush()
        self.file = file

    def free(self) -> None:
        """Give it back."""
        if self.file is not None:
            self.file.truncate(0)
            self.file.close()
            self.file = None


def read_holder(path: Path) -> Holder | None:
    """Return the living holder that the note names, if any."""
    try:
        holder = Holder(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return holder if holder.alive() else None


def stop_holder(path: Path, *, within: float = 90.0) -> Holder | None:
    """Ask the holder to stop and wait for its end; return it, or nothing if none runs."""
    holder = read_holder(path)
    if holder is None:
        return None
    os.kill(holder.pid, signal.SIGTERM)
    limit = time.monotonic() + within
    while holder.alive() and time.monotonic() < limit:
        time.sleep(0.05)
    return holder
