"""A countdown in a real browser: it is clean, it follows the server's clock, and x then Enter cancels it."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from apps.approvals.models import Request, Window
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_every_page import look_at
from tests.played_day import PlayedDay, let_it_walk

Opener = Callable[..., Page]


@pytest.fixture
def walking(day: PlayedDay, web: Any) -> Request:
    return let_it_walk(day)


def test_the_countdown_is_clean_and_its_cancel_is_in_the_thumbs_reach(
    open_page: Opener, walking: Request
) -> None:
    page = open_page(f"/walk/{walking.pk}/")
    wrong: list[str] = []
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        for size in (DESKTOP, PHONE):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            look_at(page, wrong)
    assert wrong == []
    box = page.locator("#walk .btn.big").bounding_box()
    assert box is not None and box["height"] >= 64 and box["width"] >= 350
    assert box["y"] > PHONE["height"] / 2 and box["y"] + box["height"] < PHONE["height"]


def test_the_digits_come_from_the_servers_deadline_whatever_the_machines_clock_says(
    open_page: Opener, walking: Request
) -> None:
    page = open_page("/")
    page.context.add_init_script("Date.now = () => 0")
    page.goto(page.url + f"walk/{walking.pk}/")
    Window.objects.update(row_version=9)
    shown = page.locator("#walk .countdown span").inner_text()
    minutes, seconds = (int(part) for part in shown.split(":"))
    assert 0 < 60 * minutes + seconds <= 60


def test_one_key_and_enter_cancel_it_from_any_page(open_page: Opener, walking: Request) -> None:
    page = open_page("/orders/")
    page.wait_for_selector(f"#count-{walking.pk}")
    page.keyboard.press("x")
    assert page.evaluate("document.activeElement.textContent").startswith("CANCEL")
    page.keyboard.press("Enter")
    expect(page.locator("#countdown-answer")).to_contain_text("Cancelled, nothing was sent.")
    page.evaluate("htmx.ajax('GET', '/walk/strip/', {target: '#countdowns', swap: 'morph:outerHTML'})")
    expect(page.locator("#countdown-answer")).to_contain_text("Cancelled, nothing was sent.")
    assert Request.objects.get(pk=walking.pk).state == "cancelled"
