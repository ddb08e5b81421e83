"""A page is one thread's work from its first middleware to its last; a file is nobody's but the loop's."""

import asyncio
from typing import Any

import pytest
from asgiref.sync import SyncToAsync

from tradingdesk.pages import Pages

AROUND = 2  # Django's own signal before the answer, and its closing after it
Sent = list[dict[str, Any]]


@pytest.fixture
def changes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every time the loop hands something to a thread."""
    found: list[str] = []
    call = SyncToAsync.__call__

    async def counted(self: Any, *args: Any, **kwargs: Any) -> Any:
        found.append(getattr(self.func, "__qualname__", repr(self.func)))
        return await call(self, *args, **kwargs)

    monkeypatch.setattr(SyncToAsync, "__call__", counted)
    return found


def ask(path: str) -> Sent:
    sent: Sent = []
    asked = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> dict[str, Any]:
        if (message := next(asked, None)) is not None:
            return message
        await asyncio.sleep(30)
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
        "headers": [(b"host", b"127.0.0.1")], "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    asyncio.run(Pages()(scope, receive, send))
    return sent


def header(sent: Sent, name: bytes) -> bytes:
    return {key.lower(): value for key, value in sent[0]["headers"]}.get(name, b"")


def test_a_page_is_answered_by_one_thread(changes: list[str]) -> None:
    sent = ask("/")
    assert sent[0]["status"] == 302 and b"/login" in header(sent, b"location")
    assert len(changes) == AROUND + 1, changes


def test_a_file_is_what_its_name_says_and_waits_for_no_thread(changes: list[str]) -> None:
    sent = ask("/static/desk/feed.js")
    assert sent[0]["status"] == 200 and b"javascript" in header(sent, b"content-type")
    assert header(sent, b"x-content-type-options") == b"nosniff"
    assert len(changes) <= AROUND, changes
