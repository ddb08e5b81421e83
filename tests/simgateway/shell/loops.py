"""An event loop in a thread of its own, so that a test can be an ordinary blocking client."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")


@contextmanager
def in_thread(start: Coroutine[Any, Any, T], stop: Callable[[], Awaitable[None]]) -> Iterator[T]:
    """Run a server's start on a loop of its own; stop it, and the loop, at the end."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield asyncio.run_coroutine_threadsafe(start, loop).result(10)
        asyncio.run_coroutine_threadsafe(_awaited(stop), loop).result(10)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _awaited(stop: Callable[[], Awaitable[None]]) -> None:
    await stop()
    await asyncio.sleep(0.01)
