"""The day's end of a strategy's positions: cancelled, confirmed, sent to the closing auction, seen flat.

The test is the link: it tells what the broker said and reads the books when it is asked to.
"""

from datetime import timedelta

import pytest

from apps.broker.actions.ask_cancel import mark_asked
from apps.broker.actions.claim_bracket import Claim, Held
from apps.broker.actions.mark_silent import mark_silent
from apps.broker.models import Intent, LinkState
from apps.broker.queries import asks_to_send, in_doubt
from apps.journal import clock
from apps.journal.models import Entry
from apps.market.models import Session
from apps.risk.models import Stop, Stopping
from apps.runbook.invariants import broken_invariants
from apps.runbook.models import DayStep
from apps.runbook.stopping import finish_stops
from apps.tickets.models import Ticket
from tests.apps.runbook.closing import (
    DAY,
    at,
    bought,
    claim,
    closes,
    hear_cancels,
    holds,
    read_books,
    ready_to_close,
    standing_at,
    step,
    walk,
)
from tests.stations import Stations


def test_children_are_cancelled_and_confirmed_before_anything_is_sold(stations: Stations) -> None:
    bought(stations)
    walk("15:44:59")
    assert not Stopping.objects.exists()
    walk("15:45:00")
    with standing_at("15:45:01"):
        finish_stops(stations.account.gateway_id)
        read_books(stations)
        assert closes() == []  # four exits still work: selling now could sell twice
        assert hear_cancels(stations) == 4
        finish_stops(stations.account.gateway_id)
    with standing_at("15:45:03"):
        holds(stations, 30)
        read_books(stations)
    assert closes() == [("SELL", 30, "MOC")]
    assert not Stop.objects.exclude(level="ACTIVE").exists()  # tomorrow needs nobody to let go
    close = Ticket.objects.get(role="close")
    assert close.not_after == at("15:49:30") and close.tif == "DAY"


def test_the_whole_end_of_the_day_is_flat_and_told_with_numbers(stations: Stations) -> None:
    ready_to_close(stations)
    with standing_at("15:45:06"):
        claimed = claim(stations)
        assert isinstance(claimed, Claim) and stations.send(claimed) == [None]
        assert broken_invariants(clock.now()) == []
    with standing_at("16:00:00"):
        stations.executed(
            "c1.01.01", "30", side="SLD", perm_id=5000, order_ref=claimed.placements[0].order_ref
        )
        holds(stations, 0)
    with standing_at("16:00:02"):
        read_books(stations)
    walk("16:00:03")
    row = step("close out")
    assert (row.outcome, row.told) == ("done", "4 cancelled, 1 MOC, flat")
    assert row.numbers["closed"] == "3E+1" or row.numbers["closed"] == "30"
    walk("16:05:00")
    with standing_at("16:05:01"):
        finish_stops(stations.account.gateway_id)
        finish_stops(stations.account.gateway_id)
        read_books(stations)
    walk("16:05:02")
    assert (step("clean up").outcome, step("clean up").told) == ("done", "no position, no open order")
    assert step("report").outcome == "done" and "3 fills" in step("report").told


def test_a_size_above_the_broker_s_limit_is_split(stations: Stations) -> None:
    """Error 383 once left a whole position open over night."""
    ready_to_close(stations, size_limit=13)
    assert closes() == [("SELL", 13, "MOC"), ("SELL", 13, "MOC"), ("SELL", 4, "MOC")]


def test_what_a_target_sold_meanwhile_is_not_sold_again(stations: Stations) -> None:
    bought(stations)
    walk("15:45:00")
    target = Intent.objects.filter(ticket__role="target").select_related("ticket").first()
    assert target is not None
    with standing_at("15:45:01"):
        finish_stops(stations.account.gateway_id)
        size = str(target.ticket.quantity)
        stations.executed("t1.01.01", size, side="SLD", perm_id=1000 + target.pk, order_ref=target.order_ref)
        stations.hear(
            "orderStatus", order_id=target.order_id, perm_id=1000 + target.pk, status="Filled", filled=size,
            remaining="0",
        )  # fmt: skip
        hear_cancels(stations)
        finish_stops(stations.account.gateway_id)
    with standing_at("15:45:03"):
        holds(stations, 30 - int(target.ticket.quantity))
        read_books(stations)
    assert closes() == [("SELL", 30 - int(target.ticket.quantity), "MOC")]


def test_an_exit_nobody_confirms_is_left_out_of_the_sale_and_told(stations: Stations) -> None:
    bought(stations)
    walk("15:45:00")
    with standing_at("15:45:01"):
        finish_stops(stations.account.gateway_id)
        mark_asked(
            [ask.pk for ask in asks_to_send(stations.account.gateway_id)],
            session_id=stations.session.pk,
            now=clock.now(),
        )
    with standing_at("15:46:30"):
        finish_stops(stations.account.gateway_id)
        read_books(stations)
        assert Stopping.objects.get().state == "cancelling" and closes() == []
    with standing_at("15:47:10"):
        finish_stops(stations.account.gateway_id)
        holds(stations, 30)
        read_books(stations)
    assert closes() == []  # four working exits could sell 60 of 30; the desk sells nothing on top
    with standing_at("15:47:30"):
        read_books(stations)
    row = Stopping.objects.get()
    assert row.state == "ended" and row.flat_at is None and "NOT FLAT: 30 WEC" in row.note
    alarm = Entry.objects.get(verb="left_not_flat")
    assert alarm.reason_code == "STOP_NOT_FLAT" and alarm.account == stations.account.code
    walk("15:47:31")
    assert step("close out").outcome == "failed" and "could not be confirmed" in step("close out").told


