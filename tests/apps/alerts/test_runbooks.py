"""Every alarm code has a page that says what to do, and the desk shows it."""

import re

import pytest
from django.conf import settings
from django.test import Client

from apps.alerts.codes import CODES
from apps.broker.reasons import REASONS
from tests.people import make_person

FOLDER = settings.BASE_DIR / "docs" / "runbooks"
CHAPTERS = ["What it means", "What the desk already did", "What to check", "What to do", "When to escalate"]


@pytest.mark.parametrize("code", CODES)
def test_every_alarm_has_a_runbook_with_the_five_chapters(code: str) -> None:
    text = (FOLDER / f"{code}.md").read_text(encoding="utf-8")
    assert text.startswith(f"# {CODES[code].title}\n")
    parts = re.split(r"^## (.*)\n", text, flags=re.MULTILINE)
    assert parts[1::2] == CHAPTERS
    assert all(len(chapter.strip()) >= 40 for chapter in parts[2::2]), code


def test_no_runbook_is_left_without_its_alarm_and_each_names_only_codes_that_exist() -> None:
    assert {path.stem for path in FOLDER.glob("*.md")} == set(CODES)
    for path in FOLDER.glob("*.md"):
        text = path.read_text(encoding="utf-8")
        named = set(re.findall(r"see `([a-z-]+)`|runbook `([a-z-]+)`", text))
        assert {one or other for one, other in named} <= set(CODES), path.name
        assert set(re.findall(r"`(ORDER_[A-Z_]+)`", text)) <= set(REASONS) | {"ORDER_"}, path.name


@pytest.mark.django_db
def test_the_desk_shows_a_runbook_and_the_list_of_them(client: Client) -> None:
    client.force_login(make_person("val", "viewer"))
    page = client.get("/runbooks/link-down/").content.decode()
    assert "<h1>Broker connection down</h1>" in page and "<h2>What to do</h2>" in page
    listed = client.get("/runbooks/").content.decode()
    assert all(f"/runbooks/{code}/" in listed for code in CODES)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["nothing", "..%2F..%2FREADME", "link_down"])
def test_a_runbook_is_a_code_and_never_a_path(client: Client, path: str) -> None:
    client.force_login(make_person("val", "viewer"))
    assert client.get(f"/runbooks/{path}/").status_code == 404
