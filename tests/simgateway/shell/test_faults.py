"""The fault filter alone: what becomes of a message, what becomes of a request."""

import pytest

from apps.simgateway.exchange.instant import MILLISECOND, SECOND
from apps.simgateway.gateway.faults.filter import Faults
from apps.simgateway.gateway.faults.kinds import KINDS
from apps.simgateway.gateway.faults.records import Message, Request, make_fault
from apps.simgateway.phrases import read_turn

NOW = 1_000 * SECOND


def standing(*lines: str, **positions: str) -> Faults:
    faults = Faults()
    told = {("DU1", key): value for key, value in positions.items()}
    for line in lines:
        args = read_turn(f"fault {line}").args
        faults.add(make_fault(args.pop("kind"), args), told)
    return faults


def message(name: str, *fields: str, client: int = 1, ref: str = "", conn: int = 1) -> Message:
    return Message(conn=conn, client=client, name=name, fields=["0", *fields], ref=ref)


def out(faults: Faults, told: Message, now: int = NOW) -> list[list[str]]:
    return [delivery.fields[1:] for delivery in faults.outgoing(told, now)]


def status(word: str, **scope: object) -> Message:
    return message("orderStatus", "7", word, **scope)  # type: ignore[arg-type]


def test_a_held_message_waits_for_its_release():
    faults = standing("hold message=orderStatus ref=T-7")
    assert out(faults, status("Submitted", ref="T-7")) == []
    assert out(faults, status("Submitted", ref="T-8")) == [["7", "Submitted"]]
    messages, requests = faults.release()
    assert [m.fields[2] for m in messages] == ["Submitted"] and requests == []
    assert out(faults, status("Filled", ref="T-7")) == [["7", "Filled"]]


def test_a_drop_acts_once_and_a_mute_until_it_is_cleared():
    faults = standing("drop message=openOrderEnd", "mute message=execDetailsEnd")
    assert [len(out(faults, message("openOrderEnd", "1"))) for _ in range(2)] == [0, 1]
    assert [len(out(faults, message("execDetailsEnd", "1"))) for _ in range(3)] == [0, 0, 0]
    faults.clear("mute")
    assert len(out(faults, message("execDetailsEnd", "1"))) == 1


def test_a_scope_can_ask_for_a_status_and_an_error_code():
    faults = standing("mute message=orderStatus:Filled", "mute message=error:202")
    assert out(faults, status("Submitted")) and not out(faults, status("Filled"))
    assert out(faults, message("error", "2", "7", "399", "text"))
    assert not out(faults, message("error", "2", "7", "202", "text"))


def test_the_first_so_many_are_let_pass():
    faults = standing("drop message=orderStatus skip=2")
    assert [len(out(faults, status("Submitted"))) for _ in range(4)] == [1, 1, 0, 1]


def test_a_duplicate_is_said_again():
    assert len(out(standing("duplicate message=execDetails times=2"), message("execDetails", "x"))) == 3


def test_an_execution_can_wait_for_the_status_that_follows_it():
    faults = standing("status_before_execution")
    assert out(faults, message("execDetails", "e1")) == []
    assert out(faults, message("openOrder", "o")) == [["o"]]
    assert out(faults, status("Filled")) == [["7", "Filled"], ["e1"]]


def test_a_message_waits_only_for_others_of_its_own_socket():
    faults = standing("reorder message=execDetails until=orderStatus")
    assert out(faults, message("execDetails", "e1", conn=1)) == []
    assert out(faults, message("orderStatus", "7", "Filled", conn=2)) == [["7", "Filled"]]


def test_latency_keeps_the_order_of_what_it_delays():
    faults = standing("latency ms=40 jitter_ms=30")
    due = [
        faults.outgoing(status("Submitted"), NOW + n * MILLISECOND)[0].after + n * MILLISECOND
        for n in range(50)
    ]
    assert due == sorted(due)
    assert all(40 * MILLISECOND <= late <= 120 * MILLISECOND for late in due[:30])


def test_a_commission_can_be_unknown_or_a_rebate():
    report = message("commissionReport", "1", "e1", "1.05", "USD")
    assert out(standing("commission_minus_one"), report) == [["1", "e1", "-1.0", "USD"]]
    assert out(standing("commission_negative"), report) == [["1", "e1", "-1.05", "USD"]]
    assert out(standing("commission_never count=1"), report) == []


