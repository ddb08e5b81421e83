"""A claim is taken back at the moment of a stop or a cancel: that comes first, or it finds what is left."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from apps.broker.actions.ask_cancel import ask_cancel
from apps.broker.actions.claim_bracket import Claim
from apps.broker.actions.recover_intents import lapse_claim
from apps.broker.models import Ask, Intent
from apps.broker.queries import asks_to_send
from apps.journal import clock
from apps.journal.ports import Actor
from apps.risk.models import StoppedOrder, Stopping
from apps.runbook.invariants import broken_invariants
from apps.runbook.stopping import finish_stops, kill
from apps.tickets.models import Ticket
from tests.stations import Stations, stations

__all__ = ["stations"]
pytestmark = pytest.mark.django_db(transaction=True)
RITA = Actor("system", "drill")


@contextmanager
def beside(act: Callable[[], object]) -> Iterator[threading.Thread]:
    """Somebody else does it meanwhile, on a connection of their own."""

    def run() -> None:
        try:
            act()
        finally:
            connection.close()

    other = threading.Thread(target=run)
    yield other
    other.join(20)
    assert not other.is_alive()


def states() -> set[str]:
    return set(Ticket.objects.values_list("state", flat=True))


def press() -> Stopping:
    told = {"level": "HALTED", "flatten": False, "actor": RITA, "reason": "drill"}
    return kill("global", "", now=clock.now(), **told)


def claimed(stations: Stations) -> Claim:
    stations.approve("WEC")
    claim = stations.claim(stations.brackets()[0])
    assert isinstance(claim, Claim)
    return claim


def test_a_stop_waits_for_a_claim_that_is_being_taken_back_and_sweeps_up_what_was_released(
    stations: Stations,
) -> None:
    """Else its cancel names orders that never left: the gateway knows none of them, and they are in doubt."""
    claim = claimed(stations)
    with beside(press) as stop, transaction.atomic():
        lapse_claim(claim.intents, clock.now())
        stop.start()
        stop.join(1.5)
        assert stop.is_alive(), "it has to see what becomes of the claim"
    assert not Ask.objects.exists()
    finish_stops()
    assert states() == {"WITHDRAWN"} and Stopping.objects.get().state == "ended"
    assert set(StoppedOrder.objects.values_list("result", flat=True)) == {"confirmed"}
    assert StoppedOrder.objects.count() == 6 and broken_invariants(clock.now()) == []


def test_a_claim_that_was_called_back_first_is_given_up_and_no_cancel_of_it_is_sent(
    stations: Stations,
) -> None:
    claim = claimed(stations)
    stopping = press()
    assert stopping.state == "cancelling" and Ask.objects.count() == 3
    lapse_claim(claim.intents, clock.now())
    assert set(Intent.objects.values_list("state", flat=True)) == {"CLOSED"} and states() == {"WITHDRAWN"}
    assert list(asks_to_send(stations.account.gateway_id)) == [], "the gateway never heard of these orders"
    finish_stops()
    assert Stopping.objects.get().state == "ended" and broken_invariants(clock.now()) == []


def test_a_cancel_by_hand_and_a_claim_taken_back_wait_for_each_other(stations: Stations) -> None:
    """Asked a moment too late, it finds the ticket released again, and withdraws it."""
    claim = claimed(stations)
    key = Ticket.objects.get(intents=claim.intents[0]).key
    with beside(lambda: ask_cancel(key, actor=RITA)) as cancel, transaction.atomic():
        lapse_claim(claim.intents, clock.now())
        cancel.start()
        cancel.join(1)
        assert cancel.is_alive()
    assert not Ask.objects.exists()
    family = Ticket.objects.filter(bracket=claim.bracket)
    assert set(family.values_list("state", flat=True)) == {"WITHDRAWN"}
