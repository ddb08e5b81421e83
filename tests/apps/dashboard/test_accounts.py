"""Two accounts on one desk: each screen shows one of them, and only whom it may concern."""

import asyncio
import json
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from channels.layers import get_channel_layer
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from apps.approvals.queries import waiting_count
from apps.dashboard import pulse
from apps.dashboard.consumers import NOT_ALLOWED, FeedConsumer
from apps.dashboard.feed import cells_group
from apps.desks.models import Account
from apps.journal.ports import SYSTEM
from apps.operators.actions.set_person import set_person
from apps.operators.queries import Login, standing_logins
from tests.people import make_person
from tests.played_day import PlayedDay, ordinary_day


@pytest.fixture
def day(transactional_db: None, settings: Any) -> PlayedDay:
    return ordinary_day(settings)


@pytest.fixture
def other(day: PlayedDay) -> Account:
    first = Account.objects.get()
    return Account.objects.create(code="DU7654321", gateway=first.gateway, base_currency="USD")


@pytest.fixture
def first(other: Account) -> Account:
    return Account.objects.exclude(pk=other.pk).get()


def test_a_person_chooses_which_account_the_pages_are_about(
    client: Client, first: Account, other: Account
) -> None:
    client.force_login(make_person("ann"))
    assert f'data-account="{first.pk}"' in client.get("/").content.decode()
    answer = client.post("/shell/account/", {"account": other.pk, "next": "/positions/"})
    assert (answer.status_code, answer["Location"]) == (302, "/positions/")
    shown = client.get("/positions/").content.decode()
    assert f'data-account="{other.pk}"' in shown and other.masked() in shown
    elsewhere = client.post("/shell/account/", {"account": first.pk, "next": "https://elsewhere.example/"})
    assert elsewhere["Location"] == "/"


def test_an_account_out_of_reach_is_neither_offered_nor_shown_nor_counted(
    client: Client, first: Account, other: Account
) -> None:
    client.force_login(make_person("mia", "viewer", accounts=(other.code,)))
    assert client.post("/shell/account/", {"account": first.pk}).status_code == 404
    shown = client.get("/").content.decode()
    assert first.masked() not in shown and f'data-account="{other.pk}"' in shown
    assert waiting_count([first.pk]) > 0 and waiting_count([other.pk]) == 0
    assert 'data-waiting="0"' in shown


def test_each_account_ticks_for_itself(first: Account, other: Account) -> None:
    told = pulse.cells({first.pk, other.pk})
    assert any(name.startswith("pnl:") for name in told[first.pk])
    assert not any(name.startswith(("pnl:", "away:")) for name in told[other.pk])
    assert pulse.cells({0}) == {}


def login_of(user: User) -> dict[str, Any]:
    client = Client()
    client.force_login(user)
    return {"user": user, "session": SessionStore(client.session.session_key)}


def test_a_socket_is_of_one_account_and_closed_to_who_may_not_see_it(first: Account, other: Account) -> None:
    scope = login_of(make_person("mia", "viewer", accounts=(other.code,)))

    async def open_for(account: str) -> tuple[ApplicationCommunicator, dict[str, Any]]:
        asked = {
            "type": "websocket",
            "path": "/feed/",
            "query_string": f"account={account}".encode(),
            **scope,
        }
        socket = ApplicationCommunicator(FeedConsumer.as_asgi(), asked)
        await socket.send_input({"type": "websocket.connect"})
        return socket, await socket.receive_output(5)

    async def played() -> list[Any]:
        for refused in (str(first.pk), "999999"):
            _, answer = await open_for(refused)
            assert answer == {"type": "websocket.close", "code": NOT_ALLOWED}, refused
        mine, answer = await open_for(str(other.pk))
        assert answer["type"] == "websocket.accept"
        assert json.loads((await mine.receive_output(5))["text"])["type"] == "hello"
        layer: Any = get_channel_layer()
        for account in (first, other):
            cells = {"type": "feed.cells", "cells": {"day": [account.code, 0, False]}}
            await layer.group_send(cells_group(account.pk), cells)
        heard: list[Any] = json.loads((await mine.receive_output(5))["text"])["cells"]["day"]
        assert await mine.receive_nothing(0.2)
        await mine.send_input({"type": "websocket.disconnect", "code": 1000})
        await mine.wait(5)
        return heard

    assert asyncio.run(played())[0] == other.code


def test_reach_taken_away_ends_the_open_socket(first: Account, other: Account) -> None:
    mia = make_person("mia", "viewer", accounts=(other.code,))
    scope = login_of(mia)
    login = Login(scope["session"].session_key, mia.pk, other.code)
    assert standing_logins([login]) == {login}
    set_person(mia, roles=["viewer"], accounts=[first.code], actor=SYSTEM)
    assert standing_logins([login]) == set()
