"""Reads of fills, positions and money."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Case, F, Max, QuerySet, Sum, When
from django.db.models.functions import Coalesce

from apps.journal.statements import Question, Reading, Row
from apps.ledger.models import (
    AccountValue,
    Adoption,
    CashEntry,
    DayResult,
    Fill,
    NavPoint,
    NavSnapshot,
    Position,
)
from apps.ledger.ports import FLOW


def fills_on(day: date, account_id: int | None = None) -> QuerySet[Fill]:
    rows = Fill.objects.filter(trading_day=day, superseded=False, busted=False)
    if account_id is not None:
        rows = rows.filter(account_id=account_id)
    return rows.select_related("contract", "strategy", "ticket").order_by("-at", "-pk")


def held_positions(account_id: int) -> QuerySet[Position]:
    """What we hold or the broker says we hold."""
    rows = Position.objects.filter(account_id=account_id).exclude(quantity=0, broker_quantity=0)
    return (
        rows.exclude(quantity=0, broker_quantity=None).select_related("contract").order_by("contract__symbol")
    )


def differing_positions(account_id: int) -> QuerySet[Position]:
    """What the broker counts otherwise, in a word younger than our own last change."""
    rows = Position.objects.filter(account_id=account_id, broker_at__gte=F("changed_at"))
    return rows.exclude(quantity=F("broker_quantity")).select_related("contract")


@dataclass(frozen=True, slots=True)
class Money:
    """The broker's figure with its time; None is unknown."""

    value: Decimal | None
    at: datetime | None


def account_value(account_id: int, tag: str, currency: str = "") -> Money:
    rows = AccountValue.objects.filter(account_id=account_id, tag=tag)
    row = (rows.filter(currency=currency) if currency else rows).order_by("-at").first()
    return Money(row.value, row.at) if row else Money(None, None)


def known_value(account_id: int, tag: str, *, now: datetime, within: timedelta) -> Decimal | None:
    """A figure older than its limit is not known."""
    money = account_value(account_id, tag)
    return money.value if money.at is not None and now - money.at <= within else None


def nav_points(account_id: int, since: datetime) -> list[tuple[datetime, Decimal]]:
    rows = NavPoint.objects.filter(account_id=account_id, at__gte=since, source="broker").order_by("at")
    return list(rows.values_list("at", "nav"))


def day_results(day: date, account_id: int) -> QuerySet[DayResult]:
    return DayResult.objects.filter(trading_day=day, account_id=account_id).select_related("strategy")


def fills_of_ticket(ticket_id: int) -> QuerySet[Fill]:
    """Corrected and busted ones too: the life of an order shows them as what they became."""
    return Fill.objects.filter(ticket_id=ticket_id).order_by("at", "pk")


def fills_of_order(order_id: int) -> QuerySet[Fill]:
    return Fill.objects.filter(order_id=order_id).order_by("at", "pk")


