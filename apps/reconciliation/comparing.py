"""Both sides gathered and compared; nothing is written. Each difference comes with its probable cause."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from django.conf import settings

from apps.broker.queries import list_begins
from apps.desks.models import Account
from apps.market.models import Contract
from apps.reconciliation.causes import Facts, Suspect, cause_of
from apps.reconciliation.ours import (
    Orders,
    externals,
    known_refs,
    orders_held,
    overtaken,
    positions_held,
    taken_back,
    trades_held,
)
from apps.reconciliation.theirs import (
    Told,
    executions_told,
    orders_told,
    positions_told,
    revisions_told,
)
from tradingdesk.domain.money import Reason
from tradingdesk.domain.portfolio import root_and_revision
from tradingdesk.domain.reconciliation import (
    Difference,
    Executed,
    Held,
    Kind,
    Known,
    Unknown,
    Working,
    compare,
    execution_rule,
    order_rule,
    position_rule,
)

COST_TOLERANCE = Decimal("0.01")  # the broker's cost holds commissions, ours does not
ORDER_KINDS = frozenset({Kind.ORDER_OURS_ONLY, Kind.ORDER_THEIRS_ONLY, Kind.ORDER_QUANTITY})
EXECUTION_KINDS = frozenset({Kind.EXECUTION_OURS_ONLY, Kind.EXECUTION_THEIRS_ONLY, Kind.EXECUTION_TERMS})
POSITION_KINDS = frozenset(
    {Kind.POSITION_QUANTITY, Kind.POSITION_OURS_ONLY, Kind.POSITION_THEIRS_ONLY, Kind.POSITION_COST}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A difference, the contract it is about, and what it probably comes from."""

    difference: Difference
    con_id: int | None
    suspect: Suspect
    currency: str = ""


@dataclass(slots=True)
class Compared:
    """What one round has seen: differences, which kinds were compared, and what could not be."""

    found: list[Found] = field(default_factory=list)
    kinds: frozenset[Kind] = frozenset()
    seen: dict[str, dict[str, object]] = field(default_factory=dict)
    unknown: list[Reason] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)  # under our name at the broker, and not in our tables
    not_judged: frozenset[str] = frozenset()  # keys that neither side tells any more: no agreement
    unsettled: frozenset[str] = frozenset()  # keys that moved as they were told: neither equal nor different

    def told(self, name: str, ours: int, theirs: int) -> None:
        self.seen[name] = {"ours": ours, "theirs": theirs}

    def not_told(self, name: str, ours: int, reason: Reason) -> None:
        self.seen[name] = {"ours": ours, "unknown": reason.text}
        self.unknown.append(reason)


def compare_orders(account: Account, told: Mapping[str, Told], facts: Facts) -> Compared:
    """Open orders and executions."""
    result = Compared()
    _orders(result, account, told["orders"], facts)
    _executions(result, account, told["executions"], facts)
    return result


def _orders(result: Compared, account: Account, told: Told, facts: Facts) -> None:
    instance = settings.INSTANCE
    theirs = orders_told(told, instance)
    if isinstance(theirs, Unknown):
        result.not_told("orders", 0, theirs.reason)
        return
    ours = orders_held(account, theirs.at)
    mine, answer = _at_rest(ours, theirs)
    found = compare(mine, answer, order_rule(theirs.at)) or ()
    result.kinds |= ORDER_KINDS
    result.told("orders", len(ours.rows), len(theirs.rows))
    lost = {one.key for one in found if one.kind is Kind.ORDER_THEIRS_ONLY}
    result.strangers = sorted(lost - known_refs(lost))
    for one in found:
        con_id = ours.contracts.get(one.key) or facts.orders.get(one.key)
        result.found.append(Found(difference=one, con_id=con_id, suspect=cause_of(one, facts)))
    if ours.unknown:
        number = len(ours.unknown)
        result.unknown.append(
            Reason("ORDERS_IN_DOUBT", f"the fate of {number} order{'' if number == 1 else 's'} is unknown")
        )
        result.not_judged |= frozenset(ours.unknown)


