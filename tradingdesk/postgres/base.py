"""The database's connection. Django finds it by this module's and this class's name."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.db import connection, connections
from django.db.backends.postgresql import base
from django.db.backends.postgresql.operations import DatabaseOperations as PostgresOperations

Speaker = Callable[[list[Any]], None]
# A file that somebody downloads slowly keeps its connection as long, and no stop may wait behind such files:
# many, of the server's fifty. A server that went away is dialled anew by the next page, not when a back-off
# has run its course.
SHARED = {"min_size": 2, "max_size": 24, "timeout": 4.0, "reconnect_timeout": 2.0}


class _Word(NamedTuple):
    speaker: Speaker
    word: Any
    savepoints: frozenset[str | None]  # a word goes with the savepoint in which it was said


class DatabaseOperations(PostgresOperations):
    """Keys never change here. A lock that holds them too would stop every insert that refers to the row."""

    def for_update_sql(
        self, nowait: bool = False, skip_locked: bool = False, of: Any = (), no_key: bool = True
    ) -> str:
        return super().for_update_sql(nowait, skip_locked, of, no_key=True)


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._words: list[_Word] = []

    def say_last(self, speaker: Speaker, word: Any) -> None:
        """Have `speaker` called once, right before the commit, with all the words that were left for it.

        What it locks is therefore locked after every other row of the transaction, whoever left the words.
        """
        self._words.append(_Word(speaker, word, frozenset(self.savepoint_ids)))
        if self._only_a_test_holds():
            self._speak()

    def commit(self) -> None:
        try:
            self._speak()
        except Exception:
            self.rollback()
            raise
        super().commit()

    def savepoint_commit(self, sid: str) -> None:
        if self._only_a_test_holds():
            self._speak()
        super().savepoint_commit(sid)

    def savepoint_rollback(self, sid: str) -> None:
        super().savepoint_rollback(sid)
        self._words = [word for word in self._words if sid not in word.savepoints]

    def rollback(self) -> None:
        self._words = []
        super().rollback()

    def close(self) -> None:
        self._words = []
        super().close()

    def _only_a_test_holds(self) -> bool:
        """Django's test case wraps each test in a transaction; the one of the code under test lies within."""
        return all(getattr(block, "_from_testcase", False) for block in self.atomic_blocks)

    def _speak(self) -> None:
        waiting, self._words = self._words, []
        for speaker in dict.fromkeys(word.speaker for word in waiting):
            speaker([word.word for word in waiting if word.speaker is speaker])


def say_last(speaker: Speaker, word: Any) -> None:
    """Leave a word with the connection that this thread uses."""
    connection.say_last(speaker, word)  # type: ignore[attr-defined]


def share_connections() -> None:
    """Where each request is a thread of its own, it takes a connection that is open and gives it back."""
    told = connections.settings["default"]
    told["CONN_HEALTH_CHECKS"] = True
    told["OPTIONS"] = told["OPTIONS"] | {"pool": SHARED}
