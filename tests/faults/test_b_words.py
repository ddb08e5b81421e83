"""Faults of what the broker says: codes that are not ends, executions told wrong, lists that lie."""

from datetime import timedelta
from decimal import Decimal

import pytest

from apps.broker.link.snapshots import LASTING
from apps.broker.models import Ask, Evidence, Intent, LinkSession, Order
from apps.journal import clock
from apps.journal.models import Entry
from apps.ledger.models import Fill, Position
from apps.market.actions.watch import watch
from apps.market.models import Contract, LastQuote
from apps.market.queries import books_day
from apps.reconciliation.actions.act_on_break import act_on_break
from apps.reconciliation.actions.reconcile import reconcile
from apps.reconciliation.models import Break, Run
from apps.risk.models import Stop
from apps.tickets.models import Ticket
from tests.faults.harness import Stage
from tests.road.acts import TRADER
from tradingdesk.domain.reconciliation import Act

INFORMS = (399, 404, 10349, 2109, 2161, 2137, 481)
DOUBTFUL_ON_A_LIVING_ORDER = (105, 110, 321, 329, 103, 460, 19999)
ANSWERS_TO_A_CANCEL = (10147, 10148, 161, 136)
REFUSALS = (200, 203, 460, 383)


def entries(stage: Stage) -> list[str]:
    """The tickets that open a bracket, by key."""
    return [key for key in stage.states() if key[-1] in "AB"]


def all_working(stage: Stage) -> bool:
    return set(stage.states().values()) == {"WORKING"}


def said(code: int) -> bool:
    return Evidence.objects.filter(kind="error", code=code).exists()


def test_no_notice_and_no_unknown_code_ends_a_living_order(stage: Stage) -> None:
    """B7, on a placement that works."""
    stage.ready()
    stage.approve()
    stage.eventually(lambda: all_working(stage), "both brackets working")
    key = entries(stage)[0]
    for code in INFORMS:
        stage.turn("notice", ref=f"td-desk-{key}-1", code=code, text="a note")
        stage.eventually(lambda told=code: said(told), f"{code} stored")
    assert all_working(stage)
    for code in DOUBTFUL_ON_A_LIVING_ORDER:
        stage.turn("notice", ref=f"td-desk-{key}-1", code=code, text="nobody knows")
        stage.eventually(lambda told=code: said(told), f"{code} stored")
        assert stage.states()[key] in ("WORKING", "UNKNOWN")
    stage.eventually(lambda: all_working(stage), "working again, by the broker's own list", 15)
    assert Order.objects.get(intent__ticket__key=key).last_code == 19999


def test_no_answer_to_a_cancel_ends_an_order_that_the_broker_still_works(stage: Stage) -> None:
    """B7, on a cancel."""
    stage.symbols = ("WEC", "KO")
    stage.rest()
    stage.ready()
    stage.approve()
    stage.eventually(lambda: all_working(stage), "four brackets working", 30)
    for key, code in zip(entries(stage), ANSWERS_TO_A_CANCEL, strict=True):
        number = Intent.objects.get(ticket__key=key).order_id
        stage.turn("fault", kind="error", request="cancelOrder", order=number, code=code, text="not so")
        stage.cancel(key)
    stage.eventually(lambda: all(said(code) for code in ANSWERS_TO_A_CANCEL), "four answers")
    assert {stage.states()[key] for key in entries(stage)} <= {"WORKING", "UNKNOWN"}
    stage.eventually(lambda: all_working(stage), "working, all of them", 15)
    assert not Ask.objects.exclude(answered_at=None).exists()


def test_a_refused_placement_is_refused_and_its_reason_kept(stage: Stage) -> None:
    """B7, on a placement that never became an order."""
    stage.symbols = ("WEC", "KO")
    stage.rest()
    stage.ready()
    for place, code in enumerate(REFUSALS):
        ref = f"td-desk-*-{place // 2 + 1}{'AB'[place % 2]}-1"
        stage.turn("fault", kind="error", request="placeOrder", ref=ref, code=code, text="no")
    stage.approve()
    stage.eventually(
        lambda: {stage.states().get(key) for key in entries(stage)} == {"REFUSED"}, "refused", 40
    )
    told = set(Intent.objects.filter(ticket__role="entry").values_list("reason_code", flat=True))
    assert told == {f"BROKER_{code}" for code in REFUSALS}
    assert not any(row["status"] == "Filled" for rows in stage.at_broker().values() for row in rows)


