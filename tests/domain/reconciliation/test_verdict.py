"""The bridge explains what it can show; the rest is judged, a halt stays, and a case is worked to its end."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradingdesk.domain.money import Reason
from tradingdesk.domain.reconciliation import (
    Act,
    Break,
    Cause,
    Difference,
    Kind,
    Level,
    Outcome,
    Priced,
    Severity,
    State,
    Told,
    act_problem,
    block_problem,
    bridge_of,
    judge,
    release_problem,
    severity_of,
    standing,
    work,
)

D = Decimal
NOW = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
UNSURE = Outcome(None, Reason("RECONCILIATION_UNKNOWN", "x"))


@pytest.mark.parametrize(
    ("theirs", "level"),
    [
        ("1000000", Level.PASS),
        ("1002500", Level.PASS),
        ("1002507", Level.HALT),
        ("997400", Level.HALT),
        ("1010100", Level.HALT),
        ("1010200", Level.EMERGENCY),
        ("0", None),
    ],
)
def test_what_is_unexplained_is_held_against_the_broker_s_figure(theirs: str, level: Level | None) -> None:
    assert judge(bridge_of(D(1_000_000), Told(net_liquidation=D(theirs)))).level is level


def test_an_explained_difference_of_one_per_cent_does_not_halt() -> None:
    """A future's variation, a rate, an accrual and a missing fill, each by what both sides told."""
    bridge = bridge_of(
        D(1_000_000),
        Told(net_liquidation=D("1010250"), accrued=D(1_200), unsettled=D(300), fees_not_booked=D(50)),
        priced=[
            Priced(key="MES", quantity=D(-6), our_worth=D(33_600), their_worth=D(33_350), future=True),
            Priced(key="CSPX", quantity=D(100), our_worth=D(612), their_worth=D(622)),
        ],
        cash={"EUR": D(100_000)},
        rates={"EUR": (D("1.10"), D("1.15"))},
        differences=[
            Difference(kind=Kind.EXECUTION_THEIRS_ONLY, key="x.01", ours="—", theirs="+10", effect=D(1_300)),
            Difference(kind=Kind.POSITION_COST, key="1", ours="1", theirs="2", effect=D(9_999)),
        ],
    )
    assert [(step.cause, step.amount) for step in bridge.steps] == [
        (Cause.MISSING_FILL, 1_300),
        (Cause.FX_RATE, 5_000),
        (Cause.STALE_MARK, 1_000),
        (Cause.FUTURES_VARIATION, 1_500),
        (Cause.ACCRUALS, 1_200),
        (Cause.UNSETTLED, 300),
        (Cause.FEES, -50),
    ]
    words = [step.evidence for step in bridge.steps]
    assert words[1] == "100,000 EUR at 1.15 instead of 1.10"
    assert words[3] == "MES: one is worth 33,350 to the broker, 33,600 to us"
    assert (bridge.difference, bridge.unexplained) == (10_250, 0)
    assert judge(bridge).level is Level.PASS


@given(st.lists(st.sampled_from([None, *Level]), max_size=12))
def test_a_halt_is_never_left_by_itself_and_silence_changes_nothing(levels: list[Level | None]) -> None:
    stands = Level.PASS
    for level in levels:
        stands = standing(stands, UNSURE if level is None else Outcome(level, Reason("X_Y", "")))
    assert stands == max((level for level in levels if level is not None), default=Level.PASS)


def test_only_a_reason_and_a_fresh_pass_end_a_halt() -> None:
    passed, halted = Outcome(Level.PASS, Reason("A_B", "")), Outcome(Level.HALT, Reason("A_B", ""))
    told = [release_problem(newest, reason="seen") for newest in (None, UNSURE, halted)]
    assert [reason.code for reason in told if reason] == ["RELEASE_WITHOUT_PASS"] * 3
    blank = release_problem(passed, reason=" ")
    assert blank is not None and blank.code == "RELEASE_UNEXPLAINED"
    assert release_problem(passed, reason="corrected the mark") is None


