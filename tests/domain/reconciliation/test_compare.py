"""Both sides in one table: what is missing on either, what is too fresh to judge, what was never answered."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradingdesk.domain.money import Reason
from tradingdesk.domain.reconciliation import (
    Executed,
    Held,
    Kind,
    Known,
    Unknown,
    Working,
    compare,
    execution_rule,
    order_rule,
    position_rule,
)

D = Decimal
NOW = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
SILENT = Unknown(Reason("EXECUTIONS_TIMED_OUT", "no end marker within 10 s"))


def held(quantity: int, **more: object) -> Held:
    return Held(quantity=D(quantity), worth=D(100), **more)  # type: ignore[arg-type]


def positions(ours: dict[str, Held], theirs: dict[str, Held]) -> list[tuple[Kind, str, Decimal | None]]:
    found = compare(ours, Known(theirs, NOW), position_rule(NOW))
    assert found is not None
    return [(one.kind, one.key, one.effect) for one in found]


def test_a_position_that_vanished_at_the_broker_is_not_forgotten() -> None:
    """A loop over what the broker returns would never see it."""
    assert positions({"1": held(113)}, {}) == [(Kind.POSITION_OURS_ONLY, "1", D(-11_300))]
    assert positions({}, {"2": held(-20)}) == [(Kind.POSITION_THEIRS_ONLY, "2", D(-2_000))]
    assert positions({"1": held(113)}, {"1": held(76)}) == [(Kind.POSITION_QUANTITY, "1", D(-3_700))]
    assert positions({"1": held(113)}, {"1": held(113), "2": held(0)}) == []


def test_silence_is_neither_flat_nor_different() -> None:
    assert compare({"1": held(113)}, SILENT, position_rule(NOW)) is None
    assert compare({}, SILENT, position_rule(NOW)) is None


@pytest.mark.parametrize(("age", "shown"), [(4, []), (6, [Kind.POSITION_OURS_ONLY])])
def test_a_count_hardly_younger_than_our_fill_is_no_answer_to_it(age: int, shown: list[Kind]) -> None:
    ours = {"1": held(10, changed_at=NOW - timedelta(seconds=age))}
    assert [kind for kind, _, _ in positions(ours, {})] == shown


def test_costs_are_compared_to_a_hundredth_of_a_per_cent() -> None:
    def cost(mine: str, broker: str) -> list[Kind]:
        ours = {"1": Held(quantity=D(10), average_cost=D(mine))}
        theirs = {"1": Held(quantity=D(10), average_cost=D(broker))}
        return [kind for kind, _, _ in positions(ours, theirs)]

    assert cost("100.009", "100") == [] and cost("100.011", "100") == [Kind.POSITION_COST]


def test_an_order_under_our_name_that_we_do_not_know_differs_and_a_foreign_one_does_not() -> None:
    open_one = Working(quantity=D(10), filled=D(0))
    foreign = Working(quantity=D(10), filled=D(0), external=True)
    sent_now = Working(quantity=D(10), filled=D(0), sent_at=NOW - timedelta(seconds=1))
    ahead = Working(quantity=D(10), filled=D(4))
    ours = {"a": open_one, "b": sent_now, "c": ahead, "d": open_one}
    found = compare(
        ours, Known({"c": open_one, "d": ahead, "x": foreign, "y": open_one}, NOW), order_rule(NOW)
    )
    assert found is not None
    assert [(one.kind, one.key) for one in found] == [
        (Kind.ORDER_OURS_ONLY, "a"),
        (Kind.ORDER_QUANTITY, "c"),
        (Kind.ORDER_THEIRS_ONLY, "y"),
    ]


def test_each_execution_stands_on_both_sides_with_the_same_terms() -> None:
    bought = Executed(signed_quantity=D(10), price=D(100), size=D(1_000), gained=D(30))
    dearer = Executed(signed_quantity=D(10), price=D(101), size=D(1_010))
    found = compare(
        {"a": bought, "b": bought, "d": bought},
        Known({"b": dearer, "c": bought, "d": bought}, NOW),
        execution_rule,
    )
    assert found is not None
    assert [(one.kind, one.key, one.effect) for one in found] == [
        (Kind.EXECUTION_OURS_ONLY, "a", D(-30)),
        (Kind.EXECUTION_TERMS, "b", None),
        (Kind.EXECUTION_THEIRS_ONLY, "c", D(30)),
    ]


books = st.dictionaries(st.sampled_from("abcdef"), st.integers(-50, 50).filter(bool), max_size=6)


@given(books, books)
def test_differences_are_exactly_the_rows_that_are_not_equal(
    mine: dict[str, int], broker: dict[str, int]
) -> None:
    found = positions(
        {key: held(size) for key, size in mine.items()}, {key: held(size) for key, size in broker.items()}
    )
    unequal = {key for key in mine.keys() | broker.keys() if mine.get(key, 0) != broker.get(key, 0)}
    assert {key for _, key, _ in found} == unequal
    assert sum(effect or 0 for _, _, effect in found) == 100 * (sum(broker.values()) - sum(mine.values()))
