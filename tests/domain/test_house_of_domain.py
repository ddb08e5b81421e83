"""What the domain promises about itself: it is pure, small, and every code it can give is documented."""

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

import tradingdesk.domain

ROOT = Path(tradingdesk.domain.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))
PACKAGES = [path.name for path in sorted(ROOT.iterdir()) if (path / "__init__.py").exists()]
ALLOWED = {
    "__future__", "collections", "csv", "dataclasses", "datetime", "decimal", "enum", "functools", "hashlib",
    "io", "itertools", "json", "re", "tradingdesk", "typing", "zoneinfo",
}  # fmt: skip
CODE = re.compile(r"[A-Z]+(_[A-Z]+)+")


def tree(path):
    return ast.parse(path.read_text())


def reasons():
    found = {}
    for package in PACKAGES:
        found |= getattr(import_module(f"tradingdesk.domain.{package}"), "REASONS", {})
    return found


def codes_in(path):
    """First arguments of whatever makes a reason or a problem, and codes handed on by keyword."""
    for node in ast.walk(tree(path)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", "")
        values = node.args[:1] if name in {"Reason", "file_problem", "row_problem"} else []
        values += node.args[2:3] if name == "Finding" else []
        values += [keyword.value for keyword in node.keywords if keyword.arg == "code"]
        for value in values:
            for part in ast.walk(value):
                if (
                    isinstance(part, ast.Constant)
                    and isinstance(part.value, str)
                    and CODE.fullmatch(part.value)
                ):
                    yield part.value


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_domain_module_imports_only_what_decides_nothing_by_itself(path):
    for node in ast.walk(tree(path)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert {name.split(".")[0] for name in names} <= ALLOWED


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_domain_module_never_asks_what_time_it_is(path):
    calls = [node.func for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
    assert {getattr(call, "attr", "") for call in calls}.isdisjoint({"now", "utcnow", "today"})


def said_by_stations():
    """Codes of the domain that an action gives, because the deciding is a row's condition there."""
    files = [
        path.read_text()
        for path in (ROOT.parents[1] / "apps").rglob("*.py")
        if "migrations" not in path.parts
    ]
    return {code for text in files for code in re.findall(r'"([A-Z]+(?:_[A-Z]+)+)"', text)}


def test_every_code_the_domain_gives_is_documented_and_none_is_dead():
    given = {code for path in MODULES for code in codes_in(path)}
    documented = reasons()
    assert given <= set(documented)
    built = {code for code in documented if code.endswith("_NOT_KNOWN") or code.startswith("BREAKER_")}
    assert set(documented) - built - given <= said_by_stations()
    assert all(CODE.fullmatch(code) and text.endswith(".") for code, text in documented.items())


def test_every_function_and_module_is_small():
    lengths = []
    for path in MODULES:
        assert len(path.read_text().splitlines()) <= 250, path
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef):
                lengths.append(node.end_lineno - node.lineno + 1)
    assert max(lengths) <= 50
    assert sorted(lengths)[int(len(lengths) * 0.9)] <= 25
