"""A real browser on a real web process over the test's own database, at the end of a played morning."""

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest
from django.conf import settings as standing
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.models import User
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.database import ROOT
from tests.people import make_person, session_of
from tests.played_day import PlayedDay, ordinary_day
from tests.ports import free_port

# the synchronous driver runs a loop of its own in this thread; Django would refuse its own queries here
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
WEB = "web under test"  # what its connections to the database are called
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


def wait_until(page: Page, there: Callable[[], bool]) -> None:
    """The page goes on meanwhile."""
    for _ in range(100):
        if there():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not come within ten seconds")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's own browser where there is one, gone before a test of another folder runs.

    While the driver lives its loop counts as running in this thread: asynchronous tests would be refused.
    """
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
        yield started
        started.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context()
    yield made
    made.close()


@dataclass
class Web:
    """The web process, started and stopped as often as a test wants."""

    environment: dict[str, str]
    port: int
    log: Path
    process: "subprocess.Popen[bytes] | None" = field(default=None)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), "web", "--port", str(self.port)],
                env=self.environment | {"PGAPPNAME": WEB},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        until = time.monotonic() + 40
        while time.monotonic() < until and self.process.poll() is None:
            try:
                urllib.request.urlopen(f"{self.url}/healthz", timeout=2).close()
                return
            except (URLError, ConnectionError, TimeoutError):
                time.sleep(0.1)
        raise AssertionError(self.log.read_text())

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
        self.process = None


@pytest.fixture
def day(desk_environment: dict[str, str], settings: Any) -> PlayedDay:
    return ordinary_day(settings)


@pytest.fixture
def web(desk_environment: dict[str, str], day: PlayedDay, tmp_path: Path) -> Iterator[Web]:
    port = free_port()
    environment = {
        **desk_environment,
        "SECRET_KEY": standing.SECRET_KEY,
        "TRADINGDESK_CLOCK": standing.CLOCK,
        "TRADINGDESK_PORT": str(port),
        "TRADINGDESK_MODE": "sim",
        "TRADINGDESK_ENV_FILE": "",
        "TRADINGDESK_HASHED_STATIC": "yes",
    }
    made = Web(environment=environment, port=port, log=tmp_path / "web.log")
    try:
        made.start()
        yield made
    finally:
        made.stop()


def cookie_of(user: User, url: str) -> dict[str, Any]:
    return {"name": standing.SESSION_COOKIE_NAME, "value": session_of(user).session_key, "url": url}


@pytest.fixture
def ann(web: Web) -> User:
    # hashed as the web process hashes; the tests' own settings use a quicker way
    hasher = Argon2PasswordHasher()
    made = make_person("ann")
    made.password = hasher.encode("long-enough-for-ann", hasher.salt())
    made.save()
    return made


WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.violations.push(event.violatedDirective + " " + event.blockedURI);
});
"""


@pytest.fixture
def open_page(web: Web, ann: User, context: BrowserContext) -> Callable[[str], Page]:
    """A page of the desk, logged in; whatever breaks the policy or throws is noted."""
    context.add_cookies([cookie_of(ann, web.url)])
    context.add_init_script(WATCH)

    def opened(path: str, *, size: dict[str, int] = DESKTOP, theme: str = "light") -> Page:
        page = context.new_page()
        page.problems = []  # type: ignore[attr-defined]
        page.on("pageerror", lambda error: page.problems.append(str(error)))  # type: ignore[attr-defined]
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.goto(web.url + path)
        return page

    return opened
