"""Reads of the link, its intents and the broker's orders."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import F, Q, QuerySet

from apps.broker.models import (
    Ask,
    Evidence,
    Intent,
    Lease,
    LinkSession,
    LinkState,
    Order,
    Preview,
    RestartWindow,
)
from apps.journal import clock
from apps.journal.statements import Question, Reading, rows_of
from tradingdesk.domain.market import Window
from tradingdesk.domain.portfolio.executions import root_and_revision
from tradingdesk.domain.tickets.resolution import Resolution, Snapshot, may_be_over, resolve
from tradingdesk.domain.tickets.states import MAY_STILL_FILL, State
from tradingdesk.domain.tickets.submission import IntentState

AUCTION_TYPES = ("MOC", "LOC")  # a gateway takes them without a word
BEAT_LIMIT = timedelta(seconds=5)
# A gateway forgets the day's executions at a midnight of its own: its set zone's, or New York's.
DAY_ZONES = (UTC, ZoneInfo("America/New_York"))
_OPEN = [state.value for state in MAY_STILL_FILL]


@dataclass(frozen=True, slots=True)
class LinkView:
    """What may be said of the link now, given how old its own word is."""

    state: str  # ready, not_ready, synchronising, connecting, down, dead
    reason_code: str
    reason: str
    since: datetime | None  # it is ready, or it is not
    row: LinkState | None

    @property
    def ready(self) -> bool:
        return self.state == "ready"


def link_view(gateway_id: int, now: datetime) -> LinkView:
    """A link that has not beaten for five seconds is dead, whatever it said last."""
    row = LinkState.objects.filter(gateway_id=gateway_id).first()
    if row is None:
        return LinkView("dead", "LINK_NEVER_SEEN", "no link has ever reported for this gateway", None, None)
    if now - row.beat_at > beat_limit():
        return LinkView("dead", "LINK_SILENT", "the link process does not report", row.beat_at, row)
    return LinkView(row.state, row.reason_code, row.reason, row.since, row)


def beat_limit() -> timedelta:
    """Five seconds of the wall, whatever the pace of a simulated day: a link beats by the wall."""
    return clock.stretched(BEAT_LIMIT)


@Reading
def clock_skew_ms(gateway_id: int) -> Question[float]:
    """How far the broker's clock was from ours when the link last looked; zero while nobody has."""
    looked = "SELECT clock_skew_ms FROM broker_linkstate WHERE gateway_id = %s"
    return Question(looked, [gateway_id], lambda rows: float(rows[0][0] or 0.0) if rows else 0.0)


@Reading
def session_of_link(gateway_id: int) -> Question[int | None]:
    """The life of the socket that the link last spoke of."""
    spoken_of = "SELECT session_id FROM broker_linkstate WHERE gateway_id = %s"
    return Question(spoken_of, [gateway_id], lambda rows: rows[0][0] if rows else None)


RELEASED = """
    SELECT t.bracket FROM tickets_ticket t
    JOIN desks_account a ON a.id = t.account_id LEFT JOIN approvals_request r ON r.id = t.request_id
    WHERE t.state = 'RELEASED' AND a.gateway_id = %s AND t.position_in_bracket = 0
    ORDER BY r.cutoff_at NULLS FIRST, t.created_at, t.id
"""


def released_brackets(gateway_id: int) -> list[str]:
    """Brackets that may be claimed: the closes of a stop first, then what must be out soonest."""
    return [bracket for (bracket,) in rows_of(RELEASED, [gateway_id])]


def next_released(gateway_id: int, without: Collection[str] = ()) -> str | None:
    """The bracket whose turn it is now. Asked again after each, so that whatever changed meanwhile counts."""
    return next((bracket for bracket in released_brackets(gateway_id) if bracket not in without), None)


def asks_to_send(gateway_id: int, *, session_began: datetime | None = None) -> QuerySet[Ask]:
    """Not sent yet, or sent in an earlier session and never answered.

    What was never marked was not sent at all: there the sender itself sees that it was called back, and the
    gateway would answer that it knows no such order.
    """
    ours = Q(intent__gateway_id=gateway_id) | Q(order__gateway_id=gateway_id)
    due = Q(sent_at=None) if session_began is None else Q(sent_at=None) | Q(sent_at__lt=session_began)
    left = Q(intent=None) | Q(intent__sending_at__isnull=False)
    rows = Ask.objects.filter(ours, due, left, answered_at=None)
    # an order that waits for its parent goes when the parent does: parents first, whatever was asked first
    parents_first = F("intent__parent_order_id").asc(nulls_first=True)
    return rows.select_related("intent__ticket", "order__gateway").order_by(parents_first, "pk")


