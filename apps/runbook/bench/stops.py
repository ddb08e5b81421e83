"""The stop with fifty orders working: from its commit to the last new byte, the wire, the broker's word."""

import time
from collections.abc import Sequence
from decimal import Decimal

from apps.journal import clock
from apps.journal.ports import SYSTEM
from apps.risk.actions.set_stop import set_stop
from apps.risk.models import Stop, StoppedOrder
from apps.runbook.bench.day import Day, execute, wait_for
from apps.runbook.bench.figures import Figure, figure
from apps.runbook.bench.orders import all_in, picture
from apps.runbook.stopping import kill
from apps.tickets.models import Ticket

SYMBOLS_AT_ONCE = 9  # two brackets of three orders each: fifty-four orders
PLACE, CANCEL = "3", "4"
ANSWERED = ["confirmed", "filled"]


def measure_stop(day: Day, prices: dict[str, Decimal]) -> list[Figure]:
    """One stop; afterwards the desk may trade again, as the rest of the bench wants to."""
    request = day.propose(dict(list(prices.items())[:SYMBOLS_AT_ONCE]))
    execute(request)
    mine = Ticket.objects.filter(request=request)
    wait_for(all_in("WORKING", mine), picture(mine), 120)
    began = time.time()
    stopping = kill(
        "global", "", level=Stop.HALTED, flatten=False, actor=SYSTEM, reason="measured", now=clock.now()
    )
    committed = time.time()
    keys = list(mine.values_list("key", flat=True))
    gone = StoppedOrder.objects.filter(stopping=stopping, ticket_key__in=keys, result__in=ANSWERED)
    wait_for(lambda: gone.count() == len(keys), "every cancel confirmed", 60)
    confirmed = time.time() - began
    set_stop(Stop.ACTIVE, actor=SYSTEM, reason="measured")
    places = [one for one in _arrived(day, PLACE, committed) if one > 0]
    return [
        _figure("stop committed → last new byte", [max(places, default=0.0)], "≤ 100 ms"),
        _figure("stop pressed → 54 cancels on the wire", [max(_arrived(day, CANCEL, began))], "≤ 1 s"),
        _figure("stop pressed → 54 cancels confirmed", [confirmed], "≤ 5 s"),
    ]


def _arrived(day: Day, kind: str, since: float) -> list[float]:
    return [row["wall"] / 1e6 - since for row in day.records("in") if row["fields"][:1] == [kind]]


def _figure(name: str, samples: Sequence[float], aim: str) -> Figure:
    return figure(name, samples, beside="nothing: bare ib_insync has no stop", baseline=[0.0], aim=aim)
