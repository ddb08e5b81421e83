"""The ledger file."""

import json
import time
from pathlib import Path

from apps.simgateway.record import Ledger, read_ledger
from apps.simgateway.wire.framing import encode

NOW = 1_795_186_800_000_000


def test_every_line_says_when_and_what(tmp_path: Path):
    path = tmp_path / "deep" / "ledger.jsonl"
    ledger = Ledger(path)
    ledger.note(NOW, "open", {"conn": 1})
    ledger.frame_in(NOW + 1, 1, ["61", "1"])
    ledger.frame_out(NOW + 2, 1, encode(["62", "1"]))
    ledger.close()
    lines = list(read_ledger(path))
    assert [(line["n"], line["at"] - NOW, line["kind"]) for line in lines] == [
        (1, 0, "open"),
        (2, 1, "in"),
        (3, 2, "out"),
    ]
    assert lines[1]["name"] == "reqPositions" and lines[1]["fields"] == ["61", "1"]
    assert lines[2]["name"] == "positionEnd" and lines[2]["wall"] > NOW / 2


def test_any_text_comes_back_as_it_was(tmp_path: Path):
    odd = ['say "hi"', "back\\slash", "two\nlines", "Zürich 中文", "", "a\x01b"]
    ledger = Ledger(tmp_path / "ledger.jsonl")
    ledger.frame_in(NOW, 1, ["4", *odd])
    ledger.frame_out(NOW, 1, encode(["4", *odd]))
    ledger.close()
    assert [line["fields"] for line in read_ledger(tmp_path / "ledger.jsonl")] == [["4", *odd]] * 2


def test_frames_joined_in_one_write_are_as_many_lines():
    ledger = Ledger()
    ledger.frame_out(NOW, 1, encode(["62", "1"]) + encode(["53", "1"]) + encode(["49", "1", "7"]))
    assert [line["name"] for line in ledger.latest(10)] == ["positionEnd", "openOrderEnd", "currentTime"]


def test_it_is_only_appended_to(tmp_path: Path):
    for run in range(2):
        ledger = Ledger(tmp_path / "ledger.jsonl")
        ledger.note(NOW, "start", {"run": run})
        ledger.close()
    assert [line["run"] for line in read_ledger(tmp_path / "ledger.jsonl")] == [0, 1]


def test_a_line_cut_short_by_a_crash_is_left_out(tmp_path: Path):
    path = tmp_path / "ledger.jsonl"
    path.write_text('{"n":1,"kind":"start"}\n{"n":2,"ki')
    assert [line["n"] for line in read_ledger(path)] == [1]


def test_the_latest_can_be_asked_by_kind_and_name():
    ledger = Ledger(remember=50)
    for number in range(100):
        ledger.frame_in(NOW, number, ["61", "1"])
        ledger.frame_in(NOW, number, ["49", "1"])
    found = ledger.latest(3, kind="in", name="reqPositions")
    assert [line["conn"] for line in found] == [97, 98, 99]
    assert len(ledger.latest(1_000)) == 50


def test_a_replay_remembers_everything_until_it_has_compared_it():
    ledger = Ledger(remember=None)
    for number in range(20_000):
        ledger.frame_in(NOW, number, ["61", "1"])
    assert len(ledger.since(0)) == 20_000
    ledger.forget()
    assert ledger.since(0) == []


def test_a_message_costs_microseconds(tmp_path: Path):
    ledger = Ledger(tmp_path / "ledger.jsonl")
    order = encode(["5", *["field"] * 135])
    best = 1.0
    for _ in range(5):
        began = time.perf_counter()
        for _ in range(500):
            ledger.frame_out(NOW, 1, order)
        best = min(best, (time.perf_counter() - began) / 500)
    ledger.close()
    assert best < 50e-6, "an order's line takes about 5 µs on an idle machine"
    assert json.loads((tmp_path / "ledger.jsonl").read_text().splitlines()[-1])["n"] == 2_500
