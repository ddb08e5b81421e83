"""The door: a second step that counts each code once, throttling by place, and the proof in between."""

import re
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.contrib.auth.models import User
from django.test import Client, RequestFactory

from apps.journal.models import Entry
from apps.journal.ports import SYSTEM
from apps.operators.actions.offer_welcome import offer_welcome
from apps.operators.actions.spend_code import LAST
from apps.operators.pages.asking import PROVED_AT
from tests.people import make_person

pytestmark = pytest.mark.django_db
PASSWORD = "long-enough-for-ann"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def ann() -> User:
    return make_person("ann", password=PASSWORD)


@pytest.fixture
def counted(settings: Any) -> None:
    """With counts of wrong tries, which the other tests go without."""
    cache = {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "operators_cache"}
    settings.CACHES = {**settings.CACHES, "default": cache}


def code(step: int = 0, secret: str = SECRET) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + step))


def log_in(client: Client, password: str = PASSWORD, **told: Any) -> Any:
    return client.post("/login/", {"login": "ann", "password": password}, **told)


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def make_stale(client: Client) -> None:
    session = client.session
    session[PROVED_AT] = time.time() - 301
    session.save()


def verbs() -> list[str]:
    return list(Entry.objects.order_by("sequence").values_list("verb", flat=True))


def enrol(client: Client, commits: Any) -> tuple[str, str, Any]:
    """Switch an authenticator on, and let what waits for the commit happen."""
    secret = client.get("/account/authenticator/").context["form"].secret
    typed = code(secret=secret)
    with commits(execute=True):
        answer = client.post("/account/authenticator/", {"code": typed})
    return secret, typed, answer


def test_an_authenticator_is_set_up_and_asked_for_from_then_on(
    client: Client, ann: User, django_capture_on_commit_callbacks: Any
) -> None:
    log_in(client)
    secret, _, answer = enrol(client, django_capture_on_commit_callbacks)
    assert answer.status_code == 302 and answer.headers["Location"] == "/account/recovery/"
    codes = re.findall(r"<li>(\d{8})</li>", client.get("/account/recovery/").content.decode())
    assert len(codes) == 10
    assert codes[0] not in client.get("/account/recovery/").content.decode()  # shown once
    row = Authenticator.objects.get(type="totp")
    assert secret not in str(row.data) and decrypt(row.data["secret"]) == secret
    fresh = Client()
    assert log_in(fresh).headers["Location"] == "/login/code/" and not is_in(fresh)
    assert fresh.post("/login/code/", {"code": "000000"}).status_code == 200 and not is_in(fresh)
    assert fresh.post("/login/code/", {"code": codes[0]}).status_code == 302 and is_in(fresh)
    assert {"log_in", "add_authenticator"} <= set(verbs())


def test_a_code_counts_once_and_an_earlier_one_no_more(client: Client, ann: User) -> None:
    TOTP.activate(ann, SECRET)
    used = code(1)
    for place, typed, enters in ((client, used, True), (Client(), used, False), (Client(), code(0), False)):
        log_in(place)
        place.post("/login/code/", {"code": typed})
        assert is_in(place) is enters
    assert Authenticator.objects.get().data[LAST] > 0


def test_a_recovery_code_counts_once(client: Client, ann: User) -> None:
    TOTP.activate(ann, SECRET)
    log_in(client)
    client.post("/login/code/", {"code": code()})
    client.post("/account/recovery/new/")
    codes = re.findall(r"<li>(\d{8})</li>", client.get("/account/recovery/").content.decode())
    for enters in (True, False):
        place = Client()
        log_in(place)
        place.post("/login/code/", {"code": codes[3]})
        assert is_in(place) is enters


def test_the_code_that_switched_it_on_lets_nobody_in(
    client: Client, ann: User, django_capture_on_commit_callbacks: Any
) -> None:
    log_in(client)
    _, typed, _ = enrol(client, django_capture_on_commit_callbacks)
    place = Client()
    log_in(place)
    place.post("/login/code/", {"code": typed})
    assert not is_in(place)


def test_wrong_passwords_from_one_place_keep_nobody_else_out(
    client: Client, ann: User, counted: None
) -> None:
    for _ in range(6):
        log_in(client, "wrong", REMOTE_ADDR="203.0.113.7")
    told = log_in(client, REMOTE_ADDR="203.0.113.7").content.decode()
    assert "wrong tries from here" in told and not is_in(client)
    elsewhere = Client()
    log_in(elsewhere, REMOTE_ADDR="198.51.100.4")
    assert is_in(elsewhere)
    make_person("bob", password="long-enough-for-bob")
    beside = Client(REMOTE_ADDR="203.0.113.7")
    beside.post("/login/", {"login": "bob", "password": "long-enough-for-bob"})
    assert is_in(beside)


