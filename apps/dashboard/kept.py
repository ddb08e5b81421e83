"""The newest few of what is costly to make and is always the same for its key."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """In one process and for all its threads; whatever is wanted least recently goes first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = Lock()
        self._things: OrderedDict[Hashable, T] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        found = self._things.get(key)
        return self.put(key, make() if found is None else found)

    def put(self, key: Hashable, thing: T) -> T:
        with self._lock:
            self._things[key] = thing
            self._things.move_to_end(key)
            while len(self._things) > self._most:
                self._things.popitem(last=False)
        return thing

    def find(self, key: Hashable) -> T | None:
        return self._things.get(key)
