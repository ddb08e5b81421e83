"""Run a fixed statement of our own on Django's connection, parsed and planned by the server only once.

For the few reads and writes that stand between a person's word and the wire, and between the broker's word
and the books. Everything else asks the models.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, cached_property, update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar

import psycopg
from django.db import connection
from django.db.models import JSONField, Model
from psycopg.types.datetime import TimestamptzLoader

Row = tuple[Any, ...]
Values = Sequence[Any] | Mapping[str, Any]
Names = dict[str, str]  # of columns: their attributes
M = TypeVar("M", bound=Model)
P = ParamSpec("P")
T = TypeVar("T")


def rows_of(statement: str, values: Values = ()) -> list[Row]:
    """What the statement returns; inside Django's transaction, and with Django's errors."""
    return _returned(_execute(_raw(), statement, values))


def _raw() -> "psycopg.Connection[Any]":
    connection.ensure_connection()
    raw: psycopg.Connection[Any] = connection.connection
    if raw.prepare_threshold is None:  # Django switches it off, for cursors that bind at the server as well
        raw.prepare_threshold = 1
    return raw


def _execute(raw: "psycopg.Connection[Any]", statement: str, values: Values) -> "psycopg.Cursor[Any]":
    own = psycopg.Cursor(raw)
    own.adapters.register_loader("timestamptz", TimestamptzLoader)  # Django's takes ten times as long
    wrap = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    wrap(own).execute(statement, values)  # type: ignore[arg-type]
    if connection.queries_logged:  # the log knows only statements that were put together on our side
        connection.queries_log[-1]["sql"] = statement
    return own


def _returned(own: "psycopg.Cursor[Any]") -> list[Row]:
    # `description` would say the same, and make an object for each column to say it
    return list(own.fetchall()) if own.pgresult is not None and own.pgresult.nfields else []


@dataclass(slots=True)
class Question(Generic[T]):
    """A reading that need not be put yet: what is asked, and what its rows say. It is put once at most."""

    statement: str
    values: Values
    read: Callable[[list[Row]], T]
    heard: tuple[T] | None = None

    def answer(self) -> T:
        (answer,) = self.heard or self.hear(rows_of(self.statement, self.values))
        return answer

    def hear(self, rows: list[Row]) -> tuple[T]:
        self.heard = (self.read(rows),)
        return self.heard


class Reading(Generic[P, T]):
    """A function that makes a question. Called it has the answer; `ask` leaves the question to be put."""

    def __init__(self, ask: Callable[P, Question[T]]) -> None:
        self.ask = ask
        update_wrapper(self, ask)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        return self.ask(*args, **kwargs).answer()


def put(*questions: Question[Any]) -> None:
    """All of them in one way to the server and back, each answered as of its turn: a lock that the first one
    takes is held when the second one reads."""
    raw = _raw()
    with connection.wrap_database_errors, raw.pipeline():
        asked = [_execute(raw, question.statement, question.values) for question in questions]
    for question, cursor in zip(questions, asked, strict=True):
        question.hear(_returned(cursor))


class Part(Generic[M]):
    """A model's columns in a fixed statement, and the way back from a row to the model.

    Columns that are not asked for are read when somebody looks at them, as Django does.
    """

    def __init__(self, model: type[M], alias: str, *names: str, without: tuple[str, ...] = ()) -> None:
        self._model, self._alias, self._wanted, self._without = model, alias, names, without

    @cached_property
    def _fields(self) -> list[Any]:
        fields = self._model._meta.concrete_fields
        wanted = [field for field in fields if not self._wanted or field.name in self._wanted]
        return [field for field in wanted if field.name not in self._without]

    @cached_property
    def _names(self) -> list[str]:
        return [field.attname for field in self._fields]

    @cached_property
    def _json(self) -> list[int]:
        return [place for place, field in enumerate(self._fields) if isinstance(field, JSONField)]

    @property
    def columns(self) -> str:
        return ", ".join(f'{self._alias}."{field.column}"' for field in self._fields)

    def rows(self, rest: str, values: Sequence[Any]) -> list[M]:
        """The models that `SELECT … rest` finds."""
        return [self.read(iter(row)) for row in rows_of(f"SELECT {self.columns} {rest}", values)]

    def read(self, values: Iterator[Any]) -> M:
        """Take this part's columns off a row and make the model."""
        taken = [next(values) for _ in self._names]
        for place in self._json:
            taken[place] = None if taken[place] is None else json.loads(taken[place])
        return self._model.from_db("default", self._names, taken)


