"""Writing the journal: in the caller's transaction, without gaps, and heard by who listens."""

import pytest
from django.db import transaction

from apps.journal.actions.write_entry import write_entry
from apps.journal.models import Entry
from apps.journal.ports import Actor, RefusedOutsideTransaction, Subject
from apps.journal.queries import head, verify

PLAN = Subject("plans.plan", "7")


def write(verb: str = "accept_plan", **more: object) -> Entry:
    with transaction.atomic():
        return write_entry(verb, subject=PLAN, **more)


@pytest.mark.django_db(transaction=True)
def test_a_line_outside_a_transaction_is_refused() -> None:
    with pytest.raises(RefusedOutsideTransaction):
        write_entry("accept_plan", subject=PLAN)
    assert head()[0] == 0


@pytest.mark.django_db(transaction=True)
def test_lines_are_numbered_without_a_gap_even_after_a_rollback() -> None:
    write()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        write_entry("lost", subject=PLAN)
        raise ZeroDivisionError
    write(actor=Actor("user", "ann"))
    assert list(Entry.objects.order_by("sequence").values_list("sequence", "actor")) == [
        (1, "desk"),
        (2, "ann"),
    ]
    assert verify().finding is None
