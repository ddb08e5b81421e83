"""Book money that was paid into the account or out of it: by a person, with a reason. It is no result."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db import transaction

from apps.desks.models import Account
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Actor
from apps.ledger.actions.book_cash import write_cash
from apps.ledger.books import is_opened
from apps.ledger.models import AccountValue, Adoption, CashBalance, CashEntry
from apps.ledger.ports import FLOW, REASONS
from apps.market.ports import DESK_ZONE, desk_day
from apps.market.queries import counted_day
from tradingdesk.domain.money import Reason

CASH_TAG = "CashBalance"
TWICE_WITHIN = timedelta(minutes=10)
LARGEST = Decimal(10) ** 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """What somebody says was paid: into the account above zero, out of it below."""

    currency: str
    amount: Decimal
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowEffect:
    """What a person looks at before it is booked. None is unknown."""

    before: Decimal
    after: Decimal
    broker: Decimal | None
    in_adopted: bool  # took effect before the balance was taken over, so it is in it already


class FlowRefused(Exception):
    """Nothing was booked."""

    def __init__(self, code: str) -> None:
        super().__init__(REASONS[code])
        self.reason = Reason(code, REASONS[code])


def effect_of(account: Account, flow: Flow, now: datetime) -> FlowEffect:
    """Refused, or what it would do to the cash of its currency."""
    _check(account, flow, now)
    row = CashBalance.objects.filter(account=account, currency=flow.currency).first()
    before = row.amount if row else Decimal(0)
    told = AccountValue.objects.filter(account=account, tag=CASH_TAG, currency=flow.currency).first()
    adopted = Adoption.objects.filter(account=account, currency=flow.currency).order_by("-at").first()
    covered = adopted is not None and _moment(flow.day, now) <= adopted.at
    return FlowEffect(
        before=before,
        after=before if covered else before + flow.amount,
        broker=told.value if told else None,
        in_adopted=covered,
    )


@transaction.atomic
def book_flow(account: Account, flow: Flow, *, reason: str, actor: Actor, now: datetime) -> CashEntry:
    """One entry, and a second one that takes it back where the adopted balance has it already."""
    if not reason.strip():
        raise FlowRefused("FLOW_WITHOUT_REASON")
    Account.objects.select_for_update().get(pk=account.pk)
    _check(account, flow, now)
    same = CashEntry.objects.filter(account=account, currency=flow.currency, amount=flow.amount, cause=FLOW)
    if same.filter(day=counted_day(flow.day), booked_at__gt=now - TWICE_WITHIN).exists():
        raise FlowRefused("FLOW_TWICE")
    entry = CashEntry(account=account, currency=flow.currency, amount=flow.amount, cause=FLOW)
    entry.day, entry.at, entry.note = counted_day(flow.day), _moment(flow.day, now), reason.strip()
    written = write_cash([entry])[0]
    write_entry(
        "book_flow",
        subject=written,
        actor=actor,
        account=account.code,
        reason=reason.strip(),
        after={"currency": flow.currency, "amount": flow.amount, "day": flow.day},
        topics=("books",),
    )
    return written


def _check(account: Account, flow: Flow, now: datetime) -> None:
    if not is_opened(account):
        raise FlowRefused("CASH_NEVER_ADOPTED")
    if not flow.amount.is_finite() or not flow.amount or abs(flow.amount) >= LARGEST:
        raise FlowRefused("FLOW_AMOUNT")
    known = set(CashBalance.objects.filter(account=account).values_list("currency", flat=True))
    if flow.currency not in known | {account.base_currency}:
        raise FlowRefused("FLOW_CURRENCY")
    if flow.day > desk_day(now):
        raise FlowRefused("FLOW_IN_FUTURE")


def _moment(day: date, now: datetime) -> datetime:
    """Today's took effect now; that of an earlier day by that day's end."""
    return now if day == desk_day(now) else datetime.combine(day, time(23, 59), DESK_ZONE)
