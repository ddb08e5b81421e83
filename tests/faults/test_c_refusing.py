"""A database that answers, and refuses: locked, in each other's way, or only to be read."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import InternalError, OperationalError, connection, connections, transaction

from apps.broker.link.databasethread import DatabaseLost, _guarded
from apps.broker.models import Intent
from apps.desks.models import Account
from apps.tickets.models import Ticket
from tests.apps.alerts.test_outside import Listener, beat_outside, outside_address
from tests.stations import Stations, stations

__all__ = ["outside_address", "stations"]


@contextmanager
def only_to_be_read() -> Iterator[None]:
    """As a database is whose disk is full, or that has become a standby."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        yield


def test_c4_nothing_is_claimed_where_nothing_can_be_written_and_the_link_takes_it_for_an_outage(
    stations: Stations,
) -> None:
    stations.approve("WEC")
    (bracket, *_) = stations.brackets()
    with pytest.raises(InternalError), only_to_be_read():
        stations.claim(bracket)
    assert not Intent.objects.exists()
    assert stations.claim(bracket) is not None and Intent.objects.exists()


def test_c4_what_the_broker_says_is_not_taken_for_stored(stations: Stations) -> None:
    def hear() -> None:
        with only_to_be_read():
            stations.executed("0001.01.01", "30")

    with pytest.raises(DatabaseLost):  # the link keeps it and tells it again
        _guarded_once(hear)


def _guarded_once(function: object) -> None:
    """As the link's thread calls it; the test keeps its connection."""
    close = connection.close
    connection.close = lambda: None  # type: ignore[method-assign]
    try:
        _guarded(function)  # type: ignore[arg-type]
    finally:
        connection.close = close  # type: ignore[method-assign]


def test_c4_a_desk_that_cannot_write_gives_the_outside_no_sign_of_life(
    stations: Stations, outside_address: str
) -> None:
    with pytest.raises(InternalError), only_to_be_read():
        beat_outside()
    assert Listener.asked == 0
    assert beat_outside() == "taken" and Listener.asked == 1


@pytest.mark.django_db(transaction=True)
def test_c3_a_claim_that_does_not_get_the_account_leaves_nothing_and_is_made_once_later(
    transactional_db: None, stations: Stations
) -> None:
    stations.approve("WEC")
    (bracket, *_) = stations.brackets()
    held, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            list(Account.objects.select_for_update())
            held.set()
            let_go.wait(30)
        connections.close_all()

    other = threading.Thread(target=hold)
    other.start()
    assert held.wait(30)
    try:
        with pytest.raises(OperationalError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '100ms'")
            stations.claim(bracket)
    finally:
        let_go.set()
        other.join(30)
    assert not Intent.objects.exists()
    assert set(Ticket.objects.values_list("state", flat=True)) == {"RELEASED"}
    claim = stations.claim(bracket)
    assert claim is not None and stations.claim(bracket) is None
    assert Intent.objects.filter(ticket__bracket=bracket).count() == 3


@pytest.mark.django_db(transaction=True)
def test_c3_of_two_in_each_others_way_one_is_ended_and_the_claim_is_made_once(
    transactional_db: None, stations: Stations
) -> None:
    """The other holds the bracket's tickets and wants the account; the claim holds the account."""
    stations.approve("WEC")
    (bracket, *_) = stations.brackets()
    held, ended = threading.Event(), []

    def cross() -> None:
        try:
            with transaction.atomic():
                list(Ticket.objects.select_for_update().order_by("pk"))
                held.set()
                _wait_until_somebody_waits()
                list(Account.objects.select_for_update())
        except OperationalError as deadlock:
            ended.append(deadlock)
        connections.close_all()

    other = threading.Thread(target=cross)
    other.start()
    assert held.wait(30)
    claim = None
    try:
        claim = stations.claim(bracket)
    except OperationalError as deadlock:
        ended.append(deadlock)
    other.join(30)
    assert len(ended) == 1 and "deadlock" in str(ended[0])
    claim = claim or stations.claim(bracket)
    assert claim is not None and stations.claim(bracket) is None
    assert Intent.objects.filter(ticket__bracket=bracket).count() == 3


def _wait_until_somebody_waits() -> None:
    """Until another connection stands before a lock of ours."""
    with connection.cursor() as cursor:
        for _ in range(2000):
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            row = cursor.fetchone()
            if row is not None and row[0]:
                return
            cursor.execute("SELECT pg_sleep(0.01)")
    raise AssertionError("nobody waited")
