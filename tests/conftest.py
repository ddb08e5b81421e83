"""What every test may ask for. A test without a database never starts one."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connections

from tests.database import (
    HOME_VARIABLE,
    ROOT,
    environment_of,
    home_of_run,
    let_tests_flush,
    point_settings_at,
    start_server,
    stop_server,
)


def pytest_configure(config: pytest.Config) -> None:
    """Choose the run's folder before the workers of a parallel run are started."""
    if not hasattr(config, "workerinput"):
        os.environ[HOME_VARIABLE] = str(home_of_run())
        os.environ[f"{HOME_VARIABLE}_OWNER"] = str(os.getpid())


def pytest_unconfigure(config: pytest.Config) -> None:
    """Whatever happened, the run leaves no server behind."""
    if not hasattr(config, "workerinput"):
        stop_server(Path(os.environ[HOME_VARIABLE]))


@pytest.fixture(scope="session")
def private_server() -> Path:
    """The home of the run's own PostgreSQL, started now if nobody asked before."""
    home = Path(os.environ[HOME_VARIABLE])
    start_server(home, int(os.environ[f"{HOME_VARIABLE}_OWNER"]))
    return home


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    private_server: Path, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """Called before Django makes its test database: by then there must be a server to make it in."""
    point_settings_at(private_server)
    let_tests_flush()


@pytest.fixture
def desk_environment(private_server: Path, transactional_db: None) -> dict[str, str]:
    """The environment in which a process of ours sees the test database; what it commits is flushed after."""
    told = connections["default"].settings_dict
    url = f"postgresql://{told['USER']}@/{told['NAME']}?host={told['HOST']}&passfile={told['OPTIONS']['passfile']}"
    return {**environment_of(private_server), "DATABASE_URL": url}


Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def own_home() -> Iterator[Path]:
    """A home for a desk of the test's own, on a path short enough for a socket; nothing of it survives."""
    home = Path(tempfile.mkdtemp(prefix="desk-test-"))
    yield home
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def manage(own_home: Path) -> Run:
    """Run one of our own commands in the test's own home and return what it said."""

    def run(*words: str, timeout: float = 120, **extra: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *words],
            env={**environment_of(own_home), "TRADINGDESK_ENV_FILE": "", **extra},
            capture_output=True,
            text=True,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
        )

    return run
