"""The control door, over real HTTP."""

import http.client
import json
from typing import Any

import pytest

from apps.simgateway.control import ControlDoor
from tests.simgateway.shell.loops import in_thread

TOKEN = "a-token"


def turn(verb: str, args: dict[str, Any]) -> dict[str, Any]:
    if verb == "refuse":
        raise ValueError("no such thing; try another")
    return {"verb": verb, "args": args}


@pytest.fixture
def port():
    door = ControlDoor(turn, TOKEN)
    with in_thread(door.listen(0), door.stop) as bound:
        yield bound


def post(
    port: int, path: str, body: str = "{}", *, token: str = TOKEN, method: str = "POST"
) -> tuple[int, dict]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request(method, path, body, {"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def test_a_verb_and_its_arguments_arrive(port: int):
    assert post(port, "/quote", '{"symbol": "AAPL", "bid": "100"}') == (
        200,
        {"verb": "quote", "args": {"symbol": "AAPL", "bid": "100"}},
    )


def test_a_line_of_text_is_a_turn(port: int):
    status, answer = post(port, "/", '{"line": "fault hold message=orderStatus ref=T-7"}')
    assert (status, answer["verb"]) == (200, "fault")
    assert answer["args"] == {"kind": "hold", "message": "orderStatus", "ref": "T-7"}


def test_without_the_token_nothing_is_done(port: int):
    assert post(port, "/quote", token="another")[0] == 401


def test_a_refusal_says_why(port: int):
    assert post(port, "/refuse") == (400, {"error": "no such thing; try another"})


def test_a_body_that_is_no_object_is_refused(port: int):
    assert post(port, "/quote", "[1]")[0] == 400
    assert post(port, "/quote", "{half")[0] == 400


def test_only_posts_are_taken(port: int):
    assert post(port, "/quote", method="GET")[0] == 405


def test_bytes_that_are_no_http_are_refused_and_the_door_stays_open(port: int):
    import socket

    with socket.create_connection(("127.0.0.1", port), timeout=5) as raw:
        raw.sendall(b"API\0 this is not http\r\n\r\n")
        assert b"400" in raw.recv(4096)
    assert post(port, "/quote")[0] == 200
