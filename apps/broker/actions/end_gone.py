"""Orders of another hand that the broker's lists do not hold any more: over, by two complete readings.

Of our own an absence proves nothing, a person rules. Of theirs we only show what the broker has;
one that ended while the link was away, and that no list of finished orders tells of, would stand for ever
and hold back our own orders on its contract.
"""

from datetime import datetime

from django.db import transaction

from apps.broker.actions.settle_foreign import settle_foreign
from apps.broker.folding import GONE
from apps.broker.models import Evidence, LinkSession, Order
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from tradingdesk.domain.tickets.resolution import SNAPSHOT_DISTANCE, Snapshot, may_be_over
from tradingdesk.domain.tickets.states import MAY_STILL_FILL

_MAY_FILL = [state.value for state in MAY_STILL_FILL]
_LOOK_BACK = 20  # readings: ten minutes at the usual pace


@transaction.atomic
def end_gone(session: LinkSession, now: datetime) -> None:
    """After each complete reading of the orders."""
    theirs = Order.objects.filter(
        gateway_id=session.gateway_id, intent=None, perm_id__isnull=False, state__in=_MAY_FILL
    )
    alive = list(theirs.select_related("account").order_by("pk"))
    if not alive:
        return
    readings = Evidence.objects.filter(kind="snapshot", session=session).order_by("-pk")[:_LOOK_BACK]
    looks = list(readings.values_list("received_at", "fields__perms"))
    for order in alive:
        if may_be_over([_look(session, order, at, perms or []) for at, perms in looks]):
            _end(session, order, now)


def _look(session: LinkSession, order: Order, at: datetime, perms: list[int]) -> Snapshot:
    """A reading that is not younger than the last word of it counts as one that held it."""
    works = order.perm_id in perms or at <= order.changed_at
    return Snapshot(at, session.pk, complete=True, found=works, works=works)


def _end(session: LinkSession, order: Order, now: datetime) -> None:
    row = Evidence.objects.create(
        session=session, kind=GONE, perm_id=order.perm_id, fields={}, received_at=now
    )
    settle_foreign(row)
    write_entry(
        "foreign_order_gone",
        subject=order,
        actor=Actor("link", "link"),
        account=order.account.code if order.account else "",
        reason_code="FOREIGN_ORDER_GONE",
        reason=f"readings {SNAPSHOT_DISTANCE.seconds} s apart do not hold it among the open orders",
        after={"perm_id": order.perm_id, "symbol": order.symbol, "side": order.side},
        topics=("orders",),
    )