@pytest.mark.parametrize(
    ("moment", "skew_ms", "goes"),
    [
        ("15:49:29", 0, True),
        ("15:49:30", 0, False),
        ("15:49:31", 0, False),
        ("15:49:29", 3000, False),
        ("15:49:29", -3000, False),
        ("15:49:26", 3000, True),
    ],
)
def test_g3_nothing_leaves_for_the_auction_at_its_cut_off_whichever_clock_is_wrong(
    stations: Stations, moment: str, skew_ms: int, goes: bool
) -> None:
    """The exchange's own cut-off is 15:50:00; half a minute before it the desk refuses."""
    ready_to_close(stations)
    LinkState.objects.update(clock_skew_ms=skew_ms)
    with standing_at(moment):
        claimed = claim(stations)
        if goes:
            assert isinstance(claimed, Claim) and stations.send(claimed) == [None]
            return
        assert isinstance(claimed, Held)
        assert claimed.reason.code in ("CUT_OFF_PASSED", "TICKET_EXPIRED")
        assert Ticket.objects.get(role="close").state in ("WITHDRAWN", "EXPIRED")
        read_books(stations)
        assert closes() == [("SELL", 30, "MOC")]  # and none is written anew


def test_g3_a_claim_that_waited_past_the_cut_off_is_not_written(stations: Stations) -> None:
    ready_to_close(stations)
    with standing_at("15:49:29"):
        claimed = claim(stations)
        assert isinstance(claimed, Claim)
    with standing_at("15:49:31"):
        (why,) = stations.send(claimed)
        assert why is not None and why.code == "TICKET_EXPIRED" and stations.written[6:] == []


@pytest.mark.parametrize(("exchange", "until"), [("NYSE", "15:49:30"), ("NASDAQ", "15:54:30")])
def test_each_exchange_has_its_own_cut_off(stations: Stations, exchange: str, until: str) -> None:
    ready_to_close(stations, exchange=exchange)
    assert Ticket.objects.get(role="close").not_after == at(until)


def test_a_half_day_shifts_the_auction(stations: Stations) -> None:
    Session.objects.filter(day=DAY).update(close_at=at("13:00"), early=True)
    bought(stations)
    walk("12:44:59")
    assert not Stopping.objects.exists()
    walk("12:45:00")
    assert Stopping.objects.get().purpose == "close out"
    assert step("close out").deadline == at("12:49:30")


def test_an_order_for_the_auction_that_is_met_with_silence_is_looked_for_and_not_called_unknown_at_once(
    stations: Stations,
) -> None:
    ready_to_close(stations)
    with standing_at("15:45:06"):
        claimed = claim(stations)
        assert isinstance(claimed, Claim) and stations.send(claimed) == [None]
    with standing_at("15:45:20") as now:
        assert mark_silent(stations.account.gateway_id, stations.session.pk, now) == []
        assert in_doubt(stations.account.gateway_id)
    with standing_at("15:46:40") as now:
        assert len(mark_silent(stations.account.gateway_id, stations.session.pk, now)) == 1
    assert closes() == [("SELL", 30, "MOC")]


def test_nothing_held_and_nothing_working_is_an_outcome(stations: Stations) -> None:
    walk("15:45:00")
    walk("15:49:30")
    assert (step("close out").outcome, step("close out").told) == (
        "nothing to do", "nothing held and nothing working",
    )  # fmt: skip
    walk("16:05:00")
    assert step("clean up").outcome == "nothing to do" and not Stopping.objects.exists()


def test_asked_twice_it_is_one_close_out(stations: Stations) -> None:
    """C9: the worker died between the asking and its own note of it."""
    bought(stations)
    walk("15:45:00")
    DayStep.objects.filter(name="close out").update(started_at=None)
    walk("15:45:01")
    assert Stopping.objects.count() == 1 and Entry.objects.filter(verb="ask_close_out").count() == 1


def test_an_entry_that_waits_is_withdrawn_and_none_is_sent_into_the_close(stations: Stations) -> None:
    with standing_at("15:20"):
        stations.refresh()
        stations.approve("WEC")
    walk("15:45:00")
    with standing_at("15:45:01"):
        finish_stops(stations.account.gateway_id)
        assert stations.send_all() == {}
    assert set(Ticket.objects.values_list("state", "reason_code")) == {
        ("WITHDRAWN", "CLOSED_OUT_BEFORE_SENT")
    }


def test_what_is_held_after_the_close_is_an_alarm(
    stations: Stations, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.runbook.flattening.BOOKS_LATE", timedelta(0))
    bought(stations)
    walk("16:05:00")  # the desk was away at a quarter to four
    assert step("close out").outcome == "missed"
    with standing_at("16:05:01"):
        finish_stops(stations.account.gateway_id)
        hear_cancels(stations)
        finish_stops(stations.account.gateway_id)
    with standing_at("16:05:03"):
        holds(stations, 30)
        read_books(stations)
    walk("16:05:04")
    row = step("clean up")
    assert (row.outcome, row.reason_code) == ("failed", "DAY_NOT_FLAT")
    assert row.told == "NOT FLAT: 30 WEC (its market is closed)" and closes() == []
    ended = Entry.objects.filter(verb="end_step", reason_code="DAY_NOT_FLAT").get()
    assert ended.after["step"] == "clean up"
