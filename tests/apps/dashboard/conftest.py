import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from apps.operators.pages.asking import PROVED_AT, PROVED_BY
from tests.people import make_person
from tests.played_day import PlayedDay, ordinary_day


@pytest.fixture
def day(db: None, settings: Any) -> PlayedDay:
    return ordinary_day(settings)


@pytest.fixture
def ann(client: Client, db: None) -> User:
    made = make_person("ann", password="long-enough-for-ann")
    client.force_login(made)
    prove(client)
    return made


def prove(client: Client) -> None:
    """As if the person had just shown who they are."""
    session = client.session
    session[PROVED_AT], session[PROVED_BY] = time.time(), "password"
    session.save()


@pytest.fixture
def fragment(client: Client, ann: User) -> Callable[..., Any]:
    """A request as the page's own script sends it."""

    def asked(path: str, data: dict[str, Any] | None = None) -> Any:
        headers = {"HX-Request": "true"}
        return client.get(path, headers=headers) if data is None else client.post(path, data, headers=headers)

    return asked
