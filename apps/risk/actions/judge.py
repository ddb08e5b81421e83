"""Judge lines against the limits in force and keep every verdict."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from apps.risk.models import LimitSet, Verdict
from apps.risk.queries import last_round
from tradingdesk.domain.risk import FIRST_SET, Check, Context, Outcome, judge
from tradingdesk.domain.risk import Verdict as Finding

Judged = tuple[str, tuple[Finding, ...]]  # what it is about, and its verdicts

# A line is split in two, and the smaller half may be a single unit: its line was measured at the approval.
AT_CLAIM = tuple(check for check in FIRST_SET if check.name != "min_quantity")
WORDS = {Outcome.PASS: "pass", Outcome.WARN: "warn", Outcome.BLOCK: "block"}


def judge_contexts(
    contexts: Sequence[tuple[str, Context]], *, checks: Iterable[Check] = FIRST_SET
) -> list[Judged]:
    """Every line by every check; none is skipped because another failed."""
    table = tuple(checks)
    return [(about, judge(context, table)) for about, context in contexts]


def keep_verdicts(
    judged: Sequence[Judged], *, kind: str, subject_id: int, stage: str, limit_set: LimitSet, now: datetime
) -> list[Verdict]:
    """One row for a check that all lines pass, one for each line that fails it."""
    number = last_round(kind, subject_id, stage) + 1
    rows = []
    for position, (about, finding) in enumerate(_told(judged)):
        rows.append(
            Verdict(
                subject_kind=kind,
                subject_id=subject_id,
                stage=stage,
                round=number,
                position=position,
                check_name=finding.check,
                title=finding.title,
                measured=finding.measured[:80],
                limit=finding.limit[:80],
                outcome=WORDS[finding.outcome],
                reason_code=finding.reason_code,
                about=about,
                limit_set=limit_set,
                at=now,
            )
        )
    return Verdict.objects.bulk_create(rows)


def worst_of(judged: Sequence[Judged]) -> Outcome:
    """One block blocks everything; no verdict at all is no permission."""
    return max((finding.outcome for _, findings in judged for finding in findings), default=Outcome.BLOCK)


def _told(judged: Sequence[Judged]) -> list[tuple[str, Finding]]:
    by_check: dict[str, list[tuple[str, Finding]]] = {}
    for about, findings in judged:
        for finding in findings:
            by_check.setdefault(finding.check, []).append((about, finding))
    told: list[tuple[str, Finding]] = []
    for rows in by_check.values():
        failed = [row for row in rows if row[1].outcome is not Outcome.PASS]
        # a check that adds up along the plan says the most at its last line
        told += failed or [("", rows[-1][1])]
    return told
