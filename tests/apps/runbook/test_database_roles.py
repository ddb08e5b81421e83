"""What a process must never write, its own login at the database refuses; what it must, it may."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test import Client
from psycopg.errors import InsufficientPrivilege

from apps.approvals.models import Request
from apps.broker.models import Ask
from apps.journal import clock
from apps.journal.ports import Actor
from apps.ledger.actions.carry import carry_forward
from apps.ledger.models import Carried
from apps.risk.actions.change_limits import change_limits
from apps.risk.queries import limits_in_force
from apps.runbook.database.roles import ROLES, make_roles
from tests.database import owner
from tests.people import make_person
from tests.played_day import ordinary_day
from tests.stations import Stations, later, stations

__all__ = ["stations"]

PASSWORDS = {role.name: f"pass-{role.name}-word" for role in ROLES}
JOURNAL = "UPDATE journal_entry SET reason = 'x'", "DELETE FROM journal_entry", "TRUNCATE journal_entry"
PEOPLE = "UPDATE auth_user SET is_active = true", "DELETE FROM mfa_authenticator"
# role → statements that it is refused, each of them a way around the desk's own rules
REFUSED = {
    "web": (
        "INSERT INTO broker_intent DEFAULT VALUES", "INSERT INTO broker_evidence DEFAULT VALUES",
        "INSERT INTO ledger_fill DEFAULT VALUES", "UPDATE ledger_fill SET price = 1",
        "UPDATE ledger_statedfee SET amount = 1", "INSERT INTO ledger_carried DEFAULT VALUES",
        "DELETE FROM broker_evidence", "DELETE FROM risk_limitset", "CREATE TABLE mine (id int)",
        "DROP TABLE journal_entry", "ALTER TABLE journal_entry DISABLE TRIGGER ALL", *JOURNAL,
    ),
    "worker": (
        "INSERT INTO broker_intent DEFAULT VALUES", "INSERT INTO ledger_fill DEFAULT VALUES",
        "INSERT INTO risk_limitset DEFAULT VALUES", "SELECT * FROM django_session", *JOURNAL, *PEOPLE,
    ),
    "link": (
        "INSERT INTO approvals_request DEFAULT VALUES", "INSERT INTO risk_limitset DEFAULT VALUES",
        "UPDATE risk_limitset SET reason = 'x'", "UPDATE desks_phase SET phase = 'run'",
        "UPDATE broker_evidence SET code = 1", "UPDATE ledger_carried SET quantity = 1",
        "SELECT * FROM django_session", *JOURNAL, *PEOPLE,
    ),
    "report": (
        "INSERT INTO plans_plan DEFAULT VALUES", "UPDATE tickets_ticket SET state = 'DONE'",
        "SELECT password FROM auth_user", "SELECT * FROM operators_token", *JOURNAL, *PEOPLE,
    ),
}  # fmt: skip
ALLOWED = {
    "web": "UPDATE broker_intent SET state = state; UPDATE ledger_fill SET commission = commission",
    "worker": "UPDATE tickets_ticket SET state = state",
    "link": "UPDATE broker_intent SET state = state",
    "report": "SELECT count(*) FROM ledger_fill",
}


@pytest.fixture
def roles(django_db_setup: None) -> Iterator[str]:
    """The roles in the run's own server, taken away when the test's own transaction has let go."""
    with owner() as held:
        held.execute("SET lock_timeout = '10s'")
        database = held.info.dbname
        make_roles(held, PASSWORDS)
        make_roles(held, PASSWORDS)  # again changes nothing and breaks nothing
        yield database
        for role in ROLES:
            held.execute(f'DROP OWNED BY "{database}_{role.name}"; DROP ROLE "{database}_{role.name}"')


@pytest.mark.parametrize("name", REFUSED)
def test_a_role_is_refused_what_its_process_must_never_do(roles: str, db: None, name: str) -> None:
    told = connection.get_connection_params()
    login = {"host": told["host"], "dbname": roles, "user": f"{roles}_{name}", "password": PASSWORDS[name]}
    with psycopg.connect(**login, autocommit=True) as held:
        for statement in REFUSED[name]:
            with pytest.raises(InsufficientPrivilege):
                held.execute(statement)  # type: ignore[call-overload]
        held.execute(ALLOWED[name])  # type: ignore[call-overload]


def test_a_wrong_password_opens_nothing(roles: str) -> None:
    told = connection.get_connection_params()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(host=told["host"], dbname=roles, user=f"{roles}_web", password="guessed")


def test_the_web_s_own_role_is_enough_for_what_people_do(
    roles: str, db: None, client: Client, settings: Any
) -> None:
    day = ordinary_day(settings)
    day.at("10:40:30")
    day.quote_all(moved="0.35")
    client.force_login(make_person("ann"))
    with connection.cursor() as cursor:
        cursor.execute(f'SET LOCAL ROLE "{roles}_web"')
    row = Request.objects.get(state="proposed")
    told = {"word": f"EXECUTE {row.challenge}", "digest": row.digest, "row_version": row.row_version}

    for path in ("/", "/review/", "/orders/", "/people/", "/system/", "/account/"):
        assert client.get(path).status_code == 200, path
    rejected = client.post(f"/review/{row.pk}/reject/", {**told, "reason": "price has moved"})
    liked = {"theme": "dark", "density": "compact", "colours": "red-up"}
    assert rejected.status_code == 302 and client.post("/account/", liked).status_code == 302
    assert Request.objects.get(pk=row.pk).state == "rejected"
    assert client.post("/orders/1-1BT/cancel/").status_code == 302 and Ask.objects.exists()
    version = limits_in_force().version
    values, ann = {"order_rate": Decimal(3)}, Actor("user", "ann")
    change_limits(values, scope="global", actor=ann, reason="fewer, for a test", based_on=version)
    assert limits_in_force().version == version + 1


def test_the_worker_s_own_role_keeps_what_is_long_past_and_the_link_s_drops_it(
    roles: str, stations: Stations
) -> None:
    stations.executed("0001.01.01", "30", time=later(-60 * 24 * 40).isoformat())
    with connection.cursor() as cursor:
        cursor.execute(f'SET LOCAL ROLE "{roles}_worker"')
        assert carry_forward(stations.account, clock.now()) and Carried.objects.exists()
        cursor.execute(f'SET LOCAL ROLE "{roles}_link"')
        stations.executed("0002.01.01", "5", time=later(-60 * 24 * 30).isoformat())
        assert not Carried.objects.exists()
