"""The ledger: JSON lines, only ever appended to, of everything that went in, came out and happened.

The first line of a run says how it was started; the inputs that follow are enough to play it again.
Lines are written behind, at most 50 ms later and at the end, so that no message waits for the disk.
"""

import itertools
import json
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from apps.simgateway.clock import wall_now
from apps.simgateway.exchange.instant import Instant
from apps.simgateway.wire.names import ANSWER_NAMES, REQUEST_NAMES

_PLAIN = (
    bytes(code for code in range(0x20, 0x7F) if code not in b'"\\') + b"\0"
)  # JSON takes these as they are
_FLUSH_BYTES = 1 << 18
_HEADER = 4
_ANSWERS = {str(number).encode(): name for number, name in ANSWER_NAMES.items()}
_REQUESTS = {str(number): name for number, name in REQUEST_NAMES.items()}

Line = dict[str, Any]


class Ledger:
    """Append-only. Without a file it keeps the latest lines in memory alone."""

    def __init__(self, path: Path | None = None, *, remember: int = 10_000) -> None:
        self._file: BinaryIO | None = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("ab")
        self._latest: deque[str] = deque(maxlen=remember)
        self._pending: list[str] = []
        self._pending_bytes = 0
        self.count = 0

    def frame_in(self, now: Instant, conn: int, fields: list[str]) -> None:
        name = _REQUESTS.get(fields[0], "") if fields else ""
        listed = _as_json("\0".join(fields).encode("utf-8", "surrogateescape"))
        self._append(now, f'"kind":"in","conn":{conn},"name":"{name}","fields":{listed}')

    def frame_out(self, now: Instant, conn: int, data: bytes) -> None:
        """Framed messages; more of them in a row are as many lines."""
        start = 0
        while start < len(data):
            end = start + _HEADER + int.from_bytes(data[start : start + _HEADER], "big")
            body = data[start + _HEADER : end - 1]
            name = _ANSWERS.get(body.partition(b"\0")[0], "")
            self._append(now, f'"kind":"out","conn":{conn},"name":"{name}","fields":{_as_json(body)}')
            start = end

    def note(self, now: Instant, kind: str, data: Line) -> None:
        """Anything else: an input that is no frame, an order, an execution."""
        text = json.dumps(data, default=str, ensure_ascii=False, separators=(",", ":"))
        self._append(now, f'"kind":"{kind}"' + (f",{text[1:-1]}" if data else ""))

    def latest(self, limit: int, *, kind: str = "", name: str = "") -> list[Line]:
        """The last lines, oldest first, of one kind or message name when asked."""
        found: list[Line] = []
        for text in reversed(self._latest):
            line = json.loads(text)
            if (not kind or line["kind"] == kind) and (not name or line.get("name") == name):
                found.append(line)
                if len(found) == limit:
                    break
        return found[::-1]

    def since(self, count: int) -> list[Line]:
        """The lines after the first `count`, as far as they are remembered."""
        wanted = min(self.count - count, len(self._latest))
        return [json.loads(text) for text in itertools.islice(reversed(self._latest), wanted)][::-1]

    def flush(self) -> None:
        if self._pending and self._file is not None:
            self._file.write("".join(self._pending).encode())
            self._file.flush()
        self._pending.clear()
        self._pending_bytes = 0

    def close(self) -> None:
        self.flush()
        if self._file is not None:
            self._file.close()
            self._file = None

    def _append(self, now: Instant, rest: str) -> None:
        self.count += 1
        line = f'{{"n":{self.count},"at":{now},"wall":{wall_now()},{rest}}}\n'
        self._latest.append(line)
        if self._file is None:
            return
        self._pending.append(line)
        self._pending_bytes += len(line)
        if self._pending_bytes > _FLUSH_BYTES:
            self.flush()


def _as_json(body: bytes) -> str:
    """NUL-separated fields as a JSON list; plain ones, which is nearly all, without a JSON encoder."""
    if body.translate(None, _PLAIN):
        return json.dumps(body.decode("utf-8", "surrogateescape").split("\0"), separators=(",", ":"))
    return '["' + body.replace(b"\0", b'","').decode("ascii") + '"]'


def read_ledger(path: Path) -> Iterator[Line]:
    """Every line of a ledger file; a last line cut short by a crash is left out."""
    with path.open(encoding="utf-8") as lines:
        for text in lines:
            if text.endswith("\n"):
                yield json.loads(text)
