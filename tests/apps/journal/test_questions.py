"""Several readings in one way to the server: what each of them may rely on, and what a broken one does."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import DataError, OperationalError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.journal.statements import Question, Reading, put, rows_of

pytestmark = pytest.mark.django_db


def scalar(statement: str, *values: object) -> Question[object]:
    return Question(statement, values, lambda rows: rows[0][0])


@Reading
def doubled(number: int) -> Question[int]:
    """Twice as much."""
    return Question("SELECT %s * 2", [number], lambda rows: int(rows[0][0]))


def test_a_reading_answers_when_it_is_called_and_waits_when_it_is_asked() -> None:
    asked = doubled.ask(4)
    with CaptureQueriesContext(connection) as before:
        pass
    with CaptureQueriesContext(connection) as queries:
        assert (doubled(3), asked.answer(), asked.answer()) == (6, 8, 8)
    assert (len(before), len(queries)) == (0, 2), "an answer is not asked for twice"
    assert doubled.__doc__ == "Twice as much."


def test_questions_put_together_have_their_own_answers_in_their_own_order() -> None:
    moment = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
    questions = [
        scalar("SELECT %s::int + 1", 1),
        scalar("SELECT 'text' WHERE %s::bool", True),
        scalar("SELECT %s::timestamptz", moment),
    ]
    for _ in range(3):  # prepared by then
        put(*questions)
        assert [one.answer() for one in questions] == [2, "text", moment]
    nothing: Question[list[tuple[object, ...]]] = Question("SELECT 1 WHERE false", [], list)
    put(nothing, scalar("SELECT 2"))
    assert nothing.answer() == []


def test_the_second_question_sees_what_the_first_one_did() -> None:
    rows_of("CREATE TEMPORARY TABLE seen (number int) ON COMMIT DROP")
    rows_of("INSERT INTO seen VALUES (1)")
    first = scalar("UPDATE seen SET number = 7 RETURNING 'written'")
    second = scalar("SELECT number FROM seen")
    put(first, second)
    assert (first.answer(), second.answer()) == ("written", 7)


@pytest.mark.parametrize(
    ("broken", "error"),
    [("SELECT nothing_like_it", ProgrammingError), ("SELECT 1 / 0", DataError)],
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_broken_question_is_djangos_error_and_leaves_the_connection_usable(
    broken: str, error: type[Exception], place: int
) -> None:
    questions = [scalar("SELECT 1"), scalar("SELECT 2")]
    questions.insert(place, scalar(broken))
    with pytest.raises(error), transaction.atomic():
        put(*questions)
    assert doubled(5) == 10
    assert all(one.heard is None for one in questions), "half an answer is none"


@pytest.mark.django_db(transaction=True)
def test_a_server_that_goes_away_meanwhile_is_told_as_a_lost_connection() -> None:
    """Otherwise the link would not know that it has to ask what was kept."""

    def ask_and_lose() -> None:
        try:
            with transaction.atomic():
                put(scalar("SELECT 1"), scalar("SELECT pg_terminate_backend(pg_backend_pid())"))
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=1) as thread, pytest.raises(OperationalError):
        thread.submit(ask_and_lose).result(timeout=30)
    assert doubled(5) == 10


@pytest.mark.django_db(transaction=True)
def test_a_lock_that_is_not_given_in_time_is_told_and_nothing_hangs() -> None:
    rows_of("CREATE TABLE IF NOT EXISTS held_row (number int)")
    rows_of("INSERT INTO held_row VALUES (1)")

    def want() -> None:
        try:
            with transaction.atomic():
                rows_of("SET LOCAL lock_timeout = '50ms'")
                put(scalar("SELECT number FROM held_row FOR UPDATE"), scalar("SELECT 2"))
        finally:
            connection.close()

    try:
        with transaction.atomic():
            rows_of("SELECT number FROM held_row FOR UPDATE")
            with ThreadPoolExecutor(max_workers=1) as thread, pytest.raises(OperationalError, match="lock"):
                thread.submit(want).result(timeout=30)
    finally:
        rows_of("DROP TABLE held_row")
