"""A run over real sockets, recorded by its own process, played again by the command."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from apps.simgateway.doorfile import ask_door
from tests.simgateway.bench.rawclient import RawClient
from tests.simgateway.scripts.requests import request_fields
from tests.simgateway.shell.test_running import Process, running

MSFT = {"symbol": "MSFT", "quantity": "10"}
LEGS = "272093*1*BUY,265598*1*SELL"


def place(client: RawClient, order_id: int, **words: str) -> None:
    client.send(request_fields("placeOrder", MSFT | {"id": str(order_id)} | words))


def trade_a_day(process: Process) -> None:
    """A bracket, a combo and an order for the close, on a clock that jumps between its hours."""
    client = process.client(1)
    client.send(request_fields("reqMktData", {"id": "40", "symbol": "MSFT"}))
    ask_door(process.door, "quote", {"symbol": "MSFT", "bid": "480.00", "ask": "480.02", "last": "480.01"})
    place(client, 1, side="BUY", type="LMT", limit="485.00", transmit="0")
    place(client, 2, side="SELL", type="LMT", limit="520.00", parent="1", transmit="0")
    place(client, 3, side="SELL", type="STP", aux="440.00", parent="1", tif="GTC")
    client.read_until(b"11")
    place(client, 4, side="BUY", type="LMT", limit="500.00", sec_type="BAG", legs=LEGS)
    place(client, 5, side="SELL", type="MOC", quantity="5")
    client.read_until(b"11")
    ask_door(process.door, "clock", {"how": "to", "value": "2026-11-20T16:01 US/Eastern"})
    client.read_until(b"3", place=1, value=b"5")
    client.send(request_fields("reqExecutions", {"id": "50"}))
    client.read_until(b"55")
    client.close()


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("run")
    path = home / "ledger.jsonl"
    with running(home, "--seed", "5", "--switch", "step_ms=5000", "--ledger", str(path)) as process:
        trade_a_day(process)
        process.interrupt()
    return path


def test_a_day_with_a_bracket_a_combo_and_an_moc_plays_again_bit_for_bit(recording: Path):
    lines = [json.loads(text) for text in recording.read_text().splitlines()]
    printed = {
        line["fields"][2] for line in lines if line.get("name") == "execDetails" and line["kind"] == "out"
    }
    assert {"1", "4", "5"} <= printed, "the parent of the bracket, the combo and the order for the close"
    said = io.StringIO()
    call_command("sim", "replay", str(recording), stdout=said)
    outputs = sum(line["kind"] in ("out", "hangup", "stall") for line in lines)
    assert f"the same {outputs} outputs" in said.getvalue() and outputs > 5_000, "a jump of six hours is many"


def test_a_recording_that_was_touched_is_found_out(recording: Path, tmp_path: Path):
    touched = tmp_path / "touched.jsonl"
    touched.write_text(recording.read_text().replace('"485.00"', '"484.99"', 1))
    with pytest.raises(CommandError, match="not the same"):
        call_command("sim", "replay", str(touched))
