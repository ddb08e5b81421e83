"""The desk's set-up: what fits together, who may be trusted further, and that every change is told."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from apps.desks.actions.save_account import save_account
from apps.desks.actions.save_gateway import save_gateway
from apps.desks.actions.save_strategy import save_strategy
from apps.desks.actions.set_phase import set_phase
from apps.desks.models import Account, Gateway, Phase, Strategy
from apps.desks.ports import DeskRefused
from apps.desks.queries import phase_of
from apps.journal.models import Entry
from apps.journal.ports import Actor
from tests.apps.dashboard.conftest import prove
from tests.people import make_person

ANN = Actor("user", "ann")
pytestmark = pytest.mark.django_db


@pytest.fixture
def gateway() -> Gateway:
    return save_gateway(
        Gateway(), actor=ANN, name="sim", host="127.0.0.1", port=4012, client_id=11, mode="sim"
    )


@pytest.fixture
def account(gateway: Gateway) -> Account:
    return save_account(Account(), actor=ANN, code="DU1234567", gateway=gateway, title="Simulated")


@pytest.fixture
def strategy() -> Strategy:
    return save_strategy(Strategy(), actor=ANN, name="bracket-day", system=3)


def last_entry() -> Entry:
    return Entry.objects.latest("sequence")


@pytest.mark.parametrize(
    ("mode", "code"), [("sim", "U1234567"), ("paper", "U1234567"), ("live", "DU1234567")]
)
def test_an_account_must_belong_to_its_gateway_s_environment(mode: str, code: str) -> None:
    gateway = save_gateway(Gateway(), actor=ANN, name="g", host="h", port=4001, client_id=2, mode=mode)
    with pytest.raises(DeskRefused) as refused:
        save_account(Account(), actor=ANN, code=code, gateway=gateway)
    assert refused.value.code == "ACCOUNT_WRONG_ENVIRONMENT"
    assert "1234567" not in str(refused.value)
    assert not Account.objects.exists()


def test_a_gateway_does_not_change_its_mode_under_its_accounts(account: Account) -> None:
    with pytest.raises(DeskRefused):
        save_gateway(account.gateway, actor=ANN, mode="live")
    assert Gateway.objects.get().mode == "sim"


def test_a_change_is_journalled_with_only_what_changed(account: Account) -> None:
    save_account(account, actor=ANN, reason="closed for the holidays", enabled=False)
    entry = last_entry()
    assert (entry.verb, entry.before, entry.after) == (
        "change_account",
        {"enabled": True},
        {"enabled": False},
    )
    assert (entry.actor, entry.account, entry.reason) == ("ann", "DU1234567", "closed for the holidays")


def test_identities_are_fixed(account: Account, strategy: Strategy) -> None:
    with pytest.raises(DeskRefused):
        save_account(account, actor=ANN, code="DU7654321")
    with pytest.raises(DeskRefused):
        save_strategy(strategy, actor=ANN, system=4)


def test_an_account_s_code_is_shortened_where_it_is_shown(account: Account) -> None:
    assert account.masked() == "DU•••4567"


def test_a_pair_without_a_row_crawls(account: Account, strategy: Strategy) -> None:
    assert phase_of(strategy, account) == "crawl"


def test_trust_grows_one_step_with_a_reason_and_shrinks_at_once(account: Account, strategy: Strategy) -> None:
    with pytest.raises(DeskRefused) as skipped:
        set_phase(strategy, account, phase="run", actor=ANN, reason="in a hurry")
    with pytest.raises(DeskRefused) as unexplained:
        set_phase(strategy, account, phase="walk", actor=ANN)
    assert [skipped.value.code, unexplained.value.code] == ["PHASE_STEP_SKIPPED", "PHASE_REASON_MISSING"]
    set_phase(strategy, account, phase="walk", actor=ANN, reason="twenty clean days")
    set_phase(strategy, account, phase="run", actor=ANN, reason="twenty more")
    set_phase(strategy, account, phase="crawl", actor=ANN)
    assert phase_of(strategy, account) == "crawl"
    assert last_entry().before == {"phase": "run"}


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Gateway, {"name": "x", "host": "h", "port": 0, "client_id": 1, "mode": "sim"}),
        (Gateway, {"name": "x", "host": "h", "port": 1, "client_id": 0, "mode": "sim"}),
        (Gateway, {"name": "x", "host": "h", "port": 1, "client_id": 1, "mode": "demo"}),
        (Strategy, {"name": "x", "system": 6}),
        (Strategy, {"name": "Not A Slug", "system": 3}),
    ],
)
def test_the_database_itself_refuses_what_makes_no_sense(model: type, values: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.create(**values)


def test_a_pair_has_one_phase(account: Account, strategy: Strategy) -> None:
    Phase.objects.create(strategy=strategy, account=account)
    with pytest.raises(IntegrityError), transaction.atomic():
        Phase.objects.create(strategy=strategy, account=account, phase="walk")


def test_the_admin_s_form_goes_through_the_action(client: Client, account: Account) -> None:
    client.force_login(make_person("bob"))
    prove(client)
    page = f"/admin/desks/account/{account.pk}/change/"
    values = {"gateway": account.gateway.pk, "base_currency": "EUR", "title": "Simulated", "reason": "moved"}
    assert client.post(page, values).status_code == 302
    entry = last_entry()
    assert (entry.actor, entry.reason) == ("bob", "moved")
    assert entry.after == {"base_currency": "EUR", "enabled": False}
    assert client.post(f"/admin/desks/account/{account.pk}/delete/", {"post": "yes"}).status_code == 403


def test_the_admin_s_form_shows_the_rules_refusal(
    client: Client, account: Account, strategy: Strategy
) -> None:
    client.force_login(make_person("bob"))
    prove(client)
    values = {"strategy": strategy.pk, "account": account.pk, "phase": "run", "reason": "now"}
    answer = client.post("/admin/desks/phase/add/", values)
    assert answer.status_code == 200 and "the next phase is walk" in answer.content.decode()
    answer = client.post("/admin/desks/phase/add/", {**values, "phase": "walk"})
    assert answer.status_code == 200 and "with a second person" in answer.content.decode()
    assert phase_of(strategy, account) == "crawl"
    assert client.post("/admin/desks/phase/add/", {**values, "phase": "crawl"}).status_code == 302


def test_the_admin_takes_trust_away_at_once(client: Client, account: Account, strategy: Strategy) -> None:
    client.force_login(make_person("bob"))
    prove(client)
    row = Phase.objects.create(strategy=strategy, account=account, phase="walk")
    page = f"/admin/desks/phase/{row.pk}/change/"
    assert client.post(page, {"phase": "crawl", "reason": "odd fills"}).status_code == 302
    assert phase_of(strategy, account) == "crawl"


def test_the_journal_is_only_read_in_the_admin(client: Client, account: Account) -> None:
    client.force_login(make_person("bob"))
    prove(client)
    number = last_entry().sequence
    assert client.get("/admin/journal/entry/").status_code == 200
    assert client.get("/admin/journal/entry/add/").status_code == 403
    page = client.get(f"/admin/journal/entry/{number}/change/")
    assert page.status_code == 200 and "_save" not in page.content.decode()
