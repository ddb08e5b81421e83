"""What a browser is given for the pages: named by content, compressed, made anew when it changes."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from apps.runbook.processes.parts import collect_when_due

SCRIPTS = ("desk", "feed", "keys", "parts", "review", "passkey", "stop", "time", "cells")
STYLES = ("tokens", "components", "desk")
COLD = (
    *(f"desk/{name}.js" for name in SCRIPTS),
    *(f"desk/{name}.css" for name in STYLES),
    "django_htmx/htmx-2.min.js",
    "vendor/idiomorph-0.8.0/idiomorph-ext.min.js",
)


@pytest.fixture
def home(settings: Any, tmp_path: Path) -> Path:
    own = tmp_path / "own"
    own.mkdir()
    (own / "mine.css").write_text("b { color: red }")
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATICFILES_DIRS = [*settings.STATICFILES_DIRS, own]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "apps.runbook.processes.parts.PartsStorage"},
    }
    return tmp_path


def names(home: Path) -> dict[str, str]:
    told: dict[str, str] = json.loads((home / "static" / "staticfiles.json").read_text())["paths"]
    return told


def test_parts_are_collected_once_and_again_when_one_changes(home: Path) -> None:
    assert collect_when_due()
    assert not collect_when_due()
    before = names(home)["mine.css"]
    (home / "own" / "mine.css").write_text("b { color: green }")
    assert collect_when_due()
    assert names(home)["mine.css"] != before
    assert (home / "static" / before).is_file()


def test_our_scripts_import_each_other_under_the_new_names_and_weigh_little(home: Path) -> None:
    collect_when_due()
    told = names(home)
    entry = (home / "static" / told["desk/desk.js"]).read_text()
    assert f'"./{Path(told["desk/feed.js"]).name}"' in entry
    twins = [home / "static" / f"{told[name]}.gz" for name in COLD]
    for name, twin in zip(COLD, twins, strict=True):
        assert gzip.decompress(twin.read_bytes()) == (home / "static" / told[name]).read_bytes(), name
    assert sum(twin.stat().st_size for twin in twins) < 60_000
