"""The checks of a long plan: what did not pass stands alone, what passed is told once a check."""

from typing import Any

from apps.approvals.models import Request
from apps.dashboard.checks import READABLE, Passed, readable
from apps.journal import clock
from apps.risk.models import Verdict
from apps.risk.queries import limits_in_force
from tests.apps.dashboard.test_acts import Fragment, request_row

__all__ = ["request_row"]


def checks(lines: int, **odd: str) -> list[Verdict]:
    """Two checks a line; `odd` names the outcome of a line's first check."""
    rows = []
    for number in range(lines):
        about = f"S{number}"
        rows.append(
            Verdict(
                title="Order notional", about=about, measured="9", limit="10", outcome=odd.get(about, "pass")
            )
        )
        rows.append(
            Verdict(title="Price collar", about=about, measured="1", limit=f"{number}", outcome="pass")
        )
    return rows


def test_a_plan_that_can_be_read_shows_every_check() -> None:
    few = checks(READABLE // 2, S3="warn")
    assert readable(few) == few


def test_of_a_long_plan_what_did_not_pass_stands_alone_and_the_rest_once_a_check() -> None:
    many = checks(500, S7="block", S9="warn")
    shown = readable(many)
    assert [(row.about, row.outcome) for row in shown[:2]] == [("S7", "block"), ("S9", "warn")]
    assert shown[2:] == [
        Passed("Order notional", "498 lines", "10"),
        Passed("Price collar", "500 lines", "each its own"),
    ]


def test_the_card_of_a_long_plan_leads_to_every_check(fragment: Fragment, request_row: Request) -> None:
    common: dict[str, Any] = {
        "subject_kind": "request", "subject_id": request_row.pk, "stage": "approval", "round": 99,
        "check_name": "notional", "limit_set": limits_in_force(), "at": clock.now(),
    }  # fmt: skip
    for position, row in enumerate(checks(40)):
        Verdict.objects.create(
            **common,
            position=position,
            title=row.title,
            about=row.about,
            measured=row.measured,
            limit=row.limit,
            outcome=row.outcome,
        )
    short = fragment(f"/review/{request_row.pk}/card/").content.decode()
    assert "40 lines" in short and "S39" not in short and "?checks=all" in short
    whole = fragment(f"/review/{request_row.pk}/card/?checks=all").content.decode()
    assert "Price collar S39" in whole and "?checks=all" not in whole
