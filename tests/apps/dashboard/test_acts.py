"""Approve, reject, cancel, resolve: decided once, and the answer is what is true."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from apps.approvals.models import Request
from apps.broker.actions.record_events import record_events
from apps.broker.models import Ask, Evidence, Intent, LinkSession, LinkState
from apps.broker.ports import Heard
from apps.desks.models import Strategy
from apps.journal import clock
from apps.journal.models import Entry
from apps.journal.ports import Actor
from apps.ledger.actions.book_fills import book_fills
from apps.risk.actions.set_stop import set_stop
from apps.runbook.daily import expire_late, propose_again
from apps.tickets.models import Ticket
from tests.apps.dashboard.conftest import prove
from tests.people import make_person
from tests.played_day import PlayedDay

Fragment = Callable[..., Any]


@pytest.fixture
def request_row(day: PlayedDay) -> Request:
    """The one that waits, on quotes of this very moment."""
    day.at("10:40:30")
    day.quote_all(moved="0.35")
    return Request.objects.get(state="proposed")


def form(row: Request, **changed: Any) -> dict[str, Any]:
    told = {"word": f"EXECUTE {row.challenge}", "digest": row.digest, "row_version": row.row_version}
    return told | changed


def released(row: Request) -> int:
    return Ticket.objects.filter(request=row).count()


def test_an_approval_writes_tickets_once_however_often_it_is_sent(
    fragment: Fragment, request_row: Request
) -> None:
    path = f"/review/{request_row.pk}/approve/"
    first = fragment(path, form(request_row))
    assert first.status_code == 200 and "Approved." in first.content.decode()
    again = fragment(path, form(request_row))
    assert again.status_code == 200 and "Nothing was approved twice" in again.content.decode()
    assert released(request_row) == 6
    assert Entry.objects.filter(verb="request_approved", subject_id=str(request_row.pk)).count() == 1
    decision = Request.objects.get(pk=request_row.pk).decision
    assert decision["method"] == "password" and decision["ip"]


def test_a_second_person_is_told_who_was_first(fragment: Fragment, client: Any, request_row: Request) -> None:
    fragment(f"/review/{request_row.pk}/approve/", form(request_row))
    client.force_login(make_person("bob"))
    prove(client)
    late = fragment(f"/review/{request_row.pk}/approve/", form(request_row))
    assert late.status_code == 409
    assert "ann" in late.content.decode() and "Nothing was sent by this" in late.content.decode()
    assert released(request_row) == 6


@pytest.mark.parametrize(
    "wrong",
    [
        {"word": "EXECUTE"}, {"word": "execute 1 A"}, {"digest": "0" * 64}, {"row_version": 9},
        {"row_version": "x"}, {"word": ""},
    ],
)  # fmt: skip
def test_a_wrong_form_approves_nothing(
    fragment: Fragment, request_row: Request, wrong: dict[str, Any]
) -> None:
    answer = fragment(f"/review/{request_row.pk}/approve/", form(request_row, **wrong))
    assert answer.status_code == 409 and 'id="card"' in answer.content.decode()
    assert released(request_row) == 0
    assert Entry.objects.filter(verb="refuse_approval").count() == 1


def test_a_moved_price_brings_the_card_back_with_what_changed(
    fragment: Fragment, day: PlayedDay, request_row: Request
) -> None:
    seen = f"{request_row.plan.lines.get(symbol='PNW').contract_id}:92.91"
    day.quote("PNW", "94.20")
    answer = fragment(f"/review/{request_row.pk}/approve/", form(request_row, seen=seen))
    text = answer.content.decode()
    assert answer.status_code == 409 and "bps" in text and 'class="n opt-n changed"' in text
    assert released(request_row) == 0


def test_time_decides_an_overdue_request(fragment: Fragment, day: PlayedDay, request_row: Request) -> None:
    day.at("10:51")
    day.quote_all()
    answer = fragment(f"/review/{request_row.pk}/approve/", form(request_row))
    assert answer.status_code == 409 and "expired" in answer.content.decode().lower()
    assert Request.objects.get(pk=request_row.pk).state == "expired"
    assert released(request_row) == 0


@pytest.mark.parametrize("state", ["down", "not_ready", "connecting"])
def test_nothing_is_approved_while_the_link_is_not_ready(
    fragment: Fragment, request_row: Request, state: str
) -> None:
    LinkState.objects.update(state=state)
    card = fragment(f"/review/{request_row.pk}/card/").content.decode()
    assert "Cannot be sent" in card and 'name="word"' not in card
    answer = fragment(f"/review/{request_row.pk}/approve/", form(request_row))
    assert answer.status_code == 409 and "Nothing was approved" in answer.content.decode()
    assert released(request_row) == 0


def test_a_stop_pressed_in_between_holds(fragment: Fragment, request_row: Request) -> None:
    set_stop("HALTED", actor=Actor("user", "bob"), reason="a test of the stop")
    answer = fragment(f"/review/{request_row.pk}/approve/", form(request_row))
    assert answer.status_code == 409 and released(request_row) == 0


def test_a_rejection_needs_a_reason_and_happens_once(fragment: Fragment, request_row: Request) -> None:
    path = f"/review/{request_row.pk}/reject/"
    assert fragment(path, {"row_version": 1, "reason": " "}).status_code == 409
    assert fragment(path, {"row_version": 7, "reason": "Price has moved"}).status_code == 409
    assert fragment(path, {"row_version": 1, "reason": "Price has moved"}).status_code == 200
    assert "Rejected before" in fragment(path, {"row_version": 1, "reason": "again"}).content.decode()
    assert Request.objects.get(pk=request_row.pk).reason == "Price has moved"
    late = fragment(f"/review/{request_row.pk}/approve/", form(request_row))
    assert late.status_code == 409 and released(request_row) == 0


def test_a_card_that_is_read_comes_anew_only_for_what_matters(
    fragment: Fragment, day: PlayedDay, request_row: Request
) -> None:
    card = fragment(f"/review/{request_row.pk}/card/").content.decode()
    watch = card.partition('hx-get="')[2].partition('"')[0].replace("&amp;", "&")
    assert "/watch/" in watch
    day.quote("PNW", "92.95")
    assert fragment(watch).status_code == 204
    LinkState.objects.update(state="down")
    changed = fragment(watch)
    assert changed.status_code == 200 and changed.headers["HX-Retarget"] == "#card"
    assert "Changed while you read: the broker link" in changed.content.decode()


def test_a_cancel_is_asked_once_and_answered_truthfully(fragment: Fragment, day: PlayedDay) -> None:
    path = "/orders/1-1BT/cancel/"
    assert "on the way" in fragment(path, {}).content.decode()
    assert fragment(path, {}).status_code == 200
    assert Ask.objects.filter(intent__ticket__key="1-1BT", verb="cancel").count() == 1
    late = fragment("/orders/1-1AT/cancel/", {})
    assert late.status_code == 409 and "20 of 20 filled" in late.content.decode()


@pytest.mark.parametrize("state", ["down", "dead"])
def test_a_cancel_works_while_the_link_is_lost(fragment: Fragment, day: PlayedDay, state: str) -> None:
    if state == "dead":
        LinkState.objects.update(beat_at=day.at("09:00"))
        day.at("10:41")
    else:
        LinkState.objects.update(state="down")
    set_stop("HALTED", actor=Actor("user", "bob"), reason="a test of the stop")
    assert fragment("/orders/1-2A/cancel/", {}).status_code == 200
    assert Ask.objects.filter(intent__ticket__key="1-2A").exists()


def test_an_order_s_life_says_that_a_cancel_is_out_until_it_is_answered(
    fragment: Fragment, day: PlayedDay
) -> None:
    fragment("/orders/1-1BT/cancel/", {})
    life = "/orders/1-1BT/life/"
    assert "not sent yet" in fragment(life).content.decode()
    assert "The cancel is on the way" in fragment("/orders/1-1B/life/").content.decode()
    Ask.objects.update(sent_at=day.at("10:42"))
    assert "sent 10:42:00" in fragment(life).content.decode()
    Ask.objects.update(answered_at=day.at("10:43"), outcome="refused", reason="it cannot be done from here")
    told = fragment(life).content.decode()
    assert "on the way" not in told and "it cannot be done from here" in told


def test_cancelling_a_filled_entry_cancels_its_children(fragment: Fragment, day: PlayedDay) -> None:
    page = fragment("/orders/1-1B/life/").content.decode()
    assert "Cancel children" in page
    assert "2 cancels are on the way" in fragment("/orders/1-1B/cancel/", {}).content.decode()
    keys = Ask.objects.values_list("intent__ticket__key", flat=True)
    assert sorted(keys) == ["1-1BS", "1-1BT"]


def test_the_card_of_an_expired_request_leads_to_the_one_that_waits_in_its_place(
    fragment: Fragment, day: PlayedDay, request_row: Request
) -> None:
    Strategy.objects.update(parameters={"propose_again": True})
    later = request_row.expires_at
    expire_late(later)
    gone = f"/review/{request_row.pk}/card/"
    assert "judged anew" not in fragment(gone).content.decode()
    propose_again(later)
    request_row.plan.refresh_from_db()
    anew = day.propose(request_row.plan)
    assert f'href="/review/{anew.pk}/">Review it again, judged anew' in fragment(gone).content.decode()


def test_what_was_never_sent_is_withdrawn(fragment: Fragment, request_row: Request) -> None:
    fragment(f"/review/{request_row.pk}/approve/", form(request_row))
    key = Ticket.objects.filter(request=request_row, role="entry").first().key
    assert "Withdrawn." in fragment(f"/orders/{key}/cancel/", {}).content.decode()
    assert Ticket.objects.get(key=key).state == "WITHDRAWN"


def evidence_of_absence(day: PlayedDay, intent: Intent) -> None:
    """A new session that handed out the same id again, and two complete snapshots ten seconds apart."""
    session = LinkSession.objects.create(
        gateway=day.account.gateway, epoch=4, opened_at=day.at("10:41"), next_valid_id=intent.order_id
    )
    for at in ("10:41:05", "10:41:20"):
        fields = {"complete": True, "refs": []}
        Evidence.objects.create(session=session, kind="snapshot", fields=fields, received_at=day.at(at))


def test_a_person_rules_only_on_evidence(fragment: Fragment, day: PlayedDay) -> None:
    intent = Intent.objects.get(ticket__key="1-2B")
    seen = {"state_seen": f"UNKNOWN.{intent.pk}", "reason": "not in TWS nor in the statement"}
    refused = fragment("/orders/1-2B/resolve/", seen)
    assert refused.status_code == 409 and "do not yet prove" in refused.content.decode()
    evidence_of_absence(day, intent)
    assert "It was never sent" in fragment("/orders/1-2B/life/").content.decode()
    assert fragment("/orders/1-2B/resolve/", seen | {"reason": "short"}).status_code == 409
    assert fragment("/orders/1-2B/resolve/", seen | {"state_seen": "WORKING.1"}).status_code == 409
    ruled = fragment("/orders/1-2B/resolve/", seen)
    assert ruled.status_code == 200 and "Ruled: never sent" in ruled.content.decode()
    assert Ticket.objects.get(key="1-2B").state == "NOT_SENT"


def test_one_that_works_by_its_last_word_is_ruled_over_when_no_list_holds_it(
    fragment: Fragment, day: PlayedDay
) -> None:
    intent = Intent.objects.filter(ticket__state="WORKING").latest("pk")
    key = intent.ticket.key
    assert "Nobody knows" not in fragment(f"/orders/{key}/life/").content.decode()
    session = LinkSession.objects.latest("pk")
    listed = (("10:41:05", [intent.order_ref]), ("10:41:20", []), ("10:41:35", []))
    for at, refs in listed:
        fields = {"complete": True, "refs": refs, "working": refs}
        Evidence.objects.create(session=session, kind="snapshot", fields=fields, received_at=day.at(at))
    shown = fragment(f"/orders/{key}/life/").content.decode()
    assert "its complete lists do not hold it any more" in shown and "It is over at the broker" in shown
    assert "3 complete, found in 1, working in 1" in shown and "It was never sent" not in shown
    siblings = dict(
        Ticket.objects.filter(bracket=intent.ticket.bracket, state="WORKING")
        .exclude(key=key)
        .values_list("key", "role")
    )
    assert siblings and all(f"the same of its {role}" in shown for role in siblings.values())
    seen = {"state_seen": f"WORKING.{intent.pk}", "verdict": "ended", "reason": "its day was over, TWS says"}
    refused = fragment(f"/orders/{key}/resolve/", seen | {"also": list(siblings), "verdict": "not_sent"})
    assert refused.status_code == 409 and "Nothing was changed" in refused.content.decode()
    ruled = fragment(f"/orders/{key}/resolve/", seen | {"also": [*siblings, "1-2B"]})
    told = ruled.content.decode()
    assert set(Ticket.objects.filter(key__in=siblings).values_list("state", flat=True)) == {"CANCELLED"}
    assert Ticket.objects.get(key="1-2B").state == "UNKNOWN", "another bracket's"
    assert ruled.status_code == 200 and "Ruled: over" in told
    assert 'class="state off">Cancelled<' in told, "not the broker's last word, which was of a living order"
    assert Ticket.objects.get(key=key).state == "CANCELLED"


def test_one_that_had_arrived_and_is_in_doubt_says_so(fragment: Fragment, day: PlayedDay) -> None:
    intent = Intent.objects.filter(ticket__state="WORKING").latest("pk")
    session = LinkSession.objects.latest("pk")
    body = {"status": "Inactive", "filled": "0"}
    told = Heard(kind="orderStatus", at=clock.now(), raw=(), body=body, order_ref=intent.order_ref)
    record_events(session, [told], book=book_fills)
    shown = fragment(f"/orders/{intent.ticket.key}/life/").content.decode()
    assert "It had arrived; since" in shown and "In doubt" in shown and "read twice" not in shown


def test_a_person_may_rule_that_an_order_is_over_that_may_have_arrived(
    fragment: Fragment, day: PlayedDay
) -> None:
    intent = Intent.objects.get(ticket__key="1-2B")
    seen = {"state_seen": f"UNKNOWN.{intent.pk}", "reason": "cancelled by phone, seen in TWS"}
    evidence_of_absence(day, intent)
    LinkSession.objects.filter(opened_at=day.at("10:41")).update(next_valid_id=intent.order_id + 1)
    shown = fragment("/orders/1-2B/life/").content.decode()
    assert "It is over at the broker" in shown and "It was never sent" not in shown
    assert fragment("/orders/1-2B/resolve/", seen | {"verdict": "not_sent"}).status_code == 409
    ruled = fragment("/orders/1-2B/resolve/", seen | {"verdict": "ended"})
    told = ruled.content.decode()
    assert ruled.status_code == 200 and "Ruled: over" in told and "cancelled by phone" in told
    assert Ticket.objects.get(key="1-2B").state == "CANCELLED"


def test_a_bracket_that_was_never_sent_goes_out_again_only_when_a_person_says_why(
    fragment: Fragment, day: PlayedDay
) -> None:
    Intent.objects.filter(ticket__bracket="1-2B").update(state="CLOSED", closed_at=day.at("10:42"))
    family = Ticket.objects.filter(bracket="1-2B")
    family.update(state="WITHDRAWN", filled=0, not_after=clock.now() + timedelta(minutes=5))
    Ticket.objects.filter(key="1-2B").update(state="NOT_SENT")
    version = f"NOT_SENT.{Intent.objects.get(ticket__key='1-2B').pk}"
    assert "Send the bracket again" in fragment("/orders/1-2B/life/").content.decode()
    seen = {"state_seen": version, "reason": "the link was blocked, the price is still right"}
    assert fragment("/orders/1-2B/retry/", seen | {"state_seen": "UNKNOWN.1"}).status_code == 409
    short = fragment("/orders/1-2B/retry/", seen | {"reason": "again"})
    assert short.status_code == 409 and "ten characters" in short.content.decode()
    again = fragment("/orders/1-2B/retry/", seen)
    assert again.status_code == 200 and "Released again" in again.content.decode()
    assert set(family.values_list("state", flat=True)) == {"RELEASED"}
    assert fragment("/orders/1-2B/retry/", seen).status_code == 409


def test_without_a_script_an_act_leads_back_to_its_page(client: Any, ann: User, day: PlayedDay) -> None:
    answer = client.post("/orders/1-1BT/cancel/", follow=True)
    assert answer.redirect_chain == [("/orders/?open=1-1BT", 302)]
    assert "on the way" in answer.content.decode()


def test_whoever_signed_in_long_ago_proves_it_again_before_an_approval(
    fragment: Fragment, client: Any, request_row: Request
) -> None:
    session = client.session
    session["proved_at"] = time.time() - 301
    session.save()
    path = f"/review/{request_row.pk}/approve/"
    assert 'name="proof"' in fragment(f"/review/{request_row.pk}/card/").content.decode()
    refused = fragment(path, form(request_row, proof="not-the-password"))
    assert refused.status_code == 409 and "sign in again" in refused.content.decode()
    assert fragment(path, form(request_row, proof="long-enough-for-ann")).status_code == 200
    assert released(request_row) == 6


def test_hold_edit_and_withdraw_stand_on_the_card(fragment: Fragment, request_row: Request) -> None:
    page = fragment(f"/review/{request_row.pk}/card/").content.decode()
    assert all(f"/review/{request_row.pk}/{act}/" in page for act in ("hold", "edit", "withdraw"))
    version = {"row_version": request_row.row_version}
    edited = fragment(f"/review/{request_row.pk}/edit/", version | {"line-1": "100"})
    assert edited.status_code == 302, edited.content.decode()[:1500]
    made = Request.objects.get(state="proposed")
    assert edited.url == f"/review/{made.pk}/" and made.plan.version == request_row.plan.version + 1
    assert "Withdrawn. Nothing was sent." in fragment(f"/review/{made.pk}/withdraw/", {}).content.decode()