def test_executions_told_twice_late_and_corrected_are_each_booked_once(stage: Stage) -> None:
    """B8."""
    stage.ready()
    stage.turn("fault", kind="duplicate", message="execDetails", times=2)
    stage.approve()
    stage.eventually(lambda: all_working(stage), "both brackets working")
    first, second = (f"td-desk-{key}-1" for key in entries(stage))
    stage.turn("fill", ref=first, shares=4, price="99.90")
    stage.turn("fill", ref=first, price="99.95")
    stage.turn("clear")
    stage.turn("fault", kind="status_before_execution")
    stage.turn("fill", ref=second, price="99.90")
    stage.eventually(lambda: stage.books_agree() and len(stage.executions()) == 3, "three fills")
    stage.turn("clear")
    assert Position.objects.get(contract__symbol="WEC").quantity == 30
    stage.turn("correct", ref=first, price="99.80")
    stage.eventually(lambda: Fill.objects.filter(superseded=True).count() == 1, "the corrected one replaced")
    stage.turn("bust", ref=second)
    stage.eventually(lambda: Fill.objects.filter(busted=True).exists(), "the busted one taken back")
    standing = Fill.objects.filter(superseded=False, busted=False)
    stage.eventually(
        lambda: (
            Position.objects.get(contract__symbol="WEC").quantity
            == sum(standing.values_list("quantity", flat=True))
        ),
        "a position that is its fills",
    )
    assert Entry.objects.filter(reason_code="ORDER_EXECUTION_CORRECTED").exists()
    assert Decimal("99.8") in set(standing.values_list("price", flat=True))


@pytest.mark.parametrize("how", ["by hand", "by the broker"])
def test_a_trade_that_none_of_our_orders_explains_halts_the_strategy(stage: Stage, how: str) -> None:
    """B8."""
    stage.reach()
    stage.ready()
    stage.approve()
    stage.eventually(lambda: stage.books_agree() and stage.executions(), "our own fills")
    assert not Stop.objects.filter(level=Stop.HALTED).exists()
    if how == "by hand":
        stage.turn("foreign", symbol="WEC", side="SELL", shares=5, price="99.90")
    else:
        stage.turn("liquidate", symbol="WEC")
    stage.eventually(lambda: Stop.objects.filter(scope="strategy", level=Stop.HALTED).exists(), "a halt")
    code = "EXECUTION_FOREIGN" if how == "by hand" else "EXECUTION_BY_LIQUIDATION"
    assert Entry.objects.filter(reason_code=code).count() == 1
    stage.eventually(stage.books_agree, "the strange fill booked like any other")


LISTS = {
    "an error": (
        {"kind": "error", "request": "reqExecutions", "code": 321},
        "refused with 321",
    ),
    "empty, wrongly": ({"kind": "no_executions"}, "lacks"),
    "no end": ({"kind": "mute_execution_end"}, "no end of"),
}


@pytest.mark.parametrize(
    "what", [pytest.param(what, marks=[pytest.mark.deep] if what == "no end" else []) for what in LISTS]
)
def test_a_list_of_executions_that_fails_changes_nothing_and_is_named(stage: Stage, what: str) -> None:
    """B9."""
    fault, words = LISTS[what]
    bought(stage)
    before = stage.states()
    stage.link.kill()
    stage.turn("fault", **fault)
    stage.start()
    stage.eventually(lambda: "executions" in stage.link_says()[2], "the request named", 45)
    state, code, reason = stage.link_says()
    assert (state != "ready", code, words in reason) == (True, "SNAPSHOT_INCOMPLETE", True), reason
    assert LinkSession.objects.filter(ready_at__isnull=False).count() == 1
    assert stage.states() == before
    stage.turn("clear")
    stage.wait_ready(60)


