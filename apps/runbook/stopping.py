"""The stop, read from top to bottom: block, cancel, confirm gone, flatten if asked, verify.

`kill` commits the stop level and its record first; from then on nothing new leaves. Everything after that can
be done again: `finish_stops` looks where each stop stands and goes on, whoever began it. The link calls it
four times a second, the worker once, the page and the terminal when they look.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from apps.approvals.actions.return_window import return_window
from apps.approvals.models import Window
from apps.broker import crash
from apps.broker.actions.ask_orders import ask_all
from apps.broker.models import Intent, Order
from apps.journal import clock
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.risk.actions.stop_trading import stop_trading
from apps.risk.models import Stop, StoppedOrder, Stopping
from apps.risk.queries import open_stoppings
from apps.runbook import flattening
from apps.runbook.stopped_orders import row_of_foreign, row_of_intent, row_of_unsent, settle_rows
from apps.tickets.actions.end_ticket import end_tickets
from apps.tickets.models import Ticket
from tradingdesk.domain.money import Reason
from tradingdesk.domain.tickets.states import MAY_STILL_FILL, RESERVES, Act, State

REASONS = {
    "CLOSED_OUT_BEFORE_SENT": "The day's positions are being closed; the order had not left and is not sent.",
    "WINDOW_DAY_ENDS": "The day's positions are being closed; the countdown ends without sending.",
}
STOP = Actor("system", "stop")
UNSENT = [State.WRITTEN.value, State.RELEASED.value]
NEVER_SENT = Reason("STOPPED_BEFORE_SENT", "trading was stopped; nothing of it was sent")
STOPPED = Reason("WINDOW_STOPPED", "trading was stopped while it counted")
CLOSED_OUT = Reason("CLOSED_OUT_BEFORE_SENT", "the day's positions are being closed; nothing of it was sent")
DAY_ENDS = Reason("WINDOW_DAY_ENDS", "the day's positions are being closed while it counted")
# After that a flattening no longer waits for what does not answer. A close-out has until the cut-off.
CONFIRM_WITHIN = {
    Stopping.STOP: timedelta(seconds=5),
    Stopping.CLOSE_OUT: timedelta(minutes=2),
    Stopping.CLEAN_UP: timedelta(minutes=10),
}
_RESERVES = [state.value for state in RESERVES]
_MAY_FILL = [state.value for state in MAY_STILL_FILL]


def kill(
    scope: str, key: str, *, level: str, flatten: bool, actor: Actor, reason: str, now: datetime
) -> Stopping:
    """Stop a scope. REDUCE_ONLY pauses entries; HALTED cancels everything that works as well."""
    stopping = stop_trading(level, scope=scope, key=key, flatten=flatten, actor=actor, reason=reason, now=now)
    crash.point("after_stop")
    sweep(stopping, now)
    return Stopping.objects.get(pk=stopping.pk)


def finish_stops(gateway_id: int | None = None, books_at: datetime | None = None) -> bool:
    """Go on with every stop that is not finished. True: one waits for the broker's books."""
    wanted = False
    for stopping in open_stoppings():
        wanted = advance(stopping, gateway_id, books_at, clock.now()) or wanted
    return wanted


def advance(stopping: Stopping, gateway_id: int | None, books_at: datetime | None, now: datetime) -> bool:
    """One step further. What was released by hand of an earlier moment is swept up each time."""
    sweep(stopping, now)
    stopping.refresh_from_db()
    open_rows = settle_rows(stopping, now)
    if stopping.state == Stopping.CANCELLING:
        _after_cancels(stopping, open_rows, now)
    if stopping.state in (Stopping.FLATTENING, Stopping.CLOSING) and gateway_id is not None:
        return flattening.go_on(stopping, gateway_id, books_at, now)
    return False


def sweep(stopping: Stopping, now: datetime) -> None:
    """What was not sent ends, what counts goes back to people, what is at the broker is cancelled."""
    withdraw_unsent(stopping, now)
    return_windows(stopping)
    if stopping.state == Stopping.BLOCKED:
        _ask_cancels(stopping, now)


def withdraw_unsent(stopping: Stopping, now: datetime) -> None:
    """One bracket a transaction: a claim that had begun is waited for, and none begins any more."""
    unsent = tickets_in_scope(stopping).filter(state__in=UNSENT, stopping=None)
    for bracket in list(unsent.values_list("bracket", flat=True).distinct()):
        with transaction.atomic():
            family = Ticket.objects.select_for_update(of=("self",)).filter(bracket=bracket, state__in=UNSENT)
            tickets = list(family.select_related("account", "contract").order_by("position_in_bracket"))
            if tickets:
                why = NEVER_SENT if stopping.purpose == Stopping.STOP else CLOSED_OUT
                end_tickets(tickets, Act.WITHDRAW, why, actor=STOP, now=now)
                _keep([row_of_unsent(stopping, ticket, why.text, now) for ticket in tickets])


