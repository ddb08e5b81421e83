"""What the table itself refuses, whoever writes."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from apps.tickets.models import Ticket
from tests.stations import Stations
from tradingdesk.domain.tickets.states import State


@pytest.fixture
def ticket(stations: Stations) -> Ticket:
    stations.approve("WEC", quantity=30)
    return Ticket.objects.earliest("pk")


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"quantity": 0}, "quantity_positive"),
        ({"filled": -1}, "filled_in_range"),
        ({"filled": 1_000}, "filled_in_range"),
        ({"side": "HOLD"}, "tickets_side"),
        ({"state": "DONE"}, "state_known"),
        ({"role": "hedge"}, "role_known"),
        ({"request": None}, "one_authority"),
        ({"position_in_bracket": 1}, "bracket_order"),
    ],
)
def test_a_row_that_cannot_be_is_refused(ticket: Ticket, values: dict[str, Any], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Ticket.objects.filter(pk=ticket.pk).update(**values)


@pytest.mark.parametrize("column", ["quantity", "limit_price", "stop_price"])
def test_what_is_no_number_is_refused_though_it_counts_as_the_largest(ticket: Ticket, column: str) -> None:
    """PostgreSQL holds NaN to be greater than zero."""
    statement = f"UPDATE tickets_ticket SET {column} = 'NaN' WHERE id = %s"
    refused = pytest.raises(IntegrityError, match="numbers_are_numbers")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [ticket.pk])


def test_every_state_of_the_domain_has_a_place_in_the_table(ticket: Ticket) -> None:
    for state in State:
        Ticket.objects.filter(pk=ticket.pk).update(state=state.value)
    assert Ticket.objects.get(pk=ticket.pk).state == list(State)[-1].value


def test_a_key_names_one_ticket_only(stations: Stations, ticket: Ticket) -> None:
    other = Ticket.objects.latest("pk")
    with pytest.raises(IntegrityError, match="key"), transaction.atomic():
        Ticket.objects.filter(pk=other.pk).update(key=ticket.key)


def test_a_bracket_has_one_parent_and_its_exits_face_the_other_way(ticket: Ticket) -> None:
    family = list(Ticket.objects.filter(bracket=ticket.bracket).order_by("position_in_bracket"))
    entry, target, stop = family
    assert (entry.parent_id, {target.parent_id, stop.parent_id}) == (None, {entry.pk})
    assert {target.side, stop.side} == {"SELL"} and entry.side == "BUY"
    assert entry.quantity == target.quantity == stop.quantity
    assert target.limit_price is not None and entry.limit_price is not None and stop.stop_price is not None
    assert stop.stop_price < entry.limit_price < target.limit_price
    assert stop.limit_price is None and isinstance(stop.stop_price, Decimal)
    assert {row.tif for row in family} == {"DAY"} and not any(row.outside_rth for row in family)
