"""Reading our own source: which files there are, and what stands in them."""

import ast
import functools
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


@functools.cache
def python_files() -> tuple[Path, ...]:
    """Every Python file of ours that git knows or would know, without generated migrations."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    paths = sorted({ROOT / name for name in listed.split("\0") if name and "/migrations/" not in name})
    return tuple(path for path in paths if path.is_file())


def product_files() -> list[Path]:
    """The files that are not tests."""
    return [path for path in python_files() if path.relative_to(ROOT).parts[0] in ("apps", "tradingdesk")]


@functools.cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), filename=str(path))


def place(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def classes(path: Path) -> Iterator[ast.ClassDef]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ClassDef):
            yield node


def has_docstring(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return ast.get_docstring(node, clean=False) is not None


def body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """How many lines there are to read: from the first statement after the docstring to the end."""
    body = node.body[1:] if has_docstring(node) else node.body
    return (node.end_lineno or 0) - body[0].lineno + 1 if body else 0
