"""Letting people in and shutting them out, from the page and from a terminal."""

import re
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.test import Client

from apps.journal.models import Entry
from apps.journal.ports import SYSTEM, Actor
from apps.operators.actions.set_person import make_person as make
from apps.operators.actions.set_person import set_person, shut_out
from apps.operators.models import Token
from apps.operators.ports import ROLES, NotAllowed, PersonRefused
from apps.operators.queries import may
from apps.runbook.checks import refuse_weak_people, unsafe_settings
from tests.people import make_person

pytestmark = pytest.mark.django_db
ANN = Actor("user", "ann")


@pytest.fixture
def admin(client: Client) -> Client:
    make_person("ann", "admin", password="long-enough-for-ann")
    client.post("/login/", {"login": "ann", "password": "long-enough-for-ann"})
    return client


def test_a_person_is_made_with_a_link_that_is_shown_once(admin: Client) -> None:
    told = {"name": "eve", "role": ["trader"], "account": ["*"]}
    page = admin.post("/people/make/", told).content.decode()
    path = re.search(r"http://[^<]*(/welcome/[^<]+/)", page)
    assert path and Client().get(path[1]).status_code == 200
    assert "/welcome/" not in admin.get("/people/").content.decode()
    assert "trader" in admin.get("/people/").content.decode()


def test_what_is_done_to_people_wants_a_fresh_proof(admin: Client) -> None:
    session = admin.session
    session["proved_at"] = 0
    session.save()
    assert "Your password" in admin.get("/people/").content.decode()
    admin.post("/people/make/", {"name": "evelyn", "role": ["trader"], "account": ["*"]})
    assert "evelyn" not in admin.get("/people/").content.decode()
    admin.post("/people/make/", {"name": "evelyn", "role": ["risk"], "proof": "long-enough-for-ann"})
    assert "evelyn" in admin.get("/people/").content.decode()


def test_a_person_is_shut_out_with_every_session(admin: Client) -> None:
    eve = make_person("eve", "viewer", password="long-enough-for-eve")
    other = Client()
    other.post("/login/", {"login": "eve", "password": "long-enough-for-eve"})
    assert other.get("/").status_code == 200
    admin.post("/people/eve/shut-out/", {"reason": "left"})
    assert other.get("/").status_code == 302 and not may(eve, "see")
    other.post("/login/", {"login": "eve", "password": "long-enough-for-eve"})
    assert other.get("/").status_code == 302
    admin.post("/people/eve/let-in/", {})
    assert may(eve, "see")
    assert Entry.objects.filter(verb="shut_out", reason="left").count() == 1


def test_one_s_own_sessions_are_ended_and_nobody_else_s(admin: Client) -> None:
    second = Client()
    second.post("/login/", {"login": "ann", "password": "long-enough-for-ann"})
    for one in (admin, second):
        assert one.get("/account/").status_code == 200
    rows = re.findall(r"/account/sessions/(\d+)/end/", admin.get("/account/").content.decode())
    stranger = Client()
    stranger.force_login(make_person("bob", "viewer"))
    stranger.post(f"/account/sessions/{rows[0]}/end/")
    assert second.get("/account/").status_code == 200
    admin.post(f"/account/sessions/{rows[0]}/end/")
    assert second.get("/account/").status_code == 302 and admin.get("/account/").status_code == 200


def test_nobody_changes_themselves_while_another_can_and_the_last_admin_stays(admin: Client) -> None:
    ann = make_person("bob", "admin")
    with pytest.raises(PersonRefused, match="another administrator"):
        shut_out(ann, actor=Actor("user", "bob"), reason="a mistake")
    shut_out(ann, actor=ANN, reason="left")
    held = type(ann).objects.get(username="ann")
    with pytest.raises(PersonRefused, match="nobody could let people in"):
        set_person(held, roles=["trader"], accounts=["*"], actor=ANN)
    with pytest.raises(PersonRefused, match="nobody could let people in"):
        shut_out(held, actor=SYSTEM, reason="tidy")
    assert may(held, "manage_people")


def test_an_action_refuses_whoever_may_not_manage_people() -> None:
    make_person("rob", "risk")
    for verb in (
        lambda: make("eve", roles=["admin"], actor=Actor("user", "rob")),
        lambda: shut_out(make_person("tim", "trader"), actor=Actor("user", "rob"), reason="x"),
    ):
        with pytest.raises(NotAllowed):
            verb()


@pytest.mark.parametrize("name", ["", "terminal", "a b", "../x", "=1+1", "<script>", "x" * 61, "ann\nroot"])
def test_a_name_that_could_be_mistaken_is_refused(name: str) -> None:
    with pytest.raises(PersonRefused):
        make(name, roles=["viewer"], actor=SYSTEM)


def test_a_token_is_shown_once_kept_as_a_hash_and_withdrawn(admin: Client) -> None:
    told = {"name": "feed", "scope": ["plans:submit"], "days": "30"}
    page = admin.post("/tokens/issue/", told).content.decode()
    words = re.search(r'id="token-words">(tdk_[^<]+)<', page)
    token = Token.objects.get()
    assert words and words[1] not in str(vars(token))
    assert words[1] not in admin.get("/tokens/").content.decode()
    admin.post(f"/tokens/{token.pk}/revoke/")
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_a_terminal_lets_the_first_person_in() -> None:
    said = StringIO()
    call_command("person", "make", "zoe", "--role", "admin", stdout=said, stderr=StringIO())
    assert "/welcome/" in said.getvalue()
    call_command("person", "set", "zoe", "--role", "admin", "--role", "risk", stdout=StringIO())
    listed = StringIO()
    call_command("person", "list", stdout=listed)
    assert "zoe" in listed.getvalue() and "risk, admin" in listed.getvalue()
    with pytest.raises(CommandError, match="PERSON_NAME_TAKEN"):
        call_command("person", "make", "zoe", "--role", "viewer")
    with pytest.raises(CommandError, match="PERSON_UNKNOWN"):
        call_command("person", "link", "nobody")


@pytest.mark.parametrize("role", ROLES)
def test_the_demo_has_somebody_for_each_role(client: Client, role: str) -> None:
    said = StringIO()
    call_command("entry", role, stdout=said)
    path = said.getvalue().split("\n")[0].partition("8000")[2]
    assert client.get(path).status_code == 302
    assert client.get("/people/").status_code == (200 if role == "admin" else 403)


def test_live_refuses_a_password_that_is_tried_first(settings: Any) -> None:
    make_person("ann", "admin", password="admin")
    refuse_weak_people()
    settings.MODE = "live"
    with pytest.raises(ImproperlyConfigured, match=r"E009.*ann"):
        refuse_weak_people()


def test_live_on_the_embedded_database_wants_a_place_for_backups(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MODE, settings.ACCOUNTS_ALLOWED = "live", ["U1234567"]
    codes = {found.id for found in unsafe_settings()}
    assert "tradingdesk.E008" in codes and "tradingdesk.E001" in codes
    monkeypatch.setenv("TRADINGDESK_BACKUPS", "/mnt/backups")
    assert "tradingdesk.E008" not in {found.id for found in unsafe_settings()}