def return_windows(stopping: Stopping) -> None:
    """No countdown outlives a stop, even one that is released within the same minute."""
    where = {
        "account": Q(request__account__code=stopping.key),
        "strategy": Q(request__strategy__name=stopping.key),
    }
    counting = Window.objects.filter(where.get(stopping.scope, Q()), state__in=Window.RUNNING)
    if stopping.account_code:
        counting = counting.filter(request__account__code=stopping.account_code)
    for window in counting.filter(asked_at__lte=stopping.asked_at):
        return_window(window, STOPPED if stopping.purpose == Stopping.STOP else DAY_ENDS, actor=STOP)


@transaction.atomic
def _ask_cancels(stopping: Stopping, now: datetime) -> None:
    held = Stopping.objects.select_for_update().get(pk=stopping.pk)
    if held.state != Stopping.BLOCKED:
        return
    _hold_claims(held)
    intents, foreign = list(_living(held)), list(_foreign(held))
    if intents or foreign:
        by = Actor("user" if held.purpose == Stopping.STOP else "system", held.by)
        ask_all(intents, foreign, actor=by, subject=held, now=now)
    _keep([row_of_intent(held, one, now) for one in intents])
    _keep([row_of_foreign(held, one, now) for one in foreign])
    held.state, held.swept_at = Stopping.CANCELLING, now
    held.save(update_fields=["state", "swept_at"])


def _hold_claims(stopping: Stopping) -> None:
    """What is claimed may be taken back this very moment: it is then released again, and swept up as that."""
    claimed = tickets_in_scope(stopping).filter(state=State.CLAIMED.value)
    list(claimed.select_for_update(of=("self",)).order_by("pk").values_list("pk"))


def _keep(rows: Sequence[StoppedOrder]) -> None:
    StoppedOrder.objects.bulk_create(rows, ignore_conflicts=True)


def tickets_in_scope(stopping: Stopping) -> QuerySet[Ticket]:
    where = {"account": Q(account__code=stopping.key), "strategy": Q(strategy__name=stopping.key)}
    tickets = Ticket.objects.filter(where.get(stopping.scope, Q()))
    return tickets.filter(account__code=stopping.account_code) if stopping.account_code else tickets


def _living(stopping: Stopping) -> QuerySet[Intent]:
    """A pause calls back what is claimed and not sent; a halt everything that may still fill."""
    tickets = tickets_in_scope(stopping).filter(_not_its_kind(stopping))
    paused = stopping.level == Stop.REDUCE_ONLY
    states = [State.CLAIMED.value] if paused else _RESERVES
    rows = Intent.objects.filter(ticket__in=tickets.filter(state__in=states), state__in=Intent.LIVE)
    return rows.select_related("ticket__contract", "ticket__account").order_by("parent_order_id", "pk")


def _not_its_kind(stopping: Stopping) -> Q:
    """A stop leaves other stops' closes alone and takes back the day's own, which wait for the auction; after
    the close nothing waits for anything any more."""
    if stopping.purpose == Stopping.CLEAN_UP:
        return Q(stopping=None) | Q(stopping__state=Stopping.ENDED) | ~Q(stopping__purpose=Stopping.STOP)
    days_own = ~Q(stopping__purpose=Stopping.STOP) if stopping.purpose == Stopping.STOP else Q(pk__in=[])
    return Q(stopping=None) | (Q(stopping__isnull=False) & days_own)


def _foreign(stopping: Stopping) -> QuerySet[Order]:
    """Orders of others: a strategy has none, a pause leaves them alone."""
    if stopping.level == Stop.REDUCE_ONLY or stopping.scope == "strategy":
        return Order.objects.none()
    rows = Order.objects.filter(intent=None, state__in=_MAY_FILL).select_related("account")
    return rows.filter(account__code=stopping.key) if stopping.scope == "account" else rows


@transaction.atomic
def _after_cancels(stopping: Stopping, open_rows: int, now: datetime) -> None:
    """Gone, or given up on: then the flattening begins. Without one, the stop ends when all is gone."""
    held = Stopping.objects.select_for_update().get(pk=stopping.pk)
    waited = now - (held.swept_at or now) > CONFIRM_WITHIN[held.purpose]
    if held.state != Stopping.CANCELLING or (open_rows and not (held.flatten and waited)):
        return
    held.gone_at = now
    held.state = Stopping.FLATTENING if held.flatten else Stopping.ENDED
    if open_rows:
        held.note = f"{open_rows} orders could not be confirmed gone"
    held.ended_at = None if held.flatten else now
    held.save(update_fields=["gone_at", "state", "ended_at", "note"])
    write_entry(
        "cancels_confirmed",
        subject=held,
        actor=STOP,
        after={"left_open": open_rows, "state": held.state},
        topics=("risk", "orders"),
    )
    stopping.refresh_from_db()