def _at_rest(ours: Orders, theirs: Known[str, Working]) -> tuple[dict[str, Working], Known[str, Working]]:
    """Without what was changing as the list was told, and what nobody knows the fate of."""
    leave = ours.moving | set(ours.unknown)
    mine = {key: row for key, row in ours.rows.items() if key not in leave}
    rows = {}
    for key, row in theirs.rows.items():
        if key in leave:
            continue
        own = mine.get(key)
        # the list of open orders does not say how much has filled; what it does not say is no difference
        rows[key] = replace(row, filled=own.filled) if own is not None and not row.filled else row
    return mine, Known(rows, theirs.at)


def _executions(result: Compared, account: Account, told: Told, facts: Facts) -> None:
    theirs = executions_told(told)
    if isinstance(theirs, Unknown):
        result.not_told("executions", 0, theirs.reason)
        return
    trades = trades_held(account, list_begins(theirs.at), theirs.at, theirs.rows)
    # an execution that none of our orders explains is the broker's, though we have heard and booked it
    brokers: dict[str, Executed] = {**trades.foreign, **theirs.rows}
    moved = overtaken(account, theirs.at, revisions_told(told))
    mine = {key: row for key, row in trades.ours.items() if key not in moved}
    brokers = {key: row for key, row in brokers.items() if key not in moved}
    found = compare(mine, Known(brokers, theirs.at), execution_rule) or ()
    result.kinds |= EXECUTION_KINDS
    result.told("executions", len(mine), len(brokers))
    untold = facts.open_executions - set(mine) - set(brokers)
    result.not_judged |= untold - taken_back(account, untold - moved, theirs.at)
    for one in found:
        con_id = trades.contracts.get(one.key) or facts.executions.get(one.key)
        suspect = cause_of(one, facts, heard=one.key in trades.foreign)
        result.found.append(Found(difference=_in_money(one, con_id), con_id=con_id, suspect=suspect))


def _in_money(one: Difference, con_id: int | None) -> Difference:
    """What changed hands is units times price; the contract says what that is in money."""
    contract = Contract.objects.filter(con_id=con_id).first() if con_id and one.size is not None else None
    if contract is None or one.size is None:
        return one
    return replace(one, size=abs(one.size) * contract.multiplier / contract.price_magnifier)


def compare_positions(account: Account, told: Told, facts: Facts) -> Compared:
    """Quantities and costs, by conId; another hand's part taken off the broker's count."""
    result = Compared()
    ours = positions_held(account, facts.now)
    theirs = positions_told(told, externals(account))
    held = {key: row for key, row in ours.items() if row.quantity}
    if isinstance(theirs, Unknown):
        result.not_told("positions", len(held), theirs.reason)
        return result
    rule = position_rule(theirs.at, cost_tolerance=COST_TOLERANCE)
    found = compare(ours, theirs, rule) or ()
    said = {one.key for one in found}
    apart = {key for key in ours.keys() | theirs.rows.keys() if _count(ours, key) != _count(theirs.rows, key)}
    result.unsettled = frozenset(apart - said)
    result.kinds |= POSITION_KINDS
    result.told("positions", len(held), len(theirs.rows))
    for one in found:
        suspect = cause_of(one, facts)
        base = account.base_currency
        result.found.append(Found(difference=one, con_id=int(one.key), suspect=suspect, currency=base))
    return result


def _count(side: Mapping[str, Held], key: str) -> Decimal:
    return side[key].quantity if key in side else Decimal(0)


def facts_of(
    account: Account, told: Mapping[str, Told], *, open_executions: frozenset[str], now: datetime
) -> Facts:
    """What the causes are looked for in."""
    orders = told["orders"].rows or []
    executions = told["executions"].rows or []
    return Facts(
        account=account,
        now=now,
        orders={str(row.get("order_ref")): int(row.get("con_id") or 0) for row in orders},
        executions={root_and_revision(row["exec_id"])[0]: int(row["con_id"]) for row in executions},
        open_executions=open_executions,
    )
