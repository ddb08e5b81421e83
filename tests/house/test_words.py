"""Words: no empty names, no signals, no unfinished work, and a sentence for every reason code."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.house.source import ROOT, classes, functions, parsed, place, product_files, python_files

EMPTY_NAMES = {"services", "utils", "helpers", "common", "misc", "manager", "processor"}
EMPTY_ENDINGS = ("Service", "Utils", "Helper", "Manager", "Processor")
UNFINISHED = re.compile(r"NotImplementedError|\bTODO\b|\bFIXME\b|\bXXX\b|(?i:coming soon)")
CODE = re.compile(r"[A-Z]{2,}(_[A-Z0-9]+)+")
# What makes or carries a reason: Reason(…), SomethingRefused(…), Finding(…), Problem(…), reason_code=….
CARRIERS = ("Reason", "Refused", "Finding", "Problem")
CODE_WORDS = ("code", "reason_code")
OURS = [path for path in product_files() if not place(path).startswith("apps/simgateway/")]
REASONS_PAGE = ROOT / "docs" / "reasons.md"


def given_codes(tree: ast.Module) -> Iterator[str]:
    """Every reason code that this module gives out as a literal."""
    for node in ast.walk(tree):
        values: list[ast.expr | None] = []
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            values = list(node.args) if name.endswith(CARRIERS) else []
            values += [word.value for word in node.keywords if word.arg in CODE_WORDS]
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            values = (
                [node.value] if any(getattr(target, "id", "") in CODE_WORDS for target in targets) else []
            )
        for value in values:
            if (
                isinstance(value, ast.Constant)
                and isinstance(value.value, str)
                and CODE.fullmatch(value.value)
            ):
                yield value.value


def declared_reasons() -> dict[str, str]:
    """Every code that some module's REASONS explains."""
    found: dict[str, str] = {}
    for path in OURS:
        for node in parsed(path).body:
            target = node.target if isinstance(node, ast.AnnAssign) else None
            target = node.targets[0] if isinstance(node, ast.Assign) else target
            if isinstance(target, ast.Name) and target.id == "REASONS" and isinstance(node.value, ast.Dict):
                pairs = zip(node.value.keys, node.value.values, strict=True)
                found |= {ast.literal_eval(key): ast.literal_eval(text) for key, text in pairs if key}
    return found


def reasons_page() -> str:
    rows = [f"| `{code}` | {text} |" for code, text in sorted(declared_reasons().items())]
    head = [
        "# Reason codes",
        "",
        "Every refusal leaves one of these; a test keeps the page and the code alike.",
    ]
    return "\n".join([*head, "", "| code | what it means |", "| --- | --- |", *rows, ""])


def test_every_reason_code_is_explained() -> None:
    known = declared_reasons()
    unknown = {
        f"{place(path)}: {text}" for path in OURS for text in given_codes(parsed(path)) if text not in known
    }
    assert unknown == set(), "add each to the REASONS of its package"
    assert [code for code, text in known.items() if not CODE.fullmatch(code) or len(text.split()) < 3] == []


def test_the_page_of_reasons_is_up_to_date() -> None:
    told = set(REASONS_PAGE.read_text().splitlines())
    missing = [row for row in reasons_page().splitlines() if row not in told]
    assert missing == [], "run: python -m tests.house.test_words"


def test_no_file_or_class_has_an_empty_name() -> None:
    files = [place(path) for path in product_files() if set(place(path)[:-3].split("/")) & EMPTY_NAMES]
    named = [
        f"{place(p)}:{c.name}" for p in product_files() for c in classes(p) if c.name.endswith(EMPTY_ENDINGS)
    ]
    assert files + named == []


def test_nothing_is_done_behind_the_back_by_django_signals() -> None:
    found = [
        place(path)
        for path in OURS
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom)
        and node.module in ("django.db.models.signals", "django.dispatch", "django.core.signals")
    ]
    assert found == []


def test_nothing_is_left_unfinished() -> None:
    assert [place(path) for path in product_files() if UNFINISHED.search(path.read_text())] == []


def test_no_exception_is_swallowed_in_silence() -> None:
    silent = [
        f"{place(path)}:{node.lineno}"
        for path in product_files()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ExceptHandler) and all(isinstance(part, ast.Pass) for part in node.body)
    ]
    assert silent == []


def test_test_names_are_sentences() -> None:
    tests = [path for path in python_files() if path.name.startswith("test_")]
    short = [
        f"{place(path)}:{node.name}"
        for path in tests
        for node in functions(path)
        if node.name.startswith("test_") and node.name.count("_") < 3
    ]
    assert short == []


@pytest.mark.parametrize("text", ["QUOTE_STALE", "ORDER_CAP_2"])
def test_a_reason_code_is_told_from_other_words(text: str) -> None:
    assert CODE.fullmatch(text) and not CODE.fullmatch(text.lower()) and not CODE.fullmatch("USD")


if __name__ == "__main__":
    REASONS_PAGE.parent.mkdir(exist_ok=True)
    REASONS_PAGE.write_text(reasons_page())
