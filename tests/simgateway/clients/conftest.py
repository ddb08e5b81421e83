from collections.abc import Iterator

import pytest

from tests.gateway import Gateway, gateway


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """One gateway for all tests of a module, in New York's session, at normal speed."""
    with gateway(tmp_path_factory.mktemp("gateway")) as started:
        yield started
