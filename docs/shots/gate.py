"""Walk through the gate, the stop and the people of a fresh demo, as five people would, and take pictures.

    ./desk demo                                   (in one terminal)
    .venv/bin/python docs/shots/gate.py           (in another, after ./desk test has installed its packages)
    .venv/bin/python docs/shots/gate.py walk run  (some of it: limits, crawl, walk, run, viewer, stop)

A limit is cut by one person and raised by two; an approval is refused because the price moved, and given
again; a countdown is cancelled on a phone with three seconds left, another one is sent early; a grant of two
people lets a plan run; a viewer finds nothing to press; and with the web process dead, one line in a terminal
stops everything. Each step says what it has seen, and the script ends with an error where the desk does not
do it.
"""

import csv
import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright
from take import DESKTOP, OUT, PHONE, QUIET, ROOT, chromium, desk, shoot

sys.path.insert(0, str(ROOT))
from tradingdesk import env
from tradingdesk.domain.plans.bracket_csv import COLUMNS

MANAGE = str(ROOT / "manage.py")
PEOPLE = ("trader", "risk", "admin", "viewer")
LONG = 90_000.0  # milliseconds that a busy machine may take
BELOW = 0.86  # a limit there rests, wherever the simulated market has gone meanwhile
PRICES = {"DIS": 105.0, "MCD": 306.0, "NKE": 63.9, "IBM": 298.0}  # about where the simulator quotes them
LIMITS = {"order_notional": "60000", "daily_exposure": "90000", "gross_exposure": "400000"}
FORMS = "#main form[method=post]:not([action*='/views/'])"
AT_BROKER = re.compile("Submitted|Filled")
CANCEL_AT = "0:03"


@dataclass(frozen=True)
class Person:
    page: Page
    password: str
    desk: str  # where it stands


def ways_in() -> dict[str, tuple[str, str]]:
    """An address and a password for one of each role; all are asked for at once, each takes a while."""
    asked = {
        role: subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "entry", role],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for role in PEOPLE
    }
    found = {}
    for role, process in asked.items():
        said = process.communicate()[0]
        address, password = re.search(r"https?://\S+", said), re.search(r"with the password (\S+)", said)
        assert address and password, f"the demo lets no {role} in: {said}"
        found[role] = (address[0], password[1])
    return found


@contextmanager
def everybody(browser: Browser) -> Iterator[dict[str, Person]]:
    """Each in a browser of their own; the trader has a telephone as well."""
    people = {}
    for role, (address, password) in ways_in().items():
        context = browser.new_context(viewport=DESKTOP, color_scheme="light", locale="en-GB")
        people[role] = Person(context.new_page(), password, address.partition("/enter/")[0])
        people[role].page.goto(address)
        expect(people[role].page.locator("#main")).to_be_visible(timeout=LONG)
        leave(people[role])
    state = people["trader"].page.context.storage_state()
    context = browser.new_context(
        viewport=PHONE, color_scheme="dark", storage_state=state, locale="en-GB", has_touch=True
    )
    people["phone"] = replace(people["trader"], page=context.new_page())
    yield people


def go(person: Person, path: str) -> Page:
    person.page.goto(person.desk + path)
    return person.page


def leave(person: Person) -> None:
    """A page nobody looks at is shut, so that the next act has the machine for itself."""
    person.page.goto("about:blank")


def prove(person: Person, form: Locator) -> None:
    """The password once more where the page asks for it."""
    field = form.locator("input[name=proof]")
    if field.count():
        field.fill(person.password)


def see(what: str, found: bool) -> None:
    assert found, f"not seen: {what}"
    print(f"✓ {what}")


def eventually(look: Callable[[], bool], what: str, seconds: float = 90.0) -> None:
    until = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < until, f"never: {what}"
        time.sleep(0.2)


def desk_time() -> datetime:
    """Where the simulated day stands, in New York."""
    told = re.search(r"time: (\S+)", desk("sim", "status"))
    assert told, "the simulated gateway does not say what time it is"
    return datetime.fromisoformat(told[1]).astimezone(ZoneInfo("America/New_York"))


