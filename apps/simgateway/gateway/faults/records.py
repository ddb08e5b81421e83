"""The values of the fault filter: what was asked for, what passes by, what becomes of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from apps.simgateway.exchange.instant import Instant, Micros
from apps.simgateway.gateway.faults.kinds import KINDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault as it was asked for. Empty scope fields fit everything."""

    kind: str
    message: str = ""  # globs, comma separated; "orderStatus:Filled" and "error:202" look inside
    request: str = ""
    ref: str = ""  # glob of the order reference
    client: int | None = None
    order: int | None = None
    symbol: str = ""
    count: int = 0  # how often it acts; 0 is until cleared
    skip: int = 0  # how many that fit are let pass first
    ms: int = 0
    jitter_ms: int = 0
    times: int = 1
    until: str = "*"
    field: int = 0
    value: str = ""
    by: Decimal = Decimal(0)
    code: int = 0
    text: str = ""
    close: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message on its way out."""

    conn: int
    client: int
    name: str
    fields: list[str]
    ref: str = ""
    order_id: int = 0
    version: int = 176

    @property
    def detail(self) -> str:
        """What a scope can ask for behind a colon: a status, an error's code, a value's key."""
        error = 2 if self.version >= 194 else 3
        place = {"orderStatus": 2, "acctValue": 2, "accountSummary": 4, "error": error}.get(self.name)
        return self.fields[place] if place is not None and place < len(self.fields) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request on its way in. `session` is the gateway's own; it is kept for a request looked at later."""

    conn: int
    client: int
    name: str
    fields: list[str]
    ref: str = ""
    order_id: int = 0
    session: Any = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """Send these fields after so long."""

    conn: int
    fields: list[str]
    after: Micros = 0
    torn: bool = False  # only half of it, and the socket closes


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What is to become of a request. The default is: do it."""

    handle: bool = True
    after: Micros = 0  # look at it so much later
    code: int = 0  # answer with this error ...
    text: str = ""
    quiet: bool = False  # do it, and send none of its answers
    close: bool = False  # then close the socket
    stall: bool = False  # then let the socket go dead
    stall_for: Micros = 0  # ... and alive again; 0 is for good


PASS = Ruling()


@dataclass(slots=True)
class Standing:
    """A fault that is turned on, and what it has done so far."""

    number: int
    fault: Fault
    acted: int = 0
    passed: int = 0
    messages: list[Message] = field(default_factory=list)  # held, or waiting for another to go first
    requests: list[Request] = field(default_factory=list)  # swallowed
    known: dict[tuple[str, str], str] = field(default_factory=dict)  # positions as they were told
    since: dict[tuple[str, str], Instant] = field(default_factory=dict)
    free_at: dict[int, Instant] = field(default_factory=dict)  # conn → when the next may go

    @property
    def is_spent(self) -> bool:
        return bool(self.fault.count) and self.acted >= self.fault.count

    def as_row(self) -> dict[str, Any]:
        waiting = len(self.messages) + len(self.requests)
        row = {"number": self.number, "kind": self.fault.kind, "acted": self.acted, "waiting": waiting}
        blank = Fault(kind="")
        names = [n for n in Fault.__slots__ if n != "kind"]
        return row | {n: _plain(v) for n in names if (v := getattr(self.fault, n)) != getattr(blank, n)}


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value


def make_fault(kind: str, args: dict[str, Any]) -> Fault:
    """A fault of the catalogue with what was asked for; what is not understood is refused with what is."""
    if kind not in KINDS:
        raise ValueError(f"no fault named {kind}; there are: {', '.join(KINDS)}")
    given = KINDS[kind].defaults | args
    known = [name for name in Fault.__slots__ if name != "kind"]
    if unknown := sorted(set(given) - set(known)):
        raise ValueError(f"fault {kind} does not know {', '.join(unknown)}; it knows: {', '.join(known)}")
    if not given.get(KINDS[kind].acts_on):
        raise ValueError(f"fault {kind} needs {KINDS[kind].acts_on}=NAME, for example: {KINDS[kind].example}")
    return Fault(kind=kind, **{name: _READERS.get(name, str)(value) for name, value in given.items()})


def _yes(value: Any) -> bool:
    return value if isinstance(value, bool) else str(value).lower() in ("yes", "true", "on", "1")


_WHOLE = ("client", "order", "count", "skip", "ms", "jitter_ms", "times", "field", "code")
_READERS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(_WHOLE, int),
    "by": lambda value: Decimal(str(value)),
    "close": _yes,
}
