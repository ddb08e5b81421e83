"""Faults of the broker's side: sockets that close, answers that never come, gateways that restart."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import F, Q
from django.db.transaction import atomic

from apps.broker.actions.mark_silent import remind_of_unknown
from apps.broker.ib.connection import IbConnection
from apps.broker.models import Ask, Evidence, Intent, LinkSession, Order, ToldList
from apps.broker.ports import REREAD, Placement
from apps.desks.models import Account
from apps.journal import clock
from apps.journal.actions.write_entry import write_entry
from apps.journal.models import Entry
from apps.risk.models import Reservation
from tests.faults.harness import Stage
from tests.gateway import Gateway
from tests.road.acts import TRADER

LAST_OF_A = "td-desk-*AS-1"


def all_working(stage: Stage) -> bool:
    return set(stage.states().values()) == {"WORKING"}


def ours_sent(stage: Stage) -> list[list[str]]:
    return [fields for fields in stage.gateway.placements() if any(f.startswith("td-") for f in fields)]


def requests_of(gateway: Gateway, name: str) -> int:
    return sum(row["name"] == name for row in gateway.records("in"))


def test_a_socket_closed_after_the_order_was_taken_ends_in_one_order_that_is_adopted(stage: Stage) -> None:
    """B1."""
    stage.ready()
    stage.turn("fault", kind="close_after_accept", request="placeOrder", ref=LAST_OF_A)
    stage.approve()
    stage.eventually(lambda: all_working(stage), "both brackets working", 12)
    assert len(ours_sent(stage)) == 6


def test_a_swallowed_order_stays_reserved_is_told_twice_and_is_adopted_when_it_comes(stage: Stage) -> None:
    """B2."""
    stage.ready()
    stage.turn("fault", kind="swallow", request="placeOrder", ref=LAST_OF_A)
    request = stage.approve()
    bracket = [key for key in stage.states(request) if key.rstrip("TS").endswith("A")]
    stage.eventually(lambda: {stage.states()[key] for key in bracket} == {"UNKNOWN"}, "UNKNOWN after 5 s", 15)
    assert Reservation.objects.get(ticket_key=bracket[0]).state == Reservation.HELD
    assert Entry.objects.filter(verb="intent_unknown").count() == 3
    session = LinkSession.objects.latest("pk")
    later = clock.now() + timedelta(seconds=61)
    assert remind_of_unknown(session.gateway_id, session.pk, later) == 3
    assert remind_of_unknown(session.gateway_id, session.pk, later) == 0
    assert Entry.objects.filter(reason_code="INTENT_STILL_UNKNOWN").count() == 3
    stage.turn("release")
    stage.eventually(lambda: all_working(stage), "adopted, all of it", 15)
    assert len(ours_sent(stage)) == 6


@pytest.mark.parametrize("restored", ["1101", "1102"])
def test_nothing_is_sent_while_the_broker_is_out_of_reach_and_its_fills_are_read_after(
    stage: Stage, restored: str
) -> None:
    """B3."""
    stage.symbols = ("WEC", "KO")
    stage.rest()
    stage.ready()
    second = stage.propose("KO", name="second.csv")
    stage.approve("WEC")
    stage.eventually(lambda: list(stage.states().values()).count("WORKING") == 6, "the first plan working")
    watched = requests_of(stage.gateway, "reqMktData")
    stage.turn("link", code="1100")
    stage.eventually(lambda: stage.link_says()[1] == "BROKER_UNREACHABLE", "the link saying so")
    stage.execute(second)
    stage.eventually(lambda: set(lists_that_count()) == set(), "no list of before the break counting")
    with atomic():  # even when somebody asks for them now
        write_entry("look_again", subject=stage.account, actor=TRADER, topics=(REREAD,))
    stage.reach("WEC")
    sent = len(ours_sent(stage))
    stage.settle(1.5)
    assert len(ours_sent(stage)) == sent and set(lists_that_count()) == set()
    assert set(stage.states(second).values()) == {"RELEASED"}
    stage.turn("link", code=restored)
    stage.eventually(lambda: stage.books_agree() and stage.executions(), "the fills of the outage")
    stage.eventually(lambda: set(stage.states(second).values()) == {"WORKING"}, "the second plan working")
    stage.eventually(lambda: len(lists_that_count()) == 4, "every list read anew")
    if restored == "1101":
        stage.eventually(lambda: requests_of(stage.gateway, "reqMktData") > watched, "quotes asked for again")


def lists_that_count() -> list[str]:
    """What a cut-off gateway tells is not the broker's word."""
    rows = ToldList.objects.filter(Q(failed_at=None) | Q(failed_at__lt=F("at")))
    return list(rows.values_list("name", flat=True))


