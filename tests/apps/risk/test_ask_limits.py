"""Limits as a person changes them: tighter at once, looser with a second person."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client

from apps.journal import clock
from apps.journal.ports import Actor
from apps.operators.models import Second
from apps.operators.ports import NotAllowed
from apps.risk.actions.ask_limits import ask_limits
from apps.risk.actions.change_limits import values_of
from apps.risk.models import BreakerTrip, LimitTouch
from apps.risk.queries import limits_in_force, standing_level
from apps.runbook.breaking import watch_breakers
from apps.runbook.limiting import effect_of_limits
from apps.runbook.second_words import confirm, told
from tests.people import make_person
from tests.stations import Stations

OLGA, PAUL, TESS = Actor("user", "olga"), Actor("user", "paul"), Actor("user", "tess")
REASON = "a quarter without incidents"


@pytest.fixture(autouse=True)
def people(db: None) -> None:
    make_person("olga", "risk", password="long-enough-for-olga")
    make_person("paul", "risk")
    make_person("tess", "trader")


def ask(who: Actor = OLGA, **values: int):  # type: ignore[no-untyped-def]
    wanted = {name: Decimal(value) for name, value in values.items()}
    version = limits_in_force().version
    return ask_limits(wanted, scope="global", actor=who, reason=REASON, based_on=version, now=clock.now())


def test_tighter_is_in_force_at_once_and_looser_waits_for_another_person(stations: Stations) -> None:
    asked = ask(order_quantity=4000, open_positions=30)
    assert asked.made is not None and asked.second is not None
    held = values_of(limits_in_force())
    assert (held["order_quantity"], held["open_positions"]) == (4000, 20)
    confirm(asked.second.pk, by=PAUL, now=clock.now())
    assert values_of(limits_in_force())["open_positions"] == 30


def test_a_trader_changes_no_limit(stations: Stations) -> None:
    with pytest.raises(NotAllowed):
        ask(TESS, order_quantity=10)
    assert limits_in_force().version == 1 and not Second.objects.exists()


def test_a_raise_says_how_many_waiting_plans_would_now_pass(stations: Stations) -> None:
    for name in ("WEC", "OWL", "ATO"):
        stations.propose(name)
    stations.set_limits(order_notional=2000)
    effect = effect_of_limits({"order_notional": Decimal(9000)}, scope="global", now=clock.now())
    assert effect.told == "3 of 3 waiting plans would now pass."
    worse = effect_of_limits({"order_notional": Decimal(1000)}, scope="global", now=clock.now())
    assert worse.told == "It changes none of 3 waiting plans."


def test_the_second_person_reads_the_effect_at_the_moment_they_look(stations: Stations) -> None:
    asked = ask(order_notional=900_000)
    assert asked.second is not None and told(asked.second)[1][-1].endswith("No plan waits.")
    assert told(asked.second)[1][0] == "Largest order value: 50,000 → 900,000 USD"
    stations.propose("WEC")
    stations.set_limits("account:DU1000001", order_notional=2000)
    assert told(asked.second)[1][-1].endswith("It changes none of 1 waiting plans.")
    wider = Second(kind="change_limits", payload={
        "scope": "account:DU1000001", "values": {"order_notional": "9000"}, "based_on": 2,
    })  # fmt: skip
    assert told(wider)[1][-1].endswith("1 of 1 waiting plans would now pass.")


def test_a_row_that_came_past_the_action_stops_new_entries_and_says_who(stations: Stations) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO risk_limitset (version, made_at, made_by, reason, changes, values) "
            "SELECT 2, made_at, 'nobody', 'by hand', '[]', values FROM risk_limitset WHERE version = 1"
        )
    assert LimitTouch.objects.get().operation == "INSERT"
    assert watch_breakers(clock.now()) == "limits tripped"
    assert standing_level("global", "") == "REDUCE_ONLY" and BreakerTrip.objects.get().name == "limits"


def test_the_actions_own_row_is_no_touch(stations: Stations) -> None:
    ask(order_quantity=4000)
    assert not LimitTouch.objects.exists()


def test_the_page_shows_old_and_new_and_does_it_after_a_proof(stations: Stations, client: Client) -> None:
    client.login(username="olga", password="long-enough-for-olga")
    sent = {
        "scope": "global",
        "reason": REASON,
        "based_on": "1",
        "open_positions": "30",
        "order_quantity": "4000",
    }
    look = client.post("/risk/limits/change/", sent).content.decode()
    assert "looser, a second person" in look and "tighter, at once" in look and "No plan waits." in look
    client.post("/risk/limits/change/", {**sent, "act": "do", "proof": "wrong"})
    assert limits_in_force().version == 1
    done = client.post("/risk/limits/change/", {**sent, "act": "do", "proof": "long-enough-for-olga"})
    assert done.status_code == 302 and limits_in_force().version == 2
    assert Second.objects.get().payload["values"] == {"open_positions": "30"}
