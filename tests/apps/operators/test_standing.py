"""Who may do what: by role and account, read anew each time, and nothing by default."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from apps.journal.models import Entry
from apps.journal.ports import SYSTEM, Actor
from apps.operators.actions.set_person import make_person as make
from apps.operators.actions.set_person import set_person
from apps.operators.pages.asking import PROVED_AT, asks
from apps.operators.ports import ROLES, SECONDS, VERBS, NotAllowed, PersonRefused
from apps.operators.queries import may, require
from tests.people import make_person

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", ROLES)
def test_a_role_allows_its_verbs_and_no_other(role: str) -> None:
    ann = make_person("ann", role)
    allowed = {verb for verb in VERBS if may(ann, verb)}
    assert allowed == ROLES[role] and allowed <= set(VERBS)


def test_the_roles_are_kept_apart() -> None:
    assert not {"change_limits", "release_stop", "second"} & ROLES["trader"]
    assert not {"approve", "propose", "send_now"} & (ROLES["risk"] | ROLES["admin"])
    assert ROLES["viewer"] == {"see"}
    assert set(SECONDS.values()) <= ROLES["risk"]


def test_without_a_role_or_a_login_nothing_is_allowed() -> None:
    plain = User.objects.create_user("plain")
    root = User.objects.create_superuser("root", password="x" * 20)
    for nobody in (None, plain, root, User(username="made up")):
        assert not any(may(nobody, verb) for verb in VERBS)
    assert not may(make_person("ann"), "no_such_verb")


def test_an_account_out_of_reach_is_refused() -> None:
    ann = make_person("ann", "trader", accounts=("DU1000001",))
    assert may(ann, "approve") and may(ann, "approve", "DU1000001")
    assert not may(ann, "approve", "DU1000002")
    assert may(make_person("bob", "trader"), "approve", "DU1000002")
    assert not may(make_person("eve", "trader", accounts=()), "approve", "DU1000001")


def test_what_is_taken_away_is_gone_with_the_next_question() -> None:
    ann = make_person("ann", "trader")
    assert may(ann, "approve")
    set_person(ann, roles=["viewer"], accounts=["*"], actor=SYSTEM)
    assert not may(ann, "approve") and may(ann, "see")
    User.objects.filter(pk=ann.pk).update(is_active=False)
    assert not may(ann, "see")


def test_an_action_refuses_a_person_and_lets_the_desk_itself_pass() -> None:
    make_person("ann", "viewer")
    require(SYSTEM, "change_limits")
    for actor in (Actor("user", "ann"), Actor("user", "nobody of that name")):
        with pytest.raises(NotAllowed):
            require(actor, "change_limits")


def test_a_name_is_taken_once_and_a_role_has_to_exist() -> None:
    make("Ann", roles=["viewer"], actor=SYSTEM)
    with pytest.raises(PersonRefused, match="already"):
        make("ann", roles=["viewer"], actor=SYSTEM)
    with pytest.raises(PersonRefused, match="roles are"):
        make("bob", roles=["emperor"], actor=SYSTEM)
    assert not User.objects.filter(username="bob").exists()


def test_a_viewer_reads_and_a_refused_act_stands_in_the_journal(client: Client) -> None:
    client.force_login(make_person("val", "viewer"))
    assert client.get("/journal/").status_code == 200
    answer = client.post("/review/1/approve/")
    assert answer.status_code == 403 and "does not let you" in answer.content.decode()
    line = Entry.objects.latest("sequence")
    assert (line.verb, line.actor, line.reason_code, line.reason) == (
        "refuse_person", "val", "PERSON_MAY_NOT", "approve",
    )  # fmt: skip


def test_a_person_without_a_role_is_told_so(client: Client) -> None:
    client.force_login(User.objects.create_user("plain"))
    answer = client.get("/")
    assert answer.status_code == 403 and "given you a role" in answer.content.decode()
    assert client.get("/account/").status_code == 200


def test_a_view_that_declares_nothing_is_shut(client: Client, settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.apps.operators.open_door"
    client.force_login(make_person("ann"))
    assert client.get("/declared/").status_code == 200
    assert client.get("/forgotten/").status_code == 403


def test_a_verb_that_does_not_exist_cannot_be_asked() -> None:
    with pytest.raises(ValueError, match="no verb"):
        asks("fly")


def test_a_proof_is_fresh_for_five_minutes(client: Client) -> None:
    make_person("ann", password="long-enough-for-ann")
    client.post("/login/", {"login": "ann", "password": "long-enough-for-ann"})
    assert 'name="proof"' not in client.get("/seconds/").content.decode()
    session = client.session
    session[PROVED_AT] -= 301
    session.save()
    assert client.post("/seconds/1/confirm/", {"proof": "wrong"}).status_code == 302
    assert "did not prove" in client.get("/seconds/").content.decode()
    client.post("/seconds/1/confirm/", {"proof": "long-enough-for-ann"})
    assert client.session[PROVED_AT] > session[PROVED_AT]