def test_a_socket_that_is_open_and_dead_is_noticed_and_nothing_is_sent_into_it(stage: Stage) -> None:
    """B4."""
    stage.ready()
    request = stage.propose()
    stage.turn("stall", client="11")
    # it is said either while the socket is still held, or when it was given up and its seat is not free yet
    said = ("does not answer", "connection down")
    stage.eventually(lambda: any(word in stage.banner() for word in said), "the truth on the screen", 20)
    assert stage.link_says()[0] in ("not_ready", "down")
    with pytest.raises(AssertionError, match="CHECK_BLOCKED"):
        stage.execute(request)  # its prices are as old as the silence
    stage.eventually(lambda: LinkSession.objects.latest("pk").closed_at, "the dead socket given up")
    stage.turn("unstall", client="11")  # the gateway notices too, and our client id is free again
    stage.wait_ready()
    assert ours_sent(stage) == []


def test_ids_rolled_back_by_a_restart_are_not_used_again(stage: Stage) -> None:
    """B5."""
    stage.ready()
    stage.approve("WEC")
    stage.eventually(lambda: all_working(stage), "the first plan working")
    before = LinkSession.objects.latest("pk")
    stage.turn("restart", roll_back=4)
    stage.eventually(lambda: LinkSession.objects.filter(pk__gt=before.pk, ready_at__isnull=False), "again")
    stage.rest("KO")
    after = LinkSession.objects.latest("pk")
    assert after.next_valid_id <= max(Intent.objects.values_list("order_id", flat=True))
    stage.wait_ready()
    stage.approve("KO", name="second.csv")
    stage.eventually(lambda: all_working(stage), "the second plan working")
    ids = [fields[1] for fields in ours_sent(stage)]
    assert len(ids) == len(set(ids)) == 12


def test_a_client_id_that_is_taken_is_waited_for_and_no_other_is_tried(stage: Stage) -> None:
    """B13."""
    stage.turn("fault", kind="busy_client", client=11)
    stage.start()
    stage.eventually(lambda: stage.link_says()[1] == "CLIENT_ID_IN_USE", "the link saying so", 15)
    stage.turn("clear")
    stage.wait_ready()
    started = {row["client"] for row in stage.gateway.records("started")}
    assert started == {11}


def test_a_change_across_an_outage_that_became_a_second_order_is_taken_back_whole(stage: Stage) -> None:
    """B15. The link never changes an order; somebody with our client id did."""
    stage.ready()
    stage.approve()
    stage.eventually(lambda: all_working(stage), "both brackets working")
    entry = Order.objects.filter(intent__ticket__role="entry").earliest("pk")
    stage.link.kill()
    stage.turn("switch", name="outage_modify_duplicates", value="yes")
    stage.turn("link", code="1100")
    asyncio.run(change_price(stage, entry, Decimal("99.50")))
    stage.turn("link", code="1102")
    assert len(stage.at_broker()[entry.order_ref]) == 2
    stage.doubles = {entry.order_ref}
    stage.ready()
    stage.eventually(
        lambda: {row["status"] for row in stage.at_broker()[entry.order_ref]} == {"Cancelled"},
        "both orders cancelled at the broker",
        15,
    )
    stage.eventually(lambda: stage.states()[entry.intent.ticket.key] == "CANCELLED", "and here")
    assert Order.objects.filter(intent=entry.intent).count() == 2
    assert Entry.objects.filter(reason_code="ORDER_SECOND_PERM_ID").exists()


