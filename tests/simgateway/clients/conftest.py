"""One gateway for all tests of a module, in New York's session, at normal speed."""

import os
from collections.abc import Iterator

import pytest

from tests.gateway import Gateway, gateway
from tests.simgateway.clients.unread import refused_requests, unread_by_family


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """When its tests are over, nobody may have left a field unread, in either direction."""
    with gateway(tmp_path_factory.mktemp("gateway")) as started:
        yield started
        answers = started.records("out")
        version = int(answers[0]["fields"][0])
        library = os.environ.get("SIM_CLIENT_LIBRARY", "ib_insync")
        assert refused_requests(answers, version) == []
        assert unread_by_family(library, answers, version) == {}
