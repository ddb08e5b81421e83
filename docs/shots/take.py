"""Take the documentation's pictures of a running demo, and walk one plan's whole way while doing so.

    ./desk demo                                   (in one terminal)
    .venv/bin/python docs/shots/take.py           (in another, after ./desk test has installed its packages)

The story: every page in both themes and sizes; EXECUTE is typed; brackets work and fill; the gateway loses
its own connection in the middle and finds it again; the link is killed and comes back. Nothing is posed.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
OUT = Path(__file__).resolve().parent
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
PAGES = {
    "desk": "/", "review": "/review/", "orders": "/orders/", "positions": "/positions/", "plans": "/plans/",
    "import": "/plans/import/", "books": "/books/", "reconciliation": "/reconciliation/",
    "reports": "/reports/",
    "execution": "/execution/", "scorecard": "/scorecard/", "strategies": "/strategies/", "risk": "/risk/",
    "people": "/people/", "notifications": "/notifications/", "alarms": "/alarms/", "account": "/account/",
    "journal": "/journal/", "system": "/system/",
}  # fmt: skip
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def desk(*words: str) -> str:
    """One word of ./desk, and what it answers."""
    command = [sys.executable, str(ROOT / "manage.py"), *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, f"./desk {' '.join(words)}: {done.stdout}{done.stderr}"
    return done.stdout


def chromium() -> str | None:
    return os.environ.get("TRADINGDESK_TEST_CHROMIUM") or shutil.which("chromium")


@contextmanager
def opened(browser: Browser, state: Path, *, theme: str, size: dict[str, int]) -> Iterator[Page]:
    context = browser.new_context(viewport=size, color_scheme=theme, storage_state=state, locale="en-GB")
    page = context.new_page()
    yield page
    context.close()


def shoot(page: Page, name: str) -> None:
    page.wait_for_timeout(700)
    page.screenshot(path=OUT / f"{name}.png")
    print(f"  {name}.png")


def every_page(browser: Browser, state: Path, address: str) -> None:
    for theme in ("light", "dark"):
        for word, size in (("", DESKTOP), ("-phone", PHONE)):
            with opened(browser, state, theme=theme, size=size) as page:
                for name, path in PAGES.items():
                    page.goto(address + path)
                    shoot(page, f"{name}{word}-{theme}")
                page.goto(f"{address}/reports/")
                page.locator("#main tbody th a").first.click()
                shoot(page, f"report{word}-{theme}")


def one_plan(browser: Browser, state: Path, address: str) -> None:
    """From EXECUTE to the fills, with the gateway's plug pulled in between."""
    with opened(browser, state, theme="light", size=DESKTOP) as page:
        page.goto(f"{address}/review/")
        words = page.locator("#exec").get_attribute("data-words")
        assert words, "no plan waits for EXECUTE; start a fresh demo"
        page.locator("#exec").fill(words)
        shoot(page, "story-1-typed")
        page.keyboard.press("Enter")
        expect(page.locator("#exec")).to_have_count(0, timeout=15_000)
        shoot(page, "story-2-approved")
        page.goto(f"{address}/orders/")
        expect(page.locator("#blotter .state.done").nth(3)).to_be_visible(timeout=60_000)
        page.locator("#blotter tr", has=page.locator(".state.done")).first.locator("a[data-open]").click()
        expect(page.locator("#life h2")).to_be_visible(timeout=10_000)
        shoot(page, "story-3-filled")
        page.goto(f"{address}/")
        desk("sim", "link", "1100")
        expect(page.locator("#link-banner .banner")).to_be_visible(timeout=15_000)
        shoot(page, "story-4-plug-pulled")
        desk("sim", "link", "1102")
        expect(page.locator("#link-banner .banner")).to_have_count(0, timeout=30_000)
        shoot(page, "story-5-recovered")
        kill_link(until=page.locator("#link-banner .banner"))
        shoot(page, "story-6-link-killed")
        expect(page.locator("#link-banner .banner")).to_have_count(0, timeout=60_000)
        shoot(page, "story-7-link-back")
    print(desk("check_invariants"))


def kill_link(*, until: Locator) -> None:
    """It is back within seconds, and may be before the desk misses it: then it is killed once more."""
    named = f"{ROOT}/manage.py run_broker_link"
    for _ in range(40):
        found = subprocess.run(["pgrep", "-f", named], capture_output=True, text=True)
        for pid in found.stdout.split():
            os.kill(int(pid), 9)
        until.page.wait_for_timeout(500)
        if until.is_visible():
            return
    raise AssertionError("the desk does not say that its link is gone")


def main() -> None:
    entry = re.search(r"(https?://[^/]+)(/\S+)", desk("entry"))
    assert entry, "the demo does not run"
    address, path = entry[1], entry[2]
    state = OUT / ".signed-in.json"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        page = browser.new_page()
        page.goto(address + path)
        page.locator("#main").wait_for()
        page.context.storage_state(path=state)
        try:
            every_page(browser, state, address)
            one_plan(browser, state, address)
        finally:
            state.unlink()
            browser.close()


if __name__ == "__main__":
    main()
