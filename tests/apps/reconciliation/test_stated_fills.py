"""What filled while nobody listened is in the statement alone: adopted, it goes every execution's way."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from apps.broker.actions.claim_bracket import Claim
from apps.broker.models import Evidence, Intent, LinkSession
from apps.journal import clock
from apps.journal.models import Entry
from apps.ledger.actions.adopt import adopt_cash, adopt_position
from apps.ledger.actions.book_day import book_days
from apps.ledger.books import nav_now
from apps.ledger.models import BookDay, CashBalance, Fill, Position
from apps.ledger.rebuilding import differences
from apps.ledger.results import earned
from apps.reconciliation.actions.act_on_break import ActRefused, act_on_break
from apps.reconciliation.intake.flex import FlexRefused, read_flex
from apps.reconciliation.intake.statement import take_statement
from apps.reconciliation.models import Break, Ruling, Run
from apps.risk.models import Stop
from apps.runbook.invariants import broken_invariants
from tests.apps.reconciliation.told import Broker, worth
from tests.builders import make_sessions
from tests.people import make_person
from tests.stations import ADMIN, OPENING, TODAY, Stations, at
from tradingdesk.domain.reconciliation import Act

AFTERNOON = "20261118;142500"  # New York's
MORNING = datetime(2026, 11, 19, 13, 0, tzinfo=UTC)
EVENING = datetime(2026, 11, 18, 21, 20, tzinfo=UTC)
WHY = "the link was dead all afternoon"
D = Decimal


@pytest.fixture
def overnight(stations: Stations) -> Iterator[Broker]:
    """Thirty bought, then the link died; the day was told without it. Now it is the next morning."""
    make_sessions(TODAY + timedelta(days=5))
    broker = Broker(stations)
    broker.tell(money=worth("1000000"))
    broker.adopt_opening()
    stations.approve("WEC", quantity=90)
    first = stations.claim(stations.brackets()[0])
    assert isinstance(first, Claim) and stations.send(first) == [None, None, None]
    for intent in Intent.objects.order_by("pk"):
        hear(stations, intent, status="Submitted", filled="0", remaining="30")
    entry = leg("entry")
    bought = (OPENING + timedelta(minutes=1)).isoformat()
    stations.executed("00e1.E1.01", "30", perm_id=number_of(entry), order_ref=entry.order_ref, time=bought)
    stations.hear("commission", exec_id="00e1.E1.01", commission="1.00", currency="USD")
    LinkSession.objects.update(closed_at=clock.now() + timedelta(hours=1))
    with at(EVENING):
        stations.quote("WEC", bid=D(101), ask=D(101))
        book_days(stations.account, clock.now())
    with at(MORNING):
        now = clock.now()
        stations.session = LinkSession.objects.create(
            gateway=stations.account.gateway, epoch=1, opened_at=now, ready_at=now, next_valid_id=1
        )
        broker.now = now
        yield broker


def leg(role: str) -> Intent:
    return Intent.objects.select_related("ticket").get(ticket__role=role)


def number_of(intent: Intent) -> int:
    return 500 + intent.pk


def hear(stations: Stations, intent: Intent, **said: str) -> None:
    ids = {"order_ref": intent.order_ref, "order_id": intent.order_id, "perm_id": number_of(intent)}
    stations.hear("openOrder", **ids, quantity="30", **said)
    stations.hear("orderStatus", **ids, **said)


def statement(broker: Broker, *, when: str = AFTERNOON, exec_id: str = "00e1.E2.01", **more: str) -> bytes:
    """Yesterday's: the purchase, and the sale at the target's price, which nobody here has heard of."""
    con_id = broker.stations.contract("WEC").con_id
    row = (
        'symbol="WEC" conid="{con_id}" assetCategory="STK" currency="USD" quantity="30" ibCommission="-1.00" '
        'ibCommissionCurrency="USD" levelOfDetail="EXECUTION" ibExecID="{exec_id}" buySell="{side}" '
        'tradePrice="{price}" dateTime="{when}" {more}'
    )
    said = {"con_id": con_id}
    bought = row.format(
        exec_id="00e1.E1.01", side="BUY", price="100", when="20261118;094000", more="", **said
    )
    names = more or {"orderReference": leg("target").order_ref}
    told = " ".join(f'{name}="{value}"' for name, value in names.items())
    sold = row.format(
        **said | {"exec_id": exec_id, "side": "SELL", "price": "102", "when": when, "more": told}
    )
    return (
        '<FlexQueryResponse queryName="desk" type="AF"><FlexStatements count="1">'
        f'<FlexStatement accountId="{broker.stations.account.code}" fromDate="20261118" toDate="20261118">'
        f"<Trades><Trade {bought}/><Trade {sold}/></Trades><OpenPositions/>"
        '<CashReport><CashReportCurrency currency="USD" endingCash="1000058.00"/></CashReport>'
        "</FlexStatement></FlexStatements></FlexQueryResponse>"
    ).encode()


def take(broker: Broker, **more: str) -> Break:
    """The statement comes; its case of the execution that only it has."""
    take_statement(statement(broker, **more), "flex.xml", actor=ADMIN)
    return Break.objects.get(kind="EXECUTION_THEIRS_ONLY", state="open")


def adopt(case: Break) -> Break:
    return act_on_break(case.pk, Act.ADOPT, actor=ADMIN, now=clock.now(), reason=WHY)


def books(broker: Broker) -> tuple[Decimal, Decimal]:
    """What we hold, and our dollars."""
    account = broker.stations.account
    held = Position.objects.get(account=account, contract=broker.stations.contract("WEC")).quantity
    return held, CashBalance.objects.get(account=account, currency="USD").amount


@pytest.mark.parametrize("by", ["reference", "number", "both"])
def test_an_execution_that_only_the_statement_has_is_the_ticket_s_fill(overnight: Broker, by: str) -> None:
    target = leg("target")
    names = {"orderReference": target.order_ref, "ibOrderID": str(number_of(target))}
    wanted = {"reference": ["orderReference"], "number": ["ibOrderID"], "both": list(names)}[by]
    case = adopt(take(overnight, **{name: names[name] for name in wanted}))
    assert (case.state, case.closure) == ("closed", "adopted")
    fill = Fill.objects.select_related("ticket", "order").get(exec_id="00e1.E2.01")
    assert (fill.ticket, fill.side, fill.quantity, fill.price) == (target.ticket, "SELL", 30, 102)
    assert (fill.at, fill.trading_day) == (datetime(2026, 11, 18, 19, 25, tzinfo=UTC), TODAY)
    assert fill.order is not None and fill.order.state == "FILLED" and fill.commission == 1
    assert leg("target").ticket.state == "FILLED" and leg("target").ticket.filled == 30
    assert books(overnight) == (0, D("1000058"))
    assert list(differences(overnight.stations.account)) == []
    assert list(broken_invariants(clock.now())) == []
    assert not Stop.objects.exclude(level=Stop.ACTIVE).exists(), "it is our own order's"
    assert Entry.objects.get(reason_code="BREAK_ADOPTED").after["booked"] == "00e1.E2.01"


def test_its_day_is_restated_in_sight_and_the_statement_agrees_then(overnight: Broker) -> None:
    account = overnight.stations.account
    assert earned(account.pk, TODAY, TODAY, by="cause") == {"price": D(30), "fee": D(-1)}
    adopt(take(overnight))
    book_days(account, clock.now())
    assert earned(account.pk, TODAY, TODAY, by="cause") == {"price": D(60), "fee": D(-2)}
    assert BookDay.objects.get(trading_day=TODAY).restated == 1
    assert nav_now(account, clock.now()).total == D("1000058")
    again = statement(overnight).replace(b'queryName="desk"', b'queryName="again"')
    take_statement(again, "again.xml", actor=ADMIN)
    assert Run.objects.filter(about=Run.STATEMENT).latest("pk").level == Run.PASS
    assert not Break.objects.exclude(state="closed").exists()


def test_the_broker_s_count_agrees_once_it_is_booked(overnight: Broker) -> None:
    for _ in range(2):
        overnight.tell(money=worth("1000058"))
        overnight.rest()
        overnight.compare()
    case = Break.objects.get(kind="POSITION_OURS_ONLY")
    assert "needs the statement" in case.cause
    adopt(take(overnight))
    overnight.rest()
    overnight.tell(money=worth("1000058"))
    overnight.rest()
    assert overnight.compare().level == Run.PASS
    assert not Break.objects.exclude(state="closed").exists()


def test_it_comes_after_a_person_has_adopted_count_and_cash(overnight: Broker) -> None:
    """Both stay as they were taken over; what was sold is the day's, and nothing counts twice."""
    account, contract = overnight.stations.account, overnight.stations.contract("WEC")
    take_over = {"reason": WHY, "actor": ADMIN, "now": clock.now()}
    overnight.tell(money=worth("1000058"))
    adopt_position(account, contract, quantity=D(0), average_cost=None, **take_over)
    adopt_cash(account, "USD", amount=D(1_000_058), **take_over)
    adopt(take(overnight))
    assert books(overnight) == (0, D("1000058"))
    assert list(differences(account)) == []
    book_days(account, clock.now())
    days = (TODAY, TODAY + timedelta(days=1))
    total = sum(amount or D(0) for amount in earned(account.pk, *days, by="cause").values())
    assert total == D(58), earned(account.pk, *days, by="cause")


