"""The end of a day, broken in its middle: against the real link and the gateway's own record."""

from decimal import Decimal

import pytest

from apps.broker.models import Intent
from apps.journal import clock
from apps.risk.actions.ask_close_out import ask_close_out
from apps.risk.models import Stopping
from apps.runbook.situation import trading_day
from apps.tickets.models import Ticket
from tests.faults.harness import Stage

# where the link dies on its way to the closing auction, and what its order may be afterwards
DEATHS = {
    "before_claim:3": {"WORKING"},  # A9: the exits are confirmed gone, nothing stands in their place yet
    "after_claim:3": {"WORKING"},
    "after_sending:7": {"UNKNOWN"},  # marked and never written: nobody knows, and it is never sent again
    "after_write:3": {"WORKING"},  # written, and taken without a word
}


def closes() -> dict[str, str]:
    alive = Ticket.objects.filter(role="close").exclude(state__in=["WITHDRAWN", "EXPIRED", "NOT_SENT"])
    return dict(alive.values_list("key", "state"))


@pytest.mark.deep
@pytest.mark.parametrize("death", list(DEATHS))
def test_a9_a12_a_link_that_dies_between_the_exits_and_the_auction_never_sells_twice(
    stage: Stage, death: str
) -> None:
    stage.reach()
    stage.ready(TD_CRASH=death)
    request = stage.approve(quantity=30)
    entries = request.tickets.filter(role="entry")
    stage.eventually(lambda: set(entries.values_list("state", flat=True)) == {"FILLED"}, "filled entries")
    ask_close_out(
        Stopping.CLOSE_OUT,
        account_code=stage.account.code,
        strategy="bracket-day",
        day=trading_day(clock.now()),
        now=clock.now(),
    )
    stage.link.wait_for_crash(60)
    exits = request.tickets.exclude(role="entry")
    assert set(exits.values_list("state", flat=True)) == {"CANCELLED"}  # confirmed before anything is sold

    stage.ready()
    stage.eventually(lambda: set(closes().values()) == DEATHS[death], f"a close that is {DEATHS[death]}", 60)
    stage.settle(3)
    held = {ref: rows for ref, rows in stage.at_broker().items() if ref.startswith("td-desk-0-")}
    assert all(len(rows) == 1 for rows in held.values()) and len(held) <= 1
    asked = Ticket.objects.filter(key__in=closes()).values_list("quantity", "order_type")
    assert list(asked) == [(Decimal(30), "MOC")]
    sent = Intent.objects.filter(ticket__role="close").exclude(sending_at=None)
    assert sent.count() == 1
