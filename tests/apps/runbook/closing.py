"""The day's end of positions, as these tests play it: what the link would tell, and what follows."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.test import override_settings

from apps.broker.actions.ask_cancel import close_asks, mark_asked
from apps.broker.actions.claim_bracket import Claim, Held
from apps.broker.actions.claim_close import claim_close
from apps.broker.models import Intent
from apps.broker.ports import PositionTold
from apps.broker.queries import asks_to_send
from apps.journal import clock
from apps.ledger.actions.book_broker import book_positions
from apps.market.models import Contract
from apps.runbook.flattening import held_by_broker
from apps.runbook.jobs import walk_day
from apps.runbook.models import DayStep
from apps.runbook.stopping import finish_stops
from apps.runbook.timetable import keep_timetable
from apps.tickets.models import Ticket
from tests.stations import Stations

NEW_YORK = ZoneInfo("America/New_York")
DAY = date(2026, 11, 18)


def at(text: str) -> datetime:
    hour = datetime.strptime(text, "%H:%M:%S" if text.count(":") == 2 else "%H:%M").time()
    return datetime.combine(DAY, hour, NEW_YORK)


@contextmanager
def standing_at(text: str) -> Iterator[datetime]:
    with override_settings(CLOCK=str(clock.Line(at(text), 0.0, 0.0))):
        yield clock.now()


def walk(text: str) -> None:
    with standing_at(text) as now:
        keep_timetable(now)
        walk_day(now)


def step(name: str) -> DayStep:
    return DayStep.objects.get(name=name)


def holds(stations: Stations, quantity: int, symbol: str = "WEC") -> None:
    """The broker counts so many; its books are read anew."""
    row = PositionTold(
        account=stations.account.code, con_id=stations.contract(symbol).con_id, symbol=symbol,
        quantity=Decimal(quantity), average_cost=Decimal(100),
    )  # fmt: skip
    book_positions(stations.account.gateway, [row] if quantity else [], clock.now())


def hear_cancels(stations: Stations) -> int:
    """The link sends what was asked for, and the broker confirms it."""
    asks = list(asks_to_send(stations.account.gateway_id))
    mark_asked([ask.pk for ask in asks], session_id=stations.session.pk, now=clock.now())
    for ask in asks:
        assert ask.intent is not None
        stations.hear(
            "orderStatus", order_id=ask.intent.order_id, perm_id=1000 + ask.intent.pk, status="Cancelled",
            filled="0", remaining=str(ask.intent.ticket.quantity),
        )  # fmt: skip
    close_asks(clock.now())
    return len(asks)


def read_books(stations: Stations) -> bool:
    return finish_stops(stations.account.gateway_id, clock.now() + timedelta(milliseconds=1))


def bought(stations: Stations, quantity: int = 30) -> None:
    """Both brackets of a plan are in; their targets and stops work."""
    with override_settings(CLOCK=str(clock.Line(at("09:40"), 0.0, 0.0))):
        stations.approve("WEC", quantity=quantity)
        stations.send_all()
        for intent in Intent.objects.order_by("pk").select_related("ticket"):
            size = str(intent.ticket.quantity)
            told: dict[str, Any] = {"order_id": intent.order_id, "perm_id": 1000 + intent.pk}
            stations.hear("orderStatus", status="Submitted", filled="0", remaining=size, **told)
            if intent.ticket.role == "entry":
                stations.executed(
                    f"e{intent.pk}.01.01", size, perm_id=1000 + intent.pk, order_ref=intent.order_ref
                )
                stations.hear("orderStatus", status="Filled", filled=size, remaining="0", **told)
        holds(stations, quantity)


def closes() -> list[tuple[str, int, str]]:
    rows = Ticket.objects.filter(role="close").order_by("pk")
    return [(row.side, int(row.quantity), row.order_type) for row in rows]


def claim(stations: Stations) -> Claim | Held | None:
    (bracket,) = stations.brackets()[:1]
    return claim_close(
        bracket, session=stations.session, epoch=1, now=clock.now(), instance="desk",
        position=held_by_broker(bracket),
    )  # fmt: skip


def ready_to_close(stations: Stations, *, size_limit: int | None = None, exchange: str = "NYSE") -> None:
    """The step has begun, its cancels are confirmed, the books are read: the closes are written."""
    bought(stations)
    Contract.objects.update(size_limit=size_limit, primary_exchange=exchange)
    walk("15:45:00")
    with standing_at("15:45:02"):
        finish_stops(stations.account.gateway_id)
        assert hear_cancels(stations) == 4
        finish_stops(stations.account.gateway_id)
    with standing_at("15:45:05"):
        holds(stations, 30)
        read_books(stations)
