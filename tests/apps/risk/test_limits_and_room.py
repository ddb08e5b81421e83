"""Limits in versions, verdicts that are kept, and room that is held until the broker's word frees it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.test import override_settings

from apps.journal import clock
from apps.journal.models import Entry
from apps.risk.actions.change_limits import LimitsRefused, change_limits, values_of
from apps.risk.actions.reserve import reserve
from apps.risk.actions.set_stop import set_stop
from apps.risk.actions.settle_reservation import hold_again, settle_reservation
from apps.risk.models import LimitSet, Reservation, Verdict
from apps.risk.queries import limits_in_force, reserved, room_taken, stop_level, verdict_counts, verdicts_of
from tests.stations import ADMIN, OPENING, TODAY, Stations, clock_line, later

REASON = "a quarter without incidents"


def test_a_change_makes_the_next_version_and_says_old_and_new(stations: Stations) -> None:
    made = change_limits(
        {"open_positions": Decimal(30)}, scope="global", actor=ADMIN, reason=REASON, based_on=1
    )
    assert (made.version, values_of(made)["open_positions"]) == (2, 30)
    entry = Entry.objects.latest("pk")
    assert (entry.verb, entry.before, entry.after) == (
        "change_limits", {"open_positions": "20"}, {"open_positions": "30"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("values", "changes", "code"),
    [
        ({"open_positions": 30}, {"based_on": 7}, "LIMITS_CHANGED"),
        ({"open_positions": 30}, {"reason": "because"}, "LIMITS_UNEXPLAINED"),
        ({"open_positions": 30}, {"scope": "planet:earth"}, "LIMITS_SCOPE_UNKNOWN"),
        ({"open_positions": 20}, {}, "LIMITS_UNCHANGED"),
        ({"open_portions": 20}, {}, "LIMIT_UNKNOWN"),
        ({"open_positions": "NaN"}, {}, "LIMIT_NOT_A_NUMBER"),
        ({"open_positions": -1}, {}, "LIMIT_NEGATIVE"),
    ],
)
def test_a_change_that_cannot_stand_changes_nothing(
    stations: Stations, values: dict[str, object], changes: dict[str, object], code: str
) -> None:
    asked = {"scope": "global", "actor": ADMIN, "reason": REASON, "based_on": 1} | changes
    with pytest.raises(LimitsRefused) as refused:
        change_limits({name: Decimal(str(value)) for name, value in values.items()}, **asked)
    assert refused.value.reason.code == code
    assert limits_in_force().version == 1


def test_a_set_of_limits_is_never_rewritten(stations: Stations) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        LimitSet.objects.filter(version=1).update(made_by="nobody")


def test_the_narrower_scope_wins(stations: Stations) -> None:
    stations.set_limits(open_positions=10)
    stations.set_limits("account:DU1000001", open_positions=5)
    row = limits_in_force()
    assert values_of(row)["open_positions"] == 10
    assert values_of(row, "account:DU1000001", "strategy:bracket-day")["open_positions"] == 5


def test_room_is_held_used_freed_and_held_again(stations: Stations) -> None:
    account = {"account_code": "DU1000001", "now": clock.now(), "price": Decimal(100)}
    for key in ("a", "b", "c"):
        reserve(key, quantity=Decimal(10), **account)
    settle_reservation("b", used=Decimal("0.4"), by="evidence 1")
    settle_reservation("c", used=Decimal(0), by="evidence 2")
    assert reserved("DU1000001", TODAY) == 1000 + 400
    room = room_taken("DU1000001", TODAY, since=later(1))
    assert (room.committed, room.ordered, room.unseen) == (1400, 3000, 1000)
    assert room_taken("DU1000001", TODAY, since=later(-1)).unseen == 1400
    hold_again("c")
    assert reserved("DU1000001", TODAY) == 2400
    assert Reservation.objects.get(ticket_key="c").settled_at is None


def test_a_second_attempt_takes_the_place_of_the_first(stations: Stations) -> None:
    for quantity in (10, 7):
        reserve("a", account_code="X", now=clock.now(), quantity=Decimal(quantity), price=Decimal(5))
        settle_reservation("a", used=Decimal(0), by="claim lapsed")
    reserve("a", account_code="X", now=clock.now(), quantity=Decimal(7), price=Decimal(5))
    assert reserved("X", TODAY) == 35 and Reservation.objects.count() == 1


def test_the_worst_case_counts_multiplier_and_unit(stations: Stations) -> None:
    reserve(
        "es", account_code="X", now=clock.now(), quantity=Decimal(2), price=Decimal(100),
        point_value=Decimal(50),
    )  # fmt: skip
    assert reserved("X", TODAY) == 10_000


def test_the_strictest_stop_rules_and_every_change_moves_the_epoch(stations: Stations) -> None:
    where = {"account_code": "DU1000001", "strategy": "bracket-day"}
    level, epoch = stop_level(**where)
    assert level == "ACTIVE"
    set_stop("REDUCE_ONLY", scope="account", key="DU1000001", actor=ADMIN, reason="drill")
    assert stop_level(**where) == ("REDUCE_ONLY", epoch + 2)
    set_stop("HALTED", scope="strategy", key="bracket-day", actor=ADMIN, reason="drill")
    assert stop_level(**where)[0] == "HALTED"
    assert stop_level(account_code="DU9", strategy="other")[0] == "ACTIVE"


MARKET = {"quote", "session", "price_collar", "price_distance"}


def test_in_session_a_plan_is_judged_with_its_market(stations: Stations) -> None:
    request = stations.propose("WEC")
    names = {row.check_name for row in verdicts_of("request", request.pk, "proposal")}
    assert names >= MARKET | {"daily_exposure"}
    assert verdict_counts("request", [request.pk])[request.pk] == {"pass": len(names)}


def test_before_the_session_there_is_no_market_to_judge(stations: Stations) -> None:
    with override_settings(CLOCK=clock_line(OPENING - timedelta(hours=2))):
        stations.refresh()
        request = stations.propose("WEC")
        names = {row.check_name for row in verdicts_of("request", request.pk, "proposal")}
        assert "daily_exposure" in names and not names & MARKET
        assert stations.execute(request).reason.code == "CHECK_BLOCKED"


def test_verdicts_of_a_bracket_that_waits_are_not_written_again_and_again(stations: Stations) -> None:
    stations.approve("WEC")
    stations.quote("WEC", received_at=later(-1))
    for _ in range(5):
        stations.send_all()
    kept = Verdict.objects.filter(subject_kind="ticket")
    assert kept.values("subject_id", "round").distinct().count() == len(stations.brackets()) == 2
