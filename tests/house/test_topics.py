"""What a screen waits for is told, and what is told has a name that somebody can wait for."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from apps.broker.ports import REREAD
from apps.dashboard.feed import ALSO, TOPICS
from tests.database import ROOT

HEARD = {*TOPICS, *ALSO, REREAD}


def told(path: Path) -> Iterator[str]:
    """Every word that the file gives as a topic of a journal line."""
    for node in ast.walk(ast.parse(path.read_text())):
        given = node.value if isinstance(node, ast.keyword) and node.arg == "topics" else None
        if isinstance(node, ast.Assign) and any(getattr(one, "id", "") == "TOPICS" for one in node.targets):
            given = node.value
        for word in ast.walk(given) if given is not None else ():
            if isinstance(word, ast.Constant) and isinstance(word.value, str):
                yield word.value


def test_every_topic_that_is_told_is_one_that_the_feed_knows() -> None:
    files = [path for path in (ROOT / "apps").rglob("*.py") if "migrations" not in path.parts]
    unknown = {
        f"{path.relative_to(ROOT)}: {word}" for path in files for word in told(path) if word not in HEARD
    }
    assert sorted(unknown) == []


def test_every_topic_that_a_screen_waits_for_is_told() -> None:
    pages = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "static" / "desk").glob("*.js")]
    waited = {word for path in pages for word in re.findall(r"topic:([a-z]+)", path.read_text())}
    assert waited and waited - set(TOPICS) == set()
