"""The upload page: shown line by line first, taken in only when somebody says so, and exactly those bytes."""

import re
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.desks.models import Account
from apps.journal.models import Entry
from apps.plans.models import Plan, Quarantine
from tests.people import make_person
from tests.plan_files import NAME, plan_bytes, row


@pytest.fixture
def page(client: Client, account: Account) -> Client:
    client.force_login(make_person("ann", "trader"))
    return client


def send(page: Client, data: bytes, name: str = NAME) -> Any:
    return page.post("/plans/import/", {"file": SimpleUploadedFile(name, data, "text/csv")})


def token_of(answer: Any) -> str:
    found = re.search(r'name="token" value="([^"]+)"', answer.content.decode())
    assert found is not None
    return found[1]


def test_a_file_is_shown_line_by_line_and_nothing_is_stored(page: Client) -> None:
    answer = send(page, plan_bytes(row(), row(instrument_id="ATO", quantity="1")))
    text = answer.content.decode()
    assert answer.status_code == 200 and "37 + 76" in text and "QUANTITY_TOO_SMALL" in text
    assert Plan.objects.count() == Quarantine.objects.count() == 0


def test_proposing_takes_in_exactly_what_was_shown_and_only_once(page: Client) -> None:
    token = token_of(send(page, plan_bytes()))
    first = page.post("/plans/propose/", {"token": token})
    plan = Plan.objects.get()
    assert first.headers["Location"] == f"/plans/{plan.pk}/"
    assert (plan.source, plan.author, plan.file_name) == ("upload", "ann", NAME)
    again = page.post("/plans/propose/", {"token": token}, follow=True)
    assert "Nothing was changed" in again.content.decode() and Plan.objects.count() == 1
    assert f'plan <a href="/plans/{plan.pk}/">' in send(page, plan_bytes()).content.decode()


def test_a_file_refused_whole_stays_in_quarantine_with_its_place_and_remedy(page: Client) -> None:
    answer = send(page, plan_bytes(row(limit_price="NaN")))
    text = answer.content.decode()
    assert answer.status_code == 422 and "limit_price" in text and "NaN" in text and "What to do" in text
    assert 'name="token"' not in text
    assert Quarantine.objects.count() == 1 and Plan.objects.count() == 0
    assert NAME in page.get("/plans/").content.decode()


@pytest.mark.parametrize("token", ["", "forged", "of another"])
def test_a_preview_that_is_not_this_person_s_makes_no_plan(page: Client, token: str) -> None:
    if token == "of another":
        other = Client()
        other.force_login(make_person("bob", "trader"))
        token = token_of(send(other, plan_bytes()))
    answer = page.post("/plans/propose/", {"token": token}, follow=True)
    assert "No plan was made" in answer.content.decode() and Plan.objects.count() == 0


def test_a_preview_of_half_an_hour_ago_makes_no_plan(page: Client) -> None:
    token = token_of(send(page, plan_bytes()))
    from django.core import signing

    late = signing.time.time() + timedelta(minutes=31).total_seconds()
    with patch.object(signing.time, "time", return_value=late):
        answer = page.post("/plans/propose/", {"token": token})
    assert answer.headers["Location"] == "/plans/import/" and Plan.objects.count() == 0


def test_a_form_without_a_file_says_so_and_the_page_names_the_columns(page: Client) -> None:
    assert "No file came with the form" in page.post("/plans/import/").content.decode()
    text = page.get("/plans/import/").content.decode()
    assert all(name in text for name in ("instrument_id", "take_profit_2", "sector_bmi"))


def test_who_may_not_propose_cannot_look_into_a_file_either(client: Client, account: Account) -> None:
    client.force_login(make_person("vic", "viewer"))
    assert send(client, plan_bytes()).status_code == 403
    assert client.post("/plans/propose/", {"token": "x"}).status_code == 403
    assert not Entry.objects.filter(verb="accept_plan").exists()
