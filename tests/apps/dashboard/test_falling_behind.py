"""A screen that is told more than the channel layer keeps for it."""

import asyncio
import json
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from channels.layers import get_channel_layer
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore

from apps.dashboard.consumers import FeedConsumer
from apps.dashboard.feed import GROUP, feed
from tests.people import make_person, session_of

pytestmark = [pytest.mark.deep, pytest.mark.django_db(transaction=True)]

KEPT, TOLD = 100, 250  # messages: what the layer keeps for a channel, and what comes at once


async def opened(person: User, session: SessionStore) -> ApplicationCommunicator:
    scope = {"type": "websocket", "path": "/feed/", "query_string": b"", "user": person, "session": session}
    wire = ApplicationCommunicator(FeedConsumer.as_asgi(), scope)
    await wire.send_input({"type": "websocket.connect"})
    assert (await wire.receive_output(timeout=5))["type"] == "websocket.accept"
    return wire


async def said_to(wire: ApplicationCommunicator) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((await wire.receive_output(timeout=10))["text"])
    return told


async def fall_behind(person: User, session: SessionStore) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Everything one screen hears up to its next beat, and the hello of a screen opened afterwards."""
    wire, layer, heard = await opened(person, session), get_channel_layer(), []
    assert (await said_to(wire))["type"] == "hello" and layer is not None
    changes = [feed.versions.touch(["people"], number) for number in range(TOLD)]
    hints = [{"type": "feed.hint", "versions": one} for one in changes]
    await asyncio.gather(*(layer.group_send(GROUP, hint) for hint in hints))
    while not heard or heard[-1]["type"] != "beat":
        heard.append(await said_to(wire))
    again = await opened(person, session)
    hello = await said_to(again)
    for one in (wire, again):
        await one.send_input({"type": "websocket.disconnect", "code": 1000})
        await one.wait()
    return heard, hello


def test_i5_what_the_layer_dropped_is_told_by_the_next_beat_and_by_a_new_hello() -> None:
    """The page fetches each fragment whose version is not its own: nobody has to know what was lost."""
    person = make_person("ann")
    heard, hello = asyncio.run(fall_behind(person, session_of(person)))
    hints = [one["versions"]["people"] for one in heard if one["type"] == "hint"]
    stands = feed.versions.of["people"]
    assert KEPT <= len(hints) < TOLD and hints[-1] != stands, (len(hints), hints[-1], stands)
    assert heard[-1]["versions"]["people"] == stands
    assert hello["type"] == "hello" and hello["versions"]["people"] == stands
