from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from apps.simgateway.data.loading import load_catalogue, load_sessions
from apps.simgateway.exchange.catalogue import Catalogue, Query
from apps.simgateway.exchange.instant import Instant, from_datetime
from apps.simgateway.exchange.instrument import Instrument
from apps.simgateway.exchange.market import Market
from apps.simgateway.exchange.sessions import Sessions

TODAY = date(2026, 11, 20)


def utc(text: str) -> Instant:
    return from_datetime(datetime.fromisoformat(text).replace(tzinfo=UTC))


NOON = utc("2026-11-20 17:00")  # a Friday, New York and London both open


@dataclass(frozen=True, slots=True)
class Exchange:
    catalogue: Catalogue
    sessions: Sessions
    market: Market

    def one(self, symbol: str, sec_type: str = "STK", **parts: object) -> Instrument:
        """The first contract that fits."""
        return self.catalogue.find(Query(symbol=symbol, sec_type=sec_type, **parts), TODAY)[0]  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def sessions() -> Sessions:
    return load_sessions()


@pytest.fixture(scope="session")
def catalogue(sessions: Sessions) -> Catalogue:
    return load_catalogue(sessions)


@pytest.fixture
def fresh(catalogue: Catalogue, sessions: Sessions) -> Callable[[int], Exchange]:
    """A market that nobody has asked or touched."""
    return lambda seed: Exchange(catalogue, sessions, Market(catalogue, sessions, seed))


@pytest.fixture
def exchange(fresh: Callable[[int], Exchange]) -> Exchange:
    return fresh(7)
