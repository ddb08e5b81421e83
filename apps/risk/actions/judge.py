"""Judge lines against the limits in force and keep every verdict."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from apps.journal.statements import rows_of
from apps.risk.models import LimitSet
from tradingdesk.domain.risk import FIRST_SET, Check, Context, Outcome, judge
from tradingdesk.domain.risk import Verdict as Finding

Judged = tuple[str, tuple[Finding, ...]]  # what it is about, and its verdicts

# A line is split in two, and the smaller half may be a single unit: its line was measured at the approval.
AT_CLAIM = tuple(check for check in FIRST_SET if check.name != "min_quantity")
WORDS = {Outcome.PASS: "pass", Outcome.WARN: "warn", Outcome.BLOCK: "block"}
KEEP = """
    WITH subject (kind, id, stage) AS (VALUES (%s::text, %s::bigint, %s::text))
    INSERT INTO risk_verdict (subject_kind, subject_id, stage, round, position, check_name, title, measured,
        "limit", outcome, reason_code, about, limit_set_id, at)
    SELECT kind, id, stage,
        (SELECT coalesce(max(round), 0) + 1 FROM risk_verdict v
         WHERE v.subject_kind = kind AND v.subject_id = subject.id AND v.stage = subject.stage),
        told.*, %s::bigint, %s::timestamptz
    FROM subject, unnest(%s::smallint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
        %s::text[], %s::text[]) AS told
"""


def judge_contexts(
    contexts: Sequence[tuple[str, Context]], *, checks: Iterable[Check] = FIRST_SET
) -> list[Judged]:
    """Every line by every check; none is skipped because another failed."""
    table = tuple(checks)
    return [(about, judge(context, table)) for about, context in contexts]


def keep_verdicts(
    judged: Sequence[Judged], *, kind: str, subject_id: int, stage: str, limit_set: LimitSet, now: datetime
) -> None:
    """One row for a check that all lines pass, one for each line that fails it."""
    told = _told(judged)
    columns: list[list[int] | list[str]] = [
        list(range(len(told))),
        [finding.check for _, finding in told],
        [finding.title for _, finding in told],
        [finding.measured[:80] for _, finding in told],
        [finding.limit[:80] for _, finding in told],
        [WORDS[finding.outcome] for _, finding in told],
        [finding.reason_code for _, finding in told],
        [about for about, _ in told],
    ]
    rows_of(KEEP, [kind, subject_id, stage, limit_set.version, now, *columns])


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
