"""The stop as it goes through the stations: block, cancel, confirm, flatten, verify. The test is the link."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from apps.broker.actions.ask_cancel import close_asks, mark_asked
from apps.broker.actions.claim_bracket import Claim, Held
from apps.broker.actions.claim_close import claim_close
from apps.broker.actions.recover_intents import lapse_claim
from apps.broker.models import Ask, Intent
from apps.broker.ports import PositionTold
from apps.broker.queries import asks_to_send
from apps.journal import clock
from apps.journal.models import Entry
from apps.ledger.actions.book_broker import book_positions
from apps.risk.actions.set_stop import set_stop
from apps.risk.actions.stop_trading import StopRefused
from apps.risk.models import StoppedOrder, Stopping
from apps.risk.queries import standing_level
from apps.runbook import stopping as stopping_module
from apps.runbook.flattening import held_by_broker
from apps.runbook.invariants import broken_invariants
from apps.runbook.stopping import finish_stops, kill
from apps.tickets.models import Ticket
from tests.stations import ADMIN, TRADER, Stations
from tradingdesk.domain.tickets.submission import PROTOCOL_VERSION


def stop(scope: str = "global", key: str = "", **changes: Any) -> Stopping:
    asked: dict[str, Any] = {
        "level": "HALTED", "flatten": False, "actor": TRADER, "reason": "drill", "now": clock.now(),
    }  # fmt: skip
    return kill(scope, key, **(asked | changes))


def results(stopping: Stopping) -> dict[str, str]:
    return dict(StoppedOrder.objects.filter(stopping=stopping).values_list("ticket_key", "result"))


def send_cancels(stations: Stations) -> list[Ask]:
    """What the link does with them: mark, and write."""
    asks = list(asks_to_send(stations.account.gateway_id))
    mark_asked([ask.pk for ask in asks], session_id=stations.session.pk, now=clock.now())
    return asks


def working(stations: Stations, *symbols: str) -> None:
    """Approved, sent and acknowledged by the broker."""
    stations.approve(*symbols)
    stations.send_all()
    for number, intent in enumerate(Intent.objects.order_by("pk"), 1000):
        told(stations, intent, "Submitted", number)


def told(stations: Stations, intent: Intent, status: str, perm_id: int) -> None:
    stations.hear(
        "orderStatus", order_id=intent.order_id, perm_id=perm_id, status=status, filled="0",
        remaining=str(intent.ticket.quantity),
    )  # fmt: skip
    close_asks(clock.now())


def holds(stations: Stations, symbol: str, quantity: int) -> None:
    """The broker counts so many; its books are read anew."""
    con_id = stations.contract(symbol).con_id
    row = PositionTold(
        account=stations.account.code, con_id=con_id, symbol=symbol, quantity=Decimal(quantity),
        average_cost=Decimal(100),
    )  # fmt: skip
    book_positions(stations.account.gateway, [row] if quantity else [], clock.now())


def books_read(stations: Stations) -> bool:
    return finish_stops(stations.account.gateway_id, clock.now())


def test_what_was_not_sent_ends_here_and_nothing_of_it_was_sent(stations: Stations) -> None:
    stations.approve("WEC")
    stopping = stop()
    assert set(Ticket.objects.values_list("state", flat=True)) == {"WITHDRAWN"}
    assert set(results(stopping).values()) == {"confirmed"} and len(results(stopping)) == 6
    assert stations.send_all() == {} and stations.written == []
    finish_stops()
    assert Stopping.objects.get().state == "ended"
    assert broken_invariants(clock.now()) == []


def test_no_claim_succeeds_after_the_commit_whatever_was_released(stations: Stations) -> None:
    stations.approve("WEC")
    set_stop("HALTED", actor=ADMIN, reason="drill")
    assert {why and why.code for why in stations.send_all().values()} == {"STOP_HALTED"}


def test_working_orders_are_asked_at_once_parents_first_and_only_the_brokers_word_confirms(
    stations: Stations,
) -> None:
    working(stations, "WEC")
    stopping = stop()
    assert set(results(stopping).values()) == {"asked"}
    asks = send_cancels(stations)
    assert [ask.intent.parent_order_id == 0 for ask in asks] == [True, True, False, False, False, False]
    finish_stops()
    assert set(results(stopping).values()) == {"pending"}
    for number, intent in enumerate(Intent.objects.order_by("pk"), 1000):
        told(stations, intent, "Cancelled", number)
    finish_stops()
    assert set(results(stopping).values()) == {"confirmed"}
    assert Stopping.objects.get().ended_at is not None
    assert Entry.objects.filter(verb="ask_cancels").count() == 1


def test_a_pause_lets_working_orders_be_and_calls_back_what_is_unsent(stations: Stations) -> None:
    working(stations, "WEC")
    stations.approve("OWL")
    stop(level="REDUCE_ONLY")
    assert not Ask.objects.exists()
    states = Ticket.objects.filter(contract__symbol="OWL").values_list("state", flat=True)
    assert set(states) == {"WITHDRAWN"} and standing_level("global", "") == "REDUCE_ONLY"


def test_a_claim_that_had_begun_is_called_back_and_not_claimed_again(stations: Stations) -> None:
    stations.approve("WEC")
    claim = stations.claim(stations.brackets()[0])
    assert isinstance(claim, Claim)
    stopping = stop()
    assert [why and why.code for why in stations.send(claim)] == ["STOP_HALTED"]
    lapse_claim(claim.intents, clock.now())
    finish_stops()
    assert set(Ticket.objects.values_list("state", flat=True)) == {"WITHDRAWN"}
    assert set(results(stopping).values()) == {"confirmed"} and stations.written == []


def test_an_unknown_order_is_listed_as_unknown_and_keeps_the_stop_open(stations: Stations) -> None:
    working(stations, "WEC")
    Ticket.objects.filter(role="entry").update(state="UNKNOWN")
    stopping = stop()
    send_cancels(stations)
    finish_stops()
    assert sorted(results(stopping).values()) == ["pending"] * 4 + ["unknown"] * 2
    assert Stopping.objects.get().state == "cancelling"


def test_one_account_or_strategy_stops_alone(stations: Stations) -> None:
    working(stations, "WEC")
    stop("strategy", "another-strategy")
    assert not StoppedOrder.objects.exists() and not Ask.objects.exists()
    assert len(results(stop("account", stations.account.code))) == 6


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"level": "ACTIVE"}, "STOP_LEVEL_UNKNOWN"),
        ({"scope": "planet", "key": "earth"}, "STOP_SCOPE_UNKNOWN"),
        ({"key": "DU1"}, "STOP_SCOPE_UNKNOWN"),
        ({"level": "REDUCE_ONLY", "flatten": True}, "STOP_LEVEL_UNKNOWN"),
    ],
)
def test_what_cannot_be_meant_is_refused(stations: Stations, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(StopRefused) as refused:
        stop(**changes)
    assert refused.value.reason.code == code and not Stopping.objects.exists()


def test_a_pause_never_loosens_a_halt(stations: Stations) -> None:
    stop()
    stop(level="REDUCE_ONLY")
    assert standing_level("global", "") == "HALTED"


def test_whoever_finds_it_after_a_crash_finishes_it(
    stations: Stations, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A10: the flag is committed, and the process dies before the first cancel."""
    working(stations, "WEC")

    class Died(Exception):
        pass

    def die(*_: Any) -> None:
        raise Died

    with monkeypatch.context() as patched, pytest.raises(Died):
        patched.setattr(stopping_module, "sweep", die)
        stop()
    assert not Ask.objects.exists() and Stopping.objects.get().state == "blocked"
    finish_stops()
    assert Ask.objects.count() == 6 and Stopping.objects.get().state == "cancelling"
    finish_stops()
    assert Ask.objects.count() == 6


