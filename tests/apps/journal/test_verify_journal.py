"""Whoever changes the journal behind the triggers' back is found, and the first bad row is named."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Subject
from apps.journal.queries import head, verify

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def chain() -> Iterator[None]:
    with transaction.atomic():
        for number in range(1, 8):
            write_entry("accept_plan", subject=Subject("plans.plan", str(number)), reason=f"reason {number}")
    yield


def behind_the_back(*statements: str) -> None:
    """What somebody with the database's own rights could do."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement)


def found() -> tuple[int, str]:
    finding = verify().finding
    assert finding is not None
    return finding.sequence, finding.code


def test_an_untouched_chain_is_sound(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("verify_journal")
    assert "7 rows are sound" in capsys.readouterr().out


@pytest.mark.parametrize(
    "edit",
    [
        "reason = 'another reason'",
        "at = at + interval '1 microsecond'",
        "actor = 'somebody'",
        "account = 'DU1234567'",
        'after = \'{"state": "approved"}\'',
    ],
)
def test_an_edited_row_is_named(edit: str) -> None:
    behind_the_back(f"UPDATE journal_entry SET {edit} WHERE sequence = 4")
    assert found() == (4, "JOURNAL_EDITED")


def test_a_deleted_row_is_named() -> None:
    behind_the_back("DELETE FROM journal_entry WHERE sequence = 4")
    assert found() == (4, "JOURNAL_GAP")


def test_a_deleted_first_row_is_named() -> None:
    behind_the_back("DELETE FROM journal_entry WHERE sequence = 1")
    assert found() == (1, "JOURNAL_GAP")


def test_a_cut_off_end_is_named() -> None:
    behind_the_back("DELETE FROM journal_entry WHERE sequence >= 6")
    assert found() == (6, "JOURNAL_GAP")


def test_a_gap_closed_by_renumbering_is_named() -> None:
    behind_the_back(
        "DELETE FROM journal_entry WHERE sequence = 4",
        "UPDATE journal_entry SET sequence = 4 WHERE sequence = 5",
    )
    assert found() == (4, "JOURNAL_LINK")


def test_rows_put_in_another_order_are_named() -> None:
    behind_the_back(
        "UPDATE journal_entry SET sequence = 100 WHERE sequence = 3",
        "UPDATE journal_entry SET sequence = 3 WHERE sequence = 5",
        "UPDATE journal_entry SET sequence = 5 WHERE sequence = 100",
    )
    assert found() == (3, "JOURNAL_ORDER")


def test_a_head_that_was_moved_back_is_named() -> None:
    behind_the_back("UPDATE journal_head SET sequence = 5, hash = repeat('c', 64)")
    assert found() == (5, "JOURNAL_HEAD")


def test_a_chain_rewritten_as_a_whole_is_found_by_a_hash_noted_elsewhere() -> None:
    noted = head()
    behind_the_back(
        "TRUNCATE journal_entry, journal_head", "INSERT INTO journal_head VALUES (1, 0, repeat('0', 64))"
    )
    with transaction.atomic():
        for number in range(1, 9):
            write_entry("accept_plan", subject=Subject("plans.plan", str(number)), reason="rewritten")
    assert verify().finding is None
    finding = verify(noted).finding
    assert finding is not None and (finding.sequence, finding.code) == (7, "JOURNAL_ANCHOR")


def test_the_command_names_the_row_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    behind_the_back("UPDATE journal_entry SET reason = 'x' WHERE sequence = 2")
    with pytest.raises(SystemExit) as ended:
        call_command("verify_journal")
    assert ended.value.code == 1
    assert "row 2: JOURNAL_EDITED" in capsys.readouterr().out
