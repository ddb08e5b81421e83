"""What never left the house is ended together, with one line and a reason; nothing else is ours to end."""

import pytest

from apps.journal import clock
from apps.journal.models import Entry
from apps.tickets.actions.end_ticket import end_tickets
from apps.tickets.models import Ticket
from apps.tickets.queries import family_of, living_ticket_ids, promised
from tests.stations import TRADER, Stations
from tradingdesk.domain.money import Reason
from tradingdesk.domain.tickets.states import Act, ActRefused, State

WHY = Reason("CANCELLED_BY_HAND", "changed my mind")


@pytest.fixture
def bracket(stations: Stations) -> list[Ticket]:
    """The first of the two brackets of a line, released."""
    stations.approve("WEC", quantity=30)
    return list(family_of(stations.brackets()[0]).select_related("contract", "account"))


@pytest.mark.parametrize(("act", "state"), [(Act.WITHDRAW, "WITHDRAWN"), (Act.EXPIRE, "EXPIRED")])
def test_a_bracket_ends_as_one_with_one_line(bracket: list[Ticket], act: Act, state: str) -> None:
    lines = Entry.objects.count()
    end_tickets(bracket, act, WHY, actor=TRADER, now=clock.now())
    rows = Ticket.objects.filter(bracket=bracket[0].bracket)
    assert set(rows.values_list("state", "reason_code")) == {(state, WHY.code)}
    assert Entry.objects.count() == lines + 1
    line = Entry.objects.latest("sequence")
    assert (line.actor, line.reason_code, line.reason) == (TRADER.name, WHY.code, WHY.text)
    assert line.before == {ticket.key: "RELEASED" for ticket in bracket}
    assert line.after == {ticket.key: state for ticket in bracket}


def test_what_has_ended_is_no_longer_promised_nor_alive_and_its_sister_is(
    stations: Stations, bracket: list[Ticket]
) -> None:
    before = promised(stations.account.pk)
    end_tickets(bracket, Act.WITHDRAW, WHY, actor=TRADER, now=clock.now())
    entry = bracket[0]
    assert entry.limit_price is not None
    assert promised(stations.account.pk) == before - entry.quantity * entry.limit_price > 0
    living = Ticket.objects.filter(pk__in=living_ticket_ids())
    assert {ticket.bracket for ticket in living} == set(stations.brackets())
    assert entry.bracket not in stations.brackets()


@pytest.mark.parametrize(
    "state", [state for state in State if state.name in ("SENDING", "WORKING", "UNKNOWN")]
)
def test_what_may_be_at_the_broker_cannot_be_ended_by_us(bracket: list[Ticket], state: State) -> None:
    Ticket.objects.filter(pk=bracket[2].pk).update(state=state.value)
    bracket[2].refresh_from_db()
    lines = Entry.objects.count()
    with pytest.raises(ActRefused):
        end_tickets(bracket[2:], Act.WITHDRAW, WHY, actor=TRADER, now=clock.now())
    assert Ticket.objects.get(pk=bracket[2].pk).state == state.value
    assert Entry.objects.count() == lines


def test_an_end_is_an_end(bracket: list[Ticket]) -> None:
    end_tickets(bracket, Act.EXPIRE, WHY, actor=TRADER, now=clock.now())
    with pytest.raises(ActRefused):
        end_tickets(bracket, Act.WITHDRAW, WHY, actor=TRADER, now=clock.now())


def test_a_withdrawn_bracket_is_not_claimed_and_the_other_one_goes_out(
    stations: Stations, bracket: list[Ticket]
) -> None:
    end_tickets(bracket, Act.WITHDRAW, WHY, actor=TRADER, now=clock.now())
    stations.send_all()
    assert len(stations.written) == 3
    assert not any(f"-{bracket[0].key}-" in ref for ref in stations.written)
