"""A passkey in a real browser: added, used to come in, and used as proof."""

import re
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import WATCH
from tests.browser.test_every_page import serious

KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def at_the_door(context: BrowserContext, url: str) -> Page:
    """A page of a browser that has a device for passkeys built in."""
    context.add_init_script(WATCH)
    page = context.new_page()
    device = context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
    page.goto(f"{url}/login/")
    return page


def test_a_passkey_is_added_lets_in_and_proves(web: Any, ann: User, context: BrowserContext) -> None:
    url = web.url.replace("127.0.0.1", "localhost")
    page = at_the_door(context, url)
    page.fill("input[name=login]", "ann")
    page.fill("input[name=password]", "long-enough-for-ann")
    page.press("input[name=password]", "Enter")
    page.wait_for_selector("#needs")
    page.goto(f"{url}/account/passkeys/add/")
    assert serious(page) == []
    page.fill("#id_name", "this machine")
    page.get_by_role("button", name="Add it").click()
    page.wait_for_url("**/account/recovery/")
    assert Authenticator.objects.get(type="webauthn").wrap().name == "this machine"
    context.clear_cookies()
    page.goto(f"{url}/login/")
    page.get_by_role("button", name="Log in with a passkey").click()
    page.wait_for_selector("#needs")
    assert page.evaluate("window.violations") == []
    page.goto(f"{url}/prove/?next=/risk/")
    assert serious(page) == []
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/risk/")


def test_where_a_passkey_cannot_work_the_page_says_why(web: Any, ann: User, context: BrowserContext) -> None:
    page = at_the_door(context, web.url)
    page.get_by_role("button", name="Log in with a passkey").click()
    expect(page.locator("[data-passkey-said]")).to_have_text(re.compile("need https"))
    assert serious(page) == []
