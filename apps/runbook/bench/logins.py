"""From the password to the Desk: people with an authenticator come in, as a browser would send it."""

import re
import secrets
import time
import urllib.request
from http.cookiejar import CookieJar
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.contrib.auth.models import User

from apps.journal.ports import SYSTEM
from apps.operators.actions.set_person import make_person
from apps.operators.actions.spend_code import PERIOD
from apps.runbook.bench.figures import Figure, figure

PEOPLE = 20  # below what one place may try in a minute
ON_THE_DESK = 'id="strip"'
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


def measure_logins(address: str) -> list[Figure]:
    """Password, code and the Desk, in full; beside it the Desk alone for somebody who is in."""
    whole, desk = zip(*(log_in(address, *newcomer(number)) for number in range(PEOPLE)), strict=True)
    return [
        figure(
            "password sent → code sent → Desk here",
            whole,
            beside="the Desk again, signed in",
            baseline=desk,
            aim="median ≤ 1 s",
        )
    ]


def newcomer(number: int) -> tuple[User, str, str]:
    """Somebody with a password and an authenticator, and the secrets of both."""
    password, secret = secrets.token_urlsafe(12), generate_totp_secret()
    user = make_person(f"comes-{number}", roles=["trader"], actor=SYSTEM)
    user.set_password(password)
    user.save()
    TOTP.activate(user, secret)
    return user, password, secret


def log_in(address: str, user: User, password: str, secret: str) -> tuple[float, float]:
    """The form was open before; nobody types here, so all that passes is the desk's."""
    browser = build_opener(HTTPCookieProcessor(CookieJar()))
    first = read(browser, f"{address}/login/")
    began = time.perf_counter()
    second = read(browser, f"{address}/login/", first, login=user.username, password=password)
    code = format_hotp_value(hotp_value(secret, int(time.time()) // PERIOD))
    landed = read(browser, f"{address}/login/code/", second, code=code)
    passed = time.perf_counter() - began
    if ON_THE_DESK not in landed:
        raise RuntimeError(f"{user.username} did not reach the Desk: {landed[:400]}")
    began = time.perf_counter()
    read(browser, f"{address}/")
    return passed, time.perf_counter() - began


def read(browser: OpenerDirector, address: str, form: str = "", **fields: str) -> str:
    """A page, after all it leads to; what is sent bears the mark of the form that was read before."""
    found = TOKEN.search(form)
    sent = urlencode({**fields, "csrfmiddlewaretoken": found[1]}).encode() if found else None
    request = urllib.request.Request(address, data=sent, headers={"Referer": address})
    with browser.open(request, timeout=20) as answer:
        text: str = answer.read().decode()
    return text
