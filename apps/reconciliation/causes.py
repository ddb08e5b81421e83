"""What a difference probably comes from, with what shows it: for the person who works the case."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Q

from apps.broker.models import LinkSession
from apps.broker.queries import list_begins
from apps.desks.models import Account
from apps.ledger.models import Fill, Position
from apps.reconciliation.models import Break
from apps.reconciliation.ours import plain
from tradingdesk.domain.reconciliation import Difference, Kind

RECENT = timedelta(days=3)
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Suspect:
    """A cause in one line, and the facts that point to it."""

    cause: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Where causes are looked for."""

    account: Account
    now: datetime
    orders: Mapping[str, int] = field(default_factory=dict)  # conId of each reference at the broker
    executions: Mapping[str, int] = field(default_factory=dict)  # conId of each root at the broker
    open_executions: frozenset[str] = frozenset()


def cause_of(one: Difference, facts: Facts, *, heard: bool = False) -> Suspect:
    if one.kind in _POSITION:
        return _position(one, facts)
    if one.kind is Kind.EXECUTION_OURS_ONLY:
        return _taken_back(one, facts)
    if one.kind is Kind.EXECUTION_THEIRS_ONLY and heard:
        return Suspect("traded by another hand", ("none of our orders explains it",))
    return Suspect(_PLAIN[one.kind])


_POSITION = (Kind.POSITION_QUANTITY, Kind.POSITION_OURS_ONLY, Kind.POSITION_THEIRS_ONLY)
_PLAIN = {
    Kind.POSITION_COST: "the sides count the cost differently",
    Kind.ORDER_OURS_ONLY: "the broker no longer works it and has not said what became of it",
    Kind.ORDER_THEIRS_ONLY: "an older database, or a second desk under our name",
    Kind.ORDER_QUANTITY: "a change or a fill that only one side has seen",
    Kind.EXECUTION_THEIRS_ONLY: "a fill that never reached us",
    Kind.EXECUTION_TERMS: "a correction that only one side has seen",
    Kind.CASH_AMOUNT: "a booking that only the broker has: a fee, interest, a dividend or a transfer",
    Kind.NAV_UNEXPLAINED: "none of the known causes explains it",
}


def _taken_back(one: Difference, facts: Facts) -> Suspect:
    """What its list lacks, the broker's count lacks as well, or does not."""
    rows = Fill.objects.filter(account=facts.account, exec_root=one.key, superseded=False)
    fill = rows.select_related("contract").first()
    held = fill and Position.objects.filter(account=facts.account, contract=fill.contract).first()
    told: tuple[str, ...] = ()
    if fill and held and held.broker_quantity is not None:
        counts = [f"{plain(number):f}" for number in (held.broker_quantity, held.quantity)]
        told = (f"the broker holds {counts[0]} {fill.contract.symbol}, we {counts[1]}",)
    return Suspect("taken back by the broker while nobody listened", told)


def _position(one: Difference, facts: Facts) -> Suspect:
    """In the order of what would show most: a trade taken back, a foreign print, a night without the link,
    another hand."""
    gap = Decimal(one.theirs) - Decimal(one.ours)
    for look in (_lacked, _foreign, _overnight):
        suspect = look(one, facts, gap)
        if suspect is not None:
            return suspect
    if one.kind is Kind.POSITION_OURS_ONLY:
        return Suspect("closed by another hand, and no execution of it was told to us")
    if one.kind is Kind.POSITION_THEIRS_ONLY:
        return Suspect("opened by another hand, or transferred in")
    return Suspect("a fill or a transfer that only one side has seen")


def _lacked(one: Difference, facts: Facts, gap: Decimal) -> Suspect | None:
    """An execution of ours in the same contract that the broker's list lacks: its own case comes first."""
    roots = Fill.objects.filter(contract__con_id=int(one.key)).values("exec_root")
    cases = Break.objects.filter(account=facts.account, kind=Kind.EXECUTION_OURS_ONLY, key__in=roots)
    told = [f"{case.title}: {case.ours}" for case in cases.exclude(state="closed")]
    return Suspect("an execution was taken back: work its own case", tuple(told[:SHOWN])) if told else None


def _foreign(one: Difference, facts: Facts, gap: Decimal) -> Suspect | None:
    rows = Fill.objects.filter(
        account=facts.account, contract__con_id=int(one.key), ticket=None, superseded=False, busted=False
    ).filter(at__gte=facts.now - RECENT)
    told = [
        f"{row.side} {row.quantity.normalize():f} at {row.price.normalize():f}, {row.exec_id}" for row in rows
    ]
    return Suspect("trades of another hand in this contract", tuple(told[:SHOWN])) if told else None


def _overnight(one: Difference, facts: Facts, gap: Decimal) -> Suspect | None:
    """The list of executions begins at midnight: who was away then has not heard what filled before, and only
    the statement has it."""
    begins = list_begins(facts.now)
    sessions = LinkSession.objects.filter(gateway_id=facts.account.gateway_id)
    there = sessions.filter(Q(closed_at=None) | Q(closed_at__gte=begins), opened_at__lt=begins)
    last = sessions.filter(closed_at__lt=begins).order_by("-closed_at").first()
    back = sessions.filter(opened_at__gte=begins).order_by("opened_at").first()
    if there.exists() or last is None or back is None:
        return None
    return Suspect(
        "filled while the link was away before midnight: needs the statement",
        (
            f"away from {last.closed_at:%d %b %H:%M} to {back.opened_at:%d %b %H:%M} UTC",
            f"the broker's list begins {begins:%d %b %H:%M} UTC",
            f"{gap:+f} units are missing here",
        ),
    )
