"""What people do with a case, and what it does to the books, the limits and the next comparison."""

from datetime import timedelta
from decimal import Decimal

import pytest

from apps.desks.models import Strategy
from apps.journal.models import Entry
from apps.ledger.models import Adoption, Position
from apps.reconciliation.actions.act_on_break import ActRefused, act_on_break, assign_break
from apps.reconciliation.columns import columns_of
from apps.reconciliation.models import Break, External, Ruling, Run
from apps.reconciliation.queries import blocks_of, foreign_quantities
from apps.runbook.situation import ask_books, book_of
from tests.apps.reconciliation.told import Broker
from tests.stations import ADMIN, Stations
from tradingdesk.domain.reconciliation import Act

WHY = "closed by telephone after the outage"


@pytest.fixture
def broker(stations: Stations) -> Broker:
    """Thirty shares by our fills, none at the broker."""
    found = Broker(stations)
    stations.quote("WEC")
    stations.executed("00e1.E1.01", "30", perm_id=9)
    found.rest()
    found.tell()
    found.compare()
    return found


def test_adopting_makes_the_brokers_count_ours_by_an_entry_of_its_own(broker: Broker) -> None:
    case = act_on_break(Break.objects.get().pk, Act.ADOPT, actor=ADMIN, now=broker.now, reason=WHY)
    assert (case.state, case.closure, case.reason) == ("closed", "adopted", WHY)
    assert Position.objects.get().quantity == 0
    adopted = Adoption.objects.get(contract=broker.stations.contract("WEC"))
    assert adopted.reason == WHY and adopted.actor == ADMIN.name
    line = Entry.objects.filter(verb="break_adopt").get()
    assert (line.reason_code, line.actor) == ("BREAK_ADOPTED", ADMIN.name)
    broker.rest()
    broker.tell()
    assert broker.compare().differences == 0


@pytest.mark.parametrize(
    ("act", "reason", "code"),
    [(Act.ADOPT, "", "BREAK_UNEXPLAINED"), (Act.IGNORE, WHY, "BREAK_IGNORED_FOREVER")],
)
def test_an_act_without_what_it_needs_changes_nothing(
    broker: Broker, act: Act, reason: str, code: str
) -> None:
    before = Entry.objects.count()
    with pytest.raises(ActRefused) as refused:
        act_on_break(Break.objects.get().pk, act, actor=ADMIN, now=broker.now, reason=reason)
    assert refused.value.reason.code == code
    assert Break.objects.get().state == "open" and Entry.objects.count() == before


def test_a_case_ignored_until_a_moment_blocks_nothing_and_opens_again(broker: Broker) -> None:
    until = broker.now + timedelta(hours=1)
    case = Break.objects.get()
    act_on_break(case.pk, Act.IGNORE, actor=ADMIN, now=broker.now, reason=WHY, until=until)
    broker.tell()
    broker.compare()
    assert Break.objects.get().state == "ignored" and blocks_of(broker.stations.account.pk) == (None, {})
    broker.now = until + timedelta(seconds=1)
    broker.tell()
    broker.compare()
    assert Break.objects.get().state == "open"
    assert [act.act for act in case.acts.order_by("pk")] == ["opened", "ignore until", "again"]


def test_what_is_another_hands_stays_at_the_broker_and_out_of_the_difference(broker: Broker) -> None:
    broker.rest()
    broker.tell(positions={"WEC": (50, "100")})
    broker.compare()
    case = Break.objects.get(state="open")
    assert case.kind == "POSITION_QUANTITY"
    act_on_break(case.pk, Act.MARK_EXTERNAL, actor=ADMIN, now=broker.now, reason="my own pension fund")
    assert External.objects.get().quantity == 20
    broker.tell(positions={"WEC": (50, "100")})
    assert broker.compare().differences == 0
    broker.tell(positions={"WEC": (51, "100")})
    assert broker.compare().differences == 1, "only so much of it was another hand's"


def test_another_hands_shares_count_in_the_limits_or_not_as_the_limits_say(broker: Broker) -> None:
    broker.rest()
    broker.tell(positions={"WEC": (50, "100")})
    broker.compare()
    case = Break.objects.get(state="open")
    act_on_break(case.pk, Act.MARK_EXTERNAL, actor=ADMIN, now=broker.now, reason="my own pension fund")
    account, strategy = broker.stations.account, Strategy.objects.get()
    con_id = broker.stations.contract("WEC").con_id
    assert foreign_quantities(account.pk) == {con_id: Decimal(20)}
    books = ask_books(account, strategy, broker.now)
    assert book_of(books, account, broker.now).positions[con_id] == 50
    assert book_of(books, account, broker.now, foreign_counts=False).positions[con_id] == 30


def test_a_ruling_stands_for_exactly_what_was_ruled_on(broker: Broker) -> None:
    told = [broker.execution("00e1.E1.01", 30)]
    broker.tell(executions=told, positions={"WEC": (30, "100")})
    broker.compare(Run.ORDERS)
    case = Break.objects.get(kind="EXECUTION_THEIRS_ONLY")
    assert _executions_shown(broker) == [(True, "another hand's")]
    act_on_break(case.pk, Act.ADOPT, actor=ADMIN, now=broker.now, reason="sold by me at the workstation")
    assert _executions_shown(broker) == [(False, f"adopted, says {ADMIN.name}")]
    assert not Ruling.objects.get().external
    broker.compare(Run.ORDERS)
    assert not Break.objects.filter(kind="EXECUTION_THEIRS_ONLY").exclude(state="closed").exists()


def _executions_shown(broker: Broker) -> list[tuple[bool, str]]:
    """What the page says of each execution that both or one side tells."""
    shown = {one.title: one.rows for one in columns_of(broker.stations.account, broker.now)}
    return [(row.differs, row.word) for row in shown["Executions"]]


def test_a_closed_case_stays_closed(broker: Broker) -> None:
    number = Break.objects.get().pk
    act_on_break(number, Act.ADOPT, actor=ADMIN, now=broker.now, reason=WHY)
    for refused in (
        lambda: act_on_break(number, Act.ADOPT, actor=ADMIN, now=broker.now, reason=WHY),
        lambda: assign_break(number, "ann", actor=ADMIN, now=broker.now),
        lambda: act_on_break(number + 1000, Act.REQUERY, actor=ADMIN, now=broker.now),
    ):
        with pytest.raises(ActRefused):
            refused()


def test_a_case_has_an_owner_and_asking_again_wakes_the_link(broker: Broker) -> None:
    number = Break.objects.get().pk
    assert assign_break(number, "ann", actor=ADMIN, now=broker.now).owner == "ann"
    act_on_break(number, Act.REQUERY, actor=ADMIN, now=broker.now)
    assert [act.act for act in Break.objects.get().acts.order_by("pk")] == ["opened", "assigned", "re-query"]


def test_an_open_case_of_weight_holds_what_would_add_to_its_instrument(broker: Broker) -> None:
    broker.stations.approve("ATO")
    with_break = broker.stations
    case = Break.objects.get()
    case.contract = with_break.contract("ATO")
    case.save()
    told = with_break.send_all()
    assert told and all(why is not None and why.code == "BREAK_BLOCKS_INSTRUMENT" for why in told.values())
    assert with_break.written == []
    Break.objects.update(contract=with_break.contract("WEC"))
    with_break.refresh()
    assert all(why is None for why in with_break.send_all().values()), (
        "another instrument's case holds nothing"
    )
