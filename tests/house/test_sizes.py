"""Small enough to read standing up."""

import ast
from pathlib import Path

from tests.house.source import body_lines, classes, functions, place, product_files, python_files
from tests.house.waivers import WAIVERS

BODY_P90, BODY_MOST, TEST_MOST = 25, 50, 40
MODULE_P90, MODULE_MOST = 250, 400
METHODS_MOST = 12
POSITIONAL_MOST = 3


def ninetieth(sizes: list[int]) -> int:
    return sorted(sizes)[int(len(sizes) * 0.9)]


def lines_of(path: Path) -> int:
    return path.read_text().count("\n")


def too_large(found: dict[str, int], most: int) -> dict[str, int]:
    return {name: size for name, size in found.items() if size > most and name not in WAIVERS}


def bodies(files: list[Path]) -> dict[str, int]:
    return {f"{place(path)}:{node.name}": body_lines(node) for path in files for node in functions(path)}


def test_function_bodies_stay_short() -> None:
    found = bodies(product_files())
    assert too_large(found, BODY_MOST) == {}
    assert ninetieth(list(found.values())) <= BODY_P90


def test_test_bodies_stay_short() -> None:
    tests = [path for path in python_files() if place(path).startswith("tests/")]
    assert too_large(bodies(tests), TEST_MOST) == {}


def test_modules_stay_short() -> None:
    found = {place(path): lines_of(path) for path in python_files()}
    assert too_large(found, MODULE_MOST) == {}
    assert ninetieth(list(found.values())) <= MODULE_P90


def test_classes_have_few_public_methods() -> None:
    found = {
        f"{place(path)}:{node.name}": sum(
            isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef) and not part.name.startswith("_")
            for part in node.body
        )
        for path in product_files()
        for node in classes(path)
    }
    assert too_large(found, METHODS_MOST) == {}


def test_functions_take_few_things_by_position() -> None:
    found = {}
    for path in product_files():
        for node in functions(path):
            given = node.args.posonlyargs + node.args.args
            own = 1 if given and given[0].arg in ("self", "cls", "_self") else 0
            # A default is a choice that the caller may leave out.
            found[f"{place(path)}:{node.name}"] = len(given) - own - len(node.args.defaults)
    assert too_large(found, POSITIONAL_MOST + 1) == {}


def test_every_waiver_says_why_and_is_still_needed() -> None:
    names = {place(path) for path in python_files()}
    for path in python_files():
        names |= {f"{place(path)}:{node.name}" for node in [*functions(path), *classes(path)]}
    assert [name for name in WAIVERS if name not in names] == []
    assert [name for name, why in WAIVERS.items() if len(why.split()) < 5] == []
