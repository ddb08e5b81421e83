"""The API: a token opens it, a login does not, and every answer says what to mend."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from apps.desks.models import Account
from apps.journal.models import Entry
from apps.journal.ports import Actor
from apps.operators.actions.issue_token import issue_token, revoke_token
from apps.operators.models import Token
from apps.operators.ports import TokenRefused
from apps.plans.models import Plan, Quarantine
from tests.people import make_person
from tests.plan_files import NAME, plan_bytes, row

ADMIN = Actor("system", "terminal")


@pytest.fixture
def words(account: Account) -> str:
    return issue_token("feed", scopes=["plans:submit"], actor=ADMIN).words


def post(
    data: bytes, words: str = "", *, client: Client | None = None, query: str = "", **headers: str
) -> Any:
    told = {"X-File-Name": NAME, **headers}
    if words:
        told["Authorization"] = f"Bearer {words}"
    sender = client or Client(enforce_csrf_checks=True)
    return sender.post(f"/api/v1/plans{query}", data, content_type="text/csv", headers=told)


def test_a_plan_is_taken_in_once_and_named_the_second_time(words: str) -> None:
    first = post(plan_bytes(), words)
    assert first.status_code == 201 and first.json()["plan"]["lines"] == 1
    again = post(plan_bytes(), words, **{"X-File-Name": "execution_plan_run_20261118_111111_cccc.csv"})
    assert again.status_code == 200 and again.json()["plan"]["id"] == first.json()["plan"]["id"]
    assert Plan.objects.get().author == "feed"
    assert Entry.objects.get(verb="accept_plan").actor_kind == "token"


def test_a_bad_file_is_answered_with_line_column_value_and_remedy(words: str) -> None:
    answer = post(plan_bytes(row(limit_price="NaN")), words)
    assert answer.status_code == 422 and answer.json()["outcome"] == "quarantined"
    (problem,) = answer.json()["problems"]
    assert (problem["line"], problem["column"], problem["value"]) == (2, "limit_price", "NaN")
    assert problem["remedy"] and problem["code"] == "CELL_NOT_FINITE"


def test_a_bad_row_is_told_beside_the_plan(words: str) -> None:
    answer = post(plan_bytes(row(quantity="1"), row(instrument_id="ATO")), words)
    assert answer.status_code == 201
    assert [(one["line"], one["code"]) for one in answer.json()["problems"]] == [(2, "QUANTITY_TOO_SMALL")]


def test_without_a_token_nothing_opens_not_even_for_an_operator_who_is_logged_in(account: Account) -> None:
    client = Client()
    client.force_login(make_person("root"))
    for sender in (client, Client()):
        answer = post(plan_bytes(), client=sender)
        assert answer.status_code == 401 and answer["WWW-Authenticate"] == "Bearer"
    assert not Plan.objects.exists() and not Quarantine.objects.exists()


def test_a_token_that_is_made_up_withdrawn_or_expired_opens_nothing(words: str) -> None:
    token = Token.objects.get(name="feed")
    assert post(plan_bytes(), "tdk_made-up").status_code == 401
    late = issue_token("late", scopes=["plans:submit"], actor=ADMIN, good_for=timedelta(seconds=-1))
    assert post(plan_bytes(), late.words).status_code == 401
    revoke_token(token, actor=ADMIN)
    assert post(plan_bytes(), words).json()["code"] == "API_TOKEN_REFUSED"
    assert not Plan.objects.exists()


def test_a_token_acts_only_for_its_own_strategy_and_account(account: Account) -> None:
    other = issue_token("other", scopes=["plans:submit"], actor=ADMIN, strategy="another").words
    assert post(plan_bytes(), other).status_code == 404
    assert post(plan_bytes(), other, query="?strategy=bracket-day").status_code == 403
    own = issue_token("own", scopes=["plans:submit"], actor=ADMIN, account=account.code).words
    assert post(plan_bytes(), own, query="?account=DU9999999").status_code == 403
    assert post(plan_bytes(), own).status_code == 201


def test_a_token_without_the_scope_is_turned_away(words: str) -> None:
    Token.objects.filter(name="feed").update(scopes=["something:else"])
    assert post(plan_bytes(), words).json()["code"] == "API_SCOPE_MISSING"
    with pytest.raises(TokenRefused):
        issue_token("wide", scopes=["everything"], actor=ADMIN)


def test_only_the_hash_of_a_token_is_kept(words: str) -> None:
    token = Token.objects.get(name="feed")
    assert words not in repr(vars(token)) and len(token.digest) == 64
    assert words not in repr(list(Entry.objects.values()))


def test_a_body_too_large_for_a_plan_is_refused_by_its_length(words: str) -> None:
    answer = post(b"x" * 1_000_001, words)
    assert answer.status_code == 413 and answer.json()["problems"][0]["code"] == "FILE_TOO_LARGE"
    assert Quarantine.objects.get().digest.startswith("unread-")


def test_a_file_without_a_name_and_another_method_are_refused(words: str) -> None:
    assert post(plan_bytes(), words, **{"X-File-Name": ""}).status_code == 400
    assert Client().get("/api/v1/plans", headers={"Authorization": f"Bearer {words}"}).status_code == 405
