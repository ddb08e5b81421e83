"""An alarm in a real browser: the strip, one key that acknowledges, tones after a click, a mute one sees."""

from collections.abc import Callable

from django.db import transaction
from playwright.sync_api import APIResponse, Page, Route, expect

from apps.alerts.actions.open_alarm import open_alarm
from apps.alerts.actions.queue_message import queue_note
from apps.alerts.actions.save_channel import save_channel
from apps.alerts.facts import Fact, Note
from apps.alerts.models import Alarm, Channel
from apps.alerts.ports import FILL
from apps.journal.ports import SYSTEM
from tests.browser.conftest import PHONE, wait_until
from tests.browser.test_stop import clean, shoot

Opener = Callable[..., Page]


def test_an_alarm_rings_is_acknowledged_by_a_key_and_a_browser_can_be_muted(open_page: Opener) -> None:
    save_channel(Channel(), actor=SYSTEM, name="desk phone", url="desk-file:a.txt")
    save_channel(Channel(), actor=SYSTEM, name="chief", url="desk-file:b.txt", step=1, classes=["critical"])
    page = open_page("/notifications/")
    page.click("#sound-on")
    expect(page.locator("#sound-on")).to_have_text("Switch sound off")
    expect(page.locator("#sound-try")).to_be_enabled()
    expect(page.locator("body")).to_have_attribute("data-leads", "1")
    shoot(page, "notifications-light")
    clean(page)
    alarm = open_alarm(
        Fact(code="crisis", subject="1", text="Day loss: −2.3 % of the account. Trading is halted.")
    )
    expect(page.locator("#top .alarm")).to_contain_text("Crisis", timeout=6000)
    expect(page.locator("body")).to_have_attribute("data-last-tone", "critical", timeout=10000)
    expect(page.locator("#toasts")).to_contain_text("CRITICAL Crisis")
    page.keyboard.press("m")
    expect(page.locator("#muted")).to_have_text("Muted 0 min")
    page.goto(page.url.replace("/notifications/", "/alarms/"))
    expect(page.locator(f"#alarm-{alarm.pk}")).to_contain_text("CRITICAL")
    shoot(page, "alarms-light")
    clean(page)
    page.keyboard.press("a")
    expect(page.locator(f"#alarm-{alarm.pk}")).to_have_count(0)
    assert Alarm.objects.get(pk=alarm.pk).acknowledged_by == "ann"
    page.locator("#muted").click()
    expect(page.locator("#muted")).to_be_hidden()


def test_what_is_ticked_off_here_is_not_shown_here_and_the_phone_has_it_all(open_page: Opener) -> None:
    page = open_page("/notifications/", size=PHONE, theme="dark")
    page.check("[data-here='toast:fill']")
    with page.expect_response(lambda answer: "/alarms/news/" in answer.url):
        page.reload()
    expect(page.locator("[data-here='toast:fill']")).to_be_checked()
    with transaction.atomic():
        queue_note("f-1", Note(kind=FILL, code="fill", title="BUY 37 WEC at 115.79", subject="a:s"))
    open_alarm(Fact(code="page-failed", subject="/x/", text="E-1"))
    expect(page.locator("#toasts")).to_contain_text("BUY 37 WEC", timeout=6000)
    expect(page.locator("#toasts")).not_to_contain_text("E-1")
    shoot(page, "notifications-phone-dark")
    clean(page)
    page.goto(page.url.replace("/notifications/", "/runbooks/link-down/"))
    shoot(page, "runbook-phone-dark")
    page.goto(page.url.replace("/runbooks/link-down/", "/alarms/"))
    shoot(page, "alarms-phone-dark")
    clean(page)


def test_a_long_name_pushes_nothing_off_a_phone(open_page: Opener) -> None:
    name = "execution_plan_run_20261118_100009_a1b2c10f77.csv"
    open_alarm(Fact(code="file-refused", subject="f", text=f"{name}: The number must not be zero."))
    page = open_page("/", size=PHONE)
    for path in ("/", "/alarms/"):
        page.goto(f"{page.url.split('/', 3)[0]}//{page.url.split('/', 3)[2]}{path}")
        expect(page.locator("#main")).to_contain_text(name)
        rights = page.locator("#main :is(a, p, button)").evaluate_all(
            "all => all.map(one => one.getBoundingClientRect().right)"
        )
        assert max(rights) <= PHONE["width"], path


def test_what_is_told_while_an_answer_is_on_its_way_is_asked_for_again(open_page: Opener) -> None:
    page = open_page("/notifications/")
    page.check("[data-here='toast:fill']")

    held: list[tuple[Route, APIResponse]] = []
    page.route("**/alarms/news/**", lambda route: held.append((route, route.fetch())), times=1)
    page.reload()
    wait_until(page, lambda: bool(held))
    with transaction.atomic():
        queue_note("f-2", Note(kind=FILL, code="fill", title="SELL 5 ATO at 118.02", subject="a:t"))
    open_alarm(Fact(code="page-failed", subject="/y/", text="E-2"))
    page.wait_for_timeout(1500)  # its hint comes while the answer of before is on its way
    ((route, answer),) = held
    route.fulfill(response=answer)
    expect(page.locator("#toasts")).to_contain_text("SELL 5 ATO", timeout=6000)
