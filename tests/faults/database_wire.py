"""A wire between one process and PostgreSQL that a test can cut, mend, and make deaf."""

import contextlib
import socket
import threading
from collections.abc import Callable
from pathlib import Path

from django.db import connections

SOCKET = ".s.PGSQL.5432"


class DatabaseWire:
    """Forwards bytes between sockets; whoever is cut off sees what a dead server looks like."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.told = connections["default"].settings_dict
        self.cut_off = False
        self.deaf = False
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / SOCKET))
        self._listener.listen(20)
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """What DATABASE_URL must say for a process that is to be on this wire."""
        passfile = self.told["OPTIONS"]["passfile"]
        return f"postgresql://{self.told['USER']}@/{self.told['NAME']}?host={self.folder}&passfile={passfile}"

    def cut(self) -> None:
        """The server is gone: connections die, and no new one comes to be."""
        self.cut_off = True
        for pair in self._pairs:
            for end in pair:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
        self._pairs.clear()

    def mend(self) -> None:
        self.cut_off = False

    def deafen(self) -> None:
        """Connections that listen stay open and hear nothing more."""
        self.deaf = True

    def close(self) -> None:
        self.cut()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self.cut_off:
                near.close()
                continue
            far = socket.socket(socket.AF_UNIX)
            far.connect(str(Path(self.told["HOST"]) / SOCKET))
            self._pairs.append((near, far))
            listens = threading.Event()
            self._pump(near, far, lambda data, seen=listens: self._sent(data, seen))
            self._pump(far, near, lambda data, seen=listens: not (self.deaf and seen.is_set()))

    def _sent(self, data: bytes, listens: threading.Event) -> bool:
        if b"LISTEN" in data:
            listens.set()
        return True

    def _pump(self, source: socket.socket, target: socket.socket, passes: Callable[[bytes], bool]) -> None:
        def run() -> None:
            with contextlib.suppress(OSError):
                while data := source.recv(65536):
                    if passes(data):
                        target.sendall(data)
            for end in (source, target):
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            source.close()

        threading.Thread(target=run, daemon=True).start()
