"""Keep what the books say the account is worth, once a minute, beside the broker's own figure."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from apps.desks.models import Account
from apps.ledger.books import nav_now, value_in_base
from apps.ledger.days import desk_day
from apps.ledger.models import Adoption, CashEntry, NavSnapshot
from apps.ledger.ports import ADOPTION, FLOW
from apps.ledger.queries import known_value
from apps.market.queries import rates_of
from tradingdesk.domain.money import Money
from tradingdesk.domain.portfolio import Nav

CENT = Decimal("0.01")
BROKER_AGE = timedelta(minutes=5)


@transaction.atomic
def snapshot_nav(account: Account, now: datetime) -> NavSnapshot:
    """One row for each minute; the first of a minute stays. No journal line, since nobody did anything."""
    at = now.replace(second=0, microsecond=0)
    known = NavSnapshot.objects.filter(account=account, at=at).first()
    if known is not None:
        return known
    nav = nav_now(account, now)
    growth, peak = _growth(account, nav, now)
    row, _ = NavSnapshot.objects.get_or_create(
        account=account,
        at=at,
        defaults={
            "taken_at": now,
            "trading_day": desk_day(now),
            "base": nav.base,
            "nav": _cents(nav.total),
            "cash_base": _cents(nav.cash_base),
            "gross": _rounded(nav.exposure.gross),
            "net": _rounded(nav.exposure.net),
            "long": _rounded(nav.exposure.long),
            "short": _rounded(nav.exposure.short),
            "broker_nav": known_value(account.pk, "NetLiquidation", now=now, within=BROKER_AGE),
            "complete": nav.total is not None and not nav.reasons,
            "reasons": [[reason.code, reason.text] for reason in nav.reasons],
            "growth": growth,
            "peak": peak,
        },
    )
    return row


def _growth(account: Account, nav: Nav, now: datetime) -> tuple[Decimal | None, Decimal | None]:
    """What one unit has grown to since the first snapshot: money paid in or out is not growth."""
    if nav.total is None:
        return None, None
    before = NavSnapshot.objects.filter(account=account, complete=True).order_by("-at").first()
    if before is None or before.nav is None or before.growth is None or before.peak is None:
        return Decimal(1), Decimal(1)
    came_in = _from_outside(account, before.taken_at, now)
    start = before.nav + came_in if came_in is not None else None
    if start is None or start <= 0:
        return before.growth, before.peak
    growth = before.growth * nav.total / start
    return growth, max(before.peak, growth)


def _from_outside(account: Account, since: datetime, now: datetime) -> Decimal | None:
    """What was paid in or out and what was adopted, in base; None where nobody can say."""
    entries = CashEntry.objects.filter(account=account, cause__in=(FLOW, ADOPTION), booked_at__gt=since)
    money = [Money(row.amount, row.currency) for row in entries]
    adopted = Adoption.objects.filter(account=account, made_at__gt=since).exclude(contract=None)
    for row in adopted.select_related("contract"):
        if row.worth is None or row.contract is None:
            return None
        money.append(Money(row.worth, row.contract.currency))
    rates = rates_of(account, now)
    parts = [value_in_base(one, rates, now) for one in money]
    known = [part for part in parts if part is not None]
    return sum(known, start=Decimal(0)) if len(known) == len(parts) else None


def _cents(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else _rounded(amount)


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(CENT)
