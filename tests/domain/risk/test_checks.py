from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from tradingdesk.domain.market import Contract, Quote, Session
from tradingdesk.domain.money import Side
from tradingdesk.domain.plans import Line
from tradingdesk.domain.risk import (
    AT_PROPOSAL,
    FIRST_SET,
    REASONS,
    Book,
    Context,
    LimitSet,
    LiveOrder,
    Outcome,
    failures_first,
    judge,
    worst,
)

D = Decimal
NOW = datetime(2026, 2, 18, 14, 40, tzinfo=UTC)
SESSION = Session(
    "XNYS", date(2026, 2, 18), NOW - timedelta(minutes=10), NOW + timedelta(hours=6, minutes=20)
)
LINE = Line(
    number=2,
    symbol="WEC",
    side=Side.BUY,
    quantity=D(113),
    limit_price=D("115.79"),
    stop_price=D("112.26"),
    target_1=D("120.49"),
    target_2=D("122.84"),
)
QUOTE = Quote(bid=D("115.80"), ask=D("115.84"), last=D("115.82"), at=NOW - timedelta(seconds=1))
BOOK = Book(
    gross_exposure=D(20_000), available_funds=D(100_000), cumulative_result=D(-100), median_order=D(12_000)
)
CONTEXT = Context(
    line=LINE,
    contract=Contract(con_id=13272, symbol="WEC"),
    limits=LimitSet(1, {}),
    book=BOOK,
    now=NOW,
    quote=QUOTE,
    session=SESSION,
)


def wrong(context):
    return {verdict.check: verdict.reason_code for verdict in judge(context) if verdict.reason_code}


def with_line(**changes):
    return replace(CONTEXT, line=replace(LINE, **changes))


def with_book(**changes):
    return replace(CONTEXT, book=replace(BOOK, **changes))


def with_limit(**values):
    return replace(CONTEXT, limits=LimitSet(2, {name: D(value) for name, value in values.items()}))


def test_a_sound_line_passes_every_check():
    verdicts = judge(CONTEXT)
    assert worst(verdicts) is Outcome.PASS
    assert len(verdicts) == len(FIRST_SET) == len({verdict.check for verdict in verdicts})
    assert all(verdict.measured and verdict.limit and verdict.title for verdict in verdicts)


@pytest.mark.parametrize(
    ("context", "check", "code"),
    [
        (with_line(quantity=D(5001)), "order_quantity", "ORDER_QUANTITY_EXCEEDED"),
        (with_line(quantity=D(1)), "min_quantity", "QUANTITY_BELOW_MINIMUM"),
        (with_limit(order_notional=13_000), "order_notional", "ORDER_NOTIONAL_EXCEEDED"),
        (with_book(median_order=D(1_000)), "median_multiple", "ORDER_FAR_ABOVE_MEDIAN"),
        (with_book(median_order=D(0)), "median_multiple", "MEDIAN_MULTIPLE_NOT_KNOWN"),
        (with_book(ordered_today=D(240_000)), "daily_notional", "DAILY_NOTIONAL_EXCEEDED"),
        (with_book(committed_today=D(40_000)), "daily_exposure", "DAILY_EXPOSURE_EXCEEDED"),
        (with_book(gross_exposure=D(190_000)), "gross_exposure", "GROSS_EXPOSURE_EXCEEDED"),
        (with_book(gross_exposure=None), "gross_exposure", "GROSS_EXPOSURE_NOT_KNOWN"),
        (with_book(positions={n: D(1) for n in range(20)}), "open_positions", "POSITION_COUNT_EXCEEDED"),
        (with_book(available_funds=D(13_000)), "balance_share", "FUNDS_INSUFFICIENT"),
        (with_book(available_funds=D(0)), "balance_share", "FUNDS_EXHAUSTED"),
        (with_book(available_funds=None), "balance_share", "BALANCE_SHARE_NOT_KNOWN"),
        (with_line(stop_price=D(116)), "price_order", "STOP_MISPLACED"),
        (with_line(limit_price=D("115.795")), "tick", "PRICE_OFF_TICK"),
        (replace(CONTEXT, quote=None), "quote", "QUOTE_MISSING"),
        (replace(CONTEXT, previous_mid=D(90)), "quote", "QUOTE_JUMPED"),
        (replace(CONTEXT, now=NOW + timedelta(seconds=5)), "quote", "QUOTE_STALE"),
        (replace(CONTEXT, quote=replace(QUOTE, bid=D("NaN"))), "price_collar", "PRICE_COLLAR_NOT_KNOWN"),
        (with_line(limit_price=D("119.50")), "price_collar", "PRICE_BEYOND_COLLAR"),
        (with_line(limit_price=D("1.15")), "price_distance", "PRICE_FAR_FROM_MARKET"),
        (with_book(positions={13272: D(-3)}), "already_live", "SYMBOL_ALREADY_HELD"),
        (replace(CONTEXT, session=None), "session", "SESSION_UNKNOWN"),
        (replace(CONTEXT, now=SESSION.close_at - timedelta(minutes=15)), "session", "CUT_OFF_PASSED"),
        (replace(CONTEXT, clock_skew=timedelta(minutes=11)), "session", "SESSION_CLOSED"),
        (with_book(orders_last_minute=115), "order_rate", "ORDER_RATE_EXCEEDED"),
    ],
)
def test_each_breach_blocks_under_its_own_code(context, check, code):
    assert wrong(context)[check] == code
    assert worst(judge(context)) is Outcome.BLOCK
    assert code in REASONS or code.startswith(("QUOTE_", "SESSION_", "CUT_OFF", "STOP_MIS"))