def account_money(account_id: int) -> dict[str, Money]:
    """All the broker's figures of an account, by tag; the newest where a tag has several currencies."""
    rows = AccountValue.objects.filter(account_id=account_id).order_by("at")
    return {row.tag: Money(row.value, row.at) for row in rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the checks look at of an account's books."""

    money: dict[str, Money]
    held: list[tuple[int, Decimal, Decimal | None]]  # con_id, ours, the broker's
    result: Decimal  # of the strategy, over all its days


STANDING = """
    SELECT 'money', tag, NULL::bigint, value, NULL::numeric, at FROM (
        SELECT DISTINCT ON (tag) tag, value, at FROM ledger_accountvalue
        WHERE account_id = %s AND tag = ANY(%s::text[]) ORDER BY tag, at DESC) AS newest
    UNION ALL
    SELECT 'held', '', c.con_id, p.quantity, p.broker_quantity, NULL
    FROM ledger_position p JOIN market_contract c ON c.id = p.contract_id
    WHERE p.account_id = %s AND (p.quantity <> 0 OR p.broker_quantity <> 0)
    UNION ALL
    SELECT 'result', '', NULL, coalesce(sum(coalesce(net, realized - commissions)), 0), NULL, NULL
    FROM ledger_dayresult WHERE account_id = %s AND strategy_id = %s
"""


@Reading
def standing_of(account_id: int, strategy_id: int, *, tags: Iterable[str]) -> Question[Standing]:
    """One statement for the broker's figures under these tags, what is held, and what was earned."""
    asked = [account_id, list(tags), account_id, account_id, strategy_id]
    return Question(STANDING, asked, _standing)


def _standing(rows: list[Row]) -> Standing:
    return Standing(
        money={tag: Money(value, at) for kind, tag, _, value, _, at in rows if kind == "money"},
        held=[(con_id, ours, theirs) for kind, _, con_id, ours, theirs, _ in rows if kind == "held"],
        result=next(total for kind, _, _, total, _, _ in rows if kind == "result"),
    )


SIGN = Case(When(side="BUY", then=F("quantity")), default=-F("quantity"))
KNOWN_NET = Coalesce(F("net"), F("realized") - F("commissions"))


def cumulative_net(account_id: int) -> Decimal:
    """Over all days. A day whose worth nobody knows counts with what it realised."""
    rows = DayResult.objects.filter(account_id=account_id)
    return Decimal(rows.aggregate(total=Sum(KNOWN_NET))["total"] or 0)


def net_by_strategy(*accounts: int) -> dict[str, Decimal]:
    """The same by the strategy's name, of these accounts or of all."""
    rows = DayResult.objects.exclude(strategy=None).order_by().values_list("strategy__name")
    rows = rows.filter(account_id__in=accounts) if accounts else rows
    return {name: total or Decimal(0) for name, total in rows.annotate(total=Sum(KNOWN_NET))}


def newest_money_at(account_id: int) -> datetime | None:
    newest: datetime | None = AccountValue.objects.filter(account_id=account_id).aggregate(at=Max("at"))["at"]
    return newest


def newest_positions_at(account_id: int) -> datetime | None:
    rows = Position.objects.filter(account_id=account_id)
    newest: datetime | None = rows.aggregate(at=Max("broker_at"))["at"]
    return newest


def fees_of_tickets(ticket_ids: Iterable[int]) -> dict[int, Decimal | None]:
    """What the fills of each ticket cost; unknown while the commission of one of them is."""
    rows = Fill.objects.filter(ticket_id__in=list(ticket_ids), superseded=False, busted=False)
    found: dict[int, Decimal | None] = {}
    for ticket_id, fee in rows.values_list("ticket_id", "commission"):
        before = found.get(ticket_id, Decimal(0))
        found[ticket_id] = None if before is None or fee is None else before + fee
    return found


def has_snapshot(account_id: int, now: datetime) -> bool:
    """Whether this minute is kept already."""
    minute = now.replace(second=0, microsecond=0)
    return NavSnapshot.objects.filter(account_id=account_id, at=minute).exists()


def snapshots_since(account_id: int, since: datetime) -> list[NavSnapshot]:
    """The minutes of the books since then, oldest first."""
    return list(NavSnapshot.objects.filter(account_id=account_id, at__gte=since).order_by("at"))


def broker_cash(account_id: int) -> dict[str, Money]:
    """What the broker says of the cash of each currency, all currencies together left out."""
    rows = AccountValue.objects.filter(account_id=account_id, tag="CashBalance").exclude(currency="BASE")
    return {row.currency: Money(row.value, row.at) for row in rows}


def adoptions(account_id: int, newest: int = 12) -> list[Adoption]:
    rows = Adoption.objects.filter(account_id=account_id).select_related("contract")
    return list(rows.order_by("-made_at", "-pk")[:newest])


def flows(account_id: int, newest: int = 12) -> list[CashEntry]:
    """What was paid in and out, newest first."""
    rows = CashEntry.objects.filter(account_id=account_id, cause=FLOW)
    return list(rows.order_by("-day", "-pk")[:newest])


def newest_snapshot(account_id: int) -> NavSnapshot | None:
    return NavSnapshot.objects.filter(account_id=account_id).order_by("-at").first()
