"""Models written by a fixed statement are what Django would have written."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import DataError, connection, transaction
from django.forms.models import model_to_dict
from django.test.utils import CaptureQueriesContext

from apps.broker.models import Evidence
from apps.journal.statements import insert_rows, update_rows
from apps.ledger.models import Fill
from tests.stations import Stations

AT = datetime(2026, 11, 18, 14, 30, 0, 123456, tzinfo=UTC)


def fill(stations: Stations, exec_id: str, **values: object) -> Fill:
    found: dict[str, object] = {
        "account": stations.account, "exec_id": exec_id, "exec_root": exec_id, "revision": 1, "side": "BUY",
        "contract": stations.contract("WEC"), "quantity": Decimal("10.5"), "price": Decimal("101.123456"),
        "venue": "'); --\n\"ä€\\", "at": AT, "trading_day": date(2026, 11, 18), "booked_at": AT,
    }  # fmt: skip
    return Fill(**(found | values))


def test_rows_are_written_in_their_order_and_learn_their_keys(stations: Stations) -> None:
    ours = [fill(stations, f"{number}.01") for number in (3, 1, 2)]
    with CaptureQueriesContext(connection) as asked:
        insert_rows(ours)
    assert len(asked) == 1 and [row.pk for row in ours] == sorted(row.pk for row in ours)
    theirs = fill(stations, "4.01")
    theirs.save()
    for row in Fill.objects.all():
        kept, same = model_to_dict(row), model_to_dict(theirs)
        for name in ("id", "exec_id", "exec_root"):
            kept.pop(name), same.pop(name)
        assert kept == same and row.at == AT
    insert_rows([])


def test_json_and_nothing_come_back_as_they_were(stations: Stations) -> None:
    fields = {"body": {"price": "1.10", "nothing": None, "text": "ä\\\"'"}, "raw": ["a", "", "%s"]}
    row = Evidence(session=stations.session, kind="error", fields=fields, received_at=AT)
    insert_rows([row])
    kept = Evidence.objects.get(pk=row.pk)
    assert (kept.fields, kept.perm_id, kept.intent_id, kept.order_ref) == (fields, None, None, "")


def test_only_the_columns_that_were_named_change(stations: Stations) -> None:
    rows = [fill(stations, f"{number}.01") for number in range(3)]
    insert_rows(rows)
    for number, row in enumerate(rows):
        row.commission, row.venue = Decimal(number) / 3, "elsewhere"
    update_rows(rows[:2], "commission")
    kept = list(Fill.objects.order_by("pk").values_list("commission", "venue"))
    venue = fill(stations, "").venue
    assert kept == [(Decimal(0), venue), (Decimal("0.333333"), venue), (None, venue)]
    update_rows([], "commission")


def test_a_text_that_is_too_long_is_refused_and_not_cut(stations: Stations) -> None:
    for wrong in (fill(stations, "x" * 81), fill(stations, "1.01", quantity=Decimal(10) ** 15)):
        with pytest.raises(DataError), transaction.atomic():
            insert_rows([wrong])
    assert not Fill.objects.exists()
