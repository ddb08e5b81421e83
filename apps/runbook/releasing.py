"""Letting go after a stop: slower than stopping. A list that must be fulfilled, a reason, another person."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from apps.broker.models import LinkState
from apps.broker.queries import link_view
from apps.desks.models import Account
from apps.desks.queries import enabled_accounts
from apps.journal.ports import Actor
from apps.ledger.queries import differing_positions, newest_positions_at
from apps.reconciliation.actions.end_halt import end_halt, halt_problem
from apps.reconciliation.queries import blocks_of
from apps.risk.actions.set_stop import set_stop
from apps.risk.actions.trip_breaker import reset_trips
from apps.risk.models import Stop, Stopping
from apps.runbook.breaking import trips_in_the_way
from apps.runbook.stopping import tickets_in_scope
from tradingdesk.domain.money import Reason
from tradingdesk.domain.tickets.states import State

REASONS = {
    "RELEASE_NOT_READY": "Something on the list before a release is not fulfilled.",
    "RELEASE_UNEXPLAINED": "A release needs a reason of ten characters or more: what was the cause?",
    "RELEASE_OVERTAKEN": "The stop was set again since the release was asked for; look again.",
    "RELEASE_NOTHING": "Nothing is stopped there.",
    "RELEASE_WORD_WRONG": "The typed word is not the one that releases.",
}
REASON_AT_LEAST = 10
WORD = "RELEASE"
SNAPSHOT_AGE = timedelta(seconds=75)  # orders are read every 30 s, positions and money every 60 s


class ReleaseRefused(Exception):
    """It stays stopped."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.text)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the list: what must be so, whether it is, and how it was seen."""

    title: str
    good: bool
    seen: str


def stop_of(scope: str, key: str) -> Stop | None:
    """The stop that stands there, or none."""
    return Stop.objects.filter(scope=scope, key=key).exclude(level=Stop.ACTIVE).first()


def checklist(stop: Stop, now: datetime) -> list[Item]:
    """Everything that must be true before anybody may let go. Unknown is not yes."""
    accounts = [row for row in enabled_accounts() if stop.scope != "account" or row.code == stop.key]
    return [
        _finished(stop),
        *[_snapshot(row, stop, now) for row in accounts],
        _nothing_unknown(stop),
        *[_positions(row, stop) for row in accounts],
        *[_reconciled(row, stop) for row in accounts if stop.scope != "strategy"],
        *([_breakers(stop, now)] if stop.scope != "account" else []),
    ]


def release_stop(scope: str, key: str, *, epoch: int, actor: Actor, reason: str, now: datetime) -> Stop:
    """Back to ACTIVE, if the stop is still the one that was looked at and the list is fulfilled now.

    Nothing resumes: what was not sent when trading stopped has ended, and waits for a new decision.
    """
    with transaction.atomic():
        # held until the commit, in the order in which every stop takes them: nobody stops in between
        Stop.objects.select_for_update().filter(scope="global", key="").first()
        stop = Stop.objects.select_for_update().filter(scope=scope, key=key).first()
        problem = _problem(stop, epoch=epoch, reason=reason, now=now)
        if problem is not None:
            raise ReleaseRefused(problem)
        released = set_stop(Stop.ACTIVE, scope=scope, key=key, actor=actor, reason=reason.strip())
        for account in enabled_accounts():
            if scope == "account" and account.code == key:
                end_halt(account, actor=actor, reason=reason.strip(), now=now)
        if scope != "account":
            reset_trips(strategy=key or None, actor=actor, now=now)
        return released


def release_problem(scope: str, key: str, *, epoch: int, reason: str, now: datetime) -> Reason | None:
    """The same question without an answer: asked when the second person is asked for."""
    stop = Stop.objects.filter(scope=scope, key=key).first()
    return _problem(stop, epoch=epoch, reason=reason, now=now)


def _problem(stop: Stop | None, *, epoch: int, reason: str, now: datetime) -> Reason | None:
    if stop is None or stop.level == Stop.ACTIVE:
        return Reason("RELEASE_NOTHING", "nothing is stopped there")
    if stop.epoch != epoch:
        return Reason("RELEASE_OVERTAKEN", f"{stop.by} stopped it again at {stop.since:%H:%M:%S} UTC")
    if len(reason.strip()) < REASON_AT_LEAST:
        return Reason("RELEASE_UNEXPLAINED", "say what the cause was, in ten characters or more")
    bad = next((item for item in checklist(stop, now) if not item.good), None)
    return Reason("RELEASE_NOT_READY", f"{bad.title}: {bad.seen}") if bad else None


def _finished(stop: Stop) -> Item:
    unended = Stopping.objects.exclude(state=Stopping.ENDED).filter(purpose=Stopping.STOP)
    open_ones = unended.filter(scope=stop.scope, key=stop.key)
    waiting = open_ones.count()
    seen = (
        f"{waiting} not finished: orders are not confirmed gone" if waiting else "every cancel is confirmed"
    )
    return Item("The stop is finished", not waiting, seen)


def _snapshot(account: Account, stop: Stop, now: datetime) -> Item:
    title = f"A fresh, complete reading of the broker ({account.masked()})"
    view = link_view(account.gateway_id, now)
    row = LinkState.objects.filter(gateway_id=account.gateway_id).first()
    if not view.ready or row is None or row.snapshot_at is None:
        return Item(title, False, f"the link is {view.state}: {view.reason or 'nothing was read'}")
    age = now - row.snapshot_at
    good = age <= SNAPSHOT_AGE and row.snapshot_at > stop.since
    told = f"{age.total_seconds():.0f} s old"
    return Item(title, good, told if good else f"{told}; it must come after the stop")


def _breakers(stop: Stop, now: datetime) -> Item:
    beyond = trips_in_the_way(stop.key, now)
    told = f"still beyond: {', '.join(beyond)}" if beyond else "all within, or switched off"
    return Item("No breaker would trip again", not beyond, told)


def _nothing_unknown(stop: Stop) -> Item:
    scope = Stopping(scope=stop.scope, key=stop.key)
    unknown = tickets_in_scope(scope).filter(Q(state=State.UNKNOWN.value)).values_list("key", flat=True)
    names = ", ".join(unknown[:3])
    return Item("No order of unknown fate", not unknown, f"unknown: {names}" if unknown else "none")


def _positions(account: Account, stop: Stop) -> Item:
    title = f"Positions agree with the broker ({account.masked()})"
    read_at = newest_positions_at(account.pk)
    if read_at is not None and read_at <= stop.since:
        return Item(title, False, "the broker has not been asked since the stop; it is every minute")
    differing = [row.contract.symbol for row in differing_positions(account.pk)]
    return Item(title, not differing, f"different: {', '.join(differing[:3])}" if differing else "all equal")


def _reconciled(account: Account, stop: Stop) -> Item:
    """A halt of the reconciliation ends on a fresh pass; a grave case ends by being worked."""
    title = f"Our books pass beside the broker's ({account.masked()})"
    if stop.scope == "account":
        problem = halt_problem(account, since=stop.since, reason=stop.reason or title)
        if problem is not None:
            return Item(title, False, problem.text)
    frozen, _ = blocks_of(account.pk)
    return Item(title, frozen is None, frozen.text if frozen is not None else "no case freezes the account")
