"""What is due when: session edges, and the times that single orders wait for."""

import heapq
import itertools
from collections.abc import Container

from apps.simgateway.exchange.instant import Instant
from apps.simgateway.exchange.ports import Hours

_FEW = 1_000  # entries that are not worth cleaning up


class Agenda:
    """Order times in a heap; session edges looked up and remembered."""

    def __init__(self, sessions: Hours) -> None:
        self._sessions = sessions
        self._heap: list[tuple[Instant, int, int]] = []  # when, serial, permId
        self._serial = itertools.count()
        self._worth_looking = _FEW
        self._edges: dict[str, tuple[Instant, Instant]] = {}  # hours → (asked at, next edge)

    def at(self, when: Instant, perm_id: int) -> None:
        heapq.heappush(self._heap, (when, next(self._serial), perm_id))

    def forget_all_but(self, alive: Container[int]) -> None:
        """Drop the times of orders that are done, when most of them are."""
        if len(self._heap) > self._worth_looking:
            self._heap = [entry for entry in self._heap if entry[2] in alive]
            heapq.heapify(self._heap)
            self._worth_looking = max(_FEW, 2 * len(self._heap))

    @property
    def next_time(self) -> Instant | None:
        return self._heap[0][0] if self._heap else None

    def pop_due(self, now: Instant) -> list[int]:
        """The orders whose time has come, in order."""
        due = []
        while self._heap and self._heap[0][0] <= now:
            due.append(heapq.heappop(self._heap)[2])
        return due

    def edge(self, hours: str, now: Instant) -> Instant:
        """When the state of these hours changes next."""
        known = self._edges.get(hours)
        if known is None or not known[0] <= now < known[1]:
            known = self._edges[hours] = (now, self._sessions.next_edge(hours, now))
        return known[1]
