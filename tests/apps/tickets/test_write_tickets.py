"""An approved plan becomes orders to be: all of them, in the order in which they are sent."""

from decimal import Decimal

from apps.tickets.models import Ticket
from apps.tickets.queries import promised, sister_brackets, tickets_of_request, usual_line, working_orders
from tests.stations import Stations
from tradingdesk.domain.tickets.submission import PROTOCOL_VERSION


def test_a_line_becomes_two_brackets_of_three_in_the_order_of_sending(stations: Stations) -> None:
    request = stations.approve("WEC", quantity=30)
    rows = list(tickets_of_request(request.pk))
    assert [row.role for row in rows] == ["entry", "target", "stop"] * 2
    assert [row.position_in_bracket for row in rows] == [0, 1, 2] * 2
    assert [row.parent_id for row in rows] == [None, rows[0].pk, rows[0].pk, None, rows[3].pk, rows[3].pk]
    assert rows[0].quantity + rows[3].quantity == 30
    assert {row.state for row in rows} == {"RELEASED"}
    assert {row.protocol_version for row in rows} == {PROTOCOL_VERSION}


def test_no_ticket_outlives_its_approval_or_its_cut_off(stations: Stations) -> None:
    request = stations.approve("WEC")
    assert {row.not_after for row in tickets_of_request(request.pk)} == {
        min(request.expires_at, request.cutoff_at)
    }


def test_what_was_approved_and_not_claimed_yet_is_promised(stations: Stations) -> None:
    assert promised(stations.account.pk) == 0
    stations.approve("WEC", quantity=30)
    assert promised(stations.account.pk) == 3000
    stations.send_all()
    assert promised(stations.account.pk) == 0


def test_a_multiplier_makes_a_promise_larger_and_pence_make_it_smaller(stations: Stations) -> None:
    stations.set_limits(order_notional=1_000_000, daily_exposure=1_000_000, daily_notional=1_000_000)
    stations.set_limits(gross_exposure=1_000_000)
    stations.contract("ES", multiplier=Decimal(50))
    stations.contract("VOD", price_magnifier=100)
    stations.approve("ES", "VOD", quantity=10)
    assert promised(stations.account.pk) == 10 * 100 * 50 + 10


def test_living_orders_are_told_with_the_price_they_would_trade_at(stations: Stations) -> None:
    request = stations.approve("WEC")
    assert working_orders(stations.account.pk) == []
    stations.send_all()
    told = {order.key: order for order in working_orders(stations.account.pk)}
    for row in tickets_of_request(request.pk):
        assert told[row.key].price == (row.stop_price if row.limit_price is None else row.limit_price)
        assert (told[row.key].side, told[row.key].con_id) == (row.side, row.contract.con_id)


def test_a_strategy_has_no_usual_line_before_it_has_traded_often_enough(stations: Stations) -> None:
    stations.approve("AAA", "BBB", "CCC", quantity=10)
    strategy = Ticket.objects.first().strategy_id
    assert usual_line(strategy) is None
    assert usual_line(strategy, at_least=3) == 1000


def test_what_brackets_bought_less_what_they_sold_is_what_they_hold(stations: Stations) -> None:
    request = stations.approve("WEC", quantity=30)
    Ticket.objects.filter(request=request, role="entry").update(filled=9)
    Ticket.objects.filter(request=request, role="stop").update(filled=4)
    entry, other = Ticket.objects.filter(request=request, role="entry").order_by("pk")
    assert sister_brackets(entry) == {entry.bracket: 9 - 4, other.bracket: 9 - 4}
