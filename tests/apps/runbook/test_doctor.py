"""The doctor says what is wrong and what to do about it."""

import socket

from tests.conftest import Run


def test_a_machine_without_a_desk_is_well_enough(manage: Run) -> None:
    told = manage("doctor", TRADINGDESK_PORT="0", TRADINGDESK_GATEWAY_PORT="1")
    assert told.returncode == 0, told.stdout + told.stderr
    for subject in ("python", "disk", "ports", "settings", "database", "clock", "calendars", "gateway"):
        assert f" {subject}" in told.stdout
    assert "./desk demo or ./desk up starts it" in told.stdout


def test_what_is_wrong_is_marked_and_has_a_remedy(manage: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        told = manage(
            "doctor",
            TRADINGDESK_PORT=str(port),
            TRADINGDESK_MODE="live",
            TRADINGDESK_GATEWAY_PORT="4002",
            DEBUG="yes",
        )
    assert told.returncode == 1
    lines = told.stdout.splitlines()
    marked = [number for number, line in enumerate(lines) if line.startswith("✗")]
    assert all(lines[number + 1].strip().startswith("→") for number in marked)
    said = "\n".join(lines[number] for number in marked)
    for wrong in (f"Port {port}", "E003", "E005", "4002 is the usual port of paper", "nothing listens"):
        assert wrong in said, told.stdout


def test_a_server_that_is_not_there_is_told_from_one_not_started(manage: Run) -> None:
    told = manage("doctor", TRADINGDESK_PORT="0", DATABASE_URL="postgresql://desk@127.0.0.1:1/desk")
    assert told.returncode == 1 and "✗ database   DATABASE_URL" in told.stdout
