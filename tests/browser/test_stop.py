"""The stop dialog in a real browser: one key, one press, and what became of each order."""

import os
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from apps.journal import clock
from apps.journal.ports import SYSTEM
from apps.risk.actions.set_stop import set_stop
from apps.risk.models import Stop, Stopping
from apps.runbook.breaking import watch_breakers
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_every_page import look_at

Opener = Callable[..., Page]


def shoot(page: Page, name: str) -> None:
    """For a person who wants to see it: TRADINGDESK_TEST_SHOTS=/some/folder."""
    folder = os.environ.get("TRADINGDESK_TEST_SHOTS")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


def clean(page: Page) -> None:
    wrong: list[str] = []
    look_at(page, wrong)
    assert wrong == []


def test_shift_k_opens_it_says_what_it_would_do_and_a_press_stops(open_page: Opener) -> None:
    page = open_page("/risk/")
    page.keyboard.press("Shift+K")
    expect(page.locator("#kill-numbers")).to_contain_text("working orders")
    expect(page.locator("input[name=level][value=cancel]")).to_be_focused()
    expect(page.locator("#kill-press")).to_contain_text("Cancel 8 and pause")
    clean(page)
    shoot(page, "kill-dialog")
    page.locator("#kill .btn.kill").click()
    expect(page.locator("#kill .stopping")).to_contain_text("halted")
    shoot(page, "kill-results")
    clean(page)
    assert Stop.objects.get(scope="global").level == "HALTED"
    assert Stopping.objects.get().by == "ann"


def test_flatten_without_its_word_does_nothing_and_says_so(open_page: Opener) -> None:
    page = open_page("/", size=PHONE)
    page.locator("[data-kill]").click()
    page.locator("input[name=level][value=flatten]").check()
    page.fill("#kill input[name=word]", "flat")
    shoot(page, "kill-phone")
    clean(page)
    page.locator("#kill .btn.kill").click()
    expect(page.locator("#kill-refused")).to_contain_text("Type FLATTEN")
    assert not Stopping.objects.exists()


def test_the_same_link_is_a_page_without_scripts(open_page: Opener) -> None:
    page = open_page("/stop/", size=DESKTOP)
    page.locator("main input[name=level][value=pause]").check()
    page.locator("main button.kill").click()
    expect(page.locator("main")).to_contain_text("reduce only")
    clean(page)


def test_the_risk_page_shows_levels_limits_and_breakers_in_both_themes(open_page: Opener) -> None:
    watch_breakers(clock.now())
    for theme in ("light", "dark"):
        page = open_page("/risk/", theme=theme)
        expect(page.locator("#breakers")).to_contain_text("Day loss")
        expect(page.locator("#stops")).to_contain_text("bracket-day")
        shoot(page, f"risk-{theme}")
        clean(page)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    shoot(page, "risk-phone")
    clean(page)


def test_the_pages_behind_it_are_clean(open_page: Opener) -> None:
    set_stop("HALTED", actor=SYSTEM, reason="drill")
    page = open_page("/stops/release/?scope=global")
    for path, name in (
        ("/stops/release/?scope=global", "release"),
        ("/risk/limits/change/", "limits"),
        ("/risk/breakers/day_loss/", "breaker"),
    ):
        page.goto("/".join(page.url.split("/", 3)[:3]) + path)
        shoot(page, name)
        clean(page)
