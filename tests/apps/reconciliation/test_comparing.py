"""What differs becomes a case; what is unknown neither trips nor passes."""

from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest

from apps.broker.actions.claim_bracket import Claim
from apps.broker.actions.keep_lists import note_unread
from apps.broker.actions.open_session import open_session
from apps.broker.actions.take_lease import take_lease
from apps.broker.models import Evidence, Intent, Lease, LinkSession, ToldList
from apps.broker.ports import Opened
from apps.journal import clock
from apps.journal.models import Entry
from apps.journal.ports import Actor
from apps.operators.ports import NotAllowed
from apps.reconciliation.actions.act_on_break import ActRefused, act_on_break
from apps.reconciliation.models import Break, BreakAct, Run
from apps.reconciliation.queries import blocks_of, clean_between, open_breaks, verdict_of
from apps.risk.models import Reservation, Stop
from tests.apps.reconciliation.told import Broker, worth
from tests.people import make_person
from tests.stations import TODAY, TRADER, Stations, at
from tradingdesk.domain.reconciliation import Act


@pytest.fixture
def broker(stations: Stations) -> Broker:
    return Broker(stations)


def test_two_flat_sides_agree_and_the_verdict_passes(broker: Broker) -> None:
    broker.tell(money=worth("1000000"))
    broker.adopt_opening()
    assert broker.compare(Run.ORDERS).level == Run.PASS
    run = broker.compare()
    assert (run.level, run.differences, run.unexplained_bps) == (Run.PASS, 0, Decimal(0))
    verdict = verdict_of(broker.stations.account, broker.now)
    assert verdict.level == Run.PASS and verdict.at == broker.now
    assert clean(broker) is True


def clean(broker: Broker) -> bool | None:
    return clean_between(broker.stations.account, TODAY, broker.now - timedelta(hours=8), broker.now)


def test_a_list_that_was_never_told_is_unknown_and_opens_nothing(broker: Broker) -> None:
    broker.stations.executed("E1.01", "30")
    broker.rest()
    run = broker.compare()
    assert run.level == Run.UNKNOWN and run.differences == 0
    assert not Break.objects.exists()
    assert verdict_of(broker.stations.account, broker.now).level == Run.UNKNOWN
    assert clean(broker) is None


@pytest.mark.parametrize("trouble", ["unread", "old", "reconnected"])
def test_a_list_that_cannot_be_trusted_closes_no_case_and_opens_none(broker: Broker, trouble: str) -> None:
    broker.stations.executed("E1.01", "30")
    broker.rest()
    broker.tell()
    assert broker.compare().level == Run.BREAKS
    if trouble == "unread":
        note_unread(broker.stations.account.gateway_id, ("positions", "money"), "no end in 10 s", broker.now)
    elif trouble == "old":
        broker.now += timedelta(minutes=10)
    else:
        LinkSession.objects.update(closed_at=broker.now)
    run = broker.compare()
    assert "positions" in run.reason and run.compared["positions"]["unknown"]
    assert [case.state for case in Break.objects.all()] == ["open"]


def test_an_empty_list_is_an_answer_and_a_position_that_only_we_have_blocks_its_instrument(
    broker: Broker,
) -> None:
    """B10: closed by hand at the broker. After the grace the instrument is blocked, and nothing else is."""
    broker.stations.executed("E1.01", "30")
    broker.tell()
    assert broker.compare().differences == 0, "five seconds of grace"
    broker.rest()
    broker.tell()
    run = broker.compare()
    case = Break.objects.get()
    assert (case.kind, case.ours, case.theirs) == ("POSITION_OURS_ONLY", "30", "0")
    assert (case.severity, case.state, run.level) == ("high", "open", Run.BREAKS)
    frozen, blocked = blocks_of(broker.stations.account.pk)
    assert frozen is None and list(blocked) == [broker.stations.contract("WEC").con_id]
    assert BreakAct.objects.get(case=case).reason_code == "BREAK_OPENED"


@pytest.mark.parametrize("named", [True, False])
def test_what_was_booked_after_a_list_was_asked_for_may_stand_in_it_or_not(
    broker: Broker, named: bool
) -> None:
    """A busy link takes seconds to keep a list; what came since it was asked for is no difference."""
    broker.stations.approve("WEC")
    claimed = broker.stations.claim(broker.stations.brackets()[0])
    assert isinstance(claimed, Claim)
    broker.stations.executed("E1.01", "4", order_ref=claimed.placements[0].order_ref)
    broker.now -= timedelta(seconds=30)
    broker.tell(executions=[broker.execution("E1.01", 4)] if named else [])
    broker.now += timedelta(seconds=30)
    run = broker.compare(Run.ORDERS)
    assert (run.level, list(Break.objects.values_list("kind", flat=True))) == (Run.PASS, [])