def insert_rows(rows: Sequence[Model]) -> None:
    """Models of one kind, written in their order in one statement, however many; each learns its key."""
    if rows:
        statement, names = _insert(type(rows[0]), rows[0].pk is not None)
        for row, (key,) in zip(rows, rows_of(statement, [_told(rows, names)]), strict=True):
            row.pk = key


def upsert_rows(rows: Sequence[Model], *unique: str, unless: str = "") -> None:
    """The same where a row may be there already: the one with these fields becomes the new one.

    One in which the field `unless` is true stays what it is.
    """
    if rows:
        statement, names = _upsert(type(rows[0]), unique, unless)
        rows_of(statement, [_told(rows, names)])


def update_rows(rows: Sequence[Model], *names: str) -> None:
    """These fields of models of one kind, in one statement, however many."""
    if rows:
        statement, known_as = _update(type(rows[0]), names)
        rows_of(statement, [_told(rows, known_as)])


@cache
def _insert(model: type[Model], keyed: bool) -> tuple[str, Names]:
    table, key = model._meta.db_table, _key(model)
    fields = [field for field in model._meta.concrete_fields if keyed or not field.primary_key]
    names = {str(field.column): field.attname for field in fields}
    columns = ", ".join(f'"{column}"' for column in names)
    told = f'jsonb_populate_recordset(NULL::"{table}", %s::jsonb) WITH ORDINALITY AS told'
    into = f'INSERT INTO "{table}" ({columns}) SELECT {columns} FROM {told} ORDER BY ordinality'
    return f'{into} RETURNING "{key}"', names


@cache
def _upsert(model: type[Model], unique: tuple[str, ...], unless: str) -> tuple[str, Names]:
    fields = [field for field in model._meta.concrete_fields if field.name in unique or not field.primary_key]
    names = {str(field.column): field.attname for field in fields}
    columns = ", ".join(f'"{column}"' for column in names)
    one = ", ".join(f'"{field.column}"' for field in fields if field.name in unique)
    sets = ", ".join(f'"{one.column}" = excluded."{one.column}"' for one in fields if one.name not in unique)
    table = model._meta.db_table
    told = f'SELECT {columns} FROM jsonb_populate_recordset(NULL::"{table}", %s::jsonb)'
    stays = f' WHERE NOT "{table}"."{unless}"' if unless else ""
    return f'INSERT INTO "{table}" ({columns}) {told} ON CONFLICT ({one}) DO UPDATE SET {sets}{stays}', names


@cache
def _update(model: type[Model], names: tuple[str, ...]) -> tuple[str, Names]:
    table, key = model._meta.db_table, _key(model)
    fields = [field for field in model._meta.concrete_fields if field.name in names or field.primary_key]
    found = {str(field.column): field.attname for field in fields}
    sets = ", ".join(f'"{column}" = told."{column}"' for column in found if column != key)
    told = f'jsonb_populate_recordset(NULL::"{table}", %s::jsonb) AS told'
    return f'UPDATE "{table}" kept SET {sets} FROM {told} WHERE kept."{key}" = told."{key}"', found


def _key(model: type[Model]) -> str:
    return str(next(field.column for field in model._meta.concrete_fields if field.primary_key))


def _told(rows: Sequence[Model], names: Names) -> str:
    """The rows as the server makes records of them again."""
    told = [{column: getattr(row, name) for column, name in names.items()} for row in rows]
    return json.dumps(told, default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{value!r} is no value of a column")
