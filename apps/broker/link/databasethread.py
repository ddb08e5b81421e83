"""The link's one way to the database: a thread of its own, so that a slow query never stops the socket."""

import asyncio
import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import InterfaceError, InternalError, OperationalError, connection

P = ParamSpec("P")
T = TypeVar("T")


class DatabaseLost(Exception):
    """The database did not answer. Whether the last commit happened is not known."""


class DatabaseThread:
    """Runs one function at a time, in order, on one connection that lives as long as the thread."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="link-database")

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._thread, functools.partial(_guarded, function, *args, **kwargs)
        )

    def stop(self) -> None:
        self._thread.submit(_close)
        self._thread.shutdown(wait=True)


# a database that may only be read answers with an InternalError: for the link it is as good as gone
LOST = (OperationalError, InterfaceError, InternalError)


def _close() -> None:
    """Looked up in the thread it runs in: each thread has a connection of its own."""
    connection.close()


def _guarded(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    try:
        return function(*args, **kwargs)
    except LOST as lost:
        connection.close()
        raise DatabaseLost(str(lost)) from lost