def test_guessing_codes_is_slowed_down(client: Client, ann: User, counted: None) -> None:
    TOTP.activate(ann, SECRET)
    log_in(client)
    for guess in range(6):
        answer = client.post("/login/code/", {"code": f"{guess:06}"})
    assert "wrong tries from here" in answer.content.decode()
    client.post("/login/code/", {"code": code()})
    assert not is_in(client)
    elsewhere = Client(REMOTE_ADDR="198.51.100.4")
    log_in(elsewhere)
    elsewhere.post("/login/code/", {"code": code()})
    assert is_in(elsewhere)


def test_guessing_a_proof_is_slowed_down(client: Client, ann: User, counted: None) -> None:
    log_in(client)
    make_stale(client)
    for _ in range(11):
        client.post("/prove/", {"proof": "wrong"})
    client.post("/prove/", {"proof": PASSWORD})
    assert time.time() - client.session[PROVED_AT] > 300


def test_with_an_authenticator_the_password_is_no_proof(client: Client, ann: User) -> None:
    log_in(client)
    make_stale(client)
    TOTP.activate(ann, SECRET)
    assert "Code of your authenticator" in client.get("/prove/").content.decode()
    client.post("/prove/", {"proof": PASSWORD})
    assert time.time() - client.session[PROVED_AT] > 300
    answer = client.post("/prove/", {"proof": code(), "next": "/risk/"})
    assert answer.status_code == 302 and time.time() - client.session[PROVED_AT] < 5


def test_a_made_up_passkey_proves_nothing(client: Client, ann: User) -> None:
    log_in(client)
    make_stale(client)
    for typed in ("{", "{}", '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}'):
        client.post("/prove/", {"proof": typed})
        assert time.time() - client.session[PROVED_AT] > 300


def test_changing_the_second_step_wants_a_fresh_proof(client: Client, ann: User) -> None:
    log_in(client)
    make_stale(client)
    for path in ("/account/authenticator/", "/account/passkeys/add/"):
        answer = client.get(path)
        assert answer.status_code == 302 and answer.headers["Location"].startswith("/prove/?next=")


def test_a_login_makes_a_new_session(client: Client, ann: User) -> None:
    client.get("/login/")
    session = client.session
    session["planted"] = "by somebody"
    session.save()
    before = session.session_key
    client.cookies["tradingdesk_session"] = before
    log_in(client)
    assert is_in(client) and client.session.session_key != before


@pytest.mark.parametrize("mode", ["paper", "live"])
def test_where_money_is_not_play_everybody_has_a_second_step(
    client: Client, ann: User, settings: Any, mode: str
) -> None:
    settings.MODE = mode
    log_in(client)
    for path in ("/", "/review/", "/account/", "/admin/"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/account/authenticator/"), path
    assert client.post("/review/1/approve/").status_code == 302
    page = client.get("/account/authenticator/")
    assert "everybody has a second step" in page.content.decode()
    client.post("/account/authenticator/", {"code": code(secret=page.context["form"].secret)})
    assert client.get("/account/").status_code == 200


def test_a_link_sets_a_password_once_and_leads_to_the_second_step(client: Client) -> None:
    eve = make_person("eve", "trader")
    path = offer_welcome(eve, actor=SYSTEM)
    assert client.get(path).status_code == 200 and client.get(path).status_code == 200
    short = client.post(path, {"new_password1": "short", "new_password2": "short"})
    assert short.status_code == 200 and not is_in(client)
    good = {"new_password1": "a-good-long-phrase", "new_password2": "a-good-long-phrase"}
    assert client.post(path, good).headers["Location"] == "/account/authenticator/"
    assert is_in(client) and Client().get(path).status_code == 410
    assert Client().post(path, good).status_code == 410


def test_a_lost_phone_is_taken_off_with_the_password(client: Client, ann: User) -> None:
    TOTP.activate(ann, SECRET)
    log_in(client)
    client.post("/login/code/", {"code": code()})
    first = offer_welcome(ann, actor=SYSTEM, reason="phone lost", lost_phone=True)
    second = offer_welcome(ann, actor=SYSTEM, reason="sent to the wrong address")
    assert not Authenticator.objects.exists() and "drop_factors" in verbs()
    assert client.get("/account/").status_code == 302  # signed out everywhere
    assert Client().get(first).status_code == 410 and Client().get(second).status_code == 200
    assert not Client().login(request=RequestFactory().get("/"), username="ann", password=PASSWORD)


def test_nobody_signs_up_or_asks_for_a_password_by_mail(client: Client) -> None:
    for path in ("/signup/", "/accounts/signup/", "/password/reset/", "/accounts/", "/login/code/confirm/"):
        assert client.get(path).status_code == 404
