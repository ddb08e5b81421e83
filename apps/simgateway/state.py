"""What survives the end of the process: one JSON file, replaced whole or not at all."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

_FILE = "gateway.json"
_DELAY = 0.15  # after a change, so that a burst is one write
_SHARE = 10  # at most a tenth of the time goes into writing


class StateFile:
    """The snapshot in a directory."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.path = directory / _FILE

    def read(self) -> dict[str, Any] | None:
        """The last snapshot, or None on a first start."""
        if not self.path.exists():
            return None
        try:
            found: dict[str, Any] = json.loads(self.path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ValueError(
                f"{self.path} is not a state file ({error}); move it away to start afresh"
            ) from None
        return found

    def write(self, snapshot: dict[str, Any]) -> None:
        """Replace the snapshot; a reader sees the old one or the new one, never a half."""
        beside = self.path.with_suffix(".new")
        with beside.open("w", encoding="utf-8") as file:
            json.dump(snapshot, file, default=str, separators=(",", ":"))
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, self.path)


class Keeper:
    """Writes a snapshot soon after something changed."""

    def __init__(
        self,
        file: StateFile,
        dump: Callable[[], dict[str, Any]],
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._file = file
        self._dump = dump
        self._monotonic = monotonic
        self._changed = False
        self._not_before = 0.0

    def changed(self) -> None:
        if not self._changed:
            self._changed = True
            self._not_before = max(self._not_before, self._monotonic() + _DELAY)

    def keep(self, *, at_once: bool = False) -> None:
        """Write if there is something to write and it is time."""
        began = self._monotonic()
        if not self._changed or (began < self._not_before and not at_once):
            return
        self._changed = False
        self._file.write(self._dump())
        ended = self._monotonic()
        self._not_before = ended + _SHARE * (ended - began)
