"""Limits in the admin: old → new is shown first, a reason is asked, and only the action writes."""

import re
import time
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from apps.journal.models import Entry
from apps.operators.pages.asking import PROVED_AT
from apps.risk.actions.change_limits import change_limits, values_of
from apps.risk.actions.found_limits import found_limits
from apps.risk.models import LimitSet
from apps.risk.queries import limits_in_force
from tests.apps.dashboard.conftest import prove
from tests.builders import SOMEBODY
from tests.people import make_person
from tests.stations import Stations

NEXT = "/admin/risk/limitset/next/"
REASON = "volatility has doubled since Monday"


@pytest.fixture
def admin(db: None) -> Client:
    found_limits()
    client = Client()
    client.force_login(make_person("risk", password="long-enough-for-risk"))
    prove(client)
    return client


def form_of(**changes: Any) -> dict[str, Any]:
    standing = limits_in_force()
    values = {name: str(value) for name, value in values_of(standing).values.items()}
    return {**values, "based_on": standing.version, "scope": "global", "reason": REASON, **changes}


def confirm(client: Client, form: dict[str, Any]) -> Any:
    shown = client.post(NEXT, form).content.decode()
    mark = re.search(r'name="confirmed" value="([0-9a-f]{64})"', shown)
    assert mark, shown
    return client.post(NEXT, form | {"confirmed": mark[1]})


def test_the_first_save_only_shows_old_and_new(admin: Client) -> None:
    page = admin.post(NEXT, form_of(order_quantity="4000")).content.decode()
    assert re.search(r"<td>Largest order</td><td>5000</td><td>4000(\.0+)?</td>", page)
    assert limits_in_force().version == 1


def test_the_settings_are_told_by_their_icon_and_speak_english(admin: Client) -> None:
    page = admin.get("/admin/").content.decode()
    assert re.search(r'<link rel="icon" href="/static/desk/icon-sim[.\w]*svg"', page)
    assert "Deliveries" in page and "Evidences" not in page


def test_a_raise_states_its_effect_on_the_plans_that_wait_and_asks_for_the_second_person(
    admin: Client, stations: Stations
) -> None:
    for name in ("WEC", "OWL", "ATO"):
        stations.propose(name)
    stations.set_limits(order_notional=2000)
    page = admin.post(NEXT, form_of(order_notional="9000")).content.decode()
    assert "3 of 3 waiting plans would now pass." in page and "Do it, and ask the second person" in page
    page = admin.post(NEXT, form_of(order_notional="1000")).content.decode()
    assert "It changes none of 3 waiting plans." in page and "Put these limits in force" in page


def test_what_was_shown_and_confirmed_is_the_next_version(admin: Client) -> None:
    assert confirm(admin, form_of(order_quantity="4000")).status_code == 302
    made = limits_in_force()
    assert (made.version, made.made_by, made.reason) == (2, "risk", REASON)
    assert [one["name"] for one in made.changes] == ["order_quantity"]
    assert Entry.objects.get(verb="change_limits").actor == "risk"


def test_a_stale_session_proves_itself_first_and_what_was_sent_is_done_then(admin: Client) -> None:
    form = form_of(order_quantity="4000")
    shown = admin.post(NEXT, form).content.decode()
    mark = re.search(r'name="confirmed" value="([0-9a-f]{64})"', shown)
    assert mark
    session = admin.session
    session[PROVED_AT] = time.time() - 301
    session.save()
    asked = admin.post(NEXT, form | {"confirmed": mark[1]})
    assert asked.status_code == 302 and asked.headers["Location"].startswith("/prove/")
    assert limits_in_force().version == 1 and admin.get(NEXT).status_code == 200
    proof = {"next": NEXT, "proof": "a guess"}
    admin.post(asked.headers["Location"], proof)
    assert limits_in_force().version == 1
    done = admin.post(asked.headers["Location"], proof | {"proof": "long-enough-for-risk"})
    assert (done.status_code, limits_in_force().version) == (302, 2)


def test_other_values_than_those_shown_are_not_saved(admin: Client) -> None:
    shown = admin.post(NEXT, form_of(order_quantity="4000")).content.decode()
    mark = re.search(r'name="confirmed" value="([0-9a-f]{64})"', shown)
    assert mark
    admin.post(NEXT, form_of(order_quantity="900000") | {"confirmed": mark[1]})
    assert limits_in_force().version == 1


def test_a_change_without_a_real_reason_is_refused(admin: Client) -> None:
    page = admin.post(NEXT, form_of(order_quantity="4000", reason="because")).content.decode()
    assert "confirmed" not in page and "10 characters" in page
    assert limits_in_force().version == 1


def test_a_form_that_was_overtaken_by_another_version_is_refused(admin: Client) -> None:
    stale = form_of(order_quantity="4000")
    change_limits({"order_rate": Decimal(100)}, scope="global", actor=SOMEBODY, reason=REASON, based_on=1)
    page = confirm(admin, stale).content.decode()
    assert "LIMITS_CHANGED" in page and limits_in_force().version == 2


def test_limits_cannot_be_written_around_the_action(admin: Client) -> None:
    assert admin.get("/admin/risk/limitset/add/").status_code == 403
    assert admin.post("/admin/risk/limitset/1/change/", form_of()).status_code == 403
    for statement in (
        lambda: LimitSet.objects.update(reason="edited"),
        lambda: LimitSet.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            statement()


def test_somebody_without_the_right_does_not_see_the_form(db: None) -> None:
    found_limits()
    client = Client()
    client.force_login(make_person("viewer", "viewer"))
    assert client.get(NEXT).status_code == 403
    assert client.post(NEXT, form_of(order_quantity="4000")).status_code == 403


@pytest.mark.parametrize(
    "name", ["broker/order", "ledger/fill", "broker/evidence", "journal/entry", "tickets/ticket"]
)
def test_records_can_be_read_and_never_written(admin: Client, name: str) -> None:
    assert admin.get(f"/admin/{name}/").status_code == 200
    assert admin.get(f"/admin/{name}/add/").status_code == 403


def test_nobody_edits_what_the_worker_will_run(admin: Client) -> None:
    assert admin.get("/admin/django_q/schedule/").status_code == 200
    assert admin.get("/admin/django_q/schedule/add/").status_code == 403
    for gone in ("success", "ormq"):
        assert admin.get(f"/admin/django_q/{gone}/").status_code == 404
