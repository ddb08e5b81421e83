"""What was taken back while nobody listened: the broker's list lacks it, and its count bears that out."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from apps.broker.actions.claim_bracket import Claim
from apps.broker.actions.keep_lists import note_unread
from apps.broker.models import ToldList
from apps.broker.ports import PositionTold
from apps.broker.queries import executions_since, list_begins
from apps.journal import clock
from apps.ledger.models import Fill, Position
from apps.reconciliation.actions.act_on_break import ActRefused, act_on_break
from apps.reconciliation.borne_out import borne_out
from apps.reconciliation.models import Break, Run
from apps.runbook.invariants import broken_invariants
from tests.apps.reconciliation.told import Broker, worth
from tests.people import make_person
from tests.stations import TRADER, Stations
from tradingdesk.domain.reconciliation import Act

WHY = "the broker's own pages show it as busted"
BOUGHT = {"00e1.E1.01": 4, "00e1.E2.01": 6}


@pytest.fixture
def broker(stations: Stations) -> Iterator[Broker]:
    """Four and six bought by one order of ours, heard and booked; the second was then taken back unheard."""
    made = Broker(stations)
    made.tell(money=worth("1000000"))
    made.adopt_opening()
    stations.approve("WEC")
    claimed = stations.claim(stations.brackets()[0])
    assert isinstance(claimed, Claim) and stations.send(claimed) == [None, None, None]
    for exec_id, quantity in BOUGHT.items():
        stations.executed(exec_id, str(quantity), order_ref=claimed.placements[0].order_ref)
    made.rest()
    yield made


def tell(broker: Broker, held: int) -> None:
    """The list lacks the second; the count is what it is."""
    broker.rest()
    first = [broker.execution("00e1.E1.01", BOUGHT["00e1.E1.01"])]
    broker.tell(executions=first, positions={"WEC": (held, "100")} if held else {}, money=worth("1000000"))
    broker.compare(Run.ORDERS)
    broker.compare()


def case_of_execution() -> Break:
    return Break.objects.get(kind="EXECUTION_OURS_ONLY", source="broker", state="open")


def differing() -> list[str]:
    """Of what is held and traded; the exits are not told in these lists."""
    cases = Break.objects.exclude(state="closed").exclude(kind__startswith="ORDER")
    return [str(case) for case in cases]


def adopt(broker: Broker, case: Break) -> None:
    act_on_break(case.pk, Act.ADOPT, actor=TRADER, now=broker.now, reason=WHY)


def ours() -> Decimal:
    return Position.objects.get(contract__symbol="WEC").quantity


def test_what_list_and_count_lack_is_taken_back_by_a_person(broker: Broker, client: Client) -> None:
    tell(broker, 4)
    case = case_of_execution()
    assert (case.key, case.severity, case.evidence) == (
        "00e1.E2",
        "critical",
        ["the broker holds 4 WEC, we 10"],
    )
    beside = Break.objects.get(kind="POSITION_QUANTITY", state="open")
    assert beside.cause == "an execution was taken back: work its own case" and beside.evidence
    client.force_login(make_person("ann"))
    page = client.get(reverse("reconciliation-case", args=[case.pk])).content.decode()
    assert "its count bears that out" in page and "the broker is asked again" in page
    adopt(broker, case)
    rows = Fill.objects.filter(exec_root="00e1.E2").order_by("revision")
    assert list(rows.values_list("superseded", "busted")) == [(True, False), (False, True)]
    assert ours() == 4 and list(broken_invariants(clock.now())) == []
    tell(broker, 4)
    assert differing() == []
    since = list_begins(broker.now)
    gateway, later = broker.stations.account.gateway_id, clock.now() + timedelta(hours=1)
    left = executions_since(gateway, since, heard_before=later)
    assert left == {"00e1.E1.01"}, "a list without it is whole again"


@pytest.mark.parametrize("held", [10, 6, 0])
def test_what_the_broker_still_counts_is_not_taken_back(broker: Broker, held: int) -> None:
    """A list can be short. All ten are there, or the other one is missing, or both: none of that is proof."""
    tell(broker, held)
    with pytest.raises(ActRefused, match=f"the broker holds {held} WEC") as refused:
        adopt(broker, case_of_execution())
    assert refused.value.reason.code == "BREAK_STILL_COUNTED"
    assert ours() == 10 and not Fill.objects.filter(busted=True).exists()
    tell(broker, 4)
    adopt(broker, case_of_execution())
    assert ours() == 4


def test_without_a_count_nothing_is_taken_back(broker: Broker) -> None:
    tell(broker, 4)
    note_unread(broker.stations.account.gateway_id, [ToldList.POSITIONS], "no end of it", broker.now)
    with pytest.raises(ActRefused) as refused:
        adopt(broker, case_of_execution())
    assert refused.value.reason.code == "BREAK_COUNT_UNKNOWN" and ours() == 10


def test_whoever_has_adopted_the_count_before_may_still_take_it_back(broker: Broker) -> None:
    tell(broker, 4)
    adopt(broker, Break.objects.get(kind="POSITION_QUANTITY", state="open"))
    assert ours() == 4
    adopt(broker, case_of_execution())
    assert ours() == 4, "it is in the adopted value, and nothing counts twice"
    tell(broker, 4)
    assert differing() == []


@pytest.mark.parametrize(
    ("lacked", "held", "believed"),
    [
        (["00e1.E2.01"], 4, True),
        (["00e1.E2.01"], 10, False),
        (["00e1.E1.01", "00e1.E2.01"], 0, True),
        (["00e1.E1.01", "00e1.E2.01"], 4, False),
        (["00e1.E9.01"], 10, False),  # heard and not booked: nothing is known of it
    ],
)
def test_a_list_is_believed_when_the_count_lacks_exactly_the_same(
    broker: Broker, lacked: list[str], held: int, believed: bool
) -> None:
    account, contract = broker.stations.account, broker.stations.contract("WEC")
    count = {"quantity": Decimal(held), "average_cost": Decimal(100)}
    told = PositionTold(account=account.code, con_id=contract.con_id, symbol="WEC", **count)
    assert borne_out(account.gateway_id, lacked, [told] if held else []) is believed


def test_a_count_that_holds_another_hand_s_part_bears_a_list_out_as_well(broker: Broker) -> None:
    """Marked as another hand's before anybody saw what it was."""
    tell(broker, 4)
    position = Break.objects.get(kind="POSITION_QUANTITY", state="open")
    act_on_break(position.pk, Act.MARK_EXTERNAL, actor=TRADER, now=broker.now, reason=WHY)
    tell(broker, 4)
    adopt(broker, case_of_execution())
    assert ours() == 4
