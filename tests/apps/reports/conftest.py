from collections.abc import Iterator
from typing import Any

import pytest

from apps.desks.models import Account
from apps.runbook.seed import load
from tests.apps.runbook.test_seed import TODAY, found, stage_clock
from tests.stations import stations

__all__ = ["found", "stage_clock", "stations"]


@pytest.fixture
def account(stage_clock: None, found: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """An account with two sessions behind it, played through the desk's own actions."""
    monkeypatch.setattr(load, "PAST_SESSIONS", 2)
    load.load_past(found, TODAY)
    yield Account.objects.get()
