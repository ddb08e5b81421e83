"""A later file of the same strategy, account and day takes the place of what nobody has decided yet."""

from apps.approvals.models import Request
from apps.desks.models import Strategy
from apps.journal import clock
from apps.journal.models import Entry
from apps.plans.models import Plan
from apps.runbook.intake import take_file
from tests.plan_files import plan_bytes, row
from tests.stations import TODAY, TRADER, Stations


def hand_in(stations: Stations, symbol: str, second: int) -> Plan:
    """A file of one line, whose contract the broker has named."""
    name = f"execution_plan_run_{TODAY:%Y%m%d}_1430{second:02d}_abcd1234.csv"
    taken = take_file(
        plan_bytes(row(instrument_id=symbol)), name, source="upload", author="csv", actor=TRADER,
        strategy=Strategy.objects.get(), account=stations.account, now=clock.now(),
    )  # fmt: skip
    assert taken.plan is not None, taken.told
    return taken.plan


def test_a_second_plan_of_the_day_ends_the_first_and_voids_its_digest(stations: Stations) -> None:
    request = stations.propose("WEC")
    later = hand_in(stations, "ATO", 1)
    request.refresh_from_db()
    assert (request.state, request.plan.state) == (Request.SUPERSEDED, Plan.SUPERSEDED)
    assert later.supersedes == request.plan
    decided = stations.execute(request)
    assert decided.reason is not None and decided.reason.code == "REQUEST_ALREADY_DECIDED"
    assert stations.brackets() == []
    assert Entry.objects.filter(verb="plan_superseded", reason_code="PLAN_SUPERSEDED").count() == 1


def test_an_approved_plan_is_left_alone_and_the_later_one_stands_beside_it(stations: Stations) -> None:
    approved = stations.approve("WEC")
    later = hand_in(stations, "ATO", 1)
    approved.refresh_from_db()
    assert (approved.state, approved.plan.state) == (Request.APPROVED, Plan.PROPOSED)
    assert later.supersedes is None and len(stations.brackets()) == 2
    assert Entry.objects.get(verb="plan_beside").reason_code == "PLAN_BESIDE_DECIDED"


def test_plans_that_nobody_has_judged_yet_give_way_one_after_the_other(stations: Stations) -> None:
    first, second, third = (hand_in(stations, symbol, n) for n, symbol in enumerate(("WEC", "ATO", "PNW")))
    first.refresh_from_db()
    second.refresh_from_db()
    assert [plan.state for plan in (first, second, third)] == ["superseded", "superseded", "received"]
    assert (second.supersedes, third.supersedes) == (first, second)