def unanswered() -> bool:
    """Whether any change that was asked for has no answer yet. Asked four times a second; mostly none has."""
    return bool(rows_of("SELECT 1 FROM broker_ask WHERE answered_at IS NULL LIMIT 1"))


def unknown_intents(gateway_id: int | None = None) -> QuerySet[Intent]:
    """Attempts with an order of which nobody knows what became, whether it was ever heard of or not.

    Mostly there is none, and then this is one short read.
    """
    rows = (
        Intent.objects.filter(pk__in=_orders_in_doubt().values("intent_id"))
        .prefetch_related("ticket__contract", "ticket__account", "session")
        .order_by("ticket_id", "attempt")
    )
    return rows if gateway_id is None else rows.filter(gateway_id=gateway_id)


def is_in_doubt(intent_id: int) -> bool:
    return _orders_in_doubt().filter(intent_id=intent_id).exists()


def _orders_in_doubt() -> QuerySet[Order]:
    return Order.objects.filter(intent__isnull=False, state=State.UNKNOWN.value)


def in_doubt(gateway_id: int) -> bool:
    """Whether the fate of any placement or order is unknown: then the broker is asked more often.

    An order for the closing auction is answered by such a reading or not at all.
    """
    auction = Intent.objects.filter(
        gateway_id=gateway_id, state="SENDING", ticket__order_type__in=AUCTION_TYPES
    )
    return _orders_in_doubt().filter(gateway_id=gateway_id).exists() or auction.exists()


def open_orders() -> QuerySet[Order]:
    return Order.objects.filter(state__in=_OPEN).select_related("contract", "intent__ticket__strategy")


def evidence_of(intent: Intent) -> QuerySet[Evidence]:
    return Evidence.objects.filter(intent=intent).order_by("pk")


def ours_at_the_broker(refs: Sequence[str], instance: str) -> list[str]:
    """References with our name that our own tables do not hold: the database is older than the broker."""
    mine = [ref for ref in refs if ref.startswith(f"td-{instance}-")]
    known = set(Intent.objects.filter(order_ref__in=mine).values_list("order_ref", flat=True))
    return [ref for ref in mine if ref not in known]


@dataclass(frozen=True, slots=True)
class ResolutionView:
    verdict: Resolution
    may_be_over: bool
    snapshots: tuple[Snapshot, ...]
    next_ids: tuple[tuple[int, int], ...]


def resolution_of(intent: Intent) -> ResolutionView:
    """What the snapshots since the silence, or the contradiction, allow to be concluded."""
    since = intent.unknown_since or intent.claimed_at
    rows = Evidence.objects.filter(
        kind="snapshot", received_at__gte=since, session__gateway_id=intent.gateway_id
    )
    snapshots = tuple(
        Snapshot(
            at=row.received_at,
            session=row.session_id,
            complete=bool(row.fields["complete"]),
            found=intent.order_ref in row.fields["refs"],
            works=intent.order_ref in row.fields.get("working", row.fields["refs"]),
        )
        for row in rows.order_by("-pk")[:50]
    )
    sessions = LinkSession.objects.filter(gateway_id=intent.gateway_id, pk__gte=intent.session_id)
    next_ids = tuple(
        (pk, number) for pk, number in sessions.values_list("pk", "next_valid_id") if number is not None
    )
    verdict = resolve(
        intent.order_id,
        intent.session_id,
        snapshots=snapshots,
        next_valid_ids=next_ids,
        heard_of=intent.state != IntentState.UNKNOWN.value,
    )
    return ResolutionView(verdict, may_be_over(snapshots), snapshots, next_ids)


def list_begins(now: datetime) -> datetime:
    """Since when the broker's list of executions must hold everything."""
    midnight = {"hour": 0, "minute": 0, "second": 0, "microsecond": 0}
    return max(now.astimezone(zone).replace(**midnight) for zone in DAY_ZONES)  # type: ignore[arg-type]


def executions_since(gateway_id: int, since: datetime, *, heard_before: datetime) -> set[str]:
    """Executions of our own orders that the broker dated after that moment; others' may not be told again.

    Nor is one that was taken back: after the word that it is of nothing, the broker's or a person's, no list
    holds it. What only a statement told is in no list either.
    """
    rows = Evidence.objects.filter(
        kind="execDetails",
        intent__gateway_id=gateway_id,
        received_at__gte=since,
        received_at__lt=heard_before,
    ).values_list("exec_id", "fields__body__time", "fields__body__quantity", "fields__body__stated")
    busted = {root_and_revision(exec_id)[0] for exec_id, _, size, _ in rows if size and not Decimal(size)}
    return {
        exec_id
        for exec_id, at, _, stated in rows
        if at
        and not stated
        and datetime.fromisoformat(at) >= since
        and root_and_revision(exec_id)[0] not in busted
    }