def flattened(stations: Stations) -> list[Ticket]:
    return list(Ticket.objects.filter(role="close").order_by("pk"))


def test_flatten_waits_for_books_read_after_the_cancels_and_closes_what_the_broker_counts(
    stations: Stations,
) -> None:
    holds(stations, "WEC", 120)
    stop(flatten=True)
    assert finish_stops(stations.account.gateway_id) is True  # nothing works: it wants the books
    assert flattened(stations) == []
    books_read(stations)
    (close,) = flattened(stations)
    assert (close.side, close.quantity, close.order_type, close.request) == ("SELL", 120, "MKT", None)
    assert close.key.startswith("0-") and Stopping.objects.get().state == "closing"


def claim_first_close(stations: Stations) -> Claim | Held | None:
    (bracket,) = stations.brackets()[:1]
    return claim_close(
        bracket, session=stations.session, epoch=1, now=clock.now(), instance="desk",
        position=held_by_broker(bracket),
    )  # fmt: skip


def test_a_close_passes_the_halt_by_the_same_protocol_and_the_invariants_hold(stations: Stations) -> None:
    holds(stations, "WEC", -120)
    stations.set_limits(order_quantity=50)
    stop(flatten=True)
    finish_stops(stations.account.gateway_id)
    books_read(stations)
    assert [(one.side, one.quantity) for one in flattened(stations)] == [
        ("BUY", 50), ("BUY", 50), ("BUY", 20),
    ]  # fmt: skip
    claim = claim_first_close(stations)
    assert isinstance(claim, Claim) and stations.send(claim) == [None]
    assert broken_invariants(clock.now()) == []


