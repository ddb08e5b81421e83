"""The link dies in the morning and comes back the next day: an exit filled meanwhile, other orders ended, and
no list of the broker tells of either. Nothing ends by itself; people and the statement clear it up, and the
next day is like any other."""

import time
from datetime import datetime, timedelta
from datetime import time as hour
from decimal import Decimal
from pathlib import Path

import pytest

from apps.broker.actions.resolve_unknown import ResolutionRefused, resolve_ended
from apps.broker.models import Intent
from apps.broker.queries import unknown_intents
from apps.journal import clock
from apps.ledger.models import Fill
from apps.market.models import Session
from apps.reconciliation.actions.act_on_break import act_on_break
from apps.reconciliation.intake.statement import take_statement
from apps.reconciliation.models import Break, Run
from apps.risk.models import Reservation
from apps.runbook.invariants import broken_invariants
from apps.tickets.models import Ticket
from tests.faults.test_soak import FIRST, NEW_YORK, SEED, desk, opened
from tests.road.desk import eventually
from tests.soak.people import TRADER, WHY, People
from tests.soak.processes import LINK, Processes
from tests.soak.session import Played
from tests.soak.statement import statement_of_today
from tests.soak.truth import Truth
from tradingdesk.domain.reconciliation import Act

__all__ = ["desk"]
pytestmark = pytest.mark.deep

ALIVE = ("WORKING", "UNKNOWN")
BEYOND = Decimal("0.1")  # per cent


def working() -> dict[str, str]:
    return dict(Ticket.objects.filter(state__in=ALIVE).values_list("key", "role"))


def open_cases(*kinds: str) -> list[Break]:
    return list(Break.objects.filter(kind__in=kinds).exclude(state="closed").order_by("pk"))


def told_of() -> bool:
    """The stop of yesterday's end asks for their cancels, and the broker knows none of them."""
    return unknown_intents().exists() or bool(open_cases("ORDER_OURS_ONLY"))


def submit(played: Played, session: Session) -> None:
    """A plan of the day, through people, to orders that rest or have filled."""
    played.go_to(session.open_at + timedelta(seconds=40))
    played.drop_plan()
    played.go_to(session.open_at + timedelta(minutes=5))

    def begun() -> bool:
        played.look(rule=False)
        return played.has_begun("submit")

    eventually(begun, "the day's submission", 90)
    played.calm("the submission")
    for name in played.names:  # the market comes to the entries and stays between their exits
        played.desk.turn("shift", symbol=name, percent="-0.3")
    played.go_to(clock.now() + timedelta(minutes=2))  # prices step every half minute
    eventually(Fill.objects.filter(side="BUY").exists, "an entry that fills", 60)
    played.calm("the fills")


def fill_unseen(desk: Processes) -> None:
    """With the link dead the market comes to a target that protects what is held."""
    held = Fill.objects.filter(side="BUY").values("ticket__bracket")
    target = Ticket.objects.filter(role="target", state="WORKING", bracket__in=held).earliest("pk")
    before = len(Truth(desk).prints())
    assert target.limit_price is not None
    symbol = target.contract.symbol
    bid = Decimal(str(desk.turn("quote", symbol=symbol)["bid"]))
    desk.turn("shift", symbol=symbol, percent=str((target.limit_price / bid - 1) * 100 + BEYOND))
    desk.jump(clock.now() + timedelta(minutes=2))
    eventually(lambda: len(Truth(desk).prints()) > before, "a sale that nobody hears of", 60)


def over_night(desk: Processes, played: Played, session: Session, after: Session) -> bytes:
    """Nobody is there but the worker; the gateway is restarted before midnight, as every night."""
    played.go_to(session.close_at + timedelta(minutes=20))
    time.sleep(3)
    stated = statement_of_today(desk, session.day)
    midnight = datetime.combine(session.day + timedelta(days=1), hour(0), NEW_YORK)
    played.go_to(midnight - timedelta(minutes=10))
    desk.close_gateway()
    desk.open_gateway()
    played.go_to(after.open_at - timedelta(minutes=30))
    desk.start(LINK)
    eventually(desk.is_ready, "a ready link the next morning", 120)
    return stated


