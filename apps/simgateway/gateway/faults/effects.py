"""What each fault does to a message or a request."""

from collections.abc import Callable
from decimal import Decimal

from apps.simgateway.exchange.instant import MILLISECOND, Instant
from apps.simgateway.gateway.faults.records import Delivery, Message, Request, Ruling, Standing
from apps.simgateway.gateway.faults.rewrites import REWRITES, position_key


def _hold(standing: Standing, message: Message, now: Instant) -> list[Delivery]:
    standing.messages.append(message)
    return []


def _drop(standing: Standing, message: Message, now: Instant) -> list[Delivery]:
    return []


def _delay(standing: Standing, message: Message, now: Instant) -> list[Delivery]:
    return [Delivery(message.conn, message.fields, standing.fault.ms * MILLISECOND)]


def _tear(standing: Standing, message: Message, now: Instant) -> list[Delivery]:
    return [Delivery(message.conn, message.fields, torn=True)]


def _duplicate(standing: Standing, message: Message, now: Instant) -> list[Delivery]:
    return [Delivery(message.conn, message.fields) for _ in range(1 + standing.fault.times)]


def _stale(standing: Standing, message: Message, now: Instant) -> list[Delivery]:
    """A position that changed is told as it was; the truth follows when it is due."""
    key, place = position_key(message.name, message.fields)
    told, late = standing.known.get(key), standing.fault.ms * MILLISECOND
    if Decimal(message.fields[place]) == Decimal(told or 0):
        return [Delivery(message.conn, message.fields)]
    first = key not in standing.since
    due = standing.since.setdefault(key, now) + late
    if now >= due:
        standing.known[key] = message.fields[place]
        del standing.since[key]
        return [Delivery(message.conn, message.fields)]
    truth = [Delivery(message.conn, message.fields, due - now)] if first else []
    if told is None:
        return truth
    old = [*message.fields[:place], told, *message.fields[place + 1 :]]
    return [Delivery(message.conn, old), *truth]


def _rewritten(effect: str) -> Callable[[Standing, Message, Instant], list[Delivery]]:
    def apply(standing: Standing, message: Message, now: Instant) -> list[Delivery]:
        fields = REWRITES[effect](message.name, list(message.fields), standing.fault)
        return [Delivery(message.conn, fields)]

    return apply


MESSAGE_EFFECTS: dict[str, Callable[[Standing, Message, Instant], list[Delivery]]] = {
    "hold": _hold,
    "reorder": _hold,
    "drop": _drop,
    "delay": _delay,
    "tear": _tear,
    "duplicate": _duplicate,
    "stale": _stale,
    **{effect: _rewritten(effect) for effect in REWRITES},
}


def _swallow(standing: Standing, request: Request, now: Instant) -> Ruling:
    standing.requests.append(request)
    return Ruling(handle=False)


def _slow(standing: Standing, request: Request, now: Instant) -> Ruling:
    due = max(now, standing.free_at.get(request.conn, 0)) + standing.fault.ms * MILLISECOND
    standing.free_at[request.conn] = due
    return Ruling(after=due - now)


REQUEST_EFFECTS: dict[str, Callable[[Standing, Request, Instant], Ruling]] = {
    "swallow": _swallow,
    "slow": _slow,
    "ignore": lambda s, r, now: Ruling(handle=False),
    "late": lambda s, r, now: Ruling(after=s.fault.ms * MILLISECOND),
    "error": lambda s, r, now: Ruling(
        handle=False, code=s.fault.code, text=s.fault.text, close=s.fault.close
    ),
    "close_before": lambda s, r, now: Ruling(handle=False, close=True),
    "close_after": lambda s, r, now: Ruling(quiet=True, close=True),
    "stall": lambda s, r, now: Ruling(handle=False, stall=True, stall_for=s.fault.ms * MILLISECOND),
}
