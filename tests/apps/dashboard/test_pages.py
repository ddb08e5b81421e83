"""Every page over a played day: what it says, what it costs, and that nobody sees it without a login."""

import json
import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.alerts.actions.save_channel import save_channel
from apps.alerts.models import Channel
from apps.broker.models import Intent
from apps.dashboard.books import Books
from apps.dashboard.rows import slip_bps
from apps.dashboard.templatetags.desk import signed
from apps.dashboard.urls import urlpatterns
from apps.desks.models import Strategy
from apps.journal import clock
from apps.journal.models import Entry
from apps.journal.ports import SYSTEM, Actor
from apps.ledger.models import DayResult
from apps.market.actions.save_quotes import save_marks
from apps.market.models import LastQuote, Mark
from apps.operators.actions.second_word import ask_second
from apps.risk.queries import limits_in_force
from apps.runbook.intake import take_file
from apps.tickets.models import Ticket
from tests.people import make_person
from tests.plan_files import plan_bytes, row
from tests.played_day import PlayedDay

ARGUMENTS = {
    "page": "orders",
    "name": "needs", "number": 1, "key": "1-1A", "deed": "set", "account": 1, "day": "2026-11-17",
    "what": "trades", "kind": "csv", "code": "link-down",
}  # fmt: skip
TILES = ("needs", "today", "strip", "band", "working", "positions", "strategies", "fills")


def address(pattern: Any) -> str:
    wanted = {name: ARGUMENTS[name] for name in pattern.pattern.converters}
    return reverse(pattern.name, kwargs=wanted)


@pytest.mark.django_db
@pytest.mark.parametrize("pattern", urlpatterns, ids=lambda pattern: pattern.name)
@pytest.mark.parametrize("method", ["get", "post"])
def test_nothing_is_shown_or_done_without_a_login(client: Client, pattern: Any, method: str) -> None:
    answer = getattr(client, method)(address(pattern))
    assert answer.status_code == 302, pattern.name
    assert answer.headers["Location"].startswith("/login/")


@pytest.mark.django_db
def test_a_desk_without_an_account_says_so_on_every_page(client: Client, ann: User) -> None:
    for name in ("desk", "review", "positions", "books", "risk", "plan-import"):
        assert "No account is set up" in client.get(reverse(name)).content.decode()
    for name in ("orders", "plans", "journal", "system", "account", "more"):
        assert client.get(reverse(name)).status_code == 200


def test_every_page_and_fragment_answers(client: Client, ann: User, day: PlayedDay) -> None:
    acts = {
        "review-approve", "review-reject", "orders-cancel", "orders-resolve", "plan-propose", "preference",
        "second-confirm", "second-decline", "people-make", "people-act", "tokens-issue", "tokens-revoke",
        "account-end-one", "account-end-others", "review-hold", "review-edit", "review-withdraw",
        "walk-cancel", "walk-cancel-all", "walk-hold", "walk-send", "strategies-promote", "strategies-demote",
        "strategies-grant", "strategies-revoke", "plan-tighten", "show-account", "books-adopt",
        "books-take-over", "books-flow",
    }  # fmt: skip
    acts |= {"orders-retry", "orders-over", "stop-ask-release", "stopping", "stop-release", "breaker"}
    acts |= {"alarms-acknowledge", "notifications-add", "notifications-save", "notifications-matrix"}
    acts |= {"view-keep", "view-forget"}
    acts |= {"notifications-test", "notifications-waits"}
    acts |= {"report", "report-sign", "report-reissue", "report-table"}  # no session is closed on this day
    acts |= {"reconciliation-statement", "reconciliation-case", "reconciliation-act"}
    acts |= {"walk-one", "walk-live"}  # there is no window on this day; tests of their own look at them
    for pattern in urlpatterns:
        if pattern.name not in acts:
            answer = client.get(address(pattern), headers={"HX-Request": "true"})
            assert answer.status_code in (200, 204, 302 if pattern.name == "walk" else 200), pattern.name
    for key in Ticket.objects.values_list("key", flat=True):
        assert client.get(f"/orders/?open={key}").status_code == 200


def test_no_id_stands_twice_where_each_form_asks_who_it_is(client: Client, ann: User, day: PlayedDay) -> None:
    client.logout()
    client.force_login(ann)  # without a proof
    bob, now = Actor("user", make_person("bob", "risk").username), clock.now()
    looser = {"scope": "global", "values": {"order_rate": Decimal(99)}, "based_on": limits_in_force().version}
    for name in ("one", "two"):
        save_channel(Channel(), name=name, url="desk-file:a.txt", role="risk", actor=bob)
        ask_second("change_limits", looser, by=bob, reason=name, now=now)
    for name in ("seconds", "notifications", "people", "strategies", "tokens"):
        page = client.get(reverse(name)).content.decode()
        assert 'name="proof"' in page, name
        ids = re.findall(r'\sid="([^"]+)"', page)
        assert [one for one, times in Counter(ids).items() if times > 1] == [], name


