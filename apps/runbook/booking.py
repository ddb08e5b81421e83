"""The books through the day: what waited for a description is settled, and each minute has its worth."""

from datetime import datetime

from django.db import transaction

from apps.desks.queries import enabled_accounts
from apps.journal.actions.write_entry import write_entry
from apps.ledger.actions.book_cash import settle_described
from apps.ledger.actions.book_day import book_days
from apps.ledger.actions.carry import carry_forward
from apps.ledger.actions.snapshot_nav import snapshot_nav
from apps.ledger.queries import has_snapshot
from apps.ledger.rebuilding import differences
from apps.market.actions.answer_lookup import ask_old_again, ask_refused_again
from apps.market.ports import CALENDAR
from apps.runbook.actions.run_job import run_job
from apps.runbook.situation import session_value, trading_day


def keep_books(now: datetime) -> str:
    """Every second asked, once a minute done."""
    settled = settle_described()
    due = [account for account in enabled_accounts() if not has_snapshot(account.pk, now)]
    if due:
        ask_refused_again(now)
    for account in due:
        snapshot_nav(account, now)
        book_days(account, now)
    return f"{settled} described contracts settled" if settled else ""


def check_books(now: datetime) -> str:
    """Once a day the books are made again from the evidence; where they differ, somebody is told."""
    told = []
    for account in enabled_accounts():
        found = list(differences(account))
        if found:
            told.append(f"{account.masked()}: {'; '.join(found[:5])}")
            with transaction.atomic():
                write_entry(
                    "check_books",
                    subject=account,
                    account=account.code,
                    reason_code="BOOKS_DIFFER",
                    reason="; ".join(found)[:2000],
                    topics=("books", "alerts"),
                )
    return "; ".join(told)


def carry_books(now: datetime) -> str:
    """Every minute asked, once a day done, and again where something told late has dropped it."""
    steps = sum(carry_forward(account, now) for account in enabled_accounts())
    return f"{steps} steps carried" if steps else ""


def check_contracts(now: datetime) -> str:
    """Once a day the broker is asked again what each contract is."""
    asked = ask_old_again(now)
    return f"{asked} contracts asked for again" if asked else ""


def close_days(now: datetime) -> None:
    """After the close the day of each account is booked once more, for its own row."""
    session = session_value(CALENDAR, now)
    if session is not None and session.day == trading_day(now):
        return
    for account in enabled_accounts():
        run_job(
            "close_day",
            lambda account=account: f"{len(book_days(account, now))} days booked",  # type: ignore[misc]
            day=trading_day(now),
            account=account,
        )
