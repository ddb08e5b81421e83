from collections.abc import Iterator

import pytest
from django.test import override_settings

from apps.desks.models import Account
from apps.journal.clock import Line
from tests.builders import make_desk, make_sessions
from tests.plan_files import DAY, NOON


@pytest.fixture
def noon() -> Iterator[None]:
    """The desk's clock stands at noon of the plan's day."""
    with override_settings(CLOCK=str(Line(NOON, 0.0, 0.0))):
        yield


@pytest.fixture
def account(db: None, noon: None) -> Account:
    made = make_desk(port=4012)
    make_sessions(DAY)
    return made
