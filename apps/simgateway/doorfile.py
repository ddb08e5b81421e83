"""Where a running gateway leaves the address and token of its control door, and how to speak to it."""

import http.client
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from apps.simgateway.control import LOOPBACK

_PATIENCE = 30.0


class DoorClosed(Exception):
    """There is nobody behind the control door, or it refused; the text says why."""


def control_folder() -> Path:
    return Path(os.environ.get("TRADINGDESK_HOME", "var")) / "simgateway"


def door_path(folder: Path, port: int) -> Path:
    """One file for each open door."""
    return folder / f"control-{port}.json"


def forget_doors(folder: Path, gateway: int) -> None:
    """A port has one gateway: whoever left doors of this one before could not close them any more."""
    for path in folder.glob("control-*.json"):
        with suppress(FileNotFoundError):
            if json.loads(path.read_text(encoding="utf-8"))["gateway"] == gateway:
                path.unlink()


def find_door(port: int | None) -> tuple[int, str]:
    """The port and token of the door: the one asked for, or the latest that was opened."""
    if port is not None:
        found = [door_path(control_folder(), port)]
    else:
        found = sorted(control_folder().glob("control-*.json"), key=lambda path: path.stat().st_mtime)
    if not found or not found[-1].is_file():
        raise DoorClosed("no control door is open; start one with: manage.py run_sim_gateway --control 4003")
    content = json.loads(found[-1].read_text(encoding="utf-8"))
    return int(content["port"]), str(content["token"])


def ask_door(door: tuple[int, str], verb: str, args: dict[str, Any]) -> dict[str, Any]:
    """One turn at a running gateway."""
    port, token = door
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=_PATIENCE)
    try:
        connection.request("POST", f"/{verb}", json.dumps(args), {"Authorization": f"Bearer {token}"})
        response = connection.getresponse()
        content: dict[str, Any] = json.loads(response.read())
    except (OSError, http.client.HTTPException) as error:
        raise DoorClosed(f"nobody answers at {LOOPBACK}:{port} ({error}); is the gateway running?") from error
    finally:
        connection.close()
    if response.status != http.client.OK:
        raise DoorClosed(str(content.get("error", response.reason)))
    return content