def test_a_cumulative_loss_warns_and_trading_goes_on():
    context = with_book(cumulative_result=D("-5000.01"))
    assert worst(judge(context)) is Outcome.WARN
    assert wrong(context) == {"cumulative_loss": "CUMULATIVE_LOSS_REACHED"}
    assert failures_first(judge(context))[0].check == "cumulative_loss"


def test_an_unknown_cumulative_result_warns_too():
    assert wrong(with_book(cumulative_result=None)) == {"cumulative_loss": "CUMULATIVE_LOSS_NOT_KNOWN"}


def test_a_strategy_without_a_past_has_no_median_to_pass():
    assert wrong(with_book(median_order=None)) == {}


@pytest.mark.parametrize("factor", [10, 100, 7600])
@pytest.mark.parametrize("field", ["quantity", "limit_price"])
def test_a_fat_finger_is_stopped_hard(factor, field):
    context = with_line(**{field: getattr(LINE, field) * factor})
    assert worst(judge(context)) is Outcome.BLOCK


@pytest.mark.parametrize(
    ("side", "price", "crosses"),
    [
        (Side.SELL, "115.79", True),
        (Side.SELL, "115.80", False),
        (Side.SELL, None, True),
        (Side.BUY, "115.79", False),
    ],
)
def test_an_order_never_trades_with_our_own(side, price, crosses):
    order = LiveOrder(13272, side, price and D(price))
    found = wrong(with_book(live_orders=(order, LiveOrder(1, Side.SELL, D(1)))))
    assert ("own_cross" in found) is crosses
    assert found["already_live"] == "SYMBOL_ALREADY_WORKING"


def test_a_sell_is_measured_from_the_bid():
    sell = with_line(
        side=Side.SELL, limit_price=D("112.00"), stop_price=D(118), target_1=D(110), target_2=D(108)
    )
    assert wrong(sell) == {"price_collar": "PRICE_BEYOND_COLLAR"}


def test_a_sell_crosses_a_bid_of_ours_at_or_above_its_price():
    sell = with_line(side=Side.SELL, stop_price=D(118), target_1=D(110), target_2=D(108))
    for price, crosses in (("115.79", True), ("115.78", False)):
        book = replace(BOOK, live_orders=(LiveOrder(13272, Side.BUY, D(price)),))
        assert ("own_cross" in wrong(replace(sell, book=book))) is crosses


def test_no_verdicts_at_all_is_no_permission():
    assert worst([]) is Outcome.BLOCK


def test_a_proposal_before_the_open_is_judged_without_a_market():
    early = replace(CONTEXT, quote=None, now=SESSION.open_at - timedelta(hours=1))
    assert worst(judge(early, AT_PROPOSAL)) is Outcome.PASS
    assert worst(judge(early)) is Outcome.BLOCK
