"""The trading side as plain JSON values, and back."""

from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from apps.simgateway.exchange.events import Commission, Execution
from apps.simgateway.exchange.floor import Floor
from apps.simgateway.exchange.gates import resume
from apps.simgateway.exchange.ledgers import Account
from apps.simgateway.exchange.order import Order
from apps.simgateway.exchange.work import Work

_SAVED_OF_WORK = (
    "stage", "expires", "children", "warned_closed", "located", "conditions_met", "patient_until",
    "best_seen", "auction_day", "leg_value",
)  # fmt: skip
_hints: dict[type, dict[str, Any]] = {}


def plain(value: Any) -> Any:
    """Dataclasses become tables, decimals and dates text."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, (Decimal, date)):
        return str(value)
    return value


def revived(kind: Any, value: Any) -> Any:
    """The opposite: a value of that type, from plain ones."""
    if isinstance(kind, UnionType):
        inner = next(one for one in get_args(kind) if one is not NoneType)
        return None if value is None else revived(inner, value)
    origin = get_origin(kind)
    if origin is dict:
        key_kind, value_kind = get_args(kind)
        return {revived(key_kind, key): revived(value_kind, one) for key, one in value.items()}
    if origin in (list, tuple):
        inner = get_args(kind)
        if origin is tuple and Ellipsis not in inner:
            return tuple(revived(k, one) for k, one in zip(inner, value, strict=True))
        return origin(revived(inner[0], one) for one in value)
    if kind is date:
        return date.fromisoformat(value)
    if is_dataclass(kind):
        return _dataclass(kind, value)
    return kind(value) if kind in (Decimal, int) else value


def _dataclass(kind: Any, value: dict[str, Any]) -> Any:
    hints = _hints.get(kind)
    if hints is None:
        hints = _hints[kind] = get_type_hints(kind)
    return kind(**{name: revived(hints[name], one) for name, one in value.items() if name in hints})


def dumped(floor: Floor) -> dict[str, Any]:
    accounts = floor.accounts
    return {
        "now": floor.now,
        "midnight": floor.midnight,
        "serial": floor.serial,
        "arrivals": floor.arrivals,
        "accounts": [plain(accounts.account(name)) for name in accounts.names],
        "executions": [plain(x) for x in accounts.executions()],
        "commissions": [plain(x) for x in accounts.today.commissions.values()],
        "orders": [_dumped_work(work) for work in floor.live.values()],
        "done": [plain(order) for order in floor.done.values()],
        "endings": [[perm_id, status] for perm_id, status in floor.endings.items()],
    }


def _dumped_work(work: Work) -> dict[str, Any]:
    about = {name: plain(getattr(work, name)) for name in _SAVED_OF_WORK}
    return {"order": plain(work.order), "work": about}


def restore(floor: Floor, state: dict[str, Any]) -> None:
    """Accounts first, then the orders, each back to where it waited, without a word."""
    floor.now, floor.midnight = state["now"], state["midnight"]
    floor.serial, floor.arrivals = state["serial"], state["arrivals"]
    for row in state["accounts"]:
        floor.accounts.replace(revived(Account, row))
    commissions = {row["exec_id"]: revived(Commission, row) for row in state["commissions"]}
    for row in state["executions"]:
        floor.accounts.today.add(revived(Execution, row), commissions.get(row["exec_id"]))
    for row in state["done"]:
        order = revived(Order, row)
        floor.done[order.perm_id] = order
    floor.endings = dict(state["endings"])
    works = [work for row in state["orders"] if (work := _revived_work(floor, row)) is not None]
    for work in works:
        floor.add_live(work)
        floor.join_group(work)
    for work in works:
        if work.expires is not None:
            floor.agenda.at(work.expires, work.order.perm_id)
        resume(floor, work)
    floor.take_events()


def _revived_work(floor: Floor, row: dict[str, Any]) -> Work | None:
    order = revived(Order, row["order"])
    legs = [floor.instrument(leg.con_id) for leg in order.legs]
    instrument = None if legs else floor.instrument(order.con_id)
    known = tuple(leg for leg in legs if leg is not None)
    if len(known) != len(legs) or (not legs and instrument is None):
        return None
    work = Work(order=order, instrument=instrument, legs=known)
    hints = get_type_hints(Work)
    for name, value in row["work"].items():
        setattr(work, name, revived(hints[name], value))
    return work
