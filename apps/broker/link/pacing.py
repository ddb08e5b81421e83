"""How fast the link speaks. Cancels have an allowance that orders cannot use up."""

from collections import deque
from dataclasses import dataclass, field


@dataclass(slots=True)
class Pace:
    """At most so many orders and so many messages in any one second."""

    orders_a_second: int = 5
    messages_a_second: int = 20
    kept_for_cancels: int = 6  # 30 % of the messages
    cancels_a_second: int = 45  # a stop may use what the gateway allows; the library holds back what is above
    _orders: deque[float] = field(default_factory=deque)
    _messages: deque[float] = field(default_factory=deque)

    def wait_for_order(self, now: float, count: int = 1) -> float:
        """Seconds until `count` orders may go as one group; 0 is now.

        A group larger than a second's worth goes when nothing else went for a second.
        """
        self._forget(now)
        room = self.messages_a_second - self.kept_for_cancels
        return max(
            _wait(self._orders, now, max(self.orders_a_second, count), count),
            _wait(self._messages, now, max(room, count), count),
        )

    def wait_for_cancel(self, now: float) -> float:
        self._forget(now)
        return _wait(self._messages, now, self.cancels_a_second, 1)

    def note_order(self, now: float) -> None:
        self._orders.append(now)
        self._messages.append(now)

    def note_message(self, now: float) -> None:
        self._messages.append(now)

    def used(self, now: float) -> dict[str, int]:
        self._forget(now)
        return {
            "orders": len(self._orders),
            "messages": len(self._messages),
            "orders_allowed": self.orders_a_second,
            "messages_allowed": self.messages_a_second,
        }

    def _forget(self, now: float) -> None:
        for sent in (self._orders, self._messages):
            while sent and now - sent[0] >= 1.0:
                sent.popleft()


def _wait(sent: deque[float], now: float, allowed: int, count: int) -> float:
    """Until enough of the last second's messages are older than a second."""
    too_many = len(sent) + count - allowed
    return 0.0 if too_many <= 0 else max(0.0, sent[min(too_many, len(sent)) - 1] + 1.0 - now)
