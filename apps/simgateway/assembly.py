"""Puts a gateway together: data files, market, accounts, venue, switches, and what stands between."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, get_type_hints

from apps.simgateway.data.loading import load_catalogue, load_sessions, read
from apps.simgateway.exchange.accountfile import accounts_from
from apps.simgateway.exchange.accounts import Accounts
from apps.simgateway.exchange.instant import Instant
from apps.simgateway.exchange.market import Market
from apps.simgateway.exchange.rules import Rules
from apps.simgateway.exchange.sessions import Sessions
from apps.simgateway.exchange.venue import Venue
from apps.simgateway.gateway.faults.interference import Interference
from apps.simgateway.gateway.gateway import Gateway
from apps.simgateway.gateway.switches import Switches
from apps.simgateway.gateway.world import World
from apps.simgateway.machine import Machine
from apps.simgateway.record import Ledger, Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a run begins with; with the inputs that follow it is all that a run depends on."""

    start: Instant
    seed: int = 1
    accounts: int = 1  # how many of the file's accounts there are
    book: Mapping[str, Any] | None = None  # another file of accounts, as it was read
    switches: Mapping[str, Any] = field(default_factory=dict)
    state: dict[str, Any] | None = None  # what an earlier run left behind

    def as_line(self) -> Line:
        return {one.name: getattr(self, one.name) for one in fields(self)}

    @classmethod
    def from_line(cls, line: Line) -> "Setup":
        return cls(**{one.name: line[one.name] for one in fields(cls) if one.name in line})


def build_machine(setup: Setup, ledger: Ledger | None = None) -> Machine:
    """A gateway ready for its first client, its start written down."""
    ledger = ledger or Ledger()
    ledger.note(setup.start, "start", setup.as_line())
    return Machine(build_gateway(setup, ledger), ledger)


def build_gateway(setup: Setup, ledger: Ledger) -> Gateway:
    switches = Switches().with_changes(read_switches(setup.switches))
    gateway = Gateway(
        build_world(setup, switches),
        start=setup.start,
        seed=setup.seed,
        switches=switches,
        faults=Interference(),
        record=ledger.note,
    )
    if setup.state is not None:
        gateway.load(setup.state)
    return gateway


def build_world(setup: Setup, switches: Switches) -> World:
    """The exchange, with prices of that seed and the first so many accounts of the file."""
    sessions = _sessions()
    catalogue = load_catalogue(sessions)
    market = Market(catalogue, sessions, setup.seed, step=switches.step_ms * 1_000)
    rows = accounts_from(setup.book or read("accounts.yaml"), catalogue)
    if not 0 < setup.accounts <= len(rows):
        raise ValueError(f"there are {len(rows)} accounts in the data; {setup.accounts} cannot be had")
    accounts = Accounts(catalogue, market, rows[: setup.accounts])
    rules = Rules(**switches.rules)
    venue = Venue(catalogue, market, sessions, accounts, rules)
    return World(catalogue=catalogue, calendar=sessions, market=market, venue=venue, accounts=accounts)


@functools.cache
def _sessions() -> Sessions:
    """The calendars of five years do not change; reading them takes longest."""
    return load_sessions()


def read_switches(given: Mapping[str, Any]) -> dict[str, Any]:
    """Switches as text in the type of each; a value that is none is refused."""
    kinds = get_type_hints(Switches)
    return {name: _typed(name, value, kinds.get(name, str)) for name, value in given.items()}


def _typed(name: str, value: Any, kind: type) -> Any:
    text = str(value).strip()
    if kind is bool:
        if text.lower() not in ("yes", "no", "true", "false", "on", "off", "1", "0"):
            raise ValueError(f"switch {name} is yes or no, not {text}")
        return text.lower() in ("yes", "true", "on", "1")
    try:
        return kind(text)
    except ValueError:
        raise ValueError(f"switch {name} takes a number, not {text}") from None
