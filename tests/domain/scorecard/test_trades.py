"""The day's table: exits named by the orders that made them, nothing closed twice, the sum of the fills."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradingdesk.domain.money import Side
from tradingdesk.domain.scorecard import ExitType, Matched, Print, Role, Terms, match

D = Decimal
DAY = date(2026, 2, 18)
OPEN = datetime(2026, 2, 18, 14, 35, tzinfo=UTC)
A = Terms(
    key="1-1A",
    ticker="WEC",
    label="A",
    side=Side.BUY,
    stop=D("112.26"),
    target_1=D("120.49"),
    target_2=D("122.84"),
)
B = Terms(
    key="1-1B",
    ticker="WEC",
    label="B",
    side=Side.BUY,
    stop=D("112.26"),
    target_1=D("120.49"),
    target_2=D("122.84"),
)


def fill(minute: int, side: Side, size: int, price: str, **more: object) -> Print:
    told = {"ticker": "WEC", "fee": D("0.37"), **more}
    return Print(at=OPEN + timedelta(minutes=minute), side=side, quantity=D(size), price=D(price), **told)  # type: ignore[arg-type]


def bought(terms: Terms, size: int, price: str = "115.79") -> Print:
    return fill(0, Side.BUY, size, price, bracket=terms.key, role=Role.ENTRY)


def kinds(matched: Matched) -> list[tuple[str, ExitType, Decimal]]:
    return [(trade.terms.key, trade.exit_type, trade.quantity) for trade in matched.trades]


def test_the_example_of_the_paper_test_comes_out_to_the_cent() -> None:
    (trade,) = match(
        [A],
        [bought(A, 37), fill(60, Side.SELL, 37, "120.49", bracket=A.key, role=Role.TARGET, fee=D(0))],
        DAY,
    ).trades
    assert (trade.exit_type, trade.pnl, round(trade.pnl_pct, 2)) == (ExitType.TP1, D("173.90"), D("4.06"))
    assert trade.commission == D("0.37")


def test_an_exit_is_what_its_order_was_whatever_its_price() -> None:
    prints = [
        bought(A, 37),
        bought(B, 76),
        fill(10, Side.SELL, 20, "112.20", bracket=A.key, role=Role.STOP),
        fill(20, Side.SELL, 17, "112.26", bracket=A.key, role=Role.CLOSE),
        fill(30, Side.SELL, 76, "120.49", bracket=B.key, role=Role.TARGET),
    ]
    assert kinds(match([A, B], prints, DAY)) == [
        (A.key, ExitType.SL, 20),
        (A.key, ExitType.MOC, 17),
        (B.key, ExitType.TP2, 76),
    ]


@pytest.mark.parametrize(
    ("price", "named"),
    [
        ("120.51", ExitType.TP1),
        ("120.52", ExitType.MANUAL),
        ("112.24", ExitType.SL),
        ("117", ExitType.MANUAL),
    ],
)
def test_an_exit_of_a_foreign_order_is_named_by_its_price(price: str, named: ExitType) -> None:
    assert kinds(match([A], [bought(A, 37), fill(5, Side.SELL, 37, price)], DAY)) == [(A.key, named, 37)]


def test_a_close_that_a_person_asked_for_is_manual_whatever_its_price() -> None:
    prints = [bought(A, 37), fill(9, Side.SELL, 37, "112.26", role=Role.HAND)]
    assert kinds(match([A], prints, DAY)) == [(A.key, ExitType.MANUAL, 37)]


def test_a_foreign_exit_closes_the_oldest_bracket_first_and_the_rest_is_a_stray() -> None:
    matched = match([A, B], [bought(A, 37), bought(B, 76), fill(9, Side.SELL, 120, "117")], DAY)
    assert kinds(matched) == [(A.key, ExitType.MANUAL, 37), (B.key, ExitType.MANUAL, 76)]
    assert len(matched.strays) == 1 and matched.open == {}


def test_what_was_never_closed_is_open_and_an_unknown_fee_is_no_zero() -> None:
    matched = match(
        [A], [bought(A, 37), fill(9, Side.SELL, 7, "117", bracket=A.key, role=Role.CLOSE, fee=None)], DAY
    )
    assert matched.open == {A.key: D(30)} and matched.trades[0].commission is None


steps = st.lists(
    st.tuples(
        st.sampled_from([A, B]), st.sampled_from([*Role, None]), st.integers(1, 60), st.integers(100, 130)
    ),
    max_size=25,
)


@given(steps)
def test_trades_open_parts_and_fills_always_tell_the_same_sum(
    made: list[tuple[Terms, Role | None, int, int]],
) -> None:
    prints = [
        fill(
            number,
            Side.BUY if role is Role.ENTRY else Side.SELL,
            size,
            str(price),
            bracket="" if role is None else terms.key,
            role=role,
        )
        for number, (terms, role, size, price) in enumerate(made)
    ]
    matched = match([A, B], prints, DAY)
    entered = sum((one.quantity for one in prints if one.role is Role.ENTRY), start=D(0))
    closed = sum((trade.quantity for trade in matched.trades), start=D(0))
    assert closed + sum(matched.open.values(), start=D(0)) == entered
    left = sum((one.quantity for one in prints if one.role is not Role.ENTRY), start=D(0))
    assert closed <= left and all(trade.quantity > 0 for trade in matched.trades)