async def change_price(stage: Stage, order: Order, price: Decimal) -> None:
    """What another program with our client id would write."""
    connection = IbConnection()
    await connection.open("127.0.0.1", stage.gateway.port, client_id=order.client_id, timeout=10)
    connection.place(
        Placement(
            order_id=order.order_id,
            order_ref=order.order_ref,
            account=stage.account.code,
            con_id=order.con_id,
            symbol=order.symbol,
            sec_type="STK",
            currency="USD",
            exchange="SMART",
            side=order.side,
            quantity=order.quantity,
            order_type=order.order_type,
            limit_price=price,
            stop_price=None,
            tif="DAY",
            outside_rth=False,
            transmit=True,
        )
    )
    await asyncio.sleep(0.3)
    connection.close()


WRONG = {
    "the gateway is set to live": ({"mode": "live"}, "", "ENVIRONMENT_WRONG"),
    "our account is not behind it": ({}, "DU7654321", "ACCOUNT_NOT_MANAGED"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_gateway_of_the_wrong_kind_never_becomes_ready(stage: Stage, what: str) -> None:
    """B16."""
    changed, code, expected = WRONG[what]
    if changed:
        type(stage.account.gateway).objects.update(**changed)
    if code:
        Account.objects.create(code=code, gateway=stage.account.gateway)
    stage.start()
    stage.eventually(lambda: stage.link_says()[1] == expected, expected)
    stage.settle(1)
    assert not stage.is_ready()
    assert not LinkSession.objects.filter(ready_at__isnull=False).exists()
    assert requests_of(stage.gateway, "placeOrder") == 0


def test_a_second_link_stands_by_and_takes_over_at_once(stage: Stage, spare: Any) -> None:
    """S9: one writer, and no waiting for a dead one's last beat."""
    stage.ready()
    spare.start()
    stage.settle(4)
    assert LinkSession.objects.count() == 1
    stage.link.kill()
    stage.link = spare
    stage.wait_ready(15)
    stage.approve()
    stage.eventually(lambda: all_working(stage), "sent by the second link")
    assert set(Intent.objects.values_list("epoch", flat=True)) == {2}


def test_a_cancel_asked_while_the_socket_is_down_is_sent_when_it_is_back(stage: Stage) -> None:
    stage.ready()
    request = stage.approve()
    stage.eventually(lambda: all_working(stage), "both brackets working")
    stage.link.kill()
    key = next(iter(stage.states(request)))
    stage.cancel(key)
    stage.ready()
    stage.eventually(lambda: stage.states()[key] == "CANCELLED", "the broker's word for the cancel")
    stage.eventually(lambda: Ask.objects.get().outcome == "confirmed", "the question answered")


def test_evidence_of_a_quiet_hour_does_not_pile_up(stage: Stage) -> None:
    """Every half minute everything is read again; what was said before is not stored again."""
    stage.ready()
    stage.approve()
    stage.eventually(lambda: all_working(stage), "both brackets working")
    stage.turn("link", code="1100")
    stage.turn("link", code="1102")
    stage.eventually(lambda: Evidence.objects.filter(kind="snapshot").count() >= 2, "a second reading")
    stored = Evidence.objects.exclude(kind="snapshot").count()
    for number in range(3, 5):
        stage.turn("link", code="1100")
        stage.turn("link", code="1102")
        stage.eventually(
            lambda wanted=number: Evidence.objects.filter(kind="snapshot").count() >= wanted, "another"
        )
    told = Evidence.objects.exclude(kind__in=["snapshot", "error"]).count()
    assert told <= stored
