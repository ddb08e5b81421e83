"""Lines of plain text as turns at the control door."""

from pathlib import Path

import pytest

from apps.simgateway.clock import read_instant
from apps.simgateway.exchange.instant import SECOND
from apps.simgateway.phrases import read_scenario, read_turn


@pytest.mark.parametrize(
    ("line", "verb", "args"),
    [
        ("quote AAPL bid=100 ask=100.02", "quote", {"symbol": "AAPL", "bid": "100", "ask": "100.02"}),
        ("link 1100", "link", {"code": "1100"}),
        ("clear", "clear", {}),
        (
            'fault error code=201 text="not a chance"',
            "fault",
            {"kind": "error", "code": "201", "text": "not a chance"},
        ),
        (
            "clock to 2026-11-20T15:50 US/Eastern",
            "clock",
            {"how": "to", "value": "2026-11-20T15:50 US/Eastern"},
        ),
        ("shift AAPL -5", "shift", {"symbol": "AAPL", "percent": "-5"}),
        ("restart roll_back=4", "restart", {"roll_back": "4"}),
    ],
)
def test_a_line_is_a_verb_its_words_and_its_pairs(line: str, verb: str, args: dict[str, str]):
    turn = read_turn(line)
    assert (turn.verb, turn.args) == (verb, args)


@pytest.mark.parametrize("line", ["", "restart now", 'fault "unclosed'])
def test_a_line_that_cannot_be_read_is_refused(line: str):
    with pytest.raises(ValueError, match=r"\w"):
        read_turn(line)


def test_a_scenario_has_turns_at_once_after_and_at(tmp_path: Path):
    path = tmp_path / "bad_day.txt"
    path.write_text(
        "# what can go wrong\nswitch pacing reject\nafter 30s: link 1100  # lost\n\n"
        "at 2026-11-20T15:50 US/Eastern: fault hold message=orderStatus\n"
    )
    first, second, third = read_scenario(path)
    assert (first.turn.args, first.after, first.at) == ({"name": "pacing", "value": "reject"}, 0, None)
    assert (second.turn.args, second.after) == ({"code": "1100"}, 30 * SECOND)
    assert third.at == read_instant("2026-11-20T15:50 US/Eastern") and third.turn.args["kind"] == "hold"


def test_a_wrong_line_of_a_scenario_is_told_with_its_number(tmp_path: Path):
    path = tmp_path / "wrong.txt"
    path.write_text("link 1100\nafter a while: link 1102\n")
    with pytest.raises(ValueError, match=r"wrong\.txt, line 2: 'a while' is not a span"):
        list(read_scenario(path))
