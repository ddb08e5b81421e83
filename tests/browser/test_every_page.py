"""Every page, both themes and sizes: nothing breaks the policy or throws, axe finds nothing serious."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from apps.tickets.models import Ticket
from tests.browser.conftest import DESKTOP, PHONE

Opener = Callable[..., Page]
PAGES = (
    "/", "/review/", "/review/3/", "/review/1/", "/orders/", "/positions/", "/books/", "/plans/", "/plans/1/",
    "/plans/import/", "/walk/", "/strategies/", "/risk/", "/journal/", "/system/", "/seconds/",
    "/people/", "/tokens/", "/alarms/", "/notifications/", "/runbooks/", "/runbooks/link-down/",
    "/account/", "/more/", "/nowhere/",
    "/reconciliation/", "/reconciliation/?rows=all", "/reports/", "/execution/", "/scorecard/",
)  # fmt: skip


def serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{page.url} {one['id']}: {[node['html'][:160] for node in one['nodes'][:3]]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


def look_at(page: Page, wrong: list[str]) -> None:
    wrong += serious(page)
    wrong += [f"{page.url} policy: {text}" for text in page.evaluate("window.violations")]
    wrong += [f"{page.url} script: {text}" for text in page.problems]  # type: ignore[attr-defined]
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    wrong += [f"{page.url} is {width} px too wide"] if width > 0 else []


@pytest.mark.parametrize(
    ("theme", "size"),
    [
        pytest.param("light", DESKTOP, id="light-desktop"),
        pytest.param("dark", PHONE, id="dark-phone"),
        pytest.param("dark", DESKTOP, id="dark-desktop", marks=pytest.mark.deep),
        pytest.param("light", PHONE, id="light-phone", marks=pytest.mark.deep),
    ],
)
def test_every_page_is_clean(open_page: Opener, theme: str, size: dict[str, int]) -> None:
    unknown = Ticket.objects.filter(state="UNKNOWN").first()
    assert unknown is not None
    wrong: list[str] = []
    page = open_page("/", theme=theme, size=size)
    for path in (*PAGES, f"/orders/?open={unknown.key}"):
        page.goto(page.url.split("/", 3)[0] + "//" + page.url.split("/", 3)[2] + path)
        look_at(page, wrong)
    assert wrong == []


def test_the_login_and_an_error_page_are_clean_too(open_page: Opener, web: Any) -> None:
    page = open_page("/")
    page.goto("about:blank")  # what the Desk still asks for would bring a cookie of its own
    page.context.clear_cookies()
    page.goto(f"{web.url}/login/")
    wrong: list[str] = []
    look_at(page, wrong)
    assert wrong == []
    page.fill("input[name=login]", "ann")
    page.fill("input[name=password]", "long-enough-for-ann")
    page.press("input[name=password]", "Enter")
    page.wait_for_selector("#needs")


def test_the_desk_fits_one_screen(open_page: Opener) -> None:
    page = open_page("/", size=DESKTOP)
    assert page.evaluate("document.documentElement.scrollHeight") <= DESKTOP["height"]
    assert page.title() == "SIM ● MEDIUM · 1 to review · Desk"
    assert "icon-sim-alarm" in (page.get_attribute("#icon", "href") or "")
