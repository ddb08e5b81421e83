"""Four desks broken on purpose, each at one station: if a check did not notice, it would be no check.

Each scenario is first played by the desk as it is, where the invariants must hold, then by the broken one.
"""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import IntegrityError

from apps.broker.actions import claim_bracket as claiming
from apps.broker.actions import mark_sending as marking
from apps.broker.actions.claim_bracket import Claim
from apps.journal import clock
from apps.ledger.actions import book_fills as booking
from apps.ledger.models import Fill
from apps.risk.actions.set_stop import set_stop
from apps.runbook.invariants import broken_invariants
from apps.tickets.models import Ticket
from tests import stations as road
from tests.stations import ADMIN, PRICE, Stations
from tradingdesk.domain.portfolio import Booking
from tradingdesk.domain.tickets import submission

Break = Callable[[pytest.MonkeyPatch], None]


def edited_after_approval(stations: Stations) -> None:
    stations.approve("WEC")
    Ticket.objects.filter(role="entry").update(limit_price=PRICE + 1)
    stations.send_all()


def cut_after_approval(stations: Stations) -> None:
    stations.approve("WEC", quantity=60)
    stations.set_limits(daily_exposure=1000)
    stations.send_all()


def halted_between_claim_and_write(stations: Stations) -> None:
    stations.approve("WEC")
    claim = stations.claim(stations.brackets()[0])
    assert isinstance(claim, Claim)
    set_stop("HALTED", actor=ADMIN, reason="drill")
    stations.send(claim)


def told_twice(stations: Stations) -> None:
    for _ in range(2):
        stations.executed("0001.01.01", "30")


def digest_not_checked_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(claiming, "_authority_problem", lambda request, digest, now: None)


def limits_not_checked_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(road, "judge_claim", lambda tickets, now: None)


def halt_ignored_at_the_write(patch: pytest.MonkeyPatch) -> None:
    def blind(facts: submission.SendFacts) -> None:
        return None

    patch.setattr(marking, "send_problem", blind)


def nothing_is_a_double(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(booking, "book", lambda known, incoming: Booking.NEW)


VARIANTS: dict[str, tuple[Callable[[Stations], None], Break, str]] = {
    "the digest is not checked at the claim": (edited_after_approval, digest_not_checked_again, "S3"),
    "the limits are not checked at the claim": (cut_after_approval, limits_not_checked_again, "S10"),
    "a halt is not looked for before the write": (
        halted_between_claim_and_write, halt_ignored_at_the_write, "S4",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", VARIANTS)
def test_the_desk_as_it_is_survives_what_breaks_the_variant(stations: Stations, what: str) -> None:
    scenario, _, _ = VARIANTS[what]
    scenario(stations)
    assert broken_invariants(clock.now()) == []
    assert stations.written == []


@pytest.mark.parametrize("what", VARIANTS)
def test_a_broken_variant_is_caught(stations: Stations, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    scenario, break_it, invariant = VARIANTS[what]
    break_it(monkeypatch)
    scenario(stations)
    assert stations.written != []
    assert invariant in {broken.invariant for broken in broken_invariants(clock.now())}


def test_a_ledger_that_counts_twice_is_stopped_by_its_own_table(
    stations: Stations, monkeypatch: pytest.MonkeyPatch
) -> None:
    told_twice(stations)
    assert Fill.objects.get().quantity == Decimal(30)
    nothing_is_a_double(monkeypatch)
    with pytest.raises(IntegrityError):
        told_twice(stations)
