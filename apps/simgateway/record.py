"""The ledger: JSON lines, only ever appended to, of everything that went in, came out and happened.

The first line of a run says how it was started; the inputs that follow are enough to play it again.
Lines are put into words and written behind, at most 50 ms later and at the end, so that no message waits for
either.
"""

import json
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import NoneType
from typing import Any, BinaryIO

from apps.simgateway.clock import wall_now
from apps.simgateway.exchange.instant import Instant
from apps.simgateway.wire.names import ANSWER_NAMES, REQUEST_NAMES

_PLAIN = (
    bytes(code for code in range(0x20, 0x7F) if code not in b'"\\') + b"\0"
)  # JSON takes these as they are
_FLUSH_ENTRIES = 500
_HEADER = 4
_ANSWERS = {str(number).encode(): name for number, name in ANSWER_NAMES.items()}
_REQUESTS = {str(number): name for number, name in REQUEST_NAMES.items()}

_UNCHANGING = frozenset({str, int, float, bool, NoneType})  # these can be put into words later

Line = dict[str, Any]
_Form = Callable[[Any, Any], Sequence[str]]  # the words of its lines, mostly one
# the first line's number, how many lines, instant, wall, and what makes the words of what
_Entry = tuple[int, int, Instant, Instant, _Form, Any, Any]


class Ledger:
    """Append-only. Without a file it keeps the latest lines in memory alone, or all of them."""

    def __init__(self, path: Path | None = None, *, remember: int | None = 10_000) -> None:
        self._file: BinaryIO | None = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("ab")
        self._latest: deque[_Entry] = deque()
        self._remember = remember
        self._remembered = 0  # lines
        self._pending: list[_Entry] = []
        self.count = 0

    def frame_in(self, now: Instant, conn: int, fields: list[str]) -> None:
        self._append(now, _told_in, conn, "\0".join(fields))

    def frame_out(self, now: Instant, conn: int, data: bytes) -> None:
        """Framed messages; more of them in a row are as many lines."""
        start, count, whole = 0, 0, len(data)
        while start < whole:
            start += _HEADER + int.from_bytes(data[start : start + _HEADER], "big")
            count += 1
        self._append(now, _told_out, conn, data, lines=count)

    def note(self, now: Instant, kind: str, data: Line) -> None:
        """Anything else: an input that is no frame, an order, an execution."""
        if _UNCHANGING.issuperset(map(type, data.values())):
            self._append(now, _noted, kind, data)
        else:
            self._append(now, _noted, kind, _dumped(data))

    def latest(self, limit: int, *, kind: str = "", name: str = "") -> list[Line]:
        """The last lines, oldest first, of one kind or message name when asked."""
        found: list[Line] = []
        for line in self._backwards():
            if (not kind or line["kind"] == kind) and (not name or line.get("name") == name):
                found.append(line)
                if len(found) == limit:
                    break
        return found[::-1]

    def since(self, count: int) -> list[Line]:
        """The lines after the first `count`, as far as they are remembered."""
        found: list[Line] = []
        for line in self._backwards():
            if line["n"] <= count:
                break
            found.append(line)
        return found[::-1]

    def _backwards(self) -> Iterator[Line]:
        for entry in reversed(self._latest):
            for text in reversed(_texts(entry)):
                yield json.loads(text)

    def forget(self) -> None:
        """Let go of what is remembered; the file keeps it."""
        self._latest.clear()
        self._remembered = 0

    def flush(self) -> None:
        if self._pending and self._file is not None:
            texts = (text for entry in self._pending for text in _texts(entry))
            self._file.write("".join(texts).encode())
            self._file.flush()
        self._pending.clear()

    def close(self) -> None:
        self.flush()
        if self._file is not None:
            self._file.close()
            self._file = None

    def _append(self, now: Instant, form: _Form, about: Any, content: Any, *, lines: int = 1) -> None:
        entry = (self.count + 1, lines, now, wall_now(), form, about, content)
        self.count += lines
        latest = self._latest
        latest.append(entry)
        self._remembered += lines
        if self._remember is not None:
            while self._remembered - latest[0][1] >= self._remember:
                self._remembered -= latest.popleft()[1]
        if self._file is None:
            return
        self._pending.append(entry)
        if len(self._pending) > _FLUSH_ENTRIES:
            self.flush()


def _texts(entry: _Entry) -> list[str]:
    number, _, now, wall, form, about, content = entry
    return [
        f'{{"n":{n},"at":{now},"wall":{wall},{words}}}\n'
        for n, words in enumerate(form(about, content), number)
    ]


def _told_in(conn: int, words: str) -> tuple[str]:
    name = _REQUESTS.get(words.partition("\0")[0], "")
    listed = _as_json(words.encode("utf-8", "surrogateescape"))
    return (f'"kind":"in","conn":{conn},"name":"{name}","fields":{listed}',)


def _told_out(conn: int, data: bytes) -> list[str]:
    """One line for each frame."""
    told, start, whole = [], 0, len(data)
    while start < whole:
        end = start + _HEADER + int.from_bytes(data[start : start + _HEADER], "big")
        body = data[start + _HEADER : end - 1]
        name = _ANSWERS.get(body.partition(b"\0")[0], "")
        told.append(f'"kind":"out","conn":{conn},"name":"{name}","fields":{_as_json(body)}')
        start = end
    return told


def _noted(kind: str, data: Line | str) -> tuple[str]:
    text = data if isinstance(data, str) else _dumped(data)
    return (f'"kind":"{kind}",{text}' if text else f'"kind":"{kind}"',)


def _dumped(data: Line) -> str:
    """The inside of a JSON object."""
    return json.dumps(data, default=str, ensure_ascii=False, separators=(",", ":"))[1:-1]


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