def test_what_no_order_of_ours_explains_is_booked_under_no_strategy(overnight: Broker) -> None:
    adopt(take(overnight, ibOrderID="987654", orderReference="somebody else's"))
    fill = Fill.objects.get(exec_id="00e1.E2.01")
    assert (fill.ticket, fill.strategy, fill.order) == (None, None, None)
    assert books(overnight) == (0, D("1000058"))
    assert leg("target").ticket.state == "WORKING"
    assert Stop.objects.get(scope="strategy").level == Stop.HALTED, "as when it is heard live"


def test_another_hand_s_is_in_the_books_and_marked_as_that(overnight: Broker) -> None:
    case = take(overnight, ibOrderID="987654", orderReference="somebody else's")
    act_on_break(case.pk, Act.MARK_EXTERNAL, actor=ADMIN, now=clock.now(), reason=WHY)
    assert Fill.objects.get(exec_id="00e1.E2.01").strategy is None
    assert Ruling.objects.get(key="00e1.E2").external
    assert books(overnight) == (0, D("1000058"))
    assert not Break.objects.exclude(state="closed").exists()


def test_its_page_says_what_adopting_it_will_do(overnight: Broker, client: Client) -> None:
    case = take(overnight)
    client.force_login(make_person("ann"))
    page = client.get(reverse("reconciliation-case", args=[case.pk])).content.decode()
    assert "−30 at 102 is booked: its order, the fill, its fee" in page
    adopt(case)
    address = reverse("orders-life", args=[leg("target").ticket.key])
    life = client.get(address, headers={"hx-request": "true"}).content.decode()
    assert "Fill 30 at 102.00" in life and "Booked by the statement" in life


