"""What people and the desk do in these stories, in their own words."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from apps.approvals.models import Request
from apps.broker.queries import link_view
from apps.desks.models import Account
from apps.journal import clock
from apps.journal.ports import Actor
from apps.market.models import LastQuote
from apps.plans.models import Plan
from apps.runbook.gate import Word, approve_request
from apps.runbook.road import look_up_contracts, propose
from apps.tickets.models import Ticket
from tests.builders import make_line, make_plan
from tests.people import make_person
from tests.road.desk import eventually

TODAY = date(2026, 11, 18)
TRADER = Actor("user", "trader")


def wait_until_ready(account: Account, seconds: float = 20) -> None:
    eventually(lambda: link_view(account.gateway_id, clock.now()).ready, "a ready link", seconds)


def propose_plan(
    account: Account, wanted: Sequence[tuple[str, Decimal, int]], name: str = "plan.csv"
) -> Request:
    """(symbol, price, quantity) → a request that waits for EXECUTE, on fresh quotes."""
    make_person(TRADER.name)
    lines = [make_line(number, *row) for number, row in enumerate(wanted, 1)]
    plan = make_plan(account, lines, day=TODAY, at=clock.now(), name=name)
    eventually(lambda: look_up_contracts(plan), "the broker naming every contract")
    eventually(lambda: _all_quoted(plan), "a quote for every line")
    request = propose(plan, clock.now())
    assert request is not None, list(plan.lines.values("symbol", "state", "reason"))
    return request


def _all_quoted(plan: Plan) -> bool:
    contracts = [line.contract_id for line in plan.lines.filter(state="taken")]
    quoted = LastQuote.objects.filter(contract__in=contracts, bid__isnull=False, ask__isnull=False)
    return quoted.count() == len(contracts)


def execute(request: Request, **changes: object) -> object:
    """Type EXECUTE and the challenge, as the card asks."""
    request.refresh_from_db()
    word = Word(typed=f"EXECUTE {request.challenge}", digest=request.digest, row_version=request.row_version)
    return approve_request(request.pk, word, actor=TRADER, how={}, now=clock.now())


def price_of(account: Account, symbol: str) -> Decimal:
    """The ask of a symbol that has been asked about before."""
    row = LastQuote.objects.get(contract__symbol=symbol)
    assert row.ask is not None
    return row.ask


def tickets(request: Request) -> dict[str, str]:
    return dict(Ticket.objects.filter(request=request).values_list("key", "state"))
