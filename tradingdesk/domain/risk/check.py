"""The form of a check: a name, a title, and a pure function from the context to a finding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from tradingdesk.domain.money import Reason
from tradingdesk.domain.risk.context import Context
from tradingdesk.domain.risk.limits import LIMITS, Severity
from tradingdesk.domain.risk.verdict import Outcome, Verdict


@dataclass(frozen=True, slots=True)
class Finding:
    """What was measured against what, and the code of what is wrong, if anything is."""

    measured: str
    limit: str
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """Called with a context it gives one verdict; it keeps nothing and changes nothing."""

    name: str
    title: str
    find: Callable[[Context], Finding]
    severity: Severity = Severity.HARD

    def __call__(self, context: Context) -> Verdict:
        finding = self.find(context)
        bad = Outcome.BLOCK if self.severity is Severity.HARD else Outcome.WARN
        return Verdict(
            check=self.name,
            title=self.title,
            measured=finding.measured,
            limit=finding.limit,
            outcome=bad if finding.wrong else Outcome.PASS,
            reason_code=finding.wrong,
        )


def limit_check(name: str, find: Callable[[Context], Finding]) -> Check:
    """A check that goes by the name, title and severity of its limit."""
    return Check(name, LIMITS[name].title, find, LIMITS[name].severity)


def at_most(measured: Decimal | None, context: Context, *, name: str, code: str) -> Finding:
    """Within the limit or not; what could not be measured is refused under a code of its own."""
    limit, unit = context.limits[name], LIMITS[name].unit
    if measured is None or not measured.is_finite():
        return Finding("not known", f"≤ {limit:,} {unit}", f"{name.upper()}_NOT_KNOWN")
    return Finding(f"{measured:,.2f} {unit}", f"≤ {limit:,} {unit}", code if measured > limit else "")


def at_least(measured: Decimal | None, context: Context, *, name: str, code: str) -> Finding:
    """The mirror of at_most."""
    limit, unit = context.limits[name], LIMITS[name].unit
    if measured is None or not measured.is_finite():
        return Finding("not known", f"≥ {limit:,} {unit}", f"{name.upper()}_NOT_KNOWN")
    return Finding(f"{measured:,.2f} {unit}", f"≥ {limit:,} {unit}", code if measured < limit else "")


def unless(reason: Reason | None, good: str, limit: str) -> Finding:
    """A finding from a rule that already speaks in reasons."""
    return Finding(good, limit) if reason is None else Finding(reason.text, limit, reason.code)