def test_a_close_that_would_pass_through_zero_is_not_claimed(stations: Stations) -> None:
    holds(stations, "WEC", 120)
    stop(flatten=True)
    finish_stops(stations.account.gateway_id)
    books_read(stations)
    holds(stations, "WEC", 80)  # somebody closed a part in TWS meanwhile
    held = claim_first_close(stations)
    assert isinstance(held, Held) and held.reason.code == "STOP_NOT_REDUCING"
    assert flattened(stations)[0].state == "WITHDRAWN"


def fill_close(stations: Stations, quantity: int) -> None:
    claim = claim_first_close(stations)
    assert isinstance(claim, Claim) and stations.send(claim) == [None]
    stations.executed(
        "c1.01.01", str(quantity), side="SLD", perm_id=5000, order_ref=claim.placements[0].order_ref
    )


def test_flat_needs_the_brokers_word_and_a_late_count_is_not_sold_twice(stations: Stations) -> None:
    stations.executed("b1.01.01", "120")
    holds(stations, "WEC", 120)
    stop(flatten=True)
    finish_stops(stations.account.gateway_id)
    books_read(stations)
    fill_close(stations, 120)
    assert books_read(stations) is True  # the broker still counts 120: wait, and write nothing
    assert len(flattened(stations)) == 1
    holds(stations, "WEC", 0)
    books_read(stations)
    done = Stopping.objects.get()
    assert (done.state, done.note, done.flat_at is not None) == ("ended", "", True)
    assert broken_invariants(clock.now()) == []


def test_what_stays_held_is_named(stations: Stations, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.runbook.flattening.BOOKS_LATE", timedelta(0))
    holds(stations, "WEC", 120)
    stations.contract("WEC").__class__.objects.update(calendar="XLON")  # which has no session here
    stop(flatten=True)
    finish_stops(stations.account.gateway_id)
    books_read(stations)
    done = Stopping.objects.get()
    assert done.flat_at is None and done.note == "NOT FLAT: 120 WEC (its market is closed)"
    assert flattened(stations) == []


def test_a_ticket_of_another_protocol_is_not_claimed(stations: Stations) -> None:
    """C8: code of another version wrote it; this code might misread it."""
    stations.approve("WEC")
    Ticket.objects.update(protocol_version=PROTOCOL_VERSION + 1)
    assert {why and why.code for why in stations.send_all().values()} == {"PROTOCOL_FOREIGN"}
    assert stations.written == [] and not Intent.objects.exists()
    stop()
    assert set(Ticket.objects.values_list("state", flat=True)) == {"WITHDRAWN"}
