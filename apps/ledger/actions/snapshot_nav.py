"""Keep what the books say the account is worth, once a minute, beside the broker's own figure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from apps.desks.models import Account
from apps.ledger.books import nav_now, value_in_base
from apps.ledger.models import Adoption, CashEntry, NavSnapshot
from apps.ledger.ports import ADOPTION, FLOW
from apps.ledger.queries import known_value
from apps.market.queries import books_day, rates_of
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
    line = _line(account, nav, now)
    row, _ = NavSnapshot.objects.get_or_create(
        account=account,
        at=at,
        defaults={
            "taken_at": now,
            "trading_day": books_day(now),
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
            "growth": line.growth if line else None,
            "peak": line.peak if line else None,
            "deepest": line.deepest if line else None,
        },
    )
    return row


@dataclass(frozen=True, slots=True)
class _Line:
    """What one unit has grown to, its highest, and the worst fall from a highest."""

    growth: Decimal = Decimal(1)
    peak: Decimal = Decimal(1)
    deepest: Decimal = Decimal(0)

    def then(self, growth: Decimal) -> "_Line":
        peak = max(self.peak, growth)
        return _Line(growth, peak, min(self.deepest, growth / peak - 1))


def _line(account: Account, nav: Nav, now: datetime) -> _Line | None:
    """Money paid in or out is not growth. Unknown while the worth is."""
    if nav.total is None:
        return None
    before = NavSnapshot.objects.filter(account=account).exclude(growth=None).order_by("-at").first()
    if before is None or before.nav is None or before.growth is None or before.peak is None:
        return _Line()
    line = _Line(before.growth, before.peak, before.deepest or Decimal(0))
    came_in = _from_outside(account, before.taken_at, now)
    if came_in is None or before.nav + came_in <= 0:
        return line
    return line.then(before.growth * nav.total / (before.nav + came_in))


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
