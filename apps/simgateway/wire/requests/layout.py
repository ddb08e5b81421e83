"""How requests are described: a class for the values, and the fields in their order."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from apps.simgateway.wire.reading import Reader


class Request:
    """What a client asked."""

    __slots__ = ()
    message_id: ClassVar[int] = 0
    name: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One value of a request, and from which version to below which it is on the wire."""

    attribute: str  # nothing: read it and forget it
    read: Callable[[Reader], Any] = Reader.text
    since: int = 0
    before: int = 1_000


@dataclass(frozen=True, slots=True)
class Layout:
    build: type[Request]
    steps: tuple[Step, ...]


LAYOUTS: dict[int, Layout] = {}
BY_TEXT: dict[str, Layout] = {}  # the same by the number as it is on the wire

VERSION = Step("", Reader.integer)  # many requests begin with a version of their own, long without meaning
REQ_ID = Step("req_id", Reader.integer)

_R = TypeVar("_R", bound=Request)


def layout(message_id: int, *steps: Step) -> Callable[[type[_R]], type[_R]]:
    """Registers a class as the request of this number."""

    def register(build: type[_R]) -> type[_R]:
        if message_id in LAYOUTS:
            raise ValueError(f"{message_id} is {LAYOUTS[message_id].build.__name__} already")
        build.message_id = message_id
        build.name = build.__name__[0].lower() + build.__name__[1:]
        LAYOUTS[message_id] = BY_TEXT[str(message_id)] = Layout(build, steps)
        return build

    return register


def options_or_counted(reader: Reader) -> str:
    """Option text, before which some clients write how many options there are."""
    if reader.left > 1:
        reader.integer()
    return reader.text()
