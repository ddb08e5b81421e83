"""The broker works under our name what our tables do not know: an old backup, or a second desk."""

import subprocess
import sys

import pytest

from apps.risk.models import Stop
from tests.faults.harness import Stage

pytestmark = pytest.mark.deep

REFERENCE = "td-desk-977-2A-1"  # of a day that a restored backup has forgotten
PLACE = """
import sys
from ib_insync import IB, LimitOrder, Stock
ib, wec = IB(), Stock("WEC", "SMART", "USD")
ib.connect("127.0.0.1", int(sys.argv[1]), clientId=11)
ib.qualifyContracts(wec)
trade = ib.placeOrder(wec, LimitOrder("BUY", 5, 90, orderRef=sys.argv[2], account=sys.argv[3]))
while trade.orderStatus.status not in ("Submitted", "PreSubmitted"):
    ib.waitOnUpdate(timeout=10)
ib.disconnect()
"""


def test_c7_orders_of_ours_that_the_database_has_forgotten_halt_everything(stage: Stage) -> None:
    told = [str(stage.gateway.port), REFERENCE, stage.account.code]
    subprocess.run([sys.executable, "-c", PLACE, *told], check=True, timeout=120)
    stage.checks = False  # that the ledger knows more than our tables is the very fault
    stage.start()
    stage.eventually(lambda: stage.link_says()[1] == "BROKER_KNOWS_MORE", "a link that says why it waits", 90)
    assert not stage.is_ready() and REFERENCE in stage.link_says()[2]
    stopped = Stop.objects.get(scope="global", key="")
    assert stopped.level == Stop.HALTED and REFERENCE in stopped.reason
    assert [fields for fields in stage.gateway.placements() if "td-desk-977" not in " ".join(fields)] == []
