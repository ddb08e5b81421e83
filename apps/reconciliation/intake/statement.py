"""A statement comes in, by upload or from a folder: read whole or refused whole, then compared."""

import hashlib
from collections.abc import Callable

from apps.desks.models import Account
from apps.journal import clock
from apps.journal.ports import Actor
from apps.reconciliation.actions.keep_statement import keep_statement
from apps.reconciliation.intake.flex import LARGEST, FlexDay, FlexRefused, read_flex

__all__ = ["LARGEST", "StatementRefused", "take_statement"]

REASONS = {
    "STATEMENT_TOO_LARGE": "A statement of one day is not that large.",
    "STATEMENT_NOT_XML": "The file is not well-formed XML.",
    "STATEMENT_ENTITIES": "The file declares a document type or entities; none is ever expanded.",
    "STATEMENT_NOT_FLEX": "The file is XML and not a Flex statement.",
    "STATEMENT_SECTION_MISSING": "A section that is compared is not in the statement.",
    "STATEMENT_FIELD_MISSING": "A field that is compared is not in the statement.",
    "STATEMENT_FIELD_BAD": "A field of the statement cannot be read.",
    "STATEMENT_SPANS_DAYS": "The statement is about more than one day.",
    "STATEMENT_ACCOUNT_UNKNOWN": "The statement is about an account that the desk does not keep.",
    "STATEMENT_NOT_YOURS": "The statement is about an account that is not in the person's reach.",
}


class StatementRefused(Exception):
    """Nothing was taken; the words name the element and what to do."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


def take_statement(
    data: bytes, name: str, *, actor: Actor, reach: Callable[[str], bool] = lambda _code: True
) -> list[str]:
    """What was taken of each account, in a few words. The same bytes twice change nothing."""
    try:
        days = read_flex(data)
    except FlexRefused as refused:
        raise StatementRefused(refused.code, str(refused)) from refused
    accounts = {row.code: row for row in Account.objects.filter(code__in=[one.account for one in days])}
    for one in days:
        _check(one, accounts, reach)
    digest = hashlib.sha256(data).hexdigest()
    return [_keep(one, accounts[one.account], name=name, digest=digest, actor=actor) for one in days]


def _check(one: FlexDay, accounts: dict[str, Account], reach: Callable[[str], bool]) -> None:
    if one.account not in accounts:
        text = f"the account of {one.day} is none of the desk's. Run the query for an account that is set up."
        raise StatementRefused("STATEMENT_ACCOUNT_UNKNOWN", text)
    if not reach(one.account):
        masked = accounts[one.account].masked()
        raise StatementRefused("STATEMENT_NOT_YOURS", f"{masked} is not in your reach. Nothing was taken.")


def _keep(one: FlexDay, account: Account, *, name: str, digest: str, actor: Actor) -> str:
    statement, run = keep_statement(
        account, one.day, one.body(), name=name[:200], digest=digest, actor=actor, now=clock.now()
    )
    if run is None:
        return f"{account.masked()}, {one.day}: these bytes were taken before. Nothing was changed."
    counts = f"{len(one.executions)} executions, {len(one.positions)} positions"
    return f"{account.masked()}, {statement.day}: {counts}; {run.differences} differ."