def position(quantity: str) -> Message:
    fields = ["3", "DU1", "265598", "AAPL", *[""] * 9, quantity, "100.0"]
    return message("position", *fields)


def test_positions_can_be_told_wrong_by_a_number_of_shares():
    faults = standing("wrong_positions symbol=AAPL by=-30")
    assert out(faults, position("100"))[0][13] == "70"
    assert out(standing("wrong_positions symbol=MSFT by=-30"), position("100"))[0][13] == "100"


def test_a_changed_position_is_told_late_and_then_true():
    faults = standing("late_positions ms=5000", **{"265598": "100"})
    assert [row[13] for row in out(faults, position("100"))] == ["100"]
    told = faults.outgoing(position("140"), NOW)
    assert [(d.fields[14], d.after) for d in told] == [("100", 0), ("140", 5 * SECOND)]
    assert [row[13] for row in out(faults, position("140"), NOW + 2 * SECOND)] == ["100"]
    assert [row[13] for row in out(faults, position("140"), NOW + 5 * SECOND)] == ["140"]


def test_times_can_carry_a_windows_zone():
    told = out(standing("windows_zone"), message("execDetails", "e", "20261120 10:00:00 US/Eastern"))
    assert told == [["e", "20261120 10:00:00 Eastern Standard Time"]]


def test_what_is_held_for_a_lost_socket_is_forgotten():
    faults = standing("hold message=orderStatus")
    out(faults, status("Submitted", conn=1))
    out(faults, status("Submitted", conn=2))
    faults.forget(1)
    assert [m.conn for m in faults.release()[0]] == [2]


def ask(faults: Faults, name: str, *, client: int = 1, ref: str = "", now: int = NOW):
    return faults.incoming(Request(conn=1, client=client, name=name, fields=["3", "7"], ref=ref), now)


def test_a_swallowed_request_can_be_released():
    faults = standing("swallow request=placeOrder ref=T-*")
    assert not ask(faults, "placeOrder", ref="T-1").handle
    assert ask(faults, "placeOrder", ref="X-1").handle
    assert [r.ref for r in faults.release()[1]] == ["T-1"]


def test_a_socket_can_close_before_and_after_a_request_is_done():
    before = ask(standing("close_before_accept request=placeOrder"), "placeOrder")
    after = ask(standing("close_after_accept request=placeOrder"), "placeOrder")
    assert (before.handle, before.close) == (False, True)
    assert (after.handle, after.quiet, after.close) == (True, True, True)


def test_a_busy_client_id_is_told_326_and_hung_up():
    faults = standing("busy_client client=4")
    ruling = ask(faults, "startApi", client=4)
    assert (ruling.code, ruling.close, ruling.handle) == (326, True, False)
    assert ask(faults, "startApi", client=5).handle


def test_a_slow_reader_takes_one_request_at_a_time():
    faults = standing("slow_reader client=1 ms=200")
    assert [ask(faults, "reqIds").after for _ in range(3)] == [n * 200 * MILLISECOND for n in (1, 2, 3)]
    assert ask(faults, "reqIds", client=2).after == 0


@pytest.mark.parametrize("kind", KINDS)
def test_every_fault_of_the_catalogue_can_be_turned_on_with_its_own_example(kind: str):
    turn = read_turn(KINDS[kind].example)
    assert turn.verb == "fault"
    args = dict(turn.args)
    faults = Faults()
    faults.add(make_fault(args.pop("kind"), args))
    assert faults.rows()[0]["kind"] == kind
    assert faults.on_messages != faults.on_requests


@pytest.mark.parametrize(
    ("line", "remedy"),
    [
        ("fault explode", "no fault named explode"),
        ("fault drop", "needs message=NAME"),
        ("fault drop message=x colour=red", "does not know colour"),
    ],
)
def test_a_fault_that_is_not_understood_is_refused_with_what_is(line: str, remedy: str):
    args = dict(read_turn(line).args)
    with pytest.raises(ValueError, match=remedy):
        make_fault(args.pop("kind"), args)
