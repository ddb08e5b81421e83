"""A browser for the bench: five tabs that note when a fill is on the screen, and what each page weighs.

`python -m tests.bench.screens weigh URL COOKIE PATH…` prints the weights. `watch URL COOKIE PATH TABS` says
ready, watches until its input ends, and prints for each row of the orders page when each tab first showed it
filled.
"""

import json
import os
import shutil
import sys

from playwright.sync_api import BrowserContext, Page, Playwright, sync_playwright

NO_BROWSER = 3  # the exit code that says that there is nothing to measure with
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
SETTLED_MS = 1500
WATCHER = """
    window.shown = {};
    const isFilled = (row) => /\\bfilled\\b/i.test(row.textContent);
    const look = (row) => {
        if (row.id in window.shown || !isFilled(row)) return;
        window.shown[row.id] = 0;
        requestAnimationFrame(() => requestAnimationFrame(() => {
            window.shown[row.id] = performance.timeOrigin + performance.now();
        }));
    };
    const rows = '#blotter tr[id^="o-"]';
    document.querySelectorAll(rows).forEach((row) => { if (isFilled(row)) window.shown[row.id] = -1; });
    new MutationObserver((changes) => {
        const touched = new Set();
        for (const { target, addedNodes } of changes) {
            for (const node of [target, ...addedNodes]) {
                const part = node.nodeType === 1 ? node : node.parentElement;
                if (part?.closest(rows)) touched.add(part.closest(rows));
                else if (node !== target) part?.querySelectorAll(rows).forEach((row) => touched.add(row));
            }
        }
        touched.forEach(look);
    }).observe(document.body, {childList: true, subtree: true, characterData: true});
"""


def enter(playwright: Playwright, url: str, cookie: str, *, times: int) -> list[BrowserContext]:
    """So many browser windows that know nobody's cache, all logged in."""
    own = shutil.which(os.environ.get("TRADINGDESK_TEST_CHROMIUM") or "chromium")
    browser = playwright.chromium.launch(executable_path=own, args=list(QUIET))
    contexts = [browser.new_context(viewport={"width": 1440, "height": 900}) for _ in range(times)]
    name, _, value = cookie.partition("=")
    for context in contexts:
        context.add_cookies([{"name": name, "value": value, "url": url}])
    return contexts


def weigh(playwright: Playwright, url: str, cookie: str, path: str) -> list[float]:
    """Kilobytes as they crossed the wire on a cold load: everything, and the page's own HTML."""
    (context,) = enter(playwright, url, cookie, times=1)
    page = context.new_page()
    sizes: dict[str, float] = {}
    page.on("requestfinished", lambda request: sizes.update({request.url: crossed(request)}))
    answer = page.goto(f"{url}{path}")
    page.wait_for_timeout(SETTLED_MS)
    if answer is None or answer.status != 200:
        raise RuntimeError(f"{path}: {answer.status if answer else 'no answer'}")
    context.browser.close()
    return [sum(sizes.values()), sizes[answer.url]]


def crossed(request: object) -> float:
    told = request.sizes()
    return (told["responseBodySize"] + told["responseHeadersSize"]) / 1000


def window(context: BrowserContext, opener: Page) -> Page:
    """A tab in a window of its own: one behind another draws a frame a second, and nobody sees it."""
    with context.expect_page() as opened:
        opener.evaluate("() => { window.open('about:blank', '_blank', 'popup,width=1440,height=900') }")
    return opened.value


def watch(playwright: Playwright, url: str, cookie: str, path: str, *, tabs: int) -> list[dict[str, float]]:
    (context,) = enter(playwright, url, cookie, times=1)
    opener = context.new_page()
    pages = [window(context, opener) for _ in range(tabs)]
    for page in pages:
        page.goto(f"{url}{path}")
        page.wait_for_selector("#blotter")
        page.wait_for_timeout(SETTLED_MS)
        page.evaluate(WATCHER)
    print("ready", flush=True)
    while sys.stdin.readline().strip() != "end":
        pass
    seen = [page.evaluate("window.shown") for page in pages]
    context.browser.close()
    return seen


def main(word: str, url: str, cookie: str, *rest: str) -> object:
    with sync_playwright() as playwright:
        if shutil.which("chromium") is None and not os.path.exists(playwright.chromium.executable_path):
            sys.exit(NO_BROWSER)
        if word == "weigh":
            return {path: weigh(playwright, url, cookie, path) for path in rest}
        return watch(playwright, url, cookie, rest[0], tabs=int(rest[1]))


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])), flush=True)