def book_by_statement(stated: bytes) -> None:
    """Its executions are adopted one after the other; then it agrees, position and cash as well."""
    take_statement(stated, "flex.xml", actor=TRADER)
    missing = open_cases("EXECUTION_THEIRS_ONLY")
    assert missing, list(Break.objects.values("kind", "source", "state"))
    for case in missing:
        act_on_break(case.pk, Act.ADOPT, actor=TRADER, now=clock.now(), reason=WHY)
    left = Break.objects.filter(source__startswith="statement").exclude(state="closed")
    assert not left.exists(), [str(one) for one in left]
    assert Run.objects.filter(about=Run.STATEMENT).latest("pk").level == Run.PASS


def rule_on_all(desk: Processes) -> None:
    """Each is refused until two readings of this session, ten seconds apart, lack it."""
    intents = list(Intent.objects.filter(ticket__state__in=ALIVE))
    refused = 0
    until = time.monotonic() + 60
    while intents and time.monotonic() < until:
        desk.ask_for_everything()
        time.sleep(4)
        for intent in list(intents):
            try:
                resolve_ended(intent.pk, actor=TRADER, reason=WHY)
            except ResolutionRefused:
                refused += 1
            else:
                intents.remove(intent)
    assert not intents and refused, "none without its proof, and all of them with it"


def test_what_filled_and_what_ended_unseen_is_cleared_up_and_the_next_day_is_like_any_other(
    desk: Processes, tmp_path: Path
) -> None:
    people = People()
    opened(desk, people)
    today, tomorrow = Session.objects.filter(day__gte=FIRST).order_by("day")[:2]
    played = Played(desk, people, tmp_path / "intake", SEED, 1, today.day, print)
    submit(played, today)
    desk.kill(LINK)
    left = working()
    fill_unseen(desk)
    stated = over_night(desk, played, today, tomorrow)
    time.sleep(5)
    assert working() == left, "no list that lacks an order ends it"
    assert not {row["status"] for row in desk.turn("tickets")["tickets"]} & {"Submitted", "PreSubmitted"}
    eventually(lambda: open_cases("POSITION_OURS_ONLY", "POSITION_QUANTITY"), "a case of the position", 90)
    case = open_cases("POSITION_OURS_ONLY", "POSITION_QUANTITY")[0]
    assert "needs the statement" in case.cause, case.cause
    eventually(told_of, "somebody told of them: of unknown fate, or cases of the orders", 90)
    book_by_statement(stated)
    assert 0 < len(working()) < len(left), "the statement has ended the one that filled"
    rule_on_all(desk)
    assert not working()
    assert not Reservation.objects.filter(ticket_key__in=left, state=Reservation.HELD).exists()
    assert list(broken_invariants(clock.now())) == []
    close_out(desk, people, Played(desk, people, tmp_path / "intake", SEED, 2, tomorrow.day, print), tomorrow)


def close_out(desk: Processes, people: People, played: Played, session: Session) -> None:
    """What was held over night goes in the next auction; the books are the gateway's to the cent."""
    desk.ask_for_everything()
    eventually(lambda: not open_cases("POSITION_OURS_ONLY", "POSITION_QUANTITY"), "positions that agree", 90)
    played.go_to(session.close_at - timedelta(minutes=15, seconds=2))
    people.let_go(clock.now())
    eventually(lambda: played.has_begun("close out"), "closes of what was held over night", 90)
    played.calm("the closes")
    played.go_to(session.close_at + timedelta(seconds=20))
    sold = Fill.objects.filter(side="SELL", trading_day=session.day)
    eventually(sold.exists, "the auction's fills", 90)
    played.go_to(session.close_at + timedelta(minutes=6))
    assert played.settled(lambda: Truth(desk).differences(session.day)) == []