def hand_in(strategy: str, *symbols: str) -> None:
    """A plan of brackets that rest well below the market."""
    with tempfile.TemporaryDirectory(prefix="gate-") as folder:
        name = f"execution_plan_run_{desk_time():%Y%m%d_%H%M%S}_{secrets.token_hex(4)}.csv"
        path = Path(folder) / name
        with path.open("w", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(COLUMNS)
            size = 2 + secrets.randbelow(4)  # small, since the morning's plan takes most of the day's room
            below = BELOW - secrets.randbelow(200) / 10_000  # the same plan once more would be no new plan
            for symbol in symbols:
                price = PRICES[symbol] * below
                near = [f"{price * part:.2f}" for part in (0.97, 1.02, 1.04)]
                row = [symbol, "BUY", "LIMIT", f"{price:.2f}", str(size), *near]
                writer.writerow(row + [""] * (len(COLUMNS) - len(row)))
        said = desk("plan", "submit", str(path), "--strategy", strategy)
    print("  " + said.strip().replace("\n", "\n  "))


# what one person may do, and what takes two


def more_time(trader: Person) -> None:
    page = go(trader, "/review/")
    page.get_by_role("button", name=re.compile("^Hold")).click()
    expect(page.locator("#card-notice")).to_contain_text("Held", timeout=LONG)
    see("the plan was held for ten minutes", True)


def limits_by_two(people: dict[str, Person]) -> None:
    more_time(people["trader"])
    risk = people["risk"]
    change_limits(risk, {"order_notional": "1500"}, "a drill: nothing larger for a minute")
    see("a cut is in force at once", "is in force" in risk.page.locator("#main").inner_text())
    card = go(people["trader"], "/review/").locator("#card")
    expect(card).to_contain_text("Cannot be sent", timeout=LONG)
    see("the plan that waits cannot be sent any more", people["trader"].page.locator("#exec").count() == 0)
    change_limits(risk, LIMITS, "the drill is over, and the day may hold more", picture="gate-1-limit-effect")
    expect(risk.page.locator("#main")).to_contain_text("waits for a second person", timeout=LONG)
    see("the first person cannot confirm it", risk.page.get_by_text("Confirm and do it").count() == 0)
    second_yes(people["admin"], picture="gate-2-second-person")
    expect(go(people["trader"], "/review/").locator("#exec")).to_have_count(1, timeout=LONG)
    see("after the second yes the plan can be sent again", True)


def change_limits(person: Person, values: dict[str, str], why: str, *, picture: str = "") -> None:
    page = go(person, "/risk/limits/change/")
    for name, value in values.items():
        page.locator(f"#l-{name}").fill(value)
    page.locator("textarea[name=reason]").fill(why)
    page.get_by_role("button", name="Look at what it does").click()
    button = page.locator("button[name=act]")
    expect(button).to_be_visible(timeout=LONG)
    if picture:
        note = page.locator("form.panel .note").inner_text()
        see(
            f"its effect is stated: {note}",
            re.search(r"1 of 1 waiting plans would now pass", note) is not None,
        )
        shoot(page, picture)
    prove(person, page.locator("form.panel"))
    button.click()


def second_yes(person: Person, *, picture: str = "") -> None:
    page = go(person, "/seconds/")
    form = page.locator("form", has=page.get_by_role("button", name="Confirm and do it"))
    expect(form).to_have_count(1, timeout=LONG)
    if picture:
        shoot(page, picture)
    prove(person, form)
    form.get_by_role("button", name="Confirm and do it").click()
    expect(page.locator("#main")).to_contain_text("Confirmed and done", timeout=LONG)
    see("another person confirmed it", True)


# one plan through each phase


def crawl(people: dict[str, Person]) -> None:
    trader = people["trader"]
    page = go(trader, "/review/")
    page.locator("#exec").wait_for()
    leg = page.locator("#card tbody tr[id^=leg-]").first
    symbol = leg.locator("th").inner_text().split()[0]
    words = str(page.locator("#exec").get_attribute("data-words"))
    desk("sim", "shift", symbol, "1.4")
    eventually(lambda: moved(leg) > 1.2, "the move is told on the open card")
    execute(trader, words)
    expect(page.locator("#card-notice")).to_contain_text(f"{symbol} moved", timeout=LONG)
    expect(page.locator("#card-notice")).to_contain_text("Nothing was sent")
    page.evaluate("scrollTo(0, 0)")
    shoot(page, "gate-3-price-moved")
    see(f"refused: {page.locator('#card-notice').inner_text()}", True)
    anew = str(page.locator("#exec").get_attribute("data-words"))
    see("the card came back with a new challenge", anew != words)
    execute(trader, anew)
    expect(page.locator("#exec")).to_have_count(0, timeout=LONG)
    expect(page.locator("#card")).to_contain_text("pproved", timeout=LONG)
    page.evaluate("scrollTo(0, 0)")
    shoot(page, "gate-4-approved")
    see("approved again at the new prices", True)


def moved(leg: Locator) -> float:
    """By how many per cent the market has left the price that the card has frozen."""
    cell = leg.locator("[data-cell]").first
    now = re.search(r"now ([\d,.]+)", cell.get_attribute("title") or "")
    before = float(cell.inner_text().replace(",", ""))
    return 100 * (float(now[1].replace(",", "")) / before - 1) if now else 0.0


def execute(person: Person, words: str) -> None:
    page = person.page
    prove(person, page.locator("form[data-approve]"))
    page.locator("#exec").fill(words)
    page.keyboard.press("Enter")


def walk(people: dict[str, Person]) -> None:
    """Cancelled with three seconds left on a telephone; the next one is sent early."""
    trader, phone = people["trader"], people["phone"]
    go(trader, "/orders/")
    hand_in("bracket-walk", "DIS", "MCD")
    strip = trader.page.locator("#countdowns li").first
    expect(strip).to_contain_text("sends", timeout=LONG)
    number = str(strip.get_attribute("id")).removeprefix("count-")
    go(phone, f"/walk/{number}/")
    digits = phone.page.locator("#walk .countdown span")
    shoot(phone.page, "gate-5-countdown-phone")
    digits_reach(phone.page, CANCEL_AT)
    button = phone.page.locator("#walk .btn.big")
    box = button.bounding_box()
    left = digits.inner_text()
    button.tap()
    expect(phone.page.locator("#walk")).to_contain_text("nothing was sent", timeout=LONG)
    see(f"cancelled at {left} on the telephone: nothing was sent", True)
    see(
        "CANCEL is 64 pixels high and in the lower half", bool(box and box["height"] >= 64 and box["y"] > 422)
    )
    shoot(phone.page, "gate-6-cancelled-phone")
    hand_in("bracket-walk", "NKE")
    expect(strip).to_contain_text("sends", timeout=LONG)
    number = str(strip.get_attribute("id")).removeprefix("count-")
    send_now(trader, number)


def digits_reach(page: Page, wanted: str) -> None:
    look = "(wanted) => document.querySelector('#walk .countdown span').textContent <= wanted"
    page.wait_for_function(look, arg=wanted, timeout=LONG)


def send_now(trader: Person, number: str) -> None:
    page = go(trader, f"/walk/{number}/")
    page.get_by_role("button", name=re.compile("Send now")).first.click()
    dialog = page.locator("#send-now")
    if dialog.count() and dialog.is_visible():
        prove(trader, dialog)
        dialog.get_by_role("button", name="Send now").click()
    expect(page.locator("#h-clock")).to_contain_text("Released at", timeout=LONG)
    see("the next one was sent early, by a proof", True)
    expect(page.locator("#walk .order-text")).to_contain_text(AT_BROKER, timeout=LONG)
    shoot(page, "gate-7-released")


def run(people: dict[str, Person]) -> None:
    """Two people grant, the plan goes by itself, one click takes the grant back."""
    risk = people["risk"]
    page = go(risk, "/strategies/")
    form = page.get_by_label("Grant to bracket-run")
    form.locator("input[name=cap]").fill("20000")
    form.locator("input[name=reason]").fill("one quiet morning")
    prove(risk, form)
    form.get_by_role("button", name="Ask for the grant").click()
    expect(page.locator("#main")).to_contain_text("another person confirms", timeout=LONG)
    second_yes(people["admin"])
    hand_in("bracket-run", "IBM")
    orders = go(people["trader"], "/orders/?q=IBM").locator("#blotter")
    expect(orders).to_contain_text(AT_BROKER, timeout=LONG)
    see("under the grant it went by itself", True)
    page = go(risk, "/strategies/")
    panel = page.locator("section.panel", has=page.get_by_role("heading", name=re.compile("bracket-run")))
    see("what was used of the grant is shown", "of 20,000" in panel.inner_text())
    shoot(page, "gate-8-grant")
    panel.get_by_role("button", name="End the grant").click()
    expect(page.locator("#main")).to_contain_text("The grant has ended", timeout=LONG)
    see("one click ended the grant", True)


# who may not, and what still works when nothing does


def nothing_to_press(people: dict[str, Person]) -> None:
    """No form, and no stop; what is left are the filters that this person keeps for themselves."""
    for path in ("/", "/review/", "/walk/", "/orders/", "/positions/", "/risk/", "/strategies/", "/seconds/"):
        page = go(people["viewer"], path)
        page.locator("#main").wait_for()
        see(f"a viewer finds no form on {path}", page.locator(FORMS).count() == 0)
        see("  and no stop", page.locator("[data-kill]").count() == 0)
    shoot(go(people["viewer"], "/review/"), "gate-9-viewer")


def stop_without_web(people: dict[str, Person]) -> None:
    supervisor, web = processes("manage.py demo"), processes("manage.py web")
    assert len(supervisor) == 1 and web, "the demo runs as one supervisor with a web process"
    os.kill(supervisor[0], signal.SIGSTOP)  # it would start the web again
    try:
        for number in web:
            os.kill(number, signal.SIGKILL)
        done = subprocess.run([sys.executable, MANAGE, "stop"], cwd=ROOT, capture_output=True, text=True)
    finally:
        os.kill(supervisor[0], signal.SIGCONT)
    print("  " + done.stdout.strip().replace("\n", "\n  "))
    see(
        f"./desk stop with the web dead ends with {done.returncode}: every order is gone",
        done.returncode == 0,
    )
    risk = people["risk"]
    eventually(lambda: answers(risk.page, f"{risk.desk}/risk/"), "the web back again")
    expect(risk.page.locator("#stops")).to_contain_text("HALTED", ignore_case=True, timeout=LONG)
    shoot(risk.page, "gate-10-stopped")
    see("the Risk page shows the stop that the terminal has set", True)


def answers(page: Page, address: str) -> bool:
    try:
        answer = page.goto(address)
    except Exception as away:  # noqa: BLE001  the browser's own error for a port nobody listens at
        assert "ERR_CONNECTION" in str(away), away
        return False
    return bool(answer and answer.ok)


def processes(words: str) -> list[int]:
    """Of this demo alone: those whose environment names its home."""
    found = []
    for number in subprocess.run(["pgrep", "-f", words], capture_output=True, text=True).stdout.split():
        try:
            environment = Path(f"/proc/{number}/environ").read_bytes().decode(errors="replace")
        except OSError:
            continue
        home = re.search(r"TRADINGDESK_HOME=([^\0]*)", environment)
        if Path(home[1] if home else ROOT / "var") == env.home():
            found.append(int(number))
    return found


ACTS: dict[str, Callable[[dict[str, Person]], None]] = {
    "limits": limits_by_two, "crawl": crawl, "walk": walk, "run": run, "viewer": nothing_to_press,
    "stop": stop_without_web,
}  # fmt: skip


def main() -> None:
    assert OUT.is_dir()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        try:
            with everybody(browser) as people:
                for word in sys.argv[1:] or ACTS:
                    ACTS[word](people)
                    for person in people.values():
                        leave(person)
        finally:
            browser.close()
    print(desk("check_invariants"))


if __name__ == "__main__":
    main()
