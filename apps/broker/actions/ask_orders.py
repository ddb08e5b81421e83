"""Write down that an order is to be cancelled. The link sends it until it is answered."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from apps.broker.models import Ask, Intent, Order
from apps.journal import clock
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from tradingdesk.domain.tickets.states import MAY_STILL_FILL

LINK = Actor("link", "link")
_MAY_FILL = [state.value for state in MAY_STILL_FILL]


def ask_by_link(intents: Iterable[Intent]) -> None:
    """The link itself takes back what must not stand, such as half a bracket. In the caller's transaction."""
    for intent in intents:
        ask(intent, None, actor=LINK, account=intent.ticket.account.code)


def ask_each_order(intent: Intent) -> bool:
    """Cancel every order that lives under one reference. True when that was not asked before."""
    alive = Order.objects.filter(intent=intent, state__in=_MAY_FILL)
    fresh = [order for order in alive if not Ask.objects.filter(order=order, answered_at=None).exists()]
    for order in fresh:
        ask(intent, order, actor=LINK, account=intent.ticket.account.code)
    return bool(fresh)


def ask_all(
    intents: Sequence[Intent], orders: Sequence[Order], *, actor: Actor, subject: Any, now: datetime
) -> None:
    """Every one of them is to be cancelled: one statement, one journal line."""
    waiting = Ask.objects.filter(verb="cancel", answered_at=None)
    asked = set(waiting.filter(intent__in=intents).values_list("intent_id", flat=True))
    asked_orders = set(waiting.filter(order__in=orders).values_list("order_id", flat=True))
    fresh = [Ask(intent=one) for one in intents if one.pk not in asked]
    fresh += [Ask(order=one) for one in orders if one.pk not in asked_orders]
    for row in fresh:
        row.verb, row.asked_by, row.asked_at = "cancel", actor.name, now
    Ask.objects.bulk_create(fresh)
    write_entry(
        "ask_cancels",
        subject=subject,
        actor=actor,
        after={
            "orders": [one.order_ref for one in intents],
            "foreign": [one.perm_id for one in orders],
        },
        topics=("orders", "cancels", "risk"),
    )


def ask(intent: Intent | None, order: Order | None, *, actor: Actor, account: str) -> None:
    """One open question a target is enough."""
    open_already = Ask.objects.filter(verb="cancel", answered_at=None, order=order)
    if intent is not None:
        open_already = open_already.filter(intent=intent)
    if open_already.exists():
        return
    ask = Ask.objects.create(
        intent=intent, order=order, verb="cancel", asked_by=actor.name, asked_at=clock.now()
    )
    write_entry("ask_cancel", subject=ask, actor=actor, account=account, topics=("orders", "cancels"))
