"""Rows that are seldom asked for, in little memory: packed by the chunk, unpacked when somebody looks."""

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_IN_A_CHUNK = 128
_EFFORT = 3  # of the packing: more is hardly smaller, and slower
_WORDS = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False)

Row = dict[str, Any]
Keys = dict[str, int]  # a row can be looked up under each of these names by its number
Spans = dict[str, tuple[int, int]]  # the lowest and the highest number under each name


@dataclass(frozen=True, slots=True)
class _Chunk:
    spans: Spans
    packed: bytes

    def may_have(self, name: str, number: int) -> bool:
        low, high = self.spans.get(name, (1, 0))
        return low <= number <= high


class Archive:
    """Rows of plain values, oldest first."""

    def __init__(self) -> None:
        self._chunks: list[_Chunk] = []
        self._open: list[tuple[Keys, Row]] = []  # too few to be packed yet
        self._seen: tuple[_Chunk, list[tuple[Keys, Row]]] | None = None  # the chunk looked at last

    def add(self, row: Row, keys: Keys) -> None:
        self._open.append((keys, row))
        if len(self._open) >= _IN_A_CHUNK:
            self._chunks.append(_Chunk(_spans(self._open), _packed(self._open)))
            self._open = []

    def __iter__(self) -> Iterator[Row]:
        for chunk in self._chunks:
            for _, row in _unpacked(chunk.packed):
                yield row
        for _, row in list(self._open):
            yield row

    def find(self, name: str, number: int) -> Row | None:
        """The row that has this number under that name."""
        found = _having(self._open, name, number)
        if found is not None:
            return found
        if self._seen is not None and self._seen[0].may_have(name, number):
            found = _having(self._seen[1], name, number)
        if found is not None:
            return found
        for chunk in reversed(self._chunks):
            if chunk.may_have(name, number):
                self._seen = (chunk, _unpacked(chunk.packed))
                found = _having(self._seen[1], name, number)
                if found is not None:
                    return found
        return None

    def clear(self) -> None:
        self._chunks, self._open, self._seen = [], [], None

    def dump(self) -> Row:
        """As it is, without unpacking anything."""
        chunks = [[chunk.spans, b64encode(chunk.packed).decode()] for chunk in self._chunks]
        return {"chunks": chunks, "open": [[keys, row] for keys, row in self._open]}

    def load(self, state: Row) -> None:
        self.clear()
        for spans, packed in state["chunks"]:
            known = {name: (low, high) for name, (low, high) in spans.items()}
            self._chunks.append(_Chunk(known, b64decode(packed)))
        self._open = [(keys, row) for keys, row in state["open"]]


def _spans(rows: list[tuple[Keys, Row]]) -> Spans:
    spans: Spans = {}
    for keys, _ in rows:
        for name, number in keys.items():
            low, high = spans.get(name, (number, number))
            spans[name] = (min(low, number), max(high, number))
    return spans


def _packed(rows: list[tuple[Keys, Row]]) -> bytes:
    """The names of the columns once, then each row's values; a row of other columns stands as it is."""
    names = list(rows[0][1])
    table = [(keys, list(row.values()) if list(row) == names else row) for keys, row in rows]
    return zlib.compress(_WORDS.encode([names, table]).encode("utf-8", "surrogatepass"), _EFFORT)


def _unpacked(packed: bytes) -> list[tuple[Keys, Row]]:
    names, table = json.loads(zlib.decompress(packed).decode("utf-8", "surrogatepass"))
    return [
        (keys, row if isinstance(row, dict) else dict(zip(names, row, strict=True))) for keys, row in table
    ]


def _having(rows: list[tuple[Keys, Row]], name: str, number: int) -> Row | None:
    for keys, row in rows:
        if keys.get(name) == number:
            return row
    return None
