"""What the import contracts cannot see: foreign keys, schedules, and that each contract can fail."""

import configparser
import importlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps as installed
from django.conf import settings
from django.core.management import call_command
from django.db.models import ForeignKey

from tests.house.source import ROOT

CONFIG = configparser.ConfigParser()
CONFIG.read(ROOT / ".importlinter")
LAYERS = [
    {name.strip(" ()") for name in line.split("|")}
    for line in CONFIG["importlinter:contract:road"]["layers"].split("\n")
    if line.strip()
]
ROOMS = set(re.findall(r"[a-z]+", CONFIG["importlinter:contract:domain-order"]["layers"]))
HEIGHT = {name: len(LAYERS) - number for number, names in enumerate(LAYERS) for name in names}

# One import that each contract must refuse: contract → (module that imports, what it imports).
BREACHES = {
    "road": ("apps.journal.models", "apps.desks.models"),
    "wiring": ("tradingdesk.settings", "apps.desks.models"),
    "domain-order": ("tradingdesk.domain.money.thing", "tradingdesk.domain.tickets.thing"),
    "pure": ("tradingdesk.domain.tickets.thing", "asyncio"),
    "inside-an-app": ("apps.desks.models", "apps.desks.actions.thing"),
    "ib-only-in-adapter": ("apps.broker.link.thing", "ib_insync"),
    "screens": ("apps.dashboard.pages.thing", "apps.desks.models"),
    "sim-alone": ("apps.simgateway.wire.thing", "tradingdesk.env"),
    "sim-unseen": ("apps.broker.link.thing", "apps.simgateway.wire.thing"),
    "sim-sans-io": ("apps.simgateway.wire.thing", "socket"),
}
ALLOWED = [("apps.broker.ib.thing", "ib_insync"), ("apps.desks.models", "apps.journal.models")]


def write_module(root: Path, dotted: str, text: str = "") -> None:
    *packages, name = dotted.split(".")
    folder = root
    for package in packages:
        folder /= package
        folder.mkdir(exist_ok=True)
        (folder / "__init__.py").touch()
    with (folder / f"{name}.py").open("a") as file:
        file.write(text)


@pytest.fixture
def stub(tmp_path: Path) -> Path:
    """A tree of ours with nothing in it but what the contracts name and some allowed imports."""
    shutil.copy(ROOT / ".importlinter", tmp_path)
    for dotted in ("tests.house.contracts", "tradingdesk.asgi", "tradingdesk.urls", "tradingdesk.env"):
        write_module(tmp_path, dotted)
    shutil.copy(ROOT / "tests" / "house" / "contracts.py", tmp_path / "tests" / "house")
    for name in {*HEIGHT, "simgateway"}:
        write_module(tmp_path, f"apps.{name}.models")
    for name in ROOMS:
        write_module(tmp_path, f"tradingdesk.domain.{name}.thing")
    for part in ("wire", "exchange"):
        write_module(tmp_path, f"apps.simgateway.{part}.thing")
    for module, imported in BREACHES.values():
        write_module(tmp_path, module)
        if imported.startswith(("apps.", "tradingdesk.")):
            write_module(tmp_path, imported)
    for module, imported in ALLOWED:
        write_module(tmp_path, module, f"import {imported}\n")
    return tmp_path


def lint(root: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache", *words]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60)


def test_a_tree_that_keeps_the_contracts_passes(stub: Path) -> None:
    result = lint(stub)
    assert result.returncode == 0, result.stdout
    assert f"{len(BREACHES)} kept, 0 broken" in result.stdout


@pytest.mark.parametrize("contract", list(BREACHES))
def test_each_contract_can_fail(stub: Path, contract: str) -> None:
    module, imported = BREACHES[contract]
    write_module(stub, module, f"import {imported}\n")
    result = lint(stub, "--contract", contract)
    assert result.returncode != 0 and "0 kept, 1 broken" in result.stdout, result.stdout + result.stderr


def test_a_new_app_fails_until_it_has_a_place_on_the_road(stub: Path) -> None:
    write_module(stub, "apps.newcomer.models")
    assert lint(stub, "--contract", "road").returncode != 0


def test_foreign_keys_never_point_down_the_road() -> None:
    """A row may know what it came from, nearer the road's beginning; never what comes after it."""
    wrong = []
    for config in installed.get_app_configs():
        if not config.name.startswith("apps."):
            continue
        for model in config.get_models():
            for field in model._meta.get_fields():
                if isinstance(field, ForeignKey) and not allowed(config.label, field):
                    wrong.append(f"{model._meta.label}.{field.name} → {field.related_model._meta.label}")
    assert wrong == []


def allowed(label: str, field: ForeignKey) -> bool:
    target = field.related_model._meta.app_config
    if not target.name.startswith("apps."):
        return target.label in ("auth", "contenttypes")
    return target.label == label or HEIGHT[target.label] < HEIGHT[label]


@pytest.mark.django_db
def test_every_change_of_a_model_has_its_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_schedule_resolves_to_a_function_in_a_jobs_module() -> None:
    for dotted in getattr(settings, "SCHEDULES", {}):
        module, _, name = dotted.rpartition(".")
        assert module.endswith(".jobs"), dotted
        assert callable(getattr(importlib.import_module(module), name)), dotted


def test_the_worker_cannot_be_handed_a_waiting_task_twice() -> None:
    told = settings.Q_CLUSTER
    assert told["orm"] == "default" and told["queue_limit"] <= told["workers"] and told["bulk"] == 1
    assert told["max_attempts"] == 1 and told["ack_failures"] is True and told["catch_up"] is False
    assert told["retry"] > told["timeout"] * (1 + told["queue_limit"])
