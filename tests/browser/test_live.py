"""What happens shows without a reload; what cannot be seen any more is said, and the safe acts still work."""

import re
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from playwright.sync_api import APIResponse, BrowserContext, Page, Route, WebSocketRoute, expect

from apps.approvals.models import Request
from apps.broker.models import Ask, Intent, LinkState
from apps.desks.models import Account
from apps.journal import clock
from apps.journal.ports import Actor
from apps.operators.actions.second_word import ask_second, decline_second
from apps.operators.pages.asking import PROVED_AT
from apps.reconciliation.models import Run, Standing
from apps.risk.queries import limits_in_force
from apps.tickets.models import Ticket
from tests.browser.conftest import PHONE, WEB, wait_until
from tests.people import make_person
from tests.played_day import PlayedDay
from tests.road.desk import eventually

GROUPS = "[...document.querySelectorAll('#blotter tbody')].map((body) => [...body.rows].map(({ id }) => id))"
Opener = Callable[..., Page]


def waiting() -> Request:
    return Request.objects.get(state="proposed")


def answer_once(page: Page, address: str, body: str) -> None:
    page.route(address, lambda route: route.fulfill(body=body), times=1)


def body_of(group: list[str]) -> str:
    """A group of the blotter as it is sent to a screen that shows all of its rows."""
    rows = "".join(f"<tr id='{name}' data-same></tr>" for name in group)
    return f"<tbody><tr class='group'><th>{len(group)}</th></tr>{rows}</tbody>"


def is_shown(page: Page, read: str, wanted: Any) -> bool:
    return bool(page.evaluate(read) == wanted)


def type_execute(page: Page, request: Request) -> None:
    page.locator("#exec").fill(f"EXECUTE {request.challenge}")


def test_a_fill_and_a_price_show_without_a_reload(open_page: Opener, day: PlayedDay) -> None:
    page = open_page("/")
    page.evaluate("window.same = true")
    expect(page.locator("#fills-tile")).to_contain_text("4 today")
    intent = Intent.objects.get(ticket__key="1-2A")
    day.fill(intent, 8, "148.19")
    expect(page.locator("#fills-tile")).to_contain_text("5 today", timeout=4000)
    expect(page.locator("#w-1-2A")).to_have_count(0)
    day.quote("NVDA", "192.50")
    row = page.locator("#positions-tile tr", has_text="NVDA")
    expect(row.locator("[data-cell$=':last']")).to_have_text("192.50", timeout=4000)
    assert page.evaluate("window.same") is True


def test_a_clock_goes_at_the_pace_that_its_screen_was_told(open_page: Opener, day: PlayedDay) -> None:
    page = open_page("/")

    def faster(socket: WebSocketRoute) -> None:
        desk = socket.connect_to_server()
        desk.on_message(lambda told: socket.send(re.sub(r'"speed": ?1\.0', '"speed": 60', str(told))))

    page.route_web_socket(re.compile("/feed/"), faster)
    page.reload()
    page.wait_for_timeout(1500)
    parts = "document.querySelector('[data-clock]').textContent.split(':')"
    read = f"{parts}.reduce((sum, part) => sum * 60 + Number(part))"
    before = page.evaluate(read)
    page.wait_for_timeout(2000)
    assert 60 < (page.evaluate(read) - before) % 86400 < 240


def test_a_fill_changes_its_own_row_and_leaves_the_others(open_page: Opener, day: PlayedDay) -> None:
    page = open_page("/orders/")
    page.evaluate("for (const row of document.querySelectorAll('#blotter tr')) row.before = row.innerHTML")
    bodies: list[str] = []
    page.on(
        "response", lambda answer: bodies.append(answer.text()) if "/orders/rows/" in answer.url else None
    )
    day.fill(Intent.objects.get(ticket__key="1-2A"), 8, "148.19")
    expect(page.locator("#o-1-2A")).to_contain_text("Filled", timeout=4000)
    expect(page.locator("#blotter-counts")).to_have_text("12 orders · 5 fills")
    kept = page.evaluate(
        "[...document.querySelectorAll('#blotter tr[id]')].map((row) => [row.id, !!row.before])"
    )
    assert len(kept) == 12 and all(before for _, before in kept)
    assert bodies and bodies[-1].count("data-same") >= 10
    assert page.locator("#blotter [data-same]").count() == 0
    assert all(row.inner_text().strip() for row in page.locator("#blotter tr[id]").all())