def test_the_limit_of_a_strategy_s_result_shows_the_worst_strategy_s_not_the_account_s(
    client: Client, ann: User, day: PlayedDay
) -> None:
    DayResult.objects.all().delete()
    strategy = Strategy.objects.get()
    for whose, net in ((strategy, "-300"), (None, "-77.7")):
        DayResult.objects.create(
            account=day.account, strategy=whose, trading_day="2026-11-17", net=Decimal(net),
            realized=0, commissions=0, fills=1, changed_at=clock.now(),
        )  # fmt: skip
    row = re.search(
        r"Cumulative result of the strategy.*?</tr>", client.get(reverse("risk")).content.decode(), re.S
    )
    assert row and "−300" in row[0] and "377" not in row[0]


def test_a_panel_that_asks_for_itself_leaves_the_answer_of_an_act_to_the_page(
    client: Client, ann: User, day: PlayedDay
) -> None:
    client.post(reverse("second-confirm", args=[99]))
    panel = client.get(reverse("seconds"), headers={"HX-Request": "true"}).content.decode()
    assert "Not confirmed" not in panel and 'id="seconds"' in panel
    assert "Not confirmed" in client.get(reverse("seconds")).content.decode()


@pytest.mark.parametrize(
    "name",
    ["review-approve", "review-reject", "review-withdraw", "walk-cancel", "orders-cancel", "orders-resolve"],
)
def test_an_act_is_never_done_by_following_a_link(
    client: Client, ann: User, day: PlayedDay, name: str
) -> None:
    pattern = next(pattern for pattern in urlpatterns if pattern.name == name)
    before = Entry.objects.count()
    assert client.get(address(pattern)).status_code == 405
    assert Entry.objects.count() == before


def test_a_form_of_another_site_is_refused(ann: User, day: PlayedDay) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ann)
    answer = strict.post("/orders/1-1BT/cancel/")
    assert answer.status_code == 403
    assert "no order was sent" in answer.content.decode()


def test_the_desk_answers_with_few_queries(client: Client, ann: User, day: PlayedDay) -> None:
    client.get("/")
    with CaptureQueriesContext(
        connection,
    ) as caught:
        client.get("/")
    assert len(caught) <= 66, len(caught)
    for name in TILES:
        with CaptureQueriesContext(connection) as caught:
            client.get(f"/tiles/{name}/")
        assert len(caught) <= 36, (name, len(caught))  # the day's result is read with the positions


def test_the_desk_tells_the_day(client: Client, ann: User, day: PlayedDay) -> None:
    page = client.get("/").content.decode()
    assert "BUY 27 ATO, bracket, 3 orders" in page and "Status unknown" in page
    assert "BUY PNW in 2 brackets" in page
    assert re.search(r"9 of 12 acked", page)
    assert "part" not in re.findall(r'class="state ([a-z]*)">Filled', page)
    assert "<title>SIM ● MEDIUM · 1 to review · Desk</title>" in page


def test_no_page_has_a_script_or_a_style_of_its_own(client: Client, ann: User, day: PlayedDay) -> None:
    for path in ("/", "/review/", "/orders/?open=1-2B", "/risk/", "/system/", "/plans/import/"):
        page = client.get(path).content.decode()
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page), path
        assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", page)), path


def test_the_blotter_filters_groups_and_sorts(client: Client, ann: User, day: PlayedDay) -> None:
    def keys(query: str) -> list[str]:
        return re.findall(r'<tr id="o-([^"]+)"', client.get(f"/orders/?{query}").content.decode())

    assert len(keys("")) == 12
    assert keys("group=done") == ["1-1A", "1-1AT", "1-1AS"]
    assert set(keys("q=ato")) == {key for key in keys("") if key.startswith("1-2")}
    assert keys("sort=quantity")[:3] == ["1-2A", "1-2AT", "1-2AS"]
    assert "0 of 12 orders match" in client.get("/orders/?q=nothing").content.decode()
    assert keys("q=%00%27&sort=;drop&group=x&day=y&plan=-1") == []


def test_the_export_holds_the_rows_of_the_screen_and_no_formula(
    client: Client, ann: User, day: PlayedDay
) -> None:
    answer = client.get("/orders/orders.csv?group=done")
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert len(lines) == 4 and lines[0].startswith("at_utc,at_exchange,account")
    from apps.dashboard.pages.orders import neutral

    assert [neutral(text) for text in ("=1+1", "@x", "-1", "WEC")] == ["'=1+1", "'@x", "'-1", "WEC"]


