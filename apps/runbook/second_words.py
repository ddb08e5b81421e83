"""What a second person's yes carries out: one row for each kind, done in the transaction of the yes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from apps.approvals.actions.give_grant import give_grant
from apps.desks.actions.set_phase import set_phase
from apps.desks.models import Account, Strategy
from apps.desks.ports import mask, named
from apps.journal import clock
from apps.journal.ports import Actor
from apps.operators.actions.second_word import confirm_second
from apps.operators.models import Second
from apps.operators.ports import SecondRefused
from apps.risk.actions.change_limits import change_limits
from apps.risk.queries import limits_in_force
from apps.runbook.limiting import effect_of_limits
from apps.runbook.releasing import release_stop
from apps.runbook.trust import evidence_of
from tradingdesk.domain.approvals import Phase, evidence_problem
from tradingdesk.domain.risk import LIMITS

Payload = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SecondWord:
    """How one kind is told to the second person, and what is done on their yes."""

    title: str
    tell: Callable[[Payload], list[str]]
    carry_out: Callable[[Second, Actor], object]


def _tell_limits(payload: Payload) -> list[str]:
    """Old → new, and what it would do to the plans that wait at this moment."""
    values = limits_in_force().values.get(payload["scope"], {})
    wished = {name: Decimal(new) for name, new in payload["values"].items()}
    steps = [
        f"{_title(name)}: {_number(values.get(name))} → {_with_unit(name, new)}"
        for name, new in wished.items()
    ]
    effect = effect_of_limits(wished, scope=payload["scope"], now=clock.now()).told
    return [*steps, f"For {payload['scope']}, in place of version {payload['based_on']}. {effect}"]


def _title(name: str) -> str:
    return LIMITS[name].title if name in LIMITS else name


def _with_unit(name: str, value: Decimal) -> str:
    return LIMITS[name].told(_number(value)) if name in LIMITS else _number(value)


def _number(value: str | Decimal | None) -> str:
    return "the wider one" if value is None else f"{Decimal(value).normalize():,f}"


def _change_limits(asked: Second, actor: Actor) -> object:
    values = {name: Decimal(value) for name, value in asked.payload["values"].items()}
    return change_limits(
        values,
        scope=asked.payload["scope"],
        actor=actor,
        reason=f"{asked.reason} (asked by {asked.asked_by})",
        based_on=asked.payload["based_on"],
    )


def _tell_release(payload: Payload) -> list[str]:
    where = named(payload["scope"], payload["key"]) or "everything"
    return [f"Trading goes on for {where}. Nothing resumes by itself: what was not sent has ended."]


def _release_stop(asked: Second, actor: Actor) -> object:
    told = asked.payload
    return release_stop(
        told["scope"],
        told.get("key", ""),
        epoch=told["epoch"],
        actor=actor,
        reason=f"{asked.reason} (asked by {asked.asked_by})",
        now=clock.now(),
    )


def _tell_promotion(payload: Payload) -> list[str]:
    return [f"{payload['strategy']} on {mask(payload['account'])} goes to {payload['phase']}."]


def _promote(asked: Second, actor: Actor) -> object:
    """The evidence is looked at once more: an order of unknown fate since the question ends it."""
    strategy = Strategy.objects.get(name=asked.payload["strategy"])
    account = Account.objects.get(code=asked.payload["account"])
    missing = evidence_problem(Phase(asked.payload["phase"]), evidence_of(strategy, account))
    if missing is not None:
        raise SecondRefused(missing.code, missing.text)
    return set_phase(
        strategy,
        account,
        phase=asked.payload["phase"],
        actor=actor,
        reason=f"{asked.reason} (asked by {asked.asked_by})",
    )


def _tell_grant(payload: Payload) -> list[str]:
    where = f"{payload['strategy']} on {mask(payload['account'])}"
    return [f"{where} runs by itself until {payload['ends_at'][:16]} UTC, up to {payload['cap']}."]


def _give_grant(asked: Second, actor: Actor) -> object:
    told = asked.payload
    return give_grant(
        Strategy.objects.get(name=told["strategy"]),
        Account.objects.get(code=told["account"]),
        ends_at=datetime.fromisoformat(told["ends_at"]),
        cap=Decimal(told["cap"]),
        actor=Actor("user", asked.asked_by),
        seconded_by=actor.name,
        reason=asked.reason,
        now=clock.now(),
    )


# kind → how it is told and what is done; the kinds stand in apps/operators/ports.py
SECOND_WORDS: dict[str, SecondWord] = {
    "change_limits": SecondWord("Looser limits", _tell_limits, _change_limits),
    "release_stop": SecondWord("Release of a stop", _tell_release, _release_stop),
    "promote": SecondWord("Promotion of a strategy", _tell_promotion, _promote),
    "grant": SecondWord("Grant to run", _tell_grant, _give_grant),
}


@transaction.atomic
def confirm(pk: int, *, by: Actor, now: datetime) -> Second:
    """Yes, and done: both or neither. What cannot be carried out any more leaves the question waiting."""
    asked = confirm_second(pk, by=by, now=now)
    word = SECOND_WORDS.get(asked.kind)
    if word is None:
        raise SecondRefused("SECOND_KIND_UNKNOWN", f"this desk cannot carry out {asked.kind!r}")
    word.carry_out(asked, by)
    return asked


def told(asked: Second) -> tuple[str, list[str]]:
    """The title and the lines that a person reads before they decide."""
    word = SECOND_WORDS.get(asked.kind)
    return (word.title, word.tell(asked.payload)) if word else (asked.kind, [])