def test_a_corrected_price_takes_the_place_of_the_old_one(overnight: Broker) -> None:
    target = leg("target")
    overnight.stations.executed(
        "00e1.E2.01", "30", "103", side="SLD", perm_id=number_of(target), order_ref=target.order_ref,
        time=(OPENING + timedelta(hours=4)).isoformat(),
    )  # fmt: skip
    take_statement(statement(overnight, exec_id="00e1.E2.02"), "flex.xml", actor=ADMIN)
    adopt(Break.objects.get(kind="EXECUTION_TERMS", state="open", theirs__contains="102"))
    assert list(
        Fill.objects.filter(exec_root="00e1.E2").order_by("pk").values_list("price", "superseded")
    ) == [
        (103, True),
        (102, False),
    ]
    assert books(overnight)[0] == 0 and leg("target").ticket.filled == 30


def test_a_fill_that_the_statement_does_not_have_is_taken_back(overnight: Broker, client: Client) -> None:
    """A bust that nobody heard of: the fill stays to be seen, and nothing is held of it any more."""
    account = overnight.stations.account
    take_statement(busted(overnight), "flex.xml", actor=ADMIN)
    assert not Break.objects.filter(source="broker", kind="EXECUTION_OURS_ONLY").exists()
    case = Break.objects.get(kind="EXECUTION_OURS_ONLY", state="open")
    client.force_login(make_person("ann"))
    assert "is taken back" in client.get(reverse("reconciliation-case", args=[case.pk])).content.decode()
    adopt(case)
    rows = Fill.objects.filter(exec_root="00e1.E1").order_by("revision")
    assert list(rows.values_list("superseded", "busted")) == [(True, False), (False, True)]
    assert books(overnight) == (0, D("1000000"))
    assert list(differences(account)) == [] and list(broken_invariants(clock.now())) == []
    assert not Break.objects.exclude(state="closed").exists(), "position and cash agree with it"
    book_days(account, clock.now())
    assert sum(amount or D(0) for amount in earned(account.pk, TODAY, TODAY, by="cause").values()) == 0
    assert BookDay.objects.get(trading_day=TODAY).restated == 1


def busted(broker: Broker) -> bytes:
    """Yesterday's statement without a trade."""
    data = statement(broker, exec_id="00e1.E2.01").decode()
    begin, end = data.index("<Trade "), data.index("</Trades>")
    return (data[:begin] + data[end:]).replace("1000058.00", "1000000.00").encode()


def test_without_its_time_nothing_is_booked_and_the_field_is_named(overnight: Broker) -> None:
    case = take(overnight, when="")
    with pytest.raises(ActRefused, match="Date/Time"):
        adopt(case)
    assert not Fill.objects.filter(exec_id="00e1.E2.01").exists()
    assert not Evidence.objects.filter(exec_id="00e1.E2.01").exists()
    assert adopt(take(overnight)).closure == "adopted", "with the field it is"


@pytest.mark.parametrize(
    "when", ["18/11/2026;14:25:00", "20261118;2", "20261118;256000", "20261118;142500 CET"]
)
def test_a_time_that_cannot_be_read_is_refused_with_its_element(overnight: Broker, when: str) -> None:
    with pytest.raises(FlexRefused, match="dateTime") as refused:
        read_flex(statement(overnight, when=when))
    assert refused.value.code == "STATEMENT_FIELD_BAD" and "yyyyMMdd" in refused.value.remedy


@pytest.mark.parametrize(
    "when", ["20261118;142500", "20261118,142500", "2026-11-18;14:25:00", "20261118;142500 EST"]
)
def test_a_time_is_new_york_s_in_every_form_that_a_query_may_have(overnight: Broker, when: str) -> None:
    (day,) = read_flex(statement(overnight, when=when))
    assert day.executions[1]["time"] == "2026-11-18T19:25:00+00:00"
    (day,) = read_flex(statement(overnight, when="20261118"))
    assert day.executions[1]["time"] == "", "a query without times tells a date alone"