def newest_intents(ticket_ids: Iterable[int]) -> dict[int, Intent]:
    """The last attempt of each ticket that has one, by ticket."""
    rows = Intent.objects.filter(ticket_id__in=list(ticket_ids)).order_by("attempt")
    return {row.ticket_id: row for row in rows}


def orders_of_intents(intent_ids: Iterable[int]) -> dict[int, Order]:
    """The broker's order of each intent that has one, by intent."""
    rows = Order.objects.filter(intent_id__in=list(intent_ids)).order_by("pk")
    return {row.intent_id: row for row in rows if row.intent_id is not None}


def intents_of(ticket_id: int) -> QuerySet[Intent]:
    return Intent.objects.filter(ticket_id=ticket_id).select_related("session", "gateway").order_by("attempt")


class Foreign(NamedTuple):
    """As much of another hand's order as the checks look at."""

    con_id: int
    side: str
    price: Decimal | None
    reference: str


FOREIGN = """
    SELECT con_id, side, limit_price, order_ref FROM broker_order
    WHERE intent_id IS NULL AND account_id = %s AND state = ANY(%s::text[]) ORDER BY id
"""


@Reading
def foreign_working(account_id: int) -> Question[list[Foreign]]:
    """Orders of another hand that may still fill in an account."""
    return Question(FOREIGN, [account_id, _OPEN], lambda rows: [Foreign(*row) for row in rows])


def foreign_order(order_id: int) -> Order | None:
    return Order.objects.filter(pk=order_id, intent=None).select_related("contract", "account").first()


def asks_about(*, intent_ids: Iterable[int] = (), order_id: int | None = None) -> QuerySet[Ask]:
    about = Q(intent_id__in=list(intent_ids))
    if order_id is not None:
        about |= Q(order_id=order_id)
    return Ask.objects.filter(about).order_by("pk")


def open_cancels(ticket_ids: Iterable[int]) -> QuerySet[Ask]:
    """Cancels of these tickets that were asked for and that nobody has answered."""
    waits = Ask.objects.filter(verb="cancel", answered_at=None)
    return waits.filter(intent__ticket_id__in=list(ticket_ids)).order_by("pk")


def evidence_about(intent_ids: Iterable[int], *, perm_id: int | None = None) -> QuerySet[Evidence]:
    """Everything the broker said of these attempts, or of a foreign order by its permId."""
    about = Q(intent_id__in=list(intent_ids))
    if perm_id:
        about |= Q(perm_id=perm_id, intent=None)
    return Evidence.objects.filter(about).order_by("pk")


def previews_of(request_id: int) -> QuerySet[Preview]:
    return Preview.objects.filter(request_id=request_id).order_by("pk")


def sent_between(start: datetime, end: datetime) -> QuerySet[Intent]:
    rows = Intent.objects.filter(sending_at__gte=start, sending_at__lt=end).select_related("ticket")
    return rows.order_by("sending_at")


def sessions_since(gateway_id: int, since: datetime) -> QuerySet[LinkSession]:
    return LinkSession.objects.filter(gateway_id=gateway_id, opened_at__gte=since).order_by("-pk")


def lease_of(gateway_id: int) -> tuple[str, int, datetime | None]:
    """Who may speak to the gateway, in which epoch, and when it last said so."""
    row = Lease.objects.filter(gateway_id=gateway_id).first()
    return (row.holder, row.epoch, row.beat_at) if row else ("", 0, None)


def link_states() -> list[tuple[int, str, str, datetime]]:
    """What each link last said of itself, and when: for the pulse of the screens."""
    return list(LinkState.objects.values_list("gateway_id", "state", "reason_code", "beat_at"))


def restart_windows(gateway_id: int) -> list[Window]:
    """When nothing is to be sent through a gateway, as the domain reads it."""
    rows = RestartWindow.objects.filter(gateway_id=gateway_id, enabled=True).order_by("starts", "pk")
    return [
        Window(
            title=row.title,
            starts=row.starts,
            ends=row.ends,
            zone=row.time_zone,
            weekdays=frozenset(int(day) for day in row.weekdays),
        )
        for row in rows
    ]