def test_rows_come_in_any_order_and_groups_and_stay_the_rows_they_were(
    open_page: Opener, day: PlayedDay
) -> None:
    page = open_page("/orders/")
    page.evaluate("for (const row of document.querySelectorAll('#blotter tr[id]')) row.before = true")
    names = page.evaluate("[...document.querySelectorAll('#blotter tr[id]')].map((row) => row.id)")
    html = page.evaluate("document.getElementById('blotter').outerHTML")
    head, _, foot = re.split(r"(<tbody>.*</tbody>)", html, flags=re.DOTALL)
    chance = Random(11)
    for groups in (1, 1, 2, 1, 3, 2):
        chance.shuffle(names)
        split = [names[group::groups] for group in range(groups)]
        answer_once(page, "**/orders/rows/**", head + "".join(body_of(group) for group in split) + foot)
        with page.expect_response("**/orders/rows/**"):
            page.evaluate("document.body.dispatchEvent(new CustomEvent('topic:orders'))")
        expect(page.locator("#blotter tbody")).to_have_count(groups)
        wait_until(page, partial(is_shown, page, GROUPS, [["", *group] for group in split]))
    kept = "[...document.querySelectorAll('#blotter tr[id]')].every((row) => row.before && row.cells[5])"
    assert page.evaluate(kept) is True
    assert page.problems == []  # type: ignore[attr-defined]


def test_a_panel_asks_once_for_a_hint_that_speaks_of_two_of_its_topics(
    open_page: Opener, day: PlayedDay
) -> None:
    page = open_page("/orders/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/orders/rows/" in request.url else None)
    with page.expect_response("**/orders/rows/**"):
        day.fill(Intent.objects.get(ticket__key="1-2A"), 8, "148.19")
    expect(page.locator("#o-1-2A")).to_contain_text("Filled", timeout=4000)
    page.wait_for_timeout(400)
    assert len(asked) == 1


def test_a_panel_that_comes_back_as_it_was_is_left_alone(open_page: Opener, day: PlayedDay) -> None:
    page = open_page("/")
    page.evaluate("window.swapped = []")
    page.evaluate("document.body.addEventListener('htmx:afterSwap', (e) => window.swapped.push(e.target.id))")
    for times in (1, 2, 3):
        with page.expect_response("**/strategies/") as _:
            page.evaluate("document.body.dispatchEvent(new CustomEvent('topic:plans'))")
        page.wait_for_timeout(300 * times)
    assert page.evaluate("window.swapped.filter((id) => id === 'strategies-tile').length") == 1


def test_pages_go_on_when_the_database_has_cut_every_connection(open_page: Opener, day: PlayedDay) -> None:
    page = open_page("/orders/")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = %s",
            [WEB],
        )
        assert cursor.fetchone()[0] >= 2
    page.reload()
    expect(page.locator("#blotter tr[id]")).to_have_count(12)
    day.fill(Intent.objects.get(ticket__key="1-2A"), 8, "148.19")
    expect(page.locator("#o-1-2A")).to_contain_text("Filled", timeout=8000)


def test_the_exact_words_send_and_the_card_follows(open_page: Opener, day: PlayedDay) -> None:
    request = waiting()
    page = open_page("/review/")
    send = page.locator("[data-send]")
    page.keyboard.press("e")
    expect(page.locator("#exec")).to_be_focused()
    page.locator("#exec").fill("EXECUTE")
    expect(send).to_be_disabled()
    day.quote_all(moved="0.35")
    type_execute(page, request)
    expect(send).to_be_enabled()
    page.keyboard.press("Enter")
    expect(page.locator("#card")).to_contain_text("Approved", timeout=6000)
    expect(page.locator("#exec")).to_have_count(0)
    assert Ticket.objects.filter(request=request, state="RELEASED").count() == 6
    day.send(request)
    expect(page.locator("#card")).to_contain_text("Sending", timeout=4000)
    expect(page.locator(".nav [data-waiting-count]")).to_be_hidden()


def test_where_nothing_waited_the_next_plan_s_card_comes_by_itself(open_page: Opener, day: PlayedDay) -> None:
    day.reject(waiting(), "Not this session")
    page = open_page("/review/")
    expect(page.locator("#main")).to_contain_text("Nothing waits")
    day.propose(day.plan(("LNT", "66.31", 20), name="execution_plan_run_20261118_104000_e5f6.csv"))
    expect(page.locator("#card")).to_contain_text("LNT", timeout=6000)


