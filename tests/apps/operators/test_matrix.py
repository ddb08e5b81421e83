"""Every address × every role × every method × own and foreign account, made from the addresses there are.

The table below says in one word what each address asks. An address that stands in no row, or that asks
something else than its row says, fails the test: nobody adds a page without deciding whom it is for.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from apps.approvals.models import Request
from apps.broker.models import Ask
from apps.journal.admin import ReadOnlyAdmin
from apps.operators.pages.asking import ANYBODY, ONESELF
from apps.operators.pages.strangers import NAMESPACES, PAGES
from apps.operators.ports import ROLES, VERBS
from apps.risk.models import LimitSet
from apps.tickets.models import Ticket
from tests.people import make_person
from tests.played_day import PlayedDay, ordinary_day

pytestmark = pytest.mark.django_db
FOREIGN = "DU9999999"
# what stands in an address → a thing of the played day
PARTS: dict[str, Any] = {
    "name": "needs", "number": 3, "key": "1-1BT", "token": "x-y", "deed": "set", "pk": 1, "word": "x",
    "code": "link-down", "page": "orders",
    "account": 1, "day": "2026-11-17", "what": "trades", "kind": "csv",
}  # fmt: skip
# addresses whose answer depends on the account of the row they are about
OF_AN_ACCOUNT = {
    "review-one", "review-card", "review-watch", "review-approve", "review-reject",
    "orders-life", "orders-cancel", "orders-resolve", "plan",
}  # fmt: skip
METHODS = ("get", "post", "put", "delete")


def addresses(found: URLResolver, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    for part in found.url_patterns:
        if isinstance(part, URLResolver):
            yield from addresses(part, part.namespace or space)
        elif isinstance(part, URLPattern) and part.name:
            yield (f"{space}:{part.name}" if space else part.name), part


ALL = sorted(dict(addresses(get_resolver())).items())
OURS = [(name, pattern) for name, pattern in ALL if not name.startswith("admin:")]


def asked(name: str, pattern: URLPattern) -> str | None:
    own = getattr(pattern.callback, "asks", None)
    return own or PAGES.get(name) or NAMESPACES.get(name.partition(":")[0])


def path_of(name: str, pattern: URLPattern) -> str:
    return reverse(name, kwargs={part: PARTS[part] for part in pattern.pattern.converters})


@pytest.fixture
def day(settings: Any) -> PlayedDay:
    return ordinary_day(settings)


def state() -> tuple[Any, ...]:
    """What no refused request may have moved."""
    return (
        list(Request.objects.order_by("pk").values_list("pk", "state", "row_version")),
        list(Ticket.objects.order_by("pk").values_list("pk", "state")),
        Ask.objects.count(),
        LimitSet.objects.count(),
        list(User.objects.order_by("pk").values_list("pk", "is_active", "password")),
    )


@pytest.mark.parametrize(("name", "pattern"), ALL, ids=[name for name, _ in ALL])
def test_every_address_says_whom_it_is_for(name: str, pattern: URLPattern) -> None:
    verb = asked(name, pattern)
    assert verb in VERBS or verb in (ANYBODY, ONESELF), f"{name} asks nothing, so nobody may open it"


def test_every_address_about_a_row_knows_whose_account_it_is() -> None:
    knows = {name for name, pattern in OURS if getattr(pattern.callback, "asks_account", None)}
    assert knows - {"review"} >= OF_AN_ACCOUNT
    numbered = {
        name for name, pattern in OURS
        if {"number", "key"} & set(pattern.pattern.converters) and asked(name, pattern) in VERBS
    }  # fmt: skip
    without = numbered - knows
    # of no account, or of the account that the page itself takes from within the person's reach
    assert {name for name in without if not name.startswith("strategies-")} <= {
        "second-confirm", "second-decline", "tokens-revoke", "stopping", "notifications-save",
        "notifications-test",
    }, without  # fmt: skip


@pytest.mark.parametrize("role", [*ROLES, "none"])
def test_a_role_opens_what_it_may_and_nothing_else(day: PlayedDay, role: str) -> None:
    person = make_person("mia", role) if role != "none" else User.objects.create_user("mia")
    make_person("needs", "viewer")
    before, wrong = state(), []
    # every method, and refusals as whole pages, with one role: the others are asked in short
    methods, short = (METHODS, {}) if role == "viewer" else (METHODS[:2], {"HX-Request": "true"})
    client = Client(raise_request_exception=False)
    client.force_login(person)
    for name, pattern in OURS:
        verb = asked(name, pattern)
        if verb in (ANYBODY, ONESELF, None) or name == "account_logout":
            continue
        allowed = verb in ROLES.get(role, frozenset())
        for method in methods if not allowed else ("get",):
            status = getattr(client, method)(path_of(name, pattern), headers=short).status_code
            if (status == 403) is allowed:
                wrong.append((name, method, verb, status))
    assert wrong == [] and state() == before


def test_an_account_out_of_reach_is_closed_in_every_role_and_method(day: PlayedDay) -> None:
    make_person("mia", *ROLES, accounts=(FOREIGN,))
    mia, wrong, before = User.objects.get(username="mia"), [], state()
    client = Client(raise_request_exception=False)
    client.force_login(mia)
    for name, pattern in OURS:
        if name not in OF_AN_ACCOUNT:
            continue
        for method in METHODS:
            status = getattr(client, method)(path_of(name, pattern)).status_code
            if status != 403:
                wrong.append((name, method, status))
    assert wrong == [] and state() == before
    for path in ("/", "/orders/", "/positions/", "/risk/", "/review/", "/plans/", "/journal/?q=WEC"):
        page = client.get(path).content.decode()
        assert day.account.masked() not in page, path


def test_without_a_login_only_the_door_is_open(day: PlayedDay) -> None:
    before, wrong = state(), []
    client = Client(raise_request_exception=False)
    for name, pattern in OURS:
        if asked(name, pattern) == ANYBODY:
            continue
        for method in METHODS:
            answer = getattr(client, method)(path_of(name, pattern))
            if answer.status_code != 302 or not answer.headers["Location"].startswith("/login/"):
                wrong.append((name, method, answer.status_code))
    assert wrong == [] and state() == before


def test_the_admin_is_shut_to_whoever_sets_nothing_up(day: PlayedDay) -> None:
    client = Client(raise_request_exception=False)
    for role in ("viewer", "trader"):
        client.force_login(make_person(role, role))
        # the page of a refusal is looked at elsewhere; here its short form will do
        ask = {"HX-Request": "true"}
        for name, pattern in ALL:
            if not name.startswith("admin:") or asked(name, pattern) not in VERBS:
                continue
            if pattern.pattern.converters or name == "admin:app_list":
                continue
            assert client.get(reverse(name), headers=ask).status_code == 403, (role, name)


def test_what_keeps_the_rules_is_not_edited_around_them() -> None:
    edited = {model._meta.label for model in admin.site._registry}
    assert not edited & {
        "auth.User", "auth.Group", "mfa.Authenticator", "usersessions.UserSession", "django_q.OrmQ",
        "django_q.Success", "operators.Second", "operators.Reach",
    }  # fmt: skip
    for model, page in admin.site._registry.items():
        by_action = ("broker.RestartWindow", "market.SessionOverride")
        if model._meta.app_label not in ("desks", "operators") and model._meta.label not in by_action:
            assert isinstance(page, ReadOnlyAdmin), model._meta.label


def test_a_remembered_permission_would_be_caught(day: PlayedDay, monkeypatch: pytest.MonkeyPatch) -> None:
    """The broken variant: what a person may is read once and kept. The real one refuses at once."""
    from apps.journal.ports import SYSTEM
    from apps.operators import middleware
    from apps.operators.actions.set_person import set_person

    mia = make_person("mia", "trader")
    kept: dict[int, Any] = {}
    real = middleware.standing_of

    def remembered(user: Any) -> Any:
        return kept.setdefault(user.pk, real(user))

    for broken in (True, False):
        set_person(mia, roles=["trader"], accounts=["*"], actor=SYSTEM)
        with monkeypatch.context() as patch:
            if broken:
                patch.setattr(middleware, "standing_of", remembered)
            client = Client()
            client.force_login(mia)
            assert client.get("/plans/import/").status_code == 200
            set_person(mia, roles=["viewer"], accounts=["*"], actor=SYSTEM)
            assert client.get("/plans/import/").status_code == (200 if broken else 403)


def test_a_viewer_finds_nothing_to_press(day: PlayedDay) -> None:
    """Besides their own account, the way out and what only looks: every form of every page is one's own."""
    client = Client()
    client.force_login(make_person("val", "viewer"))
    own = ("/logout/", "/account/", "/views/")
    for path in ("/", "/review/3/", "/orders/?open=1-1BT", "/plans/", "/plans/1/", "/positions/", "/risk/",
                 "/seconds/", "/journal/", "/system/", "/more/", "/account/", "/alarms/", "/notifications/",
                 "/runbooks/link-down/"):  # fmt: skip
        page = client.get(path).content.decode()
        posts = re.findall(r'<form[^>]*method="post"[^>]*>', page)
        wrong = [form for form in posts if not any(f'action="{start}' in form for start in own)]
        assert wrong == [], path
        for address in (
            "/approve/",
            "/reject/",
            "/cancel/",
            "/resolve/",
            "/plans/import/",
            "/admin/",
            "/people/",
        ):
            assert address not in page, (path, address)
    assert "Your role does not let you approve" in client.get("/review/3/").content.decode()
