"""The one door for a plan's file, whoever brings it: the folder, the upload page, the API, the terminal.

`preview_file` says what would become of it and stores nothing. `take_file` makes it a plan or puts it into
quarantine with every reason; the same bytes twice are one plan, and the second call says which.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import PurePath

from django.db import transaction

from apps.desks.models import Account, Strategy
from apps.journal.ports import Actor
from apps.plans.actions.accept_plan import Delivery, accept_plan
from apps.plans.actions.quarantine_file import quarantine_file, told_problem
from apps.plans.intake.folder import size_problem
from apps.plans.models import Plan, Quarantine
from apps.plans.queries import plan_with_digest
from apps.risk.actions.change_limits import values_of
from apps.risk.queries import limits_in_force, reserved
from apps.runbook.situation import trading_day
from apps.runbook.superseding import supersede_earlier
from tradingdesk.domain.money import Reason
from tradingdesk.domain.plans import (
    Bracket,
    Line,
    Problem,
    allot,
    brackets_of,
    parse_plan,
    signal_digest,
)

__all__ = ["Preview", "PreviewLine", "Taken", "preview_file", "refuse_unread", "size_problem", "take_file"]

LONGEST_NAME = 200
ORDERS_IN_A_BRACKET = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewLine:
    """A line that can be read, its two brackets, and whether it fits under the day's exposure."""

    line: Line
    brackets: tuple[Bracket, Bracket]
    exposure_after: Decimal
    refused: Reason | None

    @property
    def taken(self) -> bool:
        return self.refused is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a file would become. `known` is the plan that these bytes are already."""

    file_name: str
    digest: str
    size: int
    trading_day: date
    lines: tuple[PreviewLine, ...]
    problems: tuple[Problem, ...]
    quarantined: bool
    known: Plan | None
    exposure_before: Decimal
    exposure_limit: Decimal

    @property
    def acceptable(self) -> bool:
        """Whether taking it in now would make a new plan."""
        return not self.quarantined and self.known is None

    @property
    def exposure_after(self) -> Decimal:
        return max((row.exposure_after for row in self.lines), default=self.exposure_before)

    @property
    def order_count(self) -> int:
        """Orders before any split by the broker's own size limit."""
        return sum(len(row.brackets) * ORDERS_IN_A_BRACKET for row in self.lines if row.taken)

    @property
    def told(self) -> tuple[dict[str, str | int], ...]:
        """The problems as screens and the API tell them."""
        return tuple(told_problem(problem) for problem in self.problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a file: `accepted` a new plan, `known` the plan it was already, or `quarantined`."""

    outcome: str
    plan: Plan | None = None
    quarantine: Quarantine | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def new(self) -> bool:
        return self.outcome == "accepted"

    @property
    def told(self) -> tuple[dict[str, str | int], ...]:
        return tuple(told_problem(problem) for problem in self.problems)


def preview_file(
    data: bytes, file_name: str, *, strategy: Strategy, account: Account, now: datetime
) -> Preview:
    """Read it as `take_file` would, and spend the day's exposure line by line; nothing is stored."""
    name, today, digest = bare_name(file_name), trading_day(now), signal_digest(data)
    parsed = parse_plan(data, file_name=name, trading_day=today)
    limits = values_of(limits_in_force(), f"account:{account.code}", f"strategy:{strategy.name}")
    before = reserved(account.code, today)
    return Preview(
        file_name=name,
        digest=digest,
        size=len(data),
        trading_day=today,
        lines=tuple(
            PreviewLine(
                line=allotment.line,
                brackets=brackets_of(allotment.line),
                exposure_after=allotment.exposure_after,
                refused=allotment.refused,
            )
            for allotment in allot(parsed.lines, limits["daily_exposure"], already_planned=before)
        ),
        problems=parsed.problems,
        quarantined=parsed.quarantined,
        known=plan_with_digest(digest, strategy_id=strategy.pk, account_id=account.pk),
        exposure_before=before,
        exposure_limit=limits["daily_exposure"],
    )


def take_file(
    data: bytes,
    file_name: str,
    *,
    source: str,
    author: str,
    strategy: Strategy,
    account: Account,
    now: datetime,
    actor: Actor,
) -> Taken:
    """Make it a plan, or quarantine it; bytes that are a plan already change nothing."""
    name = bare_name(file_name)
    digest = signal_digest(data)
    known = plan_with_digest(digest, strategy_id=strategy.pk, account_id=account.pk)
    if known is not None:
        return Taken(outcome="known", plan=known)
    delivery = Delivery(source=source, file_name=name, digest=digest, author=author, at=now)
    today = trading_day(now)
    parsed = parse_plan(data, file_name=name, trading_day=today)
    if parsed.quarantined:
        kept = quarantine_file(delivery, parsed.problems, size=len(data), actor=actor)
        return Taken(outcome="quarantined", quarantine=kept, problems=parsed.problems)
    with transaction.atomic():
        accepted = accept_plan(
            delivery,
            parsed.lines,
            parsed.problems,
            strategy=strategy,
            account=account,
            trading_day=today,
            actor=actor,
        )
        if accepted.new:
            supersede_earlier(accepted.plan, actor=actor, now=now)
    outcome = "accepted" if accepted.new else "known"
    return Taken(outcome=outcome, plan=accepted.plan, problems=parsed.problems)


def refuse_unread(
    file_name: str, problem: Problem, *, size: int, source: str, author: str, now: datetime, actor: Actor
) -> Taken:
    """Quarantine a file by its name and size alone; its digest says that nobody has read it."""
    name = bare_name(file_name)
    delivery = Delivery(source=source, file_name=name, digest=f"unread-{size}", author=author, at=now)
    kept = quarantine_file(delivery, [problem], size=size, actor=actor)
    return Taken(outcome="quarantined", quarantine=kept, problems=(problem,))


def bare_name(file_name: str) -> str:
    """The last part of a path, whichever system wrote it, short and printable enough to be kept."""
    last = PurePath(file_name.replace("\\", "/")).name
    return "".join(mark if mark.isprintable() else "\ufffd" for mark in last)[:LONGEST_NAME]