def case(kind: Kind = Kind.POSITION_QUANTITY, key: str = "1", **more: object) -> Break:
    return Break(**{"kind": kind, "key": key, "state": State.OPEN, "severity": Severity.HIGH, **more})  # type: ignore[arg-type]


def row(kind: Kind, key: str, size: int | None = None) -> Difference:
    return Difference(kind=kind, key=key, ours="1", theirs="2", size=None if size is None else D(size))


def test_a_case_closes_when_the_row_agrees_and_never_because_nobody_looked() -> None:
    quantity, orders = frozenset({Kind.POSITION_QUANTITY}), frozenset({Kind.ORDER_OURS_ONLY})
    assert work([case()], [], quantity, NOW).gone == (case(),)
    assert work([case()], [], orders, NOW).gone == ()
    shown = work(
        [case()], [row(Kind.POSITION_QUANTITY, "1"), row(Kind.POSITION_QUANTITY, "2")], quantity, NOW
    )
    assert [one.key for one in shown.opened] == ["2"] and shown.gone == ()
    closed = work([case(state=State.CLOSED)], [row(Kind.POSITION_QUANTITY, "1")], quantity, NOW)
    assert [one.key for one in closed.opened] == ["1"]


def test_an_ignored_case_comes_back_when_its_time_is_over() -> None:
    kinds, still = frozenset({Kind.POSITION_QUANTITY}), [row(Kind.POSITION_QUANTITY, "1")]
    asleep = case(state=State.IGNORED, ignored_until=NOW + timedelta(minutes=1))
    assert work([asleep], still, kinds, NOW).again == ()
    assert work([asleep], still, kinds, NOW + timedelta(minutes=1)).again == (asleep,)


def test_open_cases_block_by_severity_and_scope() -> None:
    def code(*cases: Break) -> str:
        problem = block_problem(cases, key="1")
        return problem.code if problem else ""

    assert code(case()) == "BREAK_BLOCKS_INSTRUMENT"
    assert code(case(key="2")) == "" == code(case(severity=Severity.MEDIUM))
    assert code(case(key="2", severity=Severity.CRITICAL)) == "BREAK_BLOCKS_ACCOUNT"
    assert code(case(state=State.IGNORED), case(state=State.CLOSED, severity=Severity.CRITICAL)) == ""


@pytest.mark.parametrize(
    ("kind", "act", "reason", "code"),
    [
        (Kind.POSITION_QUANTITY, Act.REQUERY, "", ""),
        (Kind.POSITION_QUANTITY, Act.ADOPT, "closed by hand in the workstation", ""),
        (Kind.POSITION_QUANTITY, Act.ADOPT, "short", "BREAK_UNEXPLAINED"),
        (Kind.ORDER_THEIRS_ONLY, Act.ADOPT, "looks like ours to me", "BREAK_NOT_ADOPTABLE"),
        (Kind.EXECUTION_OURS_ONLY, Act.ADOPT, "no list of today has it", ""),
        (Kind.CASH_AMOUNT, Act.MARK_EXTERNAL, "somebody paid money in", "BREAK_NOT_EXTERNAL"),
        (Kind.POSITION_COST, Act.IGNORE, "waiting for the statement", "BREAK_IGNORED_FOREVER"),
    ],
)
def test_a_person_works_a_case_only_in_ways_that_can_be_true(
    kind: Kind, act: Act, reason: str, code: str
) -> None:
    problem = act_problem(case(kind), act, reason=reason, until=None, now=NOW)
    assert (problem.code if problem else "") == code


def test_a_small_difference_is_a_step_milder_and_a_critical_one_never() -> None:
    small = D(100)
    assert severity_of(row(Kind.POSITION_QUANTITY, "1", 99), small=small) is Severity.MEDIUM
    assert severity_of(row(Kind.POSITION_QUANTITY, "1", 100), small=small) is Severity.HIGH
    assert severity_of(row(Kind.POSITION_QUANTITY, "1"), small=small) is Severity.HIGH
    assert severity_of(row(Kind.ORDER_THEIRS_ONLY, "1", 1), small=small) is Severity.CRITICAL
