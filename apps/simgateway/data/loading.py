"""Read the data files; what is wrong with one is told with its name, the key and a remedy."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import yaml

from apps.simgateway.exchange.catalogue import Catalogue
from apps.simgateway.exchange.market import Market
from apps.simgateway.exchange.sessions import Sessions

DATA = Path(__file__).parent
T = TypeVar("T")


class DataError(Exception):
    """A data file cannot be used."""


def read(name: str, folder: Path = DATA) -> dict[str, Any]:
    """The plain content of one file."""
    path = folder / name
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
    except FileNotFoundError as error:
        raise DataError(f"{path}: the file is missing; restore it from the repository") from error
    except yaml.YAMLError as error:
        raise DataError(f"{path}: not valid YAML: {error}; check the indentation there") from error
    if not isinstance(content, dict):
        raise DataError(f"{path}: the file must be a table of keys; it is {type(content).__name__}")
    return content


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load_sessions(folder: Path = DATA) -> Sessions:
    return _built(
        "sessions.yaml and exchanges.yaml",
        lambda: Sessions.load(
            calendars=read("sessions.yaml", folder), exchanges=read("exchanges.yaml", folder)
        ),
    )


def load_catalogue(sessions: Sessions, folder: Path = DATA) -> Catalogue:
    content: dict[str, Any] = {}
    for name in ("listings.yaml", "derivatives.yaml", "rules.yaml"):
        content |= read(name, folder)
    return _built("listings.yaml, derivatives.yaml and rules.yaml", lambda: Catalogue.load(content, sessions))


def load_market(seed: int, *, step_ms: int = 500, folder: Path = DATA) -> tuple[Catalogue, Sessions, Market]:
    """All three, ready to be asked."""
    sessions = load_sessions(folder)
    catalogue = load_catalogue(sessions, folder)
    return catalogue, sessions, Market(catalogue, sessions, seed, step=step_ms * 1000)


def _built(names: str, build: Callable[[], T]) -> T:
    try:
        return build()
    except KeyError as error:
        raise DataError(f"{names}: the key {error} is missing; every entry of its kind has it") from error
    except (ValueError, ArithmeticError, TypeError) as error:
        raise DataError(f"{names}: {error}; correct the entry") from error
