"""Watch a day of the demo: a difference is worked to its end, a session plays, its report is read and signed.

    ./desk demo                                   (in one terminal)
    .venv/bin/python docs/shots/day.py case       (in another, after ./desk test has installed its packages)
    ./desk demo --speed 120                       (a fresh one)
    .venv/bin/python docs/shots/day.py session

`case`: a position is closed behind the desk's back; the desk says so, a person looks into it and adopts the
broker's word, and the next comparison passes. `session`: submit, fills, exits, market-on-close, report and
the scorecard's row, each seen on the screen; the report is printed and signed.
"""

import json
import re
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright
from take import DESKTOP, QUIET, chromium, desk, shoot

LONG = 180_000.0  # milliseconds that a busy machine may take
REASON = "sold by hand in TWS this morning, seen in its log"
PASS = re.compile("pass [0-9]", re.I)  # the verdict, with its age
HELD = {265598: "AAPL", 272093: "MSFT"}
STEPS = ("Submit", "Close out", "Verify flat")


def see(what: str, found: bool = True) -> None:
    assert found, f"not seen: {what}"
    print(f"✓ {what}")


def entered(browser: Browser) -> tuple[Page, str]:
    found = re.search(r"(https?://[^/]+)(/\S+)", desk("entry"))
    assert found, "the demo does not run"
    page = browser.new_context(viewport=DESKTOP, color_scheme="light", locale="en-GB").new_page()
    page.goto(found[1] + found[2])
    expect(page.locator("#main")).to_be_visible(timeout=LONG)
    return page, found[1]


def case(page: Page, at: str) -> None:
    """From the first comparison that differs to the first one that passes again."""
    page.goto(f"{at}/reconciliation/")
    expect(page.locator("#judged")).to_contain_text(PASS, timeout=LONG)
    see("the books agree before anything is done")
    sold = close_behind_its_back()
    row = page.locator("#cases tbody tr").first
    expect(row).to_be_visible(timeout=LONG)
    expect(page.locator("#judged")).not_to_contain_text(PASS, timeout=LONG)
    see(f"{sold}, sold by another hand, are a case: {' '.join(row.inner_text().split())}")
    shoot(page, "day-1-case")
    row.locator("a").click()
    page.get_by_role("button", name="Ask the broker again").click()
    see("the broker was asked again, and the case stands", page.locator("#case .badge").count() == 1)
    adopt = page.locator("section[aria-labelledby=h-adopt]")
    adopt.locator("textarea[name=reason]").fill(REASON)
    adopt.locator("input[name=word]").fill("ADOPT")
    adopt.get_by_role("button", name="Adopt").click()
    expect(page.locator("#case")).to_contain_text("CLOSED", timeout=LONG)
    see(
        "the broker's count was adopted under a name and a reason",
        REASON in page.locator("#acts").inner_text(),
    )
    shoot(page, "day-2-adopted")
    page.goto(f"{at}/reconciliation/")
    expect(page.locator("#judged")).to_contain_text(PASS, timeout=LONG)
    see("the next comparison passes")


def close_behind_its_back() -> str:
    """All shares of what the account holds are sold by an order that no client knows."""
    told = [json.loads(line) for line in desk("sim", "positions").splitlines()]
    held = {row["con_id"]: int(row["quantity"]) for row in told}
    con_id = next(one for one in HELD if held.get(one, 0) > 0)
    bid = re.search(r"bid: (\S+)", desk("sim", "quote", HELD[con_id]))
    assert bid, f"nobody quotes {HELD[con_id]}"
    desk("sim", "foreign", HELD[con_id], "side=SELL", f"shares={held[con_id]}", f"price={bid[1]}")
    return f"{held[con_id]} {HELD[con_id]} at {bid[1]}"


def session(page: Page, at: str) -> None:
    """Each step is seen on the Desk's own timeline, never asked of the tables."""
    page.goto(at)
    for step in STEPS:
        line = page.locator("#today li.done", has_text=step)
        expect(line).to_have_count(1, timeout=5 * LONG)
        see(" ".join(line.inner_text().split()))
    shoot(page, "day-3-flat")
    report(page, at)


def report(page: Page, at: str) -> None:
    expect(page.locator("#today li.done", has_text="Report")).to_have_count(1, timeout=LONG)
    page.goto(f"{at}/reports/")
    newest = page.locator("#main tbody th a").first
    day = " ".join(newest.inner_text().split()[:3])
    newest.click()
    expect(page.locator("h2", has_text="Sign-off")).to_be_visible(timeout=LONG)
    see(f"the report: {page.title()}")
    with tempfile.TemporaryDirectory(prefix="day-") as folder:
        paper = Path(folder) / "report.pdf"
        page.pdf(path=paper, format="A4")
        see(f"it prints to A4, {paper.stat().st_size:,} bytes", paper.read_bytes().startswith(b"%PDF"))
    page.get_by_role("button", name=re.compile("^Sign version")).click()
    expect(page.locator("section[aria-labelledby=h-sign]")).not_to_contain_text(
        "Nobody has signed", timeout=LONG
    )
    see("it is signed")
    shoot(page, "day-4-signed")
    page.goto(f"{at}/scorecard/")
    expect(page.locator("#main")).to_contain_text(day, timeout=LONG)
    see(f"the scorecard counts {day}")


def main() -> None:
    acts = {"case": case, "session": session}
    wanted = sys.argv[1:] or ["case"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        page, at = entered(browser)
        for name in wanted:
            acts[name](page, at)
        browser.close()


if __name__ == "__main__":
    main()
