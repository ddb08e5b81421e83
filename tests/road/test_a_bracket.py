"""One plan's whole way: from lines to fills, over a real socket, into a real database."""

from decimal import Decimal

from apps.broker.models import Evidence, Intent
from apps.desks.models import Account
from apps.ledger.models import Fill, Position
from apps.tickets.models import Ticket
from tests.road.acts import execute, propose_plan, tickets, wait_until_ready
from tests.road.desk import Gateway, LinkProcess, eventually


def test_an_approved_bracket_is_sent_once_filled_and_booked(
    simulator: Gateway, account: Account, link: LinkProcess
) -> None:
    link.start()
    wait_until_ready(account)
    simulator.turn("quote", symbol="WEC", bid="115.70", ask="115.75")
    request = propose_plan(account, [("WEC", Decimal("115.80"), 113)])

    decided = execute(request)

    assert decided.approved, decided.reason
    eventually(
        lambda: Ticket.objects.filter(request=request, role="entry", state="FILLED").count() == 2,
        f"both entries filled; tickets are {tickets(request)}",
    )
    assert Ticket.objects.filter(request=request, role="target", state="WORKING").count() == 2
    assert len(simulator.placements()) >= 6
    assert Intent.objects.filter(state__in=["ACKED", "CLOSED"]).count() == 6
    assert sum(Fill.objects.values_list("quantity", flat=True)) == 113
    assert Position.objects.get(contract__symbol="WEC").quantity == 113
    assert Evidence.objects.exclude(intent=None).count() > 10
    eventually(lambda: not Fill.objects.filter(commission=None).exists(), "every commission")