def test_a_case_closes_when_the_sides_agree_again_by_the_brokers_word(broker: Broker) -> None:
    broker.stations.executed("E1.01", "30")
    broker.rest()
    broker.tell()
    broker.compare()
    broker.tell(positions={"WEC": (30, "100")})
    broker.compare()
    case = Break.objects.get()
    assert (case.state, case.closure) == ("closed", "gone")
    assert [act.act for act in case.acts.order_by("pk")] == ["opened", "gone"]
    assert not open_breaks(broker.stations.account).exists()


def test_a_comparison_like_the_one_before_leaves_a_row_and_no_line(broker: Broker) -> None:
    broker.tell(money=worth("1000000"))
    broker.compare()
    before = Entry.objects.filter(verb="reconcile").count()
    broker.compare()
    assert Entry.objects.filter(verb="reconcile").count() == before == 1
    assert Run.objects.count() == 2


def test_nobody_is_told_twice_of_the_same_difference(broker: Broker) -> None:
    broker.stations.executed("E1.01", "30")
    broker.rest()
    broker.tell()
    for _ in range(3):
        broker.compare()
    broker.tell(positions={"WEC": (10, "100")})
    broker.compare()
    assert [case.state for case in Break.objects.order_by("pk")] == ["closed", "open"]
    assert Break.objects.get(state="open").kind == "POSITION_QUANTITY"


def test_an_execution_that_none_of_our_orders_explains_is_the_brokers_until_a_person_says_more(
    broker: Broker,
) -> None:
    broker.stations.executed("00e1.E7.01", "40", perm_id=99)
    broker.rest()
    broker.tell(executions=[broker.execution("00e1.E7.01", 40)], positions={"WEC": (40, "100")})
    broker.compare(Run.ORDERS)
    case = Break.objects.get()
    assert (case.kind, case.key, case.ours) == ("EXECUTION_THEIRS_ONLY", "00e1.E7", "—")
    assert case.cause == "traded by another hand" and case.size == 4000
    broker.tell()  # after midnight the list is empty: that is no agreement
    broker.compare(Run.ORDERS)
    assert Break.objects.get().state == "open"


@pytest.mark.parametrize("word", ["busted", "corrected"])
def test_an_execution_that_was_taken_back_after_the_list_was_asked_for_is_no_difference(
    broker: Broker, word: str
) -> None:
    """The list is up to half a minute old; what the broker said since is its newer word."""
    broker.stations.approve("WEC")
    claimed = broker.stations.claim(broker.stations.brackets()[0])
    assert isinstance(claimed, Claim)
    ref = claimed.placements[0].order_ref
    broker.stations.executed("00e1.E1.01", "4", order_ref=ref)
    broker.now -= timedelta(seconds=30)
    told = [broker.execution("00e1.E1.01", 4)]
    broker.tell(executions=told)
    broker.now += timedelta(seconds=30)
    broker.stations.executed("00e1.E1.02", "0" if word == "busted" else "3", order_ref=ref)
    cases = Break.objects.filter(kind__startswith="EXECUTION_")
    broker.compare(Run.ORDERS)
    assert not cases.exists()
    broker.rest()
    broker.tell(executions=told)  # asked for after the word, and it still says otherwise: that is a case
    broker.compare(Run.ORDERS)
    kind = "EXECUTION_THEIRS_ONLY" if word == "busted" else "EXECUTION_TERMS"
    assert (cases.get().kind, cases.get().state) == (kind, "open")
    broker.tell(executions=[] if word == "busted" else [broker.execution("00e1.E1.02", 3)])
    broker.compare(Run.ORDERS)
    assert cases.get().state == "closed", "both sides say the same again"


def test_an_order_under_our_name_that_we_do_not_know_halts_everything(broker: Broker) -> None:
    """C7: the database is older than the broker, or a second desk trades the account under our name."""
    broker.tell(orders=[broker.order("td-desk-900-1A-1", 10)])
    broker.compare(Run.ORDERS)
    case = Break.objects.get()
    assert (case.kind, case.severity) == ("ORDER_THEIRS_ONLY", "critical")
    stop = Stop.objects.get(scope="global", key="")
    assert stop.level == Stop.HALTED and "td-desk-900-1A-1" in stop.reason
    frozen, _ = blocks_of(broker.stations.account.pk)
    assert frozen is not None and frozen.code == "BREAK_BLOCKS_ACCOUNT"
    Stop.objects.update(level=Stop.ACTIVE)
    broker.compare(Run.ORDERS)
    assert Stop.objects.get(scope="global").level == Stop.ACTIVE, "whoever has looked is not overruled"


def test_an_order_of_another_hand_is_a_fact_and_no_difference(broker: Broker) -> None:
    rows = [broker.order("", 10), broker.order("td-other-1-1A-1", 5, perm_id=6)]
    broker.tell(orders=rows)
    run = broker.compare(Run.ORDERS)
    assert run.level == Run.PASS and run.compared["orders"] == {"ours": 0, "theirs": 2}


