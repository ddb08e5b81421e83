"""How long a link has been away is counted from its last ready moment, whatever it does to come back."""

from datetime import timedelta
from typing import Any

from apps.broker.actions.open_session import close_session, mark_ready
from apps.broker.link.watching import write_state
from apps.broker.models import LinkState
from apps.broker.queries import link_view
from apps.journal import clock
from tests.stations import OPENING, Stations, clock_line


def test_the_age_of_an_outage_goes_through_all_its_states_and_ends_with_it(
    stations: Stations, settings: Any
) -> None:
    gateway = stations.account.gateway
    LinkState.objects.all().delete()
    sinces = []

    def at(second: int) -> None:
        settings.CLOCK = clock_line(OPENING + timedelta(seconds=second))

    def look() -> None:
        since = link_view(gateway.pk, clock.now()).since
        assert since is not None
        sinces.append(round((since - OPENING).total_seconds()))

    for second, state in (
        (0, "synchronising"),
        (5, "ready"),
        (60, "ready"),
        (90, "not_ready"),
        (95, "not_ready"),
    ):
        at(second)
        write_state(gateway.pk, {"state": state, "session": stations.session, "beat_at": clock.now()})
        look()
    at(97)
    close_session(stations.session, "the socket closed", holder="a")
    look()
    at(98)
    write_state(gateway.pk, {"state": "synchronising", "session": stations.session, "beat_at": clock.now()})
    look()
    at(99)
    mark_ready(stations.session, holder="a", seen={})
    look()
    assert sinces == [0, 5, 5, 90, 90, 90, 90, 99]