def test_a_card_comes_though_an_older_answer_was_on_its_way(open_page: Opener, day: PlayedDay) -> None:
    day.reject(waiting(), "Not this session")
    page = open_page("/review/")
    expect(page.locator("#main")).to_contain_text("Nothing waits")
    page.wait_for_load_state("networkidle")  # what the rejection told has been asked for
    held: list[tuple[Route, APIResponse]] = []
    page.route("**/review/", lambda route: held.append((route, route.fetch())), times=1)
    page.evaluate("document.body.dispatchEvent(new CustomEvent('topic:review'))")
    wait_until(page, lambda: bool(held))
    day.propose(day.plan(("LNT", "66.31", 20), name="execution_plan_run_20261118_104000_e5f7.csv"))
    page.wait_for_timeout(1500)  # its hint comes while the answer of before is on its way
    ((route, answer),) = held
    route.fulfill(response=answer)
    expect(page.locator("#card")).to_contain_text("LNT", timeout=6000)


def test_a_plan_s_own_page_follows_what_becomes_of_it(open_page: Opener, day: PlayedDay) -> None:
    day.reject(waiting(), "Not this session")
    plan = day.plan(("LNT", "66.31", 20), name="execution_plan_run_20261118_104000_e5f8.csv")
    page = open_page(f"/plans/{plan.pk}/")
    expect(page.locator("#plan-head")).to_contain_text("being judged")
    day.reject(day.propose(plan), "Not this session")
    expect(page.locator("#plan-head")).to_contain_text("rejected", timeout=6000)
    expect(page.locator("#plan-head")).to_contain_text("Its review")


def test_a_question_comes_by_itself_and_leaves_a_typed_proof_alone(
    open_page: Opener, context: BrowserContext, day: PlayedDay
) -> None:
    (cookie,) = [one for one in context.cookies() if one["name"] == settings.SESSION_COOKIE_NAME]
    session = SessionStore(cookie["value"])
    del session[PROVED_AT]  # what a yes needs is asked for on the page
    session.save()
    page = open_page("/seconds/")
    expect(page.locator("#seconds")).to_contain_text("Nothing waits for a second person")
    bob = Actor("user", make_person("bob", "risk").username)
    looser = {"scope": "global", "values": {"order_rate": Decimal(99)}, "based_on": limits_in_force().version}
    first = ask_second("change_limits", looser, by=bob, reason="a longer list", now=clock.now())
    expect(page.locator("#seconds")).to_contain_text("a longer list", timeout=6000)
    proof = page.locator(f"#proof-{first.pk}")
    proof.fill("half a pass")
    again = ask_second("change_limits", looser, by=bob, reason="a longer one yet", now=clock.now())
    expect(page.locator("#seconds")).to_contain_text("a longer one yet", timeout=6000)
    expect(proof).to_have_value("half a pass")
    decline_second(again.pk, by=bob, now=clock.now())
    expect(page.locator("#seconds")).to_contain_text("declined by bob", timeout=6000)


def test_an_age_that_became_a_badge_is_written_over_no_more(open_page: Opener, day: PlayedDay) -> None:
    """The verdict's badge takes the place of an element that told an age; a halt once read NaN:NaN."""

    def compare(level: str) -> None:
        account, now = Account.objects.get(), clock.now()
        for about in ("orders", "books"):
            Run.objects.create(account=account, about=about, at=now, level=level, reason_code="TOLD_HERE")
        Standing.objects.update_or_create(account=account, defaults={"level": level, "since": now})

    compare("PASS")
    page = open_page("/reconciliation/")
    age = page.locator("#judged dd").first.locator("[data-since]")
    expect(age).to_have_text(re.compile("[2-9] s"), timeout=8000)
    compare("EMERGENCY")
    with page.expect_response("**/reconciliation/"):
        page.evaluate("document.body.dispatchEvent(new CustomEvent('topic:reconciliation'))")
    badge = page.locator("#judged .badge")
    expect(badge).to_have_text("EMERGENCY")
    page.wait_for_timeout(2200)
    expect(badge).to_have_text("EMERGENCY")
    expect(age).to_have_text(re.compile(r"^[1-9] s$"))


def test_a_change_of_the_link_clears_the_typed_line_and_says_so(open_page: Opener, day: PlayedDay) -> None:
    page = open_page("/review/")
    type_execute(page, waiting())
    LinkState.objects.update(state="down", reason="the socket closed", since=clock.now())
    expect(page.locator("#card")).to_contain_text("Cannot be sent", timeout=5000)
    expect(page.locator("#card-notice")).to_contain_text("the broker link")
    expect(page.locator("#exec")).to_have_count(0)
    expect(page.locator("#link-banner")).to_contain_text("Broker connection down")
    assert waiting().state == "proposed"


