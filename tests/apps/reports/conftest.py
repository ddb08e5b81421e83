from collections.abc import Iterator
from typing import Any

import pytest

from apps.desks.models import Account
from apps.runbook.seed.load import load_past
from tests.apps.runbook.test_seed import TODAY, found, stage_clock
from tests.stations import stations

__all__ = ["found", "stage_clock", "stations"]


@pytest.fixture
def account(stage_clock: None, found: Any) -> Iterator[Account]:
    """An account with three sessions behind it, played through the desk's own actions."""
    load_past(found, TODAY)
    yield Account.objects.get()
