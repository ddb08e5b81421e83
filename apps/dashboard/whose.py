"""Whose account an address is about: asked before the page is, so that a foreign one is never read."""

from apps.approvals.queries import request_of
from apps.broker.queries import foreign_order
from apps.plans.queries import plan_of
from apps.reports.queries import account_by_number
from apps.risk.queries import stopping_of
from apps.tickets.queries import ticket_with_key


def account_of_request(number: int | None = None) -> str | None:
    found = request_of(number) if number is not None else None
    return found.account.code if found else None


def account_of_plan(number: int) -> str | None:
    found = plan_of(number)
    return found.account.code if found else None


def account_of_stopping(number: int) -> str | None:
    """A stop of one account is that account's; of its orders a page shows those within reach."""
    found = stopping_of(number)
    if found is None:
        return None
    return found.account_code or (found.key if found.scope == "account" else None)


def account_of_order(key: str) -> str | None:
    """Our own by its ticket's key, a foreign one by its number."""
    number = key.removeprefix("foreign-")
    if number == key:
        ticket = ticket_with_key(key)
        return ticket.account.code if ticket else None
    order = foreign_order(int(number)) if number.isdecimal() else None
    return order.account.code if order and order.account else None


def account_of_report(account: int, **_: object) -> str | None:
    """Its address names the account by its number."""
    found = account_by_number(account)
    return found.code if found else None
