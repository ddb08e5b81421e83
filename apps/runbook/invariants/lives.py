"""The lives of orders: nothing sent without an intent, nothing twice, nothing ended by ourselves."""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from apps.broker.folding import begin_attempt
from apps.broker.models import Evidence, Intent, LinkSession, Order
from apps.tickets.models import Ticket
from tradingdesk.domain.tickets.states import MAY_STILL_FILL, State

_MAY_FILL = [state.value for state in MAY_STILL_FILL]
_ENDED = [State.FILLED.value, State.CANCELLED.value, State.REFUSED.value]
_BROKERS_WORD = ["openOrder", "orderStatus", "execDetails", "completedOrder", "error", "ruling"]


def recent_intents(since: datetime) -> QuerySet[Intent]:
    """The living ones, and those that ended since then."""
    alive = Q(state__in=Intent.LIVE) | Q(closed_at=None) | Q(closed_at__gte=since)
    return Intent.objects.filter(alive).select_related("ticket__account", "session")


def orders_without_intent(since: datetime) -> Iterator[str]:
    """S1: the broker names an order as ours, and no intent does."""
    ours = Evidence.objects.filter(
        intent=None, order_ref__startswith=f"td-{settings.INSTANCE}-", received_at__gte=since
    )
    for ref in ours.values_list("order_ref", flat=True).distinct():
        yield f"the broker holds {ref}, which was never decided here"


def broker_spoke_of_unsent(since: datetime) -> Iterator[str]:
    """S1: the broker knows an order that we had not marked as sent when it spoke."""
    heard = Evidence.objects.filter(
        intent=OuterRef("pk"), kind__in=["openOrder", "orderStatus", "execDetails"]
    ).filter(Q(received_at__lt=OuterRef("sending_at")) | Q(intent__sending_at=None))
    for intent in recent_intents(since).filter(Exists(heard)):
        yield f"{intent.order_ref} was at the broker before it was marked as sent"


def doubled_orders(since: datetime) -> Iterator[str]:
    """S2: two orders that may fill under one ticket, or two attempts that are not over."""
    alive = Order.objects.filter(state__in=_MAY_FILL, intent__isnull=False).values("intent__ticket__key")
    for row in alive.annotate(number=Count("pk")).filter(number__gt=1):
        yield f"{row['number']} orders of {row['intent__ticket__key']} may fill at the broker"
    attempts = Intent.objects.filter(state__in=Intent.LIVE).values("ticket__key")
    for open_row in attempts.annotate(number=Count("pk")).filter(number__gt=1):
        yield f"{open_row['number']} attempts of {open_row['ticket__key']} are not over"


def ended_without_evidence(since: datetime) -> Iterator[str]:
    """S7: an end that nobody but ourselves has told of."""
    word = Evidence.objects.filter(intent__ticket=OuterRef("pk"), kind__in=_BROKERS_WORD)
    ended = Ticket.objects.filter(state__in=_ENDED, changed_at__gte=since).exclude(Exists(word))
    for ticket in ended:
        yield f"{ticket.key} is {ticket.state} without a word of the broker"


def ruled_by_nobody(since: datetime) -> Iterator[str]:
    """S7: a silent order was given up, and no person said so."""
    ruling = Evidence.objects.filter(intent=OuterRef("pk"), kind="ruling")
    unwritten = Q(kind="unwritten", intent__written_at=None)
    word = Evidence.objects.filter(unwritten | Q(kind__in=_BROKERS_WORD), intent=OuterRef("pk"))
    over = recent_intents(since).filter(state__in=["CLOSED", "REFUSED"], sending_at__isnull=False)
    for intent in over.exclude(Exists(word)):
        yield f"{intent.order_ref} is over, and neither the broker nor a person said so"
    for intent in over.filter(Exists(ruling), resolved_by=""):
        yield f"{intent.order_ref} was ruled on by nobody"


def not_what_evidence_says(since: datetime) -> Iterator[str]:
    """S8: folding everything again gives something else than what stands in the tables."""
    for intent in recent_intents(since).filter(sending_at__isnull=False):
        attempt = begin_attempt(intent.ticket.quantity, Evidence.objects.filter(intent=intent).order_by("pk"))
        for order in Order.objects.filter(intent=intent):
            told = attempt.orders.get(order.perm_id or 0)
            if told is None or (order.state, order.filled) != (told.state.value, told.filled):
                yield f"order {order.perm_id} of {intent.order_ref} is {order.state} {order.filled}: {told}"
        if attempt.filled > intent.ticket.quantity:
            yield f"{intent.order_ref} filled {attempt.filled} of {intent.ticket.quantity}"
        newest = Intent.objects.filter(ticket=intent.ticket).order_by("-attempt").first()
        tried_again = intent.ticket.state in (State.RELEASED.value, State.CLAIMED.value)
        if newest == intent and intent.ticket.state != attempt.state.value and not tried_again:
            yield f"{intent.ticket.key} is {intent.ticket.state}, its evidence says {attempt.state}"


def exits_beyond_entry(since: datetime) -> Iterator[str]:
    """S8: a bracket's exits have traded more than its entry."""
    rows = Ticket.objects.filter(changed_at__gte=since).values("bracket")
    entry, exits = Q(role="entry"), Q(role__in=["target", "stop"])
    sums = rows.annotate(came=Sum("filled", filter=entry), left=Sum("filled", filter=exits))
    for row in sums.filter(left__gt=F("came")):
        yield f"bracket {row['bracket']} sold {row['left']} of {row['came']}"


def foreign_epoch(since: datetime) -> Iterator[str]:
    """S9: an order left in an epoch that was over, or two sessions hold one gateway."""
    newer = LinkSession.objects.filter(
        gateway=OuterRef("gateway"), epoch__gt=OuterRef("epoch"), opened_at__lt=OuterRef("sending_at")
    )
    for intent in recent_intents(since).filter(Exists(newer)):
        yield f"{intent.order_ref} was sent in epoch {intent.epoch} after a newer one had begun"
    for intent in recent_intents(since).exclude(session__epoch=F("epoch")):
        yield f"{intent.order_ref} was claimed in epoch {intent.epoch} in a session of another"
    open_now = LinkSession.objects.filter(closed_at=None).values("gateway__name")
    for row in open_now.annotate(number=Count("pk")).filter(number__gt=1):
        yield f"{row['number']} sessions of {row['gateway__name']} are open"
