"""What is told of a journal line and needs nobody."""

from datetime import timedelta

import pytest
from django.db import transaction

from apps.alerts.telling.notes import NOTES
from apps.broker.models import LinkSession
from apps.journal import clock
from apps.journal.actions.write_entry import write_entry
from tests.stations import Stations, stations

__all__ = ["stations"]


@pytest.mark.parametrize(("away", "words"), [(12, "12 s"), (94, "0:01:34"), (63_082, "17:31:22")])
def test_a_reconnect_says_how_long_it_was_away_and_what_was_found(
    stations: Stations, away: int, words: str
) -> None:
    now = clock.now()
    LinkSession.objects.update(closed_at=now - timedelta(seconds=away))
    fresh = LinkSession.objects.create(gateway=stations.account.gateway, epoch=9, opened_at=now)
    with transaction.atomic():
        line = write_entry("become_ready", subject=fresh, after={"orders": 3, "positions": 2}, at=now)
    told = NOTES["become_ready"](line)
    assert told is not None and told.title == f"reconnected after {words}"
    assert "3 orders, 2 positions" in told.body


def test_the_first_connection_of_all_is_no_news(stations: Stations) -> None:
    with transaction.atomic():
        line = write_entry("become_ready", subject=LinkSession.objects.get(), after={})
    assert NOTES["become_ready"](line) is None
