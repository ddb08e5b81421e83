"""Faults between the gateway and its clients: a pure filter over messages and requests.

Every message on its way out is shown to `outgoing`, which answers with what is to be delivered and when;
every request to `incoming`, which rules what is to become of it. The first fault that fits acts; `latency`
comes on top. With no fault standing, `on_messages` and `on_requests` are false and nothing needs asking.
"""

from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

from apps.simgateway.exchange.instant import MILLISECOND, Instant
from apps.simgateway.gateway.faults.effects import MESSAGE_EFFECTS, REQUEST_EFFECTS
from apps.simgateway.gateway.faults.kinds import KINDS, MESSAGE, REQUEST
from apps.simgateway.gateway.faults.records import PASS, Delivery, Fault, Message, Request, Ruling, Standing


class Faults:
    """All that is turned on, in the order in which it was."""

    def __init__(self) -> None:
        self._standing: list[Standing] = []
        self._added = 0
        self._draws = 0
        self.on_messages = False
        self.on_requests = False

    def add(self, fault: Fault, positions: dict[tuple[str, str], str] | None = None) -> int:
        """Turn a fault on; the number clears it again. `positions` are the ones told so far."""
        self._added += 1
        standing = Standing(self._added, fault)
        standing.known = dict(positions or {})
        self._standing.append(standing)
        self._refresh()
        return self._added

    def clear(self, which: str = "") -> list[Message]:
        """Turn off one fault, by number or kind, or all. What was held comes back; what was swallowed not."""
        gone = [s for s in self._standing if not which or which in (str(s.number), s.fault.kind)]
        self._standing = [s for s in self._standing if s not in gone]
        self._refresh()
        return [message for s in gone for message in s.messages]

    def release(self, which: str = "") -> tuple[list[Message], list[Request]]:
        """Let go what is held and swallowed; the fault itself is turned off, or it would catch them again."""
        freed = [
            s
            for s in self._standing
            if (s.messages or s.requests) and which in ("", str(s.number), s.fault.kind)
        ]
        self._standing = [s for s in self._standing if s not in freed]
        self._refresh()
        return [m for s in freed for m in s.messages], [r for s in freed for r in s.requests]

    def rows(self) -> list[dict[str, Any]]:
        return [standing.as_row() for standing in self._standing]

    def forget(self, conn: int) -> None:
        """A socket is gone, and what was held for it with it. A swallowed request was taken, and stays."""
        for standing in self._standing:
            standing.messages = [m for m in standing.messages if m.conn != conn]
            standing.free_at.pop(conn, None)

    def outgoing(self, message: Message, now: Instant) -> list[Delivery]:
        """What goes out instead of this message, and when."""
        standing = self._first(MESSAGE, message)
        sent = [Delivery(message.conn, message.fields)]
        if standing is not None:
            sent = MESSAGE_EFFECTS[KINDS[standing.fault.kind].effect](standing, message, now)
        if any(delivery.after == 0 for delivery in sent):
            sent.extend(self._overtaken(message))
        late = self._find(MESSAGE, message, latency=True)
        return sent if late is None else [self._behind(late, delivery, now) for delivery in sent]

    def incoming(self, request: Request, now: Instant) -> Ruling:
        """What is to become of this request."""
        standing = self._first(REQUEST, request)
        if standing is None:
            return PASS
        return REQUEST_EFFECTS[KINDS[standing.fault.kind].effect](standing, request, now)

    def _first(self, acts_on: str, subject: Message | Request) -> Standing | None:
        standing = self._find(acts_on, subject, latency=False)
        if standing is not None:
            standing.acted += 1
        return standing

    def _find(self, acts_on: str, subject: Message | Request, *, latency: bool) -> Standing | None:
        for standing in self._matching(acts_on, subject):
            if (KINDS[standing.fault.kind].effect == "latency") is not latency:
                continue
            if standing.passed < standing.fault.skip:
                standing.passed += 1
                continue
            return standing
        return None

    def _matching(self, acts_on: str, subject: Message | Request) -> Iterator[Standing]:
        detail = subject.detail if isinstance(subject, Message) else ""
        for standing in self._standing:
            fault = standing.fault
            patterns = fault.message if acts_on == MESSAGE else fault.request
            if KINDS[fault.kind].acts_on != acts_on or standing.is_spent:
                continue
            if (
                _fits_name(patterns, subject.name, detail)
                and _fits_scope(fault, subject)
                and _fits_symbol(fault, subject)
            ):
                yield standing

    def _overtaken(self, message: Message) -> list[Delivery]:
        """Messages that waited for one like this to go first."""
        freed = []
        for standing in self._standing:
            if KINDS[standing.fault.kind].effect != "reorder":
                continue
            for waiting in list(standing.messages):
                if waiting is message or waiting.conn != message.conn:
                    continue
                if _fits_name(standing.fault.until, message.name, message.detail):
                    standing.messages.remove(waiting)
                    freed.append(Delivery(waiting.conn, waiting.fields))
                    break
        return freed

    def _behind(self, standing: Standing, delivery: Delivery, now: Instant) -> Delivery:
        """Late by the latency of the line and never before what was sent earlier."""
        fault = standing.fault
        self._draws += 1
        jitter = (self._draws * 2654435761 % 1000) * fault.jitter_ms * MILLISECOND // 1000
        due = now + delivery.after + fault.ms * MILLISECOND + jitter
        due = max(due, standing.free_at.get(delivery.conn, 0))
        standing.free_at[delivery.conn] = due
        return replace(delivery, after=due - now)

    def _refresh(self) -> None:
        acting = {KINDS[s.fault.kind].acts_on for s in self._standing}
        self.on_messages, self.on_requests = MESSAGE in acting, REQUEST in acting


def _fits_name(patterns: str, name: str, detail: str) -> bool:
    for pattern in patterns.split(","):
        head, _, tail = pattern.partition(":")
        if fnmatchcase(name, head) and (not tail or fnmatchcase(detail, tail)):
            return True
    return False


def _fits_scope(fault: Fault, subject: Message | Request) -> bool:
    return (
        (fault.client is None or fault.client == subject.client)
        and (fault.order is None or fault.order == subject.order_id)
        and (not fault.ref or fnmatchcase(subject.ref, fault.ref))
    )


def _fits_symbol(fault: Fault, subject: Message | Request) -> bool:
    return not fault.symbol or fault.symbol in subject.fields
