"""Changing a working order: what may change, and what a refused change does."""

from dataclasses import replace
from typing import Any

from apps.simgateway.exchange import work as at
from apps.simgateway.exchange.auctions import is_for_auction, too_late
from apps.simgateway.exchange.checks import FORM, Refusal, band_breach, refusal
from apps.simgateway.exchange.closing import cancel, resize
from apps.simgateway.exchange.days import good_until
from apps.simgateway.exchange.events import Modified, Refused
from apps.simgateway.exchange.floor import Floor
from apps.simgateway.exchange.gates import progress
from apps.simgateway.exchange.work import Work

FIXED = ("con_id", "side", "account", "legs", "perm_id")
TOO_LATE = "Order rejected - reason:Order has been cancelled already, too late to replace"
_TIMING = frozenset({"tif", "good_till", "good_after", "outside_rth"})


def change(floor: Floor, work: Work, changes: dict[str, Any]) -> None:
    """Take a change of an order, or say why not."""
    order = work.order
    changes = {name: value for name, value in changes.items() if getattr(order, name) != value}
    trial = replace(order, **changes)
    found = _refused(floor, work, changes, trial=replace(work, order=trial))
    if found is not None:
        floor.events.append(Refused(perm_id=order.perm_id, code=found.code, text=found.text))
        return
    reason = (
        band_breach(floor, replace(work, order=trial)) if "limit" in changes and work.stage == at.LIVE else ""
    )
    if reason:
        cancel(floor, work, reason=reason)
        floor.events.append(Refused(perm_id=order.perm_id, code=201, text=TOO_LATE))
        return
    _take(floor, work, changes)


def _refused(floor: Floor, work: Work, changes: dict[str, Any], *, trial: Work) -> Refusal | None:
    order = work.order
    if any(name in changes for name in FIXED):
        return Refusal(105, "Order being modified does not match original order.")
    if "order_type" in changes and (order.is_combo or is_for_auction(order) or is_for_auction(trial.order)):
        return Refusal(
            329, f"Order modify failed. Cannot change to the new order type.[{trial.order.order_type}]"
        )
    if is_for_auction(order) and work.stage == at.AUCTION and too_late(floor, work, "_CANCEL"):
        return Refusal(201, TOO_LATE)
    return refusal(floor, trial, FORM)


def _take(floor: Floor, work: Work, changes: dict[str, Any]) -> None:
    order, before = work.order, work.order.quantity
    keeps_place = set(changes) <= {"quantity", "reference"} and changes.get("quantity", before) <= before
    quantity = changes.pop("quantity", before)
    for name, value in changes.items():
        setattr(order, name, value)
    if _TIMING & set(changes) and order.transmit:
        set_expiry(floor, work)
    if not keeps_place:
        order.priority = 0
    if "trail_percent" in changes or "aux" in changes:
        work.best_seen = None
    if "conditions" in changes:
        work.conditions_met = False
    resize(floor, work, quantity)
    if quantity == before:
        floor.events.append(Modified(perm_id=order.perm_id))
    _resize_children(floor, work, before)
    if not order.is_done and work.stage != at.HELD:
        progress(floor, work)


def _resize_children(floor: Floor, work: Work, before: Any) -> None:
    """Children that had their parent's size follow it."""
    for perm_id in list(work.children):
        child = floor.live.get(perm_id)
        if child is not None and child.order.quantity == before:
            resize(floor, child, work.order.quantity)


def set_expiry(floor: Floor, work: Work) -> None:
    """Note until when the order is good, and ask to be woken then."""
    work.expires = good_until(floor.sessions, work.order, work.hours, now=floor.now)
    if work.expires is not None and work.order.good_till is not None:
        floor.agenda.at(work.expires, work.order.perm_id)
