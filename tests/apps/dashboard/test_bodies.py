"""What is too large never reaches Django, and so never its disk."""

import asyncio
from typing import Any

from apps.dashboard.bodies import LARGEST, SmallBodiesOnly

PIECE = b"x" * 65_536


class Door:
    """An application that reads its whole body, and a sender of so many pieces."""

    def __init__(self, pieces: int) -> None:
        self.left, self.read, self.ended = pieces, 0, ""
        self.sent: list[dict[str, Any]] = []

    async def application(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            self.read += len(message.get("body", b""))
            if message["type"] == "http.disconnect" or not message.get("more_body"):
                self.ended = message["type"]
                return

    async def receive(self) -> dict[str, Any]:
        self.left -= 1
        return {"type": "http.request", "body": PIECE, "more_body": self.left > 0}

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)

    def ask(self, path: str, length: int | None) -> "Door":
        headers = [] if length is None else [(b"content-length", str(length).encode())]
        scope = {"type": "http", "method": "POST", "path": path, "headers": headers}
        asyncio.run(SmallBodiesOnly(self.application)(scope, self.receive, self.send))
        return self


def test_fifty_megabytes_are_refused_by_their_length_and_nothing_is_kept() -> None:
    door = Door(800).ask("/plans/import/", 800 * len(PIECE))
    assert door.sent[0]["status"] == 413 and b"at most" in door.sent[1]["body"]
    assert (door.read, door.ended, door.left) == (0, "", 0)


def test_the_door_for_programs_is_told_the_length_and_gets_no_body() -> None:
    door = Door(800).ask("/api/v1/plans", 800 * len(PIECE))
    assert (door.read, door.ended, door.sent) == (0, "http.request", [])


def test_a_body_without_a_length_ends_where_it_is_too_long() -> None:
    door = Door(800).ask("/plans/import/", None)
    assert door.ended == "http.disconnect" and door.read <= LARGEST


def test_a_plan_passes_whole() -> None:
    door = Door(2).ask("/plans/import/", 2 * len(PIECE))
    assert (door.read, door.ended) == (2 * len(PIECE), "http.request")
