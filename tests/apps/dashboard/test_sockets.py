"""An open screen's login is asked for again and again. How the browser is told stands in tests/browser."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client

from apps.dashboard import consumers, feed
from apps.dashboard.origins import is_ours
from apps.journal.ports import SYSTEM
from apps.operators.actions.set_person import set_person, shut_out
from apps.operators.queries import Login, standing_logins
from tests.people import make_person

HOST = (b"host", b"127.0.0.1:8000")


@pytest.fixture
def login(db: None) -> Login:
    mia = make_person("mia", "viewer")
    make_person("root", "admin")
    client = Client()
    client.force_login(mia)
    return Login(client.cookies["tradingdesk_session"].value, mia.pk)


def set_password(mia: User) -> None:
    mia.set_password("another-long-one")
    mia.save()


WAYS: dict[str, Any] = {
    "shut out": lambda mia: shut_out(mia, actor=SYSTEM, reason="test"),
    "role taken": lambda mia: set_person(mia, roles=[], accounts=["*"], actor=SYSTEM),
    "session ended": lambda mia: Session.objects.all().delete(),
    "password changed": set_password,
    "row edited": lambda mia: User.objects.filter(pk=mia.pk).update(is_active=False),
}


@pytest.mark.parametrize("way", WAYS)
def test_an_open_screen_stands_no_longer_once_it_is_shut(login: Login, way: str) -> None:
    assert standing_logins([login]) == {login}
    WAYS[way](User.objects.get(pk=login.user_id))
    assert standing_logins([login]) == set()


def test_on_real_money_a_screen_needs_a_second_step(login: Login, settings: Any) -> None:
    settings.MODE = "paper"
    assert standing_logins([login]) == set()


def test_somebody_else_s_session_is_no_login_of_mine(login: Login) -> None:
    bob = make_person("bob", "viewer")
    assert standing_logins([Login(login.session_key, bob.pk)]) == set()


def test_the_guard_looks_twice_a_second_and_asks_thrice_for_all(
    login: Login, django_assert_num_queries: Any
) -> None:
    assert feed.GUARD_SECONDS <= 0.5 < consumers.HEARTBEAT_SECONDS
    others = [Login(f"k{number}", login.user_id) for number in range(50)]
    with django_assert_num_queries(3):
        assert standing_logins([login, *others]) == {login}


@pytest.mark.parametrize(
    ("origin", "ours"),
    [
        (b"http://127.0.0.1:8000", True), (None, False), (b"null", False), (b"", False),
        (b"https://elsewhere.example", False), (b"http://127.0.0.1:9000", False),
        (b"http://127.0.0.1.elsewhere.example:8000", False), (b"file://", False),
    ],
)  # fmt: skip
def test_only_our_own_pages_open_a_socket(origin: bytes | None, ours: bool) -> None:
    headers = [HOST] if origin is None else [HOST, (b"origin", origin)]
    assert is_ours(headers) is ours