def test_an_order_that_the_broker_no_longer_works_is_a_case_and_one_just_sent_is_not(broker: Broker) -> None:
    broker.stations.approve("WEC")
    broker.stations.send_all()
    broker.tell()
    assert broker.compare(Run.ORDERS).differences == 0, "it has hardly left"
    broker.rest()
    broker.tell()
    run = broker.compare(Run.ORDERS)
    assert run.differences and {case.kind for case in Break.objects.all()} == {"ORDER_OURS_ONLY"}
    assert all(case.contract == broker.stations.contract("WEC") for case in Break.objects.all())


def test_an_order_that_no_list_holds_is_ended_by_adopting_it_once_it_was_looked_for_twice(
    broker: Broker,
) -> None:
    """The link was away when it ended, and the gateway tells of it no more."""
    broker.stations.approve("WEC")
    broker.stations.send_all()
    ours = Intent.objects.filter(ticket__role="entry").earliest("pk")
    broker.stations.hear(
        "openOrder", order_ref=ours.order_ref, order_id=ours.order_id, perm_id=9, status="Submitted"
    )
    broker.rest()
    broker.tell()
    broker.compare(Run.ORDERS)
    case = Break.objects.get(key=ours.order_ref)
    adopt = partial(act_on_break, case.pk, Act.ADOPT, now=broker.now, reason="TWS has no such order")
    with pytest.raises(ActRefused, match="not yet read twice"):
        adopt(actor=TRADER)
    for seconds in (1, 12):
        at = clock.now() + timedelta(seconds=seconds)
        told = {"complete": True, "refs": [], "working": []}
        Evidence.objects.create(session=broker.stations.session, kind="snapshot", fields=told, received_at=at)
    make_person("rita", "risk")
    with pytest.raises(NotAllowed):
        adopt(actor=Actor("user", "rita"))
    assert adopt(actor=TRADER).closure == "adopted"
    over = Intent.objects.get(pk=ours.pk)
    assert (over.state, over.ticket.state, over.resolved_by) == ("CLOSED", "CANCELLED", TRADER.name)
    assert Reservation.objects.get(ticket_key=over.ticket.key).state == Reservation.FREED
    broker.rest()
    broker.tell()
    broker.compare(Run.ORDERS)
    assert not Break.objects.exclude(state="closed").filter(key=ours.order_ref).exists()


@pytest.mark.parametrize("how", ["ended", "killed"])
def test_yesterdays_fill_that_no_list_holds_any_more_needs_the_statement(broker: Broker, how: str) -> None:
    """B11: away through midnight; the list begins anew, and the position says that something filled.

    A link that was killed could not say when it ended: it was there until its last beat."""
    midnight = broker.now.replace(hour=5, minute=0, second=0, microsecond=0)  # New York's
    gateway = broker.stations.account.gateway
    LinkSession.objects.update(opened_at=midnight - timedelta(hours=9))
    if how == "ended":
        LinkSession.objects.update(closed_at=midnight - timedelta(hours=7))
    Lease.objects.update(beat_at=midnight - timedelta(hours=7))
    with at(midnight + timedelta(hours=2)):
        opened = Opened(server_version=176, accounts=(), next_valid_id=500)
        epoch = take_lease(gateway, "the next morning")
        broker.stations.session = open_session(gateway, epoch, opened, holder="the next morning")
    for _ in range(2):  # the first count of a contract is within the grace of its row
        broker.tell(positions={"WEC": (30, "100")})
        broker.rest()
    broker.compare(Run.ORDERS)
    broker.compare()
    case = Break.objects.get()
    assert case.kind == "POSITION_THEIRS_ONLY" and "needs the statement" in case.cause
    assert "away from 17 Nov 22:00 to 18 Nov 07:00 UTC" in case.evidence
    assert any("+30 units" in line for line in case.evidence)
    assert ToldList.objects.get(name="positions").rows, "and nobody took us for flat"


def test_a_link_that_was_there_at_midnight_has_heard_what_filled_the_day_before(broker: Broker) -> None:
    """Restarted in the evening as every night, and broken once more in the morning."""
    midnight = broker.now.replace(hour=5, minute=0, second=0, microsecond=0)
    gateway = broker.stations.account.gateway
    LinkSession.objects.update(opened_at=midnight + timedelta(hours=5))
    for begin, end in ((-9, -0.2), (-0.1, 4)):
        times = {"opened_at": midnight + timedelta(hours=begin), "closed_at": midnight + timedelta(hours=end)}
        LinkSession.objects.create(gateway=gateway, epoch=1, **times)
    for _ in range(2):
        broker.tell(positions={"WEC": (30, "100")})
        broker.rest()
    broker.compare()
    assert Break.objects.get().cause == "opened by another hand, or transferred in"
