from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from apps.desks.models import Account
from tests.builders import make_desk, make_sessions
from tests.nursery import Nursery
from tests.road.desk import Gateway, LinkProcess, desk_clock, desk_time, gateway


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Where the processes of a run come from."""
    made = Nursery()
    yield made
    made.close()


@pytest.fixture
def simulator(tmp_path: Path, nursery: Nursery) -> Iterator[Gateway]:
    with gateway(tmp_path, nursery=nursery) as started:
        yield started


@pytest.fixture
def account(transactional_db: None, simulator: Gateway) -> Iterator[Account]:
    """A desk set up for that gateway, on that gateway's clock."""
    line = desk_clock(simulator)
    with desk_time(line):
        made = make_desk(port=simulator.port)
        make_sessions(date(2026, 11, 16))
        yield made


@pytest.fixture
def link(
    desk_environment: dict[str, str],
    simulator: Gateway,
    account: Account,
    tmp_path: Path,
    nursery: Nursery,
) -> Iterator[LinkProcess]:
    """The link's process, not started yet."""
    from django.conf import settings

    made = LinkProcess(
        environment={**desk_environment, "TRADINGDESK_CLOCK": settings.CLOCK, "TRADINGDESK_MODE": "sim"},
        log=tmp_path / "link.log",
        nursery=nursery,
    )
    yield made
    made.stop()
