"""Coming in: with a password, or once with a simulated desk's link; never otherwise."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from apps.journal.models import Entry
from apps.journal.ports import Actor
from apps.operators.actions.offer_entry import offer_entry
from apps.operators.actions.save_preference import save_preference
from apps.operators.ports import EntryRefused
from apps.operators.queries import preference_of

pytestmark = pytest.mark.django_db
OPEN = ["healthz", "login/", "login/closed/", "logout/", "admin/login/"]


def every_path(found: URLResolver, before: str = "") -> list[str]:
    paths = []
    for part in found.url_patterns:
        here = before + str(part.pattern)
        paths += every_path(part, here) if isinstance(part, URLResolver) else [here]
        assert isinstance(part, URLPattern | URLResolver)
    return paths


def test_without_a_login_every_page_of_ours_leads_to_the_login(client: Client) -> None:
    plain = [path for path in every_path(get_resolver()) if "<" not in path and "?P" not in path]
    closed = [path for path in plain if path not in OPEN and not path.startswith("static")]
    assert "account/password/" in closed and "" in closed
    for path in closed:
        answer = client.get("/" + path)
        assert answer.status_code in (302, 301, 401, 403, 405, 404), path
        if answer.status_code == 302:
            assert "login" in answer.headers["Location"], path


def test_a_password_lets_in_and_a_wrong_one_does_not(client: Client) -> None:
    User.objects.create_user("ann", password="long-enough-for-ann")
    assert client.post("/login/", {"login": "ann", "password": "wrong"}).status_code == 200
    assert "_auth_user_id" not in client.session
    assert client.post("/login/", {"login": "ann", "password": "long-enough-for-ann"}).status_code == 302
    assert client.get("/account/").status_code == 200
    assert client.post("/logout/").status_code == 302
    assert client.get("/account/").status_code == 302


def test_a_simulated_desk_s_link_works_once(client: Client) -> None:
    entry = offer_entry("demo")
    assert client.get(entry.path).status_code == 302
    assert "_auth_user_id" in client.session
    second = Client().get(entry.path)
    assert second.status_code == 410 and "has been used" in second.content.decode()
    verbs = list(Entry.objects.order_by("-sequence").values_list("verb", flat=True)[:2])
    assert verbs == ["enter_once", "offer_entry"]
    assert Client().login(username="demo", password=entry.password)


def test_a_newer_offer_ends_the_older_one(client: Client) -> None:
    first, second = offer_entry("demo"), offer_entry("demo")
    assert client.get(first.path).status_code == 410
    assert not client.login(username="demo", password=first.password)
    assert client.get(second.path).status_code == 302


def test_a_made_up_link_is_refused(client: Client) -> None:
    for path in ("/enter/MQ/abc-def/", "/enter/%F0%9F/abc/", "/enter/" + "9" * 40 + "/x-y/"):
        assert client.get(path).status_code in (404, 410)


@pytest.mark.parametrize("mode", ["paper", "live"])
def test_where_money_is_real_there_is_no_link(client: Client, settings: Any, mode: str) -> None:
    entry = offer_entry("demo")
    settings.MODE = mode
    with pytest.raises(EntryRefused):
        offer_entry("demo")
    assert client.get(entry.path).status_code == 410


def test_pages_carry_a_strict_policy(client: Client) -> None:
    policy = client.get("/login/").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_a_preference_is_kept_and_a_wrong_one_refused() -> None:
    ann = User.objects.create_user("ann")
    assert preference_of(ann).theme == "system"
    save_preference(ann, actor=Actor("user", "ann"), theme="dark", primary_zone="Europe/Berlin")
    assert (preference_of(ann).theme, preference_of(ann).primary_zone) == ("dark", "Europe/Berlin")
    for wrong in ({"theme": "pink"}, {"primary_zone": "Mars/Olympus"}):
        with pytest.raises(ValidationError):
            save_preference(ann, actor=Actor("user", "ann"), **wrong)
    assert preference_of(ann).theme == "dark"


def test_health_says_whether_the_database_answers(client: Client) -> None:
    assert client.get("/healthz").content == b"ok\n"
