"""The trading side as plain JSON values, and back."""

from typing import Any, get_type_hints

from apps.simgateway.exchange.floor import Floor
from apps.simgateway.exchange.gates import resume
from apps.simgateway.exchange.ledgers import Account
from apps.simgateway.exchange.order import Order
from apps.simgateway.exchange.plain import plain, revived
from apps.simgateway.exchange.work import Work

_SAVED_OF_WORK = (
    "stage", "expires", "children", "warned_closed", "located", "conditions_met", "patient_until",
    "best_seen", "auction_day", "leg_value",
)  # fmt: skip


def dumped(floor: Floor) -> dict[str, Any]:
    accounts = floor.accounts
    return {
        "now": floor.now,
        "midnight": floor.midnight,
        "serial": floor.serial,
        "arrivals": floor.arrivals,
        "accounts": [plain(accounts.account(name)) for name in accounts.names],
        "today": accounts.today.dump(),
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
    floor.accounts.today.load(state["today"])
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
