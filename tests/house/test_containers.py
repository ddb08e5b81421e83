"""The container files hold together: every command, variable and file that they name exists."""

import ast
import re
from typing import Any

import pytest
import yaml
from django.core.management import get_commands

from apps.runbook.processes.table import every_row
from tests.house.source import ROOT, parsed, product_files

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service.get("image") == "tradingdesk"}
EXAMPLE = (ROOT / ".env.example").read_text()
# The table of processes may name a program before the change that brings it.
IN_TABLE = {row.command()[2] for row in every_row(demo=True) if row.name != "database"}
ONLY_DOCKER = {"TRADINGDESK_SIMULATORS", "TWS_USERID", "TWS_PASSWORD_PATH"}
READERS = ("text", "number", "flag", "words")


def variables_read() -> set[str]:
    """Every environment variable that our settings read through env.py."""
    found = set()
    for path in product_files():
        for node in ast.walk(parsed(path)):
            if not (isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in READERS and re.fullmatch(r"[A-Z][A-Z_]+", str(node.args[0].value)):
                found.add(str(node.args[0].value))
    return found


def example_variables() -> set[str]:
    return set(re.findall(r"^#?([A-Z][A-Z_]+)=", EXAMPLE, re.MULTILINE))


@pytest.mark.parametrize("name", list(OURS))
def test_each_container_runs_a_command_that_exists(name: str) -> None:
    python, script, command, *_ = OURS[name]["command"]
    assert (python, script) == ("python", "manage.py") and (ROOT / script).is_file()
    assert command in get_commands() or command in IN_TABLE


def test_each_container_sets_only_variables_that_are_read() -> None:
    told = {name for service in OURS.values() for name in service["environment"]}
    assert {name.removesuffix("_FILE") for name in told} <= variables_read()
    asked = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    assert asked <= example_variables()


def test_the_example_lists_every_variable_and_no_other() -> None:
    assert example_variables() - ONLY_DOCKER == variables_read()
    assert len(EXAMPLE.splitlines()) < 60


@pytest.mark.parametrize("name", list(OURS))
def test_our_containers_may_do_nothing_they_need_not(name: str) -> None:
    service = OURS[name]
    assert service["user"] == "10001:10001" and service["read_only"] is True and service["init"] is True
    assert service["cap_drop"] == ["ALL"]
    if service["restart"] != "no":
        assert service["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")


def test_the_default_is_the_demo_and_profiles_bring_a_real_gateway() -> None:
    default = {name for name, service in SERVICES.items() if not service.get("profiles")}
    assert default == {"keys", "db", "prepare", "roles", "sim", "day", "web", "worker", "link"}
    assert {tuple(service["profiles"]) for name, service in SERVICES.items() if name not in default} == {
        ("paper",),
        ("live",),
    }
    assert "TRADINGDESK_MODE:-sim" in (ROOT / "docker-compose.yml").read_text()


def test_only_this_machine_reaches_the_desk() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports and all(port.startswith("127.0.0.1:") for port in ports)


def test_images_are_pinned_and_the_image_is_built_from_what_exists() -> None:
    for service in SERVICES.values():
        assert service["image"] == "tradingdesk" or re.search(r":[\w.-]*\d", service["image"])
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    copied = [line.split()[1] for line in lines if line.startswith("COPY")]
    assert copied and all((ROOT / name).exists() for name in copied)
    ignored = (ROOT / ".dockerignore").read_text()
    assert all(f"!{name}\n" in ignored for name in copied)
    assert "USER desk" in lines and lines.index("USER desk") > max(
        number for number, line in enumerate(lines) if line.startswith("RUN")
    )
    assert "--require-hashes" in "\n".join(lines)
