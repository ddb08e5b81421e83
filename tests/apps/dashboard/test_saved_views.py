"""A view is a filter with a name: one's own, opened by its address, changed by its name, forgotten."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from apps.journal.models import Entry
from apps.operators.actions.save_view import AT_MOST
from apps.operators.models import SavedView
from tests.builders import make_desk
from tests.people import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(client: Client) -> User:
    make_desk(port=4002)
    user = make_person("ann")
    client.force_login(user)
    return user


def keep(client: Client, name: str, query: str, page: str = "orders") -> str:
    answer = client.post(f"/views/{page}/keep/", {"name": name, "query": query}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_what_is_shown_is_kept_under_a_name_and_found_on_the_page(client: Client, ann: User) -> None:
    page = keep(client, "  Utilities,   all days ", "q=WEC&day=all&open=1-1BT&nonsense=1")
    row = SavedView.objects.get()
    assert (row.user, row.name, row.query) == (ann, "Utilities, all days", "q=WEC&day=all")
    assert 'href="?q=WEC&amp;day=all"' in page and "Utilities, all days" in page
    keep(client, "Utilities, all days", "q=KO")
    assert SavedView.objects.get().query == "q=KO", "the same name again is changed"
    assert Entry.objects.filter(subject_kind="operators.savedview").count() == 2
    assert 'href="?q=KO"' not in client.get("/journal/").content.decode(), "each page has its own"


def test_nobody_sees_or_forgets_anothers_views(client: Client, ann: User) -> None:
    keep(client, "mine", "q=WEC")
    other = Client()
    other.force_login(make_person("ben", "viewer"))
    assert "mine" not in other.get("/orders/").content.decode()
    assert (
        "no view of that name"
        in other.post("/views/orders/forget/", {"name": "mine"}, follow=True).content.decode()
    )
    assert SavedView.objects.count() == 1
    client.post("/views/orders/forget/", {"name": "mine"})
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(("name", "says"), [("", "needs a name"), ("x" * 41, "at most 40")])
def test_a_name_that_is_none_is_refused(client: Client, ann: User, name: str, says: str) -> None:
    assert says in keep(client, name, "q=WEC") and not SavedView.objects.exists()


def test_one_view_too_many_is_refused_and_a_page_without_views_has_none(client: Client, ann: User) -> None:
    for number in range(AT_MOST):
        SavedView.objects.create(user=ann, page="journal", name=f"view {number}")
    assert "forget one first" in keep(client, "another", "q=WEC", "journal")
    assert SavedView.objects.count() == AT_MOST
    assert client.post("/views/system/keep/", {"name": "x", "query": ""}).status_code == 404
