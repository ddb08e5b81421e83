"""Take a day of the books apart by cause and keep it; a day that was over is restated in sight."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from apps.desks.models import Account
from apps.journal.actions.write_entry import write_entry
from apps.ledger.actions.keep_sums import keep_sums
from apps.ledger.daycash import unsettled
from apps.ledger.dayreading import Facts, facts_of, reading_of_kept, valued_now
from apps.ledger.models import BookDay, ResultPart
from apps.ledger.ports import EARNED
from apps.market.actions.save_quotes import save_day_marks
from apps.market.models import Contract
from apps.market.ports import CALENDAR
from apps.market.queries import books_day, priced_day, session_on, value_marks
from tradingdesk.domain.portfolio.cash import PLACES
from tradingdesk.domain.portfolio.results import Part

Key = tuple[int | None, int | None, str, str]


def book_days(account: Account, now: datetime) -> list[date]:
    """Today, and every earlier day of which something was told since it was booked, with those after it."""
    today = books_day(now)
    newest = BookDay.objects.filter(account=account, trading_day__lt=today).order_by("-changed_at").first()
    days = {today}
    if newest is not None:
        late = unsettled(account.pk, newest.changed_at, today)
        if late:
            rows = BookDay.objects.filter(account=account, trading_day__gte=late[0])
            days |= {*late, *rows.values_list("trading_day", flat=True)}
    for day in sorted(days):
        book_day(account, day, now)
    return sorted(days)


@transaction.atomic
def book_day(account: Account, day: date, now: datetime) -> BookDay:
    """The parts of the day as everything known now makes them, and the sum of each strategy's parts."""
    Account.objects.select_for_update().get(pk=account.pk)
    facts = facts_of(account, day)
    _keep_marks(facts, now)
    reading = reading_of_kept(facts, now)
    before = _net(account, day)
    _keep_parts(account, day, reading.books.parts)
    keep_sums(reading, now)
    row = BookDay.objects.filter(account=account, trading_day=day).first()
    was_told = row is not None and (day != books_day(now) or _is_told(day, row.changed_at))
    row = row or BookDay(account=account, trading_day=day)
    net = _net(account, day)
    restated = was_told and net != before
    row.opening, row.closing = _kept(reading.books.opening), _kept(reading.books.closing)
    row.provisional = bool(reading.reasons)
    row.reasons = [[reason.code, reason.text] for reason in reading.reasons]
    row.restated += restated
    row.changed_at = now
    row.save()
    if restated:
        write_entry(
            "restate_day",
            subject=row,
            account=account.code,
            before={"net": before},
            after={"net": net, "trading_day": day},
            topics=("books",),
        )
    return row


def _is_told(day: date, at: datetime) -> bool:
    """Whether the session's result was already told then: what changes it later restates the day."""
    return day < priced_day(at) and session_on(CALENDAR, day) is not None


def _net(account: Account, day: date) -> Decimal | None:
    """What the day earned in base; None while a part of it is unknown."""
    rows = ResultPart.objects.filter(account=account, trading_day=day, cause__in=EARNED)
    amounts = list(rows.values_list("amount", flat=True))
    return None if None in amounts else sum((one for one in amounts if one is not None), start=Decimal(0))


def _keep_parts(account: Account, day: date, parts: tuple[Part, ...]) -> None:
    contracts = dict(
        Contract.objects.filter(con_id__in=[p.con_id for p in parts]).values_list("con_id", "pk")
    )
    wanted: dict[Key, Decimal | None] = {}
    for part in parts:
        key = (part.strategy, contracts.get(part.con_id or 0), part.currency, part.why.value)
        known = wanted.get(key, Decimal(0))
        wanted[key] = None if known is None or part.amount is None else known + part.amount
    stored = ResultPart.objects.filter(account=account, trading_day=day)
    gone = [row.pk for row in stored if _key(row) not in wanted]
    if gone:
        ResultPart.objects.filter(pk__in=gone).delete()
    ResultPart.objects.bulk_create(
        [
            ResultPart(
                account=account,
                trading_day=day,
                strategy_id=strategy,
                contract_id=contract,
                currency=currency,
                cause=cause,
                amount=_kept(amount),
            )
            for (strategy, contract, currency, cause), amount in wanted.items()
        ],
        update_conflicts=True,
        unique_fields=["account", "trading_day", "strategy", "contract", "currency", "cause"],
        update_fields=["amount"],
    )


def _key(row: ResultPart) -> Key:
    return row.strategy_id, row.contract_id, row.currency, row.cause


def _keep_marks(facts: Facts, now: datetime) -> None:
    """The prices of today, so that tomorrow knows at what the day closed; after its report they stand."""
    wanted = valued_now(facts, now)
    save_day_marks(facts.day, value_marks(wanted), settled=facts.day != priced_day(now))


def _kept(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else amount.quantize(PLACES)
