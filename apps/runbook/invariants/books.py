"""Fills and room: every execution once, and the worst case always counted."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from django.db.models import Exists, OuterRef

from apps.broker.models import Evidence, Intent
from apps.desks.models import Account
from apps.ledger.models import Fill
from apps.risk.actions.change_limits import values_of
from apps.risk.models import LimitSet, Reservation
from apps.risk.queries import reserved
from apps.runbook.situation import trading_day
from apps.tickets.models import Ticket
from tradingdesk.domain.portfolio.executions import root_and_revision
from tradingdesk.domain.tickets.states import RESERVES, State

_RESERVING = [state.value for state in RESERVES]


def executions_not_booked(since: datetime) -> Iterator[str]:
    """S5: the broker told of an execution, and neither it nor a later word of it is a fill."""
    accounts = set(Account.objects.values_list("code", flat=True))
    newest = {fill.exec_root: fill.revision for fill in Fill.objects.filter(superseded=False)}
    told = Evidence.objects.filter(kind="execDetails", received_at__gte=since)
    for exec_id, body in told.values_list("exec_id", "fields__body"):
        root, revision = root_and_revision(exec_id)
        if body.get("account") in accounts and newest.get(root, -1) < revision:
            yield f"execution {exec_id} is not booked"


def fills_not_told(since: datetime) -> Iterator[str]:
    """S5: a fill that the broker never told of."""
    told = Evidence.objects.filter(kind="execDetails", exec_id=OuterRef("exec_id"))
    for fill in Fill.objects.filter(booked_at__gte=since).exclude(Exists(told)):
        yield f"fill {fill.exec_id} was never told of"


def unreserved(since: datetime) -> Iterator[str]:
    """S6: an entry that may fill and holds no room, or less than its open rest would take."""
    for ticket in Ticket.objects.filter(state__in=_RESERVING, role="entry"):
        row = Reservation.objects.filter(ticket_key=ticket.key).first()
        worst = (ticket.quantity * (ticket.limit_price or Decimal(0))).quantize(Decimal("0.01"))
        if row is None or row.state != Reservation.HELD or row.amount < worst:
            yield f"{ticket.key} is {ticket.state} and holds {row.amount if row else 0} of {worst}"
    unknown = Ticket.objects.filter(state=State.UNKNOWN.value)
    for ticket in unknown.exclude(intents__state__in=Intent.LIVE):
        yield f"{ticket.key} is unknown, and no attempt of it is open"


def over_reserved(since: datetime) -> Iterator[str]:
    """S6: the room of the day, all of it taken at its worst, is beyond what any limit of the day allowed."""
    for account in Account.objects.filter(enabled=True):
        for ticket in Ticket.objects.filter(account=account, created_at__gte=since).distinct("limit_set_id"):
            day = trading_day(ticket.created_at)
            scopes = (f"account:{account.code}", f"strategy:{ticket.strategy.name}")
            sets = LimitSet.objects.filter(version__gte=ticket.limit_set_id)
            most = max(values_of(one, *scopes)["daily_exposure"] for one in sets)
            if (taken := reserved(account.code, day)) > most:
                yield f"{taken} is reserved on {day}, the limit was never above {most}"
