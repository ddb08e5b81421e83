"""Does everybody read every field of every message? Two ways to ask, one for each client's decoder.

ib_insync and ib_async unpack positionally, so a frame is read to its end exactly when the same frame without
its last field can no longer be decoded. The official decoder walks an iterator, so what it leaves there is
unread. In the other direction the gateway itself complains: error 320 for a request it did not read whole.
"""

import datetime
import importlib
import inspect
import logging
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

Unread = dict[str, list[str]]  # message id → an example


# A list that runs to the end of its frame: one value fewer is a shorter list, not an unreadable frame.
RUN_TO_THE_END = frozenset({"75"})
ERROR_TIME = 194  # from here on an error has a time and no version


def refused_requests(records: list[dict[str, Any]], version: int) -> list[list[str]]:
    """Errors 320: the gateway found fields missing, left over, or not of their kind."""
    place = 2 if version >= ERROR_TIME else 3
    return [row["fields"] for row in records if row["fields"][0] == "4" and row["fields"][place] == "320"]


class _Complaints(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(record.getMessage())


class _SignatureOnly:
    """Takes every call of the wrapper and checks only that the arguments fit."""

    defaultTimezone = datetime.UTC  # what ib_async's decoder asks its wrapper for
    ib = SimpleNamespace(TimezoneTWS="")

    def __init__(self, wrapper: type) -> None:
        self._wrapper = wrapper

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._wrapper, name)
        if not inspect.isfunction(method):
            return method
        wanted = len(inspect.signature(method).parameters) - 1

        def take(*given: Any, **named: Any) -> None:
            if len(given) + len(named) != wanted:
                raise TypeError(f"{name} wants {wanted} values and was given {len(given) + len(named)}")

        return take


def unread_by_family(library: str, records: list[dict[str, Any]], version: int) -> Unread:
    """Answers that ib_insync or ib_async cannot decode, or decodes as well without their last field."""
    wrapper = importlib.import_module(f"{library}.wrapper").Wrapper
    complaints = _Complaints()
    decoder = importlib.import_module(f"{library}.decoder").Decoder(_SignatureOnly(wrapper), version)
    decoder.logger.addHandler(complaints)
    decoder.logger.propagate = False
    handled = {number for number in decoder.handlers if _is_handled(decoder, wrapper, number)}

    def fails(fields: list[str]) -> bool:
        complaints.heard.clear()
        decoder.interpret(list(fields))
        return bool(complaints.heard)

    try:
        found: Unread = {}
        for fields in _answers(records):
            if int(fields[0]) not in handled or fields[0] in found:
                continue
            whole = fields[0] in RUN_TO_THE_END
            if fails(fields) or (len(fields) > 2 and not whole and not fails(fields[:-1])):
                found[fields[0]] = fields
        return found
    finally:
        decoder.logger.removeHandler(complaints)
        decoder.logger.propagate = True


def unread_by_insync(records: list[dict[str, Any]], version: int) -> Unread:
    return unread_by_family("ib_insync", records, version)


def _is_handled(decoder: Any, wrapper: type, number: int) -> bool:
    """Messages whose wrapper method ib_insync does not have are dropped whole; they cannot be judged."""
    closure = inspect.getclosurevars(decoder.handlers[number]).nonlocals
    return "methodName" not in closure or hasattr(wrapper, closure["methodName"])


def unread_by_official(records: list[dict[str, Any]], version: int) -> Unread:
    """Answers of which the official decoder leaves fields, or which it refuses."""
    from ibapi.decoder import Decoder
    from ibapi.wrapper import EWrapper

    complaints = _Complaints()
    logger = logging.getLogger("ibapi.decoder")
    logger.addHandler(complaints)
    logger.propagate = False
    decoder = Decoder(_SignatureOnly(EWrapper), version)
    try:
        found: Unread = {}
        for fields in _answers(records):
            walked = _Walked([field.encode() for field in fields[1:]])
            complaints.heard.clear()
            try:
                decoder.interpret(walked, int(fields[0]))
            except (StopIteration, TypeError, ValueError) as wrong:
                found.setdefault(fields[0], [repr(wrong), *fields])
            if complaints.heard or walked.left:
                found.setdefault(fields[0], [*walked.left_text, "left of", *fields])
        return found
    finally:
        logger.removeHandler(complaints)
        logger.propagate = True


class _Walked(list[bytes]):
    """Fields that remember how far somebody walked along them."""

    def __init__(self, fields: list[bytes]) -> None:
        super().__init__(fields)
        self._walk: Iterator[bytes] | None = None

    def __iter__(self) -> Iterator[bytes]:
        self._walk = super().__iter__()
        return self._walk

    @property
    def left_text(self) -> list[str]:
        return [field.decode() for field in self._walk] if self._walk is not None else []

    @property
    def left(self) -> int:
        return self._walk.__length_hint__() if self._walk is not None else 0  # type: ignore[attr-defined]


def _answers(records: list[dict[str, Any]]) -> list[list[str]]:
    """The fields of each answer, without each connection's greeting, which has no message id."""
    greeted: set[int] = set()
    answers = []
    for row in records:
        if "conn" not in row or row["conn"] in greeted:
            answers.append(row["fields"])
        greeted.add(row.get("conn", 0))
    return answers