def test_the_journal_is_searched_by_every_word(client: Client, ann: User, day: PlayedDay) -> None:
    page = client.get("/journal/?q=rejected+session").content.decode()
    assert "request_rejected" in page and "accept_plan" not in page
    assert "Nothing matches" in client.get("/journal/?q=%00zzz").content.decode()
    assert "open_request" in client.get("/journal/?plan=1").content.decode()


def test_a_page_that_fails_says_what_did_not_happen(
    client: Client, ann: User, day: PlayedDay, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("broken for a test")

    monkeypatch.setattr("apps.dashboard.pages.positions.options_of", broken)
    client.raise_request_exception = False
    answer = client.get("/positions/")
    number = answer.headers["X-Error-Id"]
    assert answer.status_code == 500 and number in answer.content.decode()
    assert "Nothing was changed" in answer.content.decode()
    assert Entry.objects.filter(verb="page_failed", request_id=number).count() == 1


def test_a_preference_is_kept_by_a_key(client: Client, ann: User, day: PlayedDay) -> None:
    assert client.post("/account/density/", {"value": "comfortable"}).status_code == 204
    assert 'class="comfortable"' in client.get("/").content.decode()
    assert client.post("/account/theme/", {"value": "pink"}).status_code == 422
    form = {"theme": "dark", "density": "compact", "colours": "red-up"}
    assert client.post("/account/", form).status_code == 302
    assert 'class="dark red-up"' in client.get("/").content.decode()


def test_a_stale_price_is_struck_and_an_unknown_one_is_a_dash(
    fragment: Callable[..., Any], day: PlayedDay
) -> None:
    day.quote("NVDA", "190.00")
    day.at("10:50")
    page = fragment("/positions/rows/").content.decode()
    row = page.partition("NVDA")[2].partition("</tr>")[0]
    assert 'class="stale"' in row
    day.account.accountvalue_set.update(at=day.at("09:00"))
    day.at("10:50")
    band = fragment("/tiles/band/").content.decode()
    assert "too old to show" in band and "1,002,142" not in band


def test_columns_are_chosen_in_the_address_and_exported_as_shown(
    client: Client, ann: User, day: PlayedDay
) -> None:
    plain = client.get("/orders/").content.decode()
    assert ">Average<" in plain and ">permId<" not in plain.split("<tbody>")[0].split("<thead>")[1]
    chosen = client.get("/orders/?cols=perm_id&cols=fee").content.decode()
    head = chosen.split("<thead>")[1].split("</thead>")[0]
    assert re.findall(r">([^<>]+)</a></th>", head) == ["Contract", "Side", "Qty", "State", "Fee", "permId"]
    lines = b"".join(client.get("/orders/orders.csv?cols=perm_id,fee").streaming_content).decode()
    assert lines.splitlines()[0] == (
        "at_utc,at_exchange,account,strategy,key,role,title,side,quantity,state_word,fee,perm_id,ended_at_utc"
    )


def test_a_position_shows_the_line_of_its_day_and_an_order_its_market(
    client: Client, ann: User, day: PlayedDay
) -> None:
    ticket = Ticket.objects.get(key="1-1A")
    began = ticket.created_at.replace(second=0, microsecond=0)
    for step, price in enumerate(("115.10", "115.90", "116.40")):
        Mark.objects.create(contract=ticket.contract, at=began + timedelta(seconds=15 * step), price=price)
    life = client.get("/orders/1-1A/life/", headers={"HX-Request": "true"}).content.decode()
    assert "116.40 last" in life and life.count('class="ref"') == 3
    held = client.get("/positions/rows/").content.decode()
    assert "price today, rising" in held


def test_a_refused_file_is_told_with_the_place_in_it_and_an_overtaken_plan_with_what_came_of_it(
    client: Client, ann: User, day: PlayedDay
) -> None:
    door = {"strategy": Strategy.objects.get(), "account": day.account, "actor": SYSTEM, "now": clock.now()}
    for second, data in enumerate(
        (plan_bytes(row(limit_price="NaN")), plan_bytes(), plan_bytes(row(quantity="9")))
    ):
        name = f"execution_plan_run_20261118_1041{second:02}_abcd.csv"
        take_file(data, name, source="upload", author="ann", **door)
    page = client.get("/plans/rows/").content.decode()
    assert "line 2, limit_price <code>NaN</code>: The cell is NaN" in page
    assert "a later plan of the day took its place before it was judged" in page


def test_the_foot_of_the_positions_is_the_whole_day_s_with_what_is_held_no_more(
    client: Client, ann: User, day: PlayedDay
) -> None:
    intent = Intent.objects.get(ticket__key="1-1BT")
    day.fill(intent, int(intent.ticket.quantity), "121.58")
    assert Books(day.account, clock.now()).totals.beside == []  # the broker has not told that it is gone
    day.tell_positions()
    books = Books(day.account, clock.now())
    ((title, gone),) = books.totals.beside
    sold = Decimal("121.58") - Decimal("115.78")
    assert title == "Held no more, 1" and gone.realized is not None
    assert gone.realized > intent.ticket.quantity * sold
    assert gone.realized + sum(row.realized or 0 for row in books.positions) == books.totals.day.realized
    page = client.get("/positions/rows/").content.decode()
    assert f"+{gone.realized:,.2f}" in page.partition("Held no more")[2].partition("</tr>")[0]
    foot = page.partition("Total, USD")[2].partition("</tr>")[0]
    assert f">{signed(books.day.net)}<" in foot and f">{signed(books.day.realized)}<" in foot


def test_a_price_is_marked_once_a_quarter_of_a_minute_and_never_from_one_side(day: PlayedDay) -> None:
    now = clock.now()
    quote = LastQuote.objects.first()
    assert quote is not None
    LastQuote.objects.update(bid=Decimal("9.98"), ask=Decimal("10.00"), received_at=now)
    LastQuote.objects.filter(pk=quote.pk).update(ask=None)
    before = Mark.objects.count()
    assert save_marks(now) == LastQuote.objects.count() - 1
    assert save_marks(now) == 0
    assert Mark.objects.count() - before == LastQuote.objects.count() - 1
    assert set(Mark.objects.values_list("price", flat=True)) == {Decimal("9.99")}


def test_a_plan_says_what_came_of_it(client: Client, ann: User, day: PlayedDay) -> None:
    page = client.get("/plans/").content.decode()
    entries = Ticket.objects.filter(request__plan_id=1, parent=None)
    assert f"{entries.filter(filled__gt=0).count()} of {entries.count()} entries filled" in page
    assert f"{entries.count()} entries filled" in client.get("/plans/1/").content.decode()


def test_a_line_of_the_journal_opens_to_its_values_and_the_whole_is_handed_out(
    client: Client, ann: User, day: PlayedDay
) -> None:
    page = client.get("/journal/?q=set_stop+limits").content.decode()
    assert "<b>Nothing matches.</b>" in page
    entry = Entry.objects.exclude(after=None).order_by("-sequence").first()
    assert entry is not None
    page = client.get("/journal/").content.decode()
    assert entry.verb.replace("_", " ") in page and "<details>" in page and " → " in page
    rows = [
        json.loads(line)
        for line in b"".join(client.get("/journal/journal.jsonl").streaming_content).splitlines()
    ]
    assert [row["sequence"] for row in rows] == list(range(1, Entry.objects.count() + 1))
    assert rows[-1]["hash"] == Entry.objects.order_by("-sequence").values_list("hash", flat=True)[0]


def test_a_fill_is_held_against_the_market_as_its_order_was_sent(
    client: Client, ann: User, day: PlayedDay
) -> None:
    """A buy above the middle is a cost; an exit is held against its own price."""
    intent = Ticket.objects.get(key="1-1A").intents.get()
    assert intent.arrival_mid is not None
    paid = Ticket.objects.get(key="1-1A").average_price
    assert paid is not None
    slip = 10_000 * (paid - intent.arrival_mid) / intent.arrival_mid
    assert slip_bps("BUY", paid, intent.arrival_mid) == slip
    assert slip_bps("SELL", paid, intent.arrival_mid) == -slip
    life = client.get("/orders/1-1A/life/", headers={"HX-Request": "true"}).content.decode()
    assert f"{signed(slip, 1)} bps to arrival mid" in life
    assert (
        "bps to its price"
        in client.get("/orders/1-1AT/life/", headers={"HX-Request": "true"}).content.decode()
    )


def weight(answer: Any) -> int:
    """Bytes of an answer, however it is sent."""

    async def stream() -> int:
        return sum([len(part) async for part in answer.streaming_content])

    return async_to_sync(stream)() if answer.streaming else len(answer.content)


def test_pages_come_compressed(client: Client, ann: User, day: PlayedDay) -> None:
    """A phone in a lift reads the desk: what is text travels as half of itself or less."""
    for path in ("/", "/orders/", "/risk/"):
        plain, packed = client.get(path), client.get(path, headers={"Accept-Encoding": "gzip"})
        assert packed.headers.get("Content-Encoding") == "gzip", path
        assert weight(packed) < weight(plain) / 2, path


@pytest.mark.parametrize("path", ["/risk/", "/risk/limits/change/"])
def test_a_switch_among_the_limits_reads_yes_where_people_read_it(
    client: Client, ann: User, day: PlayedDay, path: str
) -> None:
    page = client.get(path).content.decode()
    row = page[page.index("positions and orders count") :].partition("</tr>")[0]
    assert re.search(r">yes\s*<", row)
