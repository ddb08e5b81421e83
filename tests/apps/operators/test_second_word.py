"""What takes two people takes two: another one, once, in time, and done in the same breath."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from apps.journal.models import Entry
from apps.journal.ports import SYSTEM, Actor
from apps.operators.actions.second_word import ask_second, confirm_second, decline_second, expire_seconds
from apps.operators.models import Second
from apps.operators.ports import SECONDS, NotAllowed, SecondRefused
from apps.operators.queries import waiting_seconds
from apps.risk.actions.change_limits import LimitsRefused
from apps.risk.actions.found_limits import found_limits
from apps.risk.queries import limits_in_force
from apps.runbook.second_words import SECOND_WORDS, confirm, told
from tests.people import make_person

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)
ANN, BOB = Actor("user", "ann"), Actor("user", "bob")


@pytest.fixture
def asked(db: None) -> Second:
    make_person("ann", "risk")
    make_person("bob", "risk")
    found_limits()
    return ask_looser()


def ask_looser(by: Actor = ANN) -> Second:
    payload = {
        "scope": "global",
        "values": {"order_rate": Decimal(99)},
        "based_on": limits_in_force().version,
    }
    return ask_second("change_limits", payload, by=by, reason="a busier day", now=NOW)


def in_force() -> str | None:
    return limits_in_force().values["global"].get("order_rate")


def test_nothing_changes_before_another_person_says_yes(asked: Second) -> None:
    before = in_force()
    assert before != "99" and list(waiting_seconds()) == [asked]
    done = confirm(asked.pk, by=BOB, now=NOW)
    assert (done.state, done.decided_by, in_force()) == ("confirmed", "bob", "99")
    assert "asked by ann" in limits_in_force().reason
    assert list(Entry.objects.order_by("-sequence").values_list("verb", "actor")[:2]) == [
        ("change_limits", "bob"), ("second_confirmed", "bob"),
    ]  # fmt: skip


def test_whoever_asked_cannot_confirm_not_even_in_the_table(asked: Second) -> None:
    with pytest.raises(SecondRefused, match="another person"):
        confirm(asked.pk, by=ANN, now=NOW)
    with pytest.raises(SecondRefused, match="another person"):
        confirm(asked.pk, by=SYSTEM, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Second.objects.filter(pk=asked.pk).update(state="confirmed", decided_by="ann", decided_at=NOW)


def test_it_is_confirmed_once(asked: Second) -> None:
    confirm(asked.pk, by=BOB, now=NOW)
    with pytest.raises(SecondRefused) as refused:
        confirm(asked.pk, by=BOB, now=NOW)
    assert refused.value.code == "SECOND_DECIDED"


def test_a_question_nobody_answers_expires(asked: Second) -> None:
    late = NOW + timedelta(minutes=31)
    with pytest.raises(SecondRefused) as refused:
        confirm(asked.pk, by=BOB, now=late)
    assert refused.value.code == "SECOND_EXPIRED"
    assert expire_seconds(late) == 1 and expire_seconds(late) == 0
    assert Second.objects.get().state == "expired"


@pytest.mark.parametrize("role", ["viewer", "trader"])
def test_the_second_person_needs_the_role(asked: Second, role: str) -> None:
    make_person("tim", role)
    with pytest.raises(NotAllowed):
        confirm_second(asked.pk, by=Actor("user", "tim"), now=NOW)
    with pytest.raises(NotAllowed):
        decline_second(asked.pk, by=Actor("user", "tim"), now=NOW)
    with pytest.raises(NotAllowed):
        ask_looser(Actor("user", "tim"))


def test_whoever_asked_may_take_it_back_and_another_may_decline(asked: Second) -> None:
    assert decline_second(asked.pk, by=ANN, now=NOW).state == "declined"
    assert decline_second(ask_looser().pk, by=BOB, now=NOW).decided_by == "bob"


def test_what_cannot_be_done_any_more_is_not_confirmed_either(asked: Second) -> None:
    other = ask_looser()
    confirm(asked.pk, by=BOB, now=NOW)
    with pytest.raises(LimitsRefused):
        confirm(other.pk, by=BOB, now=NOW)
    other.refresh_from_db()
    assert other.state == "waiting"


def test_it_is_asked_with_a_reason_and_a_known_kind(asked: Second) -> None:
    wrong = (("dance", "why not", "SECOND_KIND_UNKNOWN"), ("grant", " ", "SECOND_UNEXPLAINED"))
    for kind, reason, code in wrong:
        with pytest.raises(SecondRefused) as refused:
            ask_second(kind, {}, by=ANN, reason=reason, now=NOW)
        assert refused.value.code == code
    assert set(SECOND_WORDS) <= set(SECONDS)


def test_the_page_shows_what_it_does_and_confirms_it(client: Client, asked: Second) -> None:
    title, lines = told(asked)
    client.force_login(make_person("cleo", "admin", password="long-enough-for-cleo"))
    page = client.get("/seconds/").content.decode()
    assert title in page and "→ 99" in lines[0] and "a busier day" in page and "Confirm" in page
    assert client.post(f"/seconds/{asked.pk}/confirm/").status_code == 302
    assert in_force() != "99"  # no proof, no change
    client.post(f"/seconds/{asked.pk}/confirm/", {"proof": "long-enough-for-cleo"})
    assert in_force() == "99" and Second.objects.get().decided_by == "cleo"


def test_the_asker_and_a_viewer_find_no_button_to_confirm(client: Client, asked: Second) -> None:
    for name, role in (("val", "viewer"), ("tim", "trader")):
        client.force_login(make_person(name, role))
        page = client.get("/seconds/").content.decode()
        assert "does not let you" in page and "/confirm/" not in page and "/decline/" not in page
