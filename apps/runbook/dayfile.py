"""The file of one trading day, `./desk paper --config FILE`: read whole, or refused with every problem."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps.desks.ports import DeskRefused, check_account_fits

REASONS = {"DAY_FILE_REFUSED": "The file of a trading day cannot be used; it says which lines and why."}


class DayFileRefused(Exception):
    """Nothing was started."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFile:
    """What the day is to be traded with. Phases and limits are not in it: people set them, with a reason."""

    gateway: Mapping[str, Any]
    account: Mapping[str, Any]
    strategy: Mapping[str, Any]
    intake: str


@dataclass(frozen=True, slots=True)
class Key:
    """One key: its type, what it must be like, and whether it may be left out."""

    kind: type
    wanted: str = ""
    fits: Callable[[Any], bool] = lambda value: True
    needed: bool = False


def _between(least: int, most: int) -> Callable[[Any], bool]:
    return lambda value: least <= value <= most


_PORT = Key(int, "1 to 65535", _between(1, 65535), needed=True)
SECTIONS: dict[str, dict[str, Key]] = {
    "gateway": {
        "name": Key(str, "a word", lambda value: bool(value.strip())),
        "host": Key(str, "a host", lambda value: bool(value.strip()), needed=True),
        "port": _PORT,
        "client_id": Key(int, "1 to 999", _between(1, 999)),
    },
    "account": {
        "code": Key(str, "the broker's code", lambda value: bool(value.strip()), needed=True),
        "title": Key(str),
    },
    "strategy": {
        "name": Key(str, "small letters, figures and dashes", lambda value: bool(value.strip()), needed=True),
        "title": Key(str),
        "moc_minutes": Key(int, "1 to 60", _between(1, 60)),
        "propose_again": Key(bool),
    },
    "day": {"intake": Key(str, "a folder that exists", lambda value: Path(value).is_dir())},
}
NEEDED = ("gateway", "account", "strategy")


def read_day_file(path: Path, *, mode: str) -> DayFile:
    """Every problem of the file at once, each with its section and key."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as missing:
        raise DayFileRefused([f"{path} cannot be read: {missing.strerror}"]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
        raise DayFileRefused([f"{path} is no TOML: {broken}"]) from None
    problems = [*_strange(told), *_missing(told), *_wrong(told), *_mismatched(told, mode)]
    if problems:
        raise DayFileRefused([f"{path.name}: {one}" for one in problems])
    return DayFile(
        gateway={"name": mode, "client_id": 11} | told["gateway"],
        account=told["account"],
        strategy=told["strategy"],
        intake=str(told.get("day", {}).get("intake", "")),
    )


def _strange(told: Mapping[str, Any]) -> list[str]:
    found = [
        f"there is no section [{name}]; there are {', '.join(SECTIONS)}"
        for name in told
        if name not in SECTIONS
    ]
    for name, keys in SECTIONS.items():
        section = told.get(name, {})
        if not isinstance(section, Mapping):
            found.append(f"{name} must be a section, [{name}]")
            continue
        found += [
            f"[{name}] knows no {key}; it knows {', '.join(keys)}" for key in section if key not in keys
        ]
    return found


def _missing(told: Mapping[str, Any]) -> list[str]:
    found = [f"the section [{name}] is missing" for name in NEEDED if name not in told]
    for name in told:
        if isinstance(told[name], Mapping):
            keys = SECTIONS.get(name, {})
            found += [
                f"[{name}] {key} is missing"
                for key, one in keys.items()
                if one.needed and key not in told[name]
            ]
    return found


def _wrong(told: Mapping[str, Any]) -> list[str]:
    found = []
    for name, keys in SECTIONS.items():
        section = told.get(name, {})
        for key, one in keys.items() if isinstance(section, Mapping) else ():
            if key not in section:
                continue
            value = section[key]
            if type(value) is not one.kind:  # a yes is a number to Python, and must not be one here
                found.append(f"[{name}] {key} must be a {one.kind.__name__}, not {value!r}")
            elif not one.fits(value):
                found.append(f"[{name}] {key} is {value!r}; it must be {one.wanted}")
    return found


def _mismatched(told: Mapping[str, Any], mode: str) -> list[str]:
    """A live account in a paper file is the mistake that costs most."""
    section = told.get("account", {})
    code = section.get("code") if isinstance(section, Mapping) else None
    if not isinstance(code, str):
        return []
    try:
        check_account_fits(code, mode)
    except DeskRefused as refusal:
        return [f"[account] code: {refusal}"]
    return []