def test_a_silent_link_is_said_to_be_silent(open_page: Opener, day: PlayedDay) -> None:
    page = open_page("/orders/?open=1-1BT")
    LinkState.objects.update(beat_at=clock.now())
    expect(page.locator("#link-banner")).to_contain_text("does not report", timeout=12000)
    expect(page.locator("#top .alarm")).to_contain_text("CRITICAL")
    assert page.title().startswith("SIM ● CRITICAL")
    page.locator("#life button.stop").click()
    expect(page.locator("#life")).to_contain_text("The cancel is on the way")
    assert Ask.objects.filter(intent__ticket__key="1-1BT", sent_at=None).count() == 1


def test_a_lost_web_process_is_said_and_found_again(open_page: Opener, web: Any, day: PlayedDay) -> None:
    page = open_page("/review/")
    type_execute(page, waiting())
    expect(page.locator("[data-send]")).to_be_enabled()
    web.stop()
    expect(page.locator("#feed-lost")).to_be_visible(timeout=9000)
    expect(page.locator("#feed-lost")).to_contain_text("cancel still works")
    expect(page.locator("#exec")).to_be_disabled()
    expect(page.locator("[data-send]")).to_be_disabled()
    web.start()
    day.quote_all(moved="0.20")
    expect(page.locator("#feed-lost")).to_be_hidden(timeout=15000)
    expect(page.locator("#toasts")).to_contain_text("Reconnected")


def test_cancel_works_from_a_page_that_has_lost_its_feed(open_page: Opener, day: PlayedDay) -> None:
    page = open_page("/orders/?open=1-1BT")
    page.context.route_web_socket(re.compile("/feed/"), lambda socket: None)
    page.reload()
    expect(page.locator("#feed-lost")).to_be_visible(timeout=9000)
    page.keyboard.press("x")
    page.keyboard.press("x")
    expect(page.locator("#life")).to_contain_text("The cancel is on the way")
    assert Ask.objects.filter(intent__ticket__key="1-1BT").count() == 1


def test_a_day_is_walked_with_the_keyboard_alone(open_page: Opener) -> None:
    page = open_page("/")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    page.keyboard.press("g")
    page.keyboard.press("o")
    page.wait_for_url("**/orders/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#life .timeline")).to_be_visible()
    expect(page.locator("#blotter tr[aria-selected=true]")).to_have_count(1)
    page.keyboard.press("/")
    page.keyboard.type("WEC")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=WEC**")
    expect(page.locator("#blotter tbody tr[data-href]")).to_have_count(6)
    page.keyboard.press("Escape")


@pytest.mark.deep
def test_each_letter_of_the_navigation_leads_to_its_page(open_page: Opener) -> None:
    page = open_page("/")
    links = page.locator(".nav a")
    wanted = [(one.get_attribute("data-go"), one.get_attribute("href")) for one in links.all()]
    assert len({key for key, _ in wanted}) == len(wanted) > 10
    for key, href in [one for one in wanted if one[1] in ("/books/", "/reconciliation/", "/people/")]:
        page.keyboard.press("g")
        page.keyboard.press(str(key))
        page.wait_for_url(f"**{href}")


@pytest.mark.deep
def test_a_key_shows_other_time_in_the_tables_and_letters_can_be_switched_off(open_page: Opener) -> None:
    page = open_page("/journal/")
    times = page.locator("#main tbody td.nowrap").first
    shown = times.inner_text()
    for _ in range(2):
        with page.expect_navigation():
            page.keyboard.press("t")
        zone = page.locator("#set-primary_zone").get_attribute("data-zone")
        if zone == "UTC":
            break
    assert zone == "UTC" and times.inner_text()[-8:-5] != shown[-8:-5]
    page.keyboard.press("?")
    page.locator("#letters").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_hidden()


def test_rejecting_asks_for_a_reason_first(open_page: Opener) -> None:
    page = open_page("/review/3/", size=PHONE)
    page.keyboard.press("r")
    expect(page.locator("input[name=reason]")).to_be_focused()
    page.keyboard.type("Price has moved")
    page.keyboard.press("Enter")
    expect(page.locator("#card")).to_contain_text("Rejected", timeout=5000)
    eventually(lambda: Request.objects.filter(pk=3, state="rejected").exists(), "a rejected request")


def test_signing_out_elsewhere_ends_the_screen(open_page: Opener, ann: Any) -> None:
    page = open_page("/")
    ann.set_unusable_password()
    ann.save()
    page.wait_for_url("**/login/**", timeout=8000)
