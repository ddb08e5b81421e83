from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simgateway.clients.gateway import RunningGateway, running


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    """One gateway for all tests of a module, in New York's session, at normal speed."""
    folder: Path = tmp_path_factory.mktemp("gateway")
    with running(folder) as started:
        yield started