def test_a_trade_that_was_taken_back_while_nobody_listened_is_taken_back_by_a_person(stage: Stage) -> None:
    """B8 and B9: no list holds it any more, and the broker's own count bears that out."""
    key = bought(stage)
    held, quantity = Position.objects.get(contract__symbol="WEC").quantity, Ticket.objects.get(key=key).filled
    stage.link.kill()
    stage.turn("bust", ref=f"td-desk-{key}-1")
    stage.start()
    stage.eventually(lambda: "lacks 1 execution" in stage.link_says()[2], "withheld at first")
    assert not Break.objects.filter(kind="EXECUTION_OURS_ONLY").exists()
    stage.wait_ready(90)
    reconcile(stage.account, Run.ORDERS, day=books_day(clock.now()), now=clock.now())
    case = Break.objects.get(kind="EXECUTION_OURS_ONLY", state="open")
    assert (case.severity, case.contract.symbol if case.contract else "") == ("critical", "WEC")
    act_on_break(case.pk, Act.ADOPT, actor=TRADER, now=clock.now(), reason="the broker took it back")
    assert Position.objects.get(contract__symbol="WEC").quantity == held - quantity
    assert Fill.objects.filter(busted=True, superseded=False).count() == 1
    stage.link.kill()
    stage.ready()
    assert LinkSession.objects.latest("pk").ready_at, "whole again: at once, not after a while"


@pytest.mark.deep
def test_a_list_that_lacks_what_the_broker_still_counts_is_never_believed(stage: Stage) -> None:
    """B9, for as long as it lasts."""
    bought(stage)
    stage.link.kill()
    stage.turn("fault", kind="no_executions")
    stage.start()
    stage.eventually(lambda: "lacks" in stage.link_says()[2], "the request named", 45)
    stage.settle(2 * LASTING.total_seconds())
    assert LinkSession.objects.filter(ready_at__isnull=False).count() == 1
    assert "lacks" in stage.link_says()[2]
    stage.turn("clear")
    stage.wait_ready(60)


def bought(stage: Stage) -> str:
    """Both entries have filled and every order is answered; the key of the first."""
    stage.reach()
    stage.ready()
    stage.approve()
    filled = lambda: {stage.states()[key] for key in entries(stage)} == {"FILLED"}  # noqa: E731
    stage.eventually(filled, "both entries filled")
    stage.eventually(lambda: not stage.between() and stage.books_agree(), "every order answered")
    return entries(stage)[0]


BY_ANOTHER_HAND: dict[str, tuple[dict[str, str], str, int]] = {
    "a future": ({"symbol": "MES", "sec_type": "FUT", "expiry": "202612", "price": "6200"}, "CME", 5),
    "an option": (
        {
            "symbol": "AAPL",
            "sec_type": "OPT",
            "expiry": "20261218",
            "strike": "240",
            "right": "C",
            "price": "9",
        },
        "SMART",
        100,
    ),
    "a future's option": (
        {
            "symbol": "ES",
            "sec_type": "FOP",
            "expiry": "20261218",
            "strike": "6200",
            "right": "P",
            "price": "99",
        },
        "CME",
        50,
    ),
    "a pair": ({"symbol": "EUR", "sec_type": "CASH", "currency": "USD", "price": "1.14"}, "IDEALPRO", 1),
    "a share in London": ({"symbol": "HSBA", "currency": "GBP", "price": "880"}, "SMART", 1),
}


@pytest.mark.parametrize("what", BY_ANOTHER_HAND)
def test_whatever_another_hand_trades_is_described_and_watched_where_it_trades(
    stage: Stage, what: str
) -> None:
    """An execution names it by the broker's number and little else; nobody guesses where it is listed."""
    asked, exchange, multiplier = BY_ANOTHER_HAND[what]
    found = Contract.objects.filter(symbol=asked["symbol"], sec_type=asked.get("sec_type", "STK"))
    stage.ready()
    stage.turn("foreign", side="BUY", shares=1, **asked)
    contract = stage.eventually(lambda: found.filter(confirmed=True).first(), "its description")
    assert (contract.exchange, contract.multiplier) == (exchange, multiplier)
    watch(stage.account.gateway, [contract.pk], timedelta(minutes=5))
    stage.eventually(lambda: LastQuote.objects.filter(contract=contract).exists(), "its quote")
    if asked.get("sec_type") != "CASH":
        assert Position.objects.get(contract=contract).quantity == 1
