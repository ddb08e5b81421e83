"""How fast the link speaks. Cancels have an allowance that orders cannot use up.

A gateway that says it was too much is believed: half as fast for a minute, half of that if it says so again,
and a step back towards the usual with each minute in which it does not.
"""

from collections import deque
from dataclasses import dataclass, field
from itertools import takewhile

SECOND, MINUTE = 1.0, 60.0
MOST_HALVINGS = 3
SAME_BURST = 2.0  # seconds in which what the gateway says is about what was already on its way
REMEMBERED = 10.0


@dataclass(slots=True)
class Pace:
    """At most so many orders and so many messages in any one second."""

    orders_a_second: int = 5
    messages_a_second: int = 20
    kept_for_cancels: int = 6  # 30 % of the messages
    cancels_a_second: int = 45  # a stop may use what the gateway allows; the library holds back what is above
    _orders: deque[float] = field(default_factory=deque)
    _messages: deque[float] = field(default_factory=deque)
    _halved: int = 0
    _halved_at: float = 0.0
    _told_at: float = 0.0

    def wait_for_order(self, now: float, count: int = 1) -> float:
        """Seconds until `count` orders may go as one group; 0 is now.

        A group larger than a second's worth goes when nothing else went for as long as it is worth.
        """
        orders, messages = self._allowed(now)
        return max(
            _wait(self._orders, now, orders, count),
            _wait(self._messages, now, max(1, messages - self.kept_for_cancels), count),
        )

    def wait_for_cancel(self, now: float) -> float:
        """Slowed too, or the gateway would drop it or hang up; never below what is kept for cancels."""
        return _wait(
            self._messages, now, max(self.kept_for_cancels, self.cancels_a_second >> self.halvings(now)), 1
        )

    def note_order(self, now: float) -> None:
        self._orders.append(now)
        self.note_message(now)

    def note_message(self, now: float) -> None:
        self._messages.append(now)
        for sent in (self._orders, self._messages):
            while sent and now - sent[0] >= REMEMBERED:
                sent.popleft()

    def slow_down(self, now: float) -> bool:
        """The gateway said that it was too much. True: until now the pace was the usual one."""
        held = self.halvings(now)
        if not held or now - self._halved_at >= SAME_BURST:
            self._halved, self._halved_at = min(held + 1, MOST_HALVINGS), now
        else:
            self._halved = held
        self._told_at = now
        return held == 0

    def halvings(self, now: float) -> int:
        return max(0, self._halved - int((now - self._told_at) // MINUTE)) if self._halved else 0

    def used(self, now: float) -> dict[str, int]:
        orders, messages = self._allowed(now)
        told = {
            "orders": len(_since(self._orders, now, SECOND)),
            "messages": len(_since(self._messages, now, SECOND)),
            "orders_allowed": orders,
            "messages_allowed": messages,
        }
        if self.halvings(now):
            told["slowed_for_s"] = round(self._told_at + self._halved * MINUTE - now)
        return told

    def _allowed(self, now: float) -> tuple[int, int]:
        """Orders and messages a second; of the messages orders leave what is kept for cancels."""
        halved = self.halvings(now)
        messages = self.messages_a_second >> halved
        return max(1, self.orders_a_second >> halved), max(messages, self.kept_for_cancels + 1)


def _since(sent: deque[float], now: float, span: float) -> list[float]:
    """Oldest first."""
    return list(takewhile(lambda at: now - at < span, reversed(sent)))[::-1]


def _wait(sent: deque[float], now: float, allowed: int, count: int) -> float:
    """Until enough of what went lately is older than the time in which so much may go."""
    span = max(SECOND, count / allowed)
    recent = _since(sent, now, span)
    too_many = len(recent) + count - max(allowed, count)
    return 0.0 if too_many <= 0 else max(0.0, recent[min(too_many, len(recent)) - 1] + span - now)
