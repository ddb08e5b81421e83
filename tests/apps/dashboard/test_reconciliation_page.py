"""The Reconciliation page and its cases: what they say, and what they let whom do."""

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from apps.broker.models import Intent
from apps.desks.models import Account
from apps.journal import clock
from apps.ledger.models import Position
from apps.reconciliation.models import Break, Statement
from tests.people import make_person
from tests.played_day import PlayedDay


@pytest.fixture
def case(day: PlayedDay) -> Break:
    """A position that differs, as the comparison would have opened it."""
    row = Position.objects.filter(account=Account.objects.get()).select_related("contract").first()
    assert row is not None
    now = clock.now()
    return Break.objects.create(
        account=row.account,
        contract=row.contract,
        kind="POSITION_QUANTITY",
        key=str(row.contract.con_id),
        title=f"{row.contract}: position",
        ours=f"{row.quantity.normalize():f}",
        theirs="1",
        size=2700,
        currency="USD",
        cause="a fill or a transfer that only one side has seen",
        severity="high",
        trading_day=now.date(),
        opened_at=now,
        seen_at=now,
    )


def test_every_page_says_whether_the_books_agree_and_how_old_that_word_is(
    client: Client, ann: User, day: PlayedDay, case: Break
) -> None:
    for name in ("desk", "orders", "journal", "system"):
        page = client.get(reverse(name)).content.decode()
        assert 'id="verdict"' in page and reverse("reconciliation") in page
    chip = client.get(reverse("reconciliation-chip")).content.decode()
    assert "Unknown" in chip and "never compared" in chip, "nothing has compared this day yet"


def test_the_page_shows_the_case_and_a_form_for_each_act(client: Client, ann: User, case: Break) -> None:
    page = client.get(reverse("reconciliation")).content.decode()
    assert case.title in page and "HIGH" in page and "Nothing differs" in page
    one = client.get(reverse("reconciliation-case", args=[case.pk])).content.decode()
    for words in ("Ask the broker again", "Adopt the broker", "another hand", "Ignore until then", "Assign"):
        assert words in one
    assert client.get(reverse("reconciliation-case", args=[case.pk + 99])).status_code == 404


def test_sizes_of_both_sides_have_their_thousands_apart(client: Client, ann: User, case: Break) -> None:
    Break.objects.update(ours="1124886.88", theirs="-900000", title="NAV: net asset value")
    for address in (reverse("reconciliation"), reverse("reconciliation-case", args=[case.pk])):
        page = client.get(address).content.decode()
        assert "1,124,886.88" in page and "−900,000" in page and "1124886" not in page


def test_what_another_hand_traded_is_in_the_books_and_what_it_only_holds_is_not(
    client: Client, ann: User, case: Break
) -> None:
    address = reverse("reconciliation-case", args=[case.pk])
    assert "out of our books" in client.get(address).content.decode()
    Break.objects.update(kind="EXECUTION_THEIRS_ONLY", key="0000e0d5.01")
    one = client.get(address).content.decode()
    assert "under no strategy" in one and "out of our books" not in one


def test_adopting_needs_the_typed_word_and_a_reason(client: Client, ann: User, case: Break) -> None:
    address = reverse("reconciliation-act", args=[case.pk, "adopt"])
    said = {"reason": "the broker's letter of today", "word": "adopt"}
    answer = client.post(address, said, follow=True)
    assert "Type ADOPT" in answer.content.decode() and Break.objects.get().state == "open"
    answer = client.post(address, said | {"word": "ADOPT", "reason": "no"}, follow=True)
    assert "10 characters" in answer.content.decode() and Break.objects.get().state == "open"
    Position.objects.filter(contract=case.contract).update(broker_quantity=1, broker_cost=100)
    answer = client.post(address, said | {"word": "ADOPT"}, follow=True)
    assert "word stands" in answer.content.decode()
    assert (
        Break.objects.get().closure == "adopted"
        and Position.objects.get(contract=case.contract).quantity == 1
    )


def test_a_case_is_given_to_somebody_and_ignored_for_a_while(client: Client, ann: User, case: Break) -> None:
    client.post(reverse("reconciliation-act", args=[case.pk, "assign"]), {"owner": "ann"})
    said = {"hours": "4", "reason": "waits for the statement of tomorrow"}
    client.post(reverse("reconciliation-act", args=[case.pk, "ignore"]), said)
    row = Break.objects.get()
    assert (row.owner, row.state) == ("ann", "ignored")
    page = client.get(reverse("reconciliation")).content.decode()
    assert "ignored until" in page
    assert client.post(reverse("reconciliation-act", args=[case.pk, "forget"])).status_code == 404


def test_a_viewer_reads_and_works_nothing(client: Client, case: Break) -> None:
    client.force_login(make_person("vera", "viewer"))
    page = client.get(reverse("reconciliation-case", args=[case.pk])).content.decode()
    assert case.title in page and f"/cases/{case.pk}/adopt/" not in page and "Ask the broker" not in page
    refused = client.post(reverse("reconciliation-act", args=[case.pk, "ask"]))
    assert refused.status_code == 403 and Break.objects.get().acts.count() == 0


def test_a_file_that_is_no_statement_is_refused_with_the_reason(
    client: Client, ann: User, day: PlayedDay
) -> None:
    address = reverse("reconciliation-statement")
    file = SimpleUploadedFile("day.xml", b"<html/>", content_type="text/xml")
    told = client.post(address, {"file": file}, follow=True).content.decode()
    assert "Activity Flex Query" in told and not Statement.objects.exists()
    assert "No file came" in client.post(address, follow=True).content.decode()


def test_an_order_that_the_broker_lacks_is_named_and_adopted_only_by_whoever_may_rule(
    client: Client, ann: User, case: Break, day: PlayedDay
) -> None:
    intent = Intent.objects.filter(ticket__state="WORKING").latest("pk")
    Break.objects.update(kind="ORDER_OURS_ONLY", key=intent.order_ref, theirs="—")
    address = reverse("reconciliation-case", args=[case.pk])
    page = client.get(address).content.decode()
    assert f'href="{reverse("orders")}?open={intent.ticket.key}"' in page
    assert "The order is over: ruled by you" in page
    form = {"word": "ADOPT", "reason": "TWS has no such order any more"}
    adopt = reverse("reconciliation-act", args=[case.pk, "adopt"])
    told = client.post(adopt, form, follow=True).content.decode()
    assert "Nothing was changed: the broker" in told and "not yet read twice" in told
    assert Break.objects.get().state == "open"
    make_person(ann.username, "risk", "admin")
    assert "The order is over: ruled by you" not in client.get(address).content.decode()
    told = client.post(adopt, form, follow=True).content.decode()
    assert "Nothing was changed: ann may not rule on an order" in told
