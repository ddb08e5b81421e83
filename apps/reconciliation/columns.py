"""Three columns side by side: ours, the broker's, and the newest statement's. For reading only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings

from apps.broker.queries import list_begins
from apps.desks.models import Account
from apps.ledger.books import cash_of
from apps.market.models import Contract
from apps.reconciliation.models import Statement
from apps.reconciliation.ours import externals, orders_held, plain, positions_held, trades_held
from apps.reconciliation.queries import newest_statement, ruled_on
from apps.reconciliation.theirs import cash_told, executions_told, is_ours, order_key, told_lists
from tradingdesk.domain.reconciliation import Known, Unknown

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Row:
    """One thing on three sides; None is not told, which is not nought."""

    title: str
    ours: Decimal | None
    broker: Decimal | None
    statement: Decimal | None
    word: str = ""  # another hand's, or whatever else a person should know
    differs: bool = False


@dataclass(frozen=True, slots=True)
class Columns:
    """The rows of one kind, and why a side is silent."""

    title: str
    rows: list[Row]
    broker_says: str
    statement_day: date | None = None

    @property
    def differing(self) -> list[Row]:
        return [row for row in self.rows if row.differs or row.word]


def columns_of(account: Account, now: datetime) -> list[Columns]:
    told = told_lists(account, now)
    statement = newest_statement(account.pk)
    return [
        _positions(account, told, statement, now),
        _cash(account, told, statement),
        _orders(account, told),
        _executions(account, told, statement),
    ]


def _says(told: Any) -> str:
    if told.reason is not None:
        return str(told.reason.text)
    return f"as of {told.at:%H:%M:%S} UTC"


def _positions(
    account: Account, told: Mapping[str, Any], statement: Statement | None, now: datetime
) -> Columns:
    list_told = told["positions"]
    ours = {key: row.quantity for key, row in positions_held(account, now).items()}
    others = externals(account)
    theirs = (
        None
        if list_told.rows is None
        else {str(row["con_id"]): Decimal(row["quantity"]) for row in list_told.rows}
    )
    stated = {str(row["con_id"]): Decimal(row["quantity"]) for row in _part(statement, "positions")}
    keys = {*(key for key, held in ours.items() if held), *(theirs or {}), *stated}
    names = _names(keys)
    rows = []
    for key in keys:
        mine, external = ours.get(key, Decimal(0)), others.get(key, Decimal(0))
        broker = None if theirs is None else theirs.get(key, Decimal(0))
        row = Row(
            title=names.get(key, key),
            ours=plain(mine),
            broker=None if broker is None else plain(broker),
            statement=None if statement is None else plain(stated.get(key, Decimal(0))),
            word=f"{plain(external):f} another hand's" if external else "",
            differs=broker is not None and broker - external != mine,
        )
        rows.append(row)
    return Columns("Positions", _sorted(rows), _says(list_told), statement.day if statement else None)


def _cash(account: Account, told: Mapping[str, Any], statement: Statement | None) -> Columns:
    answer = cash_told(told["money"])
    theirs = dict(answer.rows) if isinstance(answer, Known) else None
    ours = {part.currency: part.amount.quantize(CENT) for part in cash_of(account)}
    stated = {str(row["currency"]): Decimal(row["amount"]) for row in _part(statement, "cash")}
    rows = []
    for currency in {*ours, *(theirs or {}), *stated}:
        mine = ours.get(currency, Decimal(0)) if ours else None
        broker = None if theirs is None else theirs.get(currency, Decimal(0))
        differs = mine is not None and broker is not None and abs(mine - broker) > CENT
        rows.append(Row(currency, mine, broker, stated.get(currency), differs=differs))
    says = answer.reason.text if isinstance(answer, Unknown) else _says(told["money"])
    return Columns("Cash", _sorted(rows), says, statement.day if statement else None)


def _orders(account: Account, told: Mapping[str, Any]) -> Columns:
    """What is still open of each order."""
    list_told = told["orders"]
    ours = orders_held(account, list_told.at).rows if list_told.at is not None else {}
    instance = settings.INSTANCE
    theirs = {order_key(row, instance): row for row in list_told.rows or []}
    rows = []
    for key in {*ours, *theirs}:
        row, mine = theirs.get(key), ours.get(key)
        broker = None if list_told.rows is None else Decimal(row.get("quantity") or 0) if row else Decimal(0)
        foreign = row is not None and not is_ours(row, instance)
        rows.append(
            Row(
                title=key if row is None else f"{row.get('symbol', '')} {key}",
                ours=plain(mine.quantity) if mine else Decimal(0),
                broker=None if broker is None else plain(broker),
                statement=None,
                word="another hand's" if foreign else "",
                differs=not foreign and broker is not None and (mine is None or mine.quantity != broker),
            )
        )
    return Columns("Open orders", _sorted(rows), _says(list_told))


def _executions(account: Account, told: Mapping[str, Any], statement: Statement | None) -> Columns:
    """Signed units by execution, of the day that the broker's list holds."""
    answer = executions_told(told["executions"])
    if not isinstance(answer, Known):
        return Columns("Executions", [], answer.reason.text)
    trades = trades_held(account, list_begins(answer.at), answer.at, answer.rows)
    ruled = ruled_on(account)
    names = _names({str(con_id) for con_id in trades.contracts.values()})
    rows = []
    for root in {*trades.ours, *trades.foreign, *answer.rows}:
        mine, theirs = trades.ours.get(root), answer.rows.get(root) or trades.foreign.get(root)
        name = names.get(str(trades.contracts.get(root, "")), "")
        rows.append(
            Row(
                title=f"{name} {root}".strip(),
                ours=plain(mine.signed_quantity) if mine else Decimal(0),
                broker=plain(theirs.signed_quantity) if theirs else Decimal(0),
                statement=None,
                word=ruled.get(root) or ("another hand's" if root in trades.foreign else ""),
                differs=root not in ruled
                and (mine is None or theirs is None or mine.signed_quantity != theirs.signed_quantity),
            )
        )
    return Columns("Executions", _sorted(rows), _says(told["executions"]))


def _part(statement: Statement | None, name: str) -> list[dict[str, Any]]:
    return list(statement.body.get(name, [])) if statement is not None else []


def _names(con_ids: set[str]) -> dict[str, str]:
    wanted = [int(one) for one in con_ids if one.isdigit()]
    return {str(row.con_id): str(row) for row in Contract.objects.filter(con_id__in=wanted)}


def _sorted(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (not row.differs, not row.word, row.title))
