"""What must hold whatever is sent: money and shares are conserved, nothing fills too much."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.simgateway.exchange.events import Execution
from apps.simgateway.exchange.order import ZERO
from apps.simgateway.exchange.restate import rebuilt
from apps.simgateway.exchange.rules import Rules
from tests.simgateway.trading.floorplan import ACCOUNT, OTHER, Pit, future, leg, option, stock

D = Decimal
CASH = 1_000_000
SIDES, TYPES = ("BUY", "SELL"), ("MKT", "LMT", "STP", "STP LMT", "TRAIL", "MIT", "LIT", "MIDPRICE")
prices = st.integers(90, 110).map(D)
sizes = st.integers(1, 60).map(D)
orders = st.fixed_dictionaries(
    {
        "side": st.sampled_from(SIDES),
        "quantity": sizes,
        "order_type": st.sampled_from(TYPES),
        "limit": prices,
        "aux": st.integers(1, 110).map(D),
        "account": st.sampled_from((ACCOUNT, OTHER)),
        "tif": st.sampled_from(("DAY", "DAY", "GTC", "IOC", "FOK")),
        "con_id": st.sampled_from((1, 1, 2, 5)),
        "all_or_none": st.booleans(),
    }
)
quotes = st.tuples(prices, st.integers(0, 3).map(D), sizes)
actions = st.lists(
    st.one_of(
        st.tuples(st.just("order"), orders),
        st.tuples(st.just("quote"), st.tuples(st.sampled_from((1, 2, 5)), quotes)),
        st.tuples(st.just("cancel"), st.integers(0, 20)),
        st.tuples(st.just("change"), st.tuples(st.integers(0, 20), prices, sizes)),
        st.tuples(st.just("combo"), st.tuples(st.sampled_from(SIDES), sizes, st.booleans())),
        st.tuples(st.just("correct"), st.tuples(st.integers(0, 20), prices)),
    ),
    max_size=25,
)
RULES = Rules(margin_checks=False, price_band_pct=ZERO)


def play(script):
    pit = Pit(stock(), option(2, 100, "C"), future(5), rules=RULES)
    for con_id in (1, 2, 5):
        pit.market.set(con_id, 99, 101, last=100, size=30)
    sent, told = [], []
    for verb, about in script:
        told += _do(pit, sent, verb, about)
        told += pit.later()
    return pit, sent, told


def _do(pit, sent, verb, about):
    if verb == "order":
        sent.append(
            pit.order(about["side"], about["quantity"], **{k: v for k, v in about.items() if k not in SKIP})
        )
        return pit.venue.submit(sent[-1], pit.now)
    if verb == "combo":
        side, units, guaranteed = about
        legs = (leg(1, "BUY", ratio=2), leg(2, "SELL"))
        sent.append(pit.order(side, units, con_id=0, legs=legs, guaranteed=guaranteed))
        return pit.venue.submit(sent[-1], pit.now)
    if verb == "quote":
        con_id, (bid, spread, size) = about
        pit.market.set(con_id, bid, bid + spread, last=bid, size=size)
        return []
    if verb == "correct":
        plain = [x for x in pit.accounts.executions() if x.con_id]
        return (
            pit.venue.door.correct(plain[about[0] % len(plain)].exec_id, price=about[1], now=pit.now)
            if plain
            else []
        )
    if not sent:
        return []
    if verb == "cancel":
        return pit.cancel(sent[about % len(sent)])
    return pit.modify(sent[about[0] % len(sent)], limit=about[1], quantity=about[2])


SKIP = ("side", "quantity")


def check(script):
    pit, sent, _ = play(script)
    for order in sent:
        assert ZERO <= order.filled <= order.quantity
        if order.status == "Filled":
            assert order.filled == order.quantity
        if not order.is_combo:
            own = [x for x in pit.accounts.executions() if x.perm_id == order.perm_id]
            assert sum((x.shares for x in own), ZERO) == order.filled
    for name in pit.accounts.names:
        check_books(pit, name)


def check_books(pit, name):
    """Positions and cash are what the day's prints say."""
    account = pit.accounts.account(name)
    cash = D(CASH)
    for con_id, held in account.positions.items():
        instrument = pit.catalogue.by_con_id(con_id)
        position, moved, _ = rebuilt(pit.accounts, account, instrument)
        assert position == held
        cash += moved.get("USD", ZERO)
        prints = [x for x in pit.accounts.executions(name) if x.con_id == con_id]
        bought = sum((x.shares if x.side == "BOT" else -x.shares for x in prints), ZERO)
        assert held.quantity == bought
        if instrument.sec_type != "FUT":
            paid = sum((x.price * (x.shares if x.side == "BOT" else -x.shares) for x in prints), ZERO)
            fees = sum((pit.accounts.commission_of(x.exec_id).amount for x in prints), ZERO)
            assert moved.get("USD", ZERO) == -paid * instrument.multiplier - fees
    assert account.cash["USD"] == pytest.approx(cash)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(actions)
def test_money_and_shares_are_conserved(script):
    check(script)


@pytest.mark.deep
@settings(derandomize=True, max_examples=1500, deadline=None)
@given(actions)
def test_money_and_shares_are_conserved_at_length(script):
    check(script)


group = st.lists(st.tuples(st.integers(1, 100), st.integers(1, 15), st.booleans()), min_size=2, max_size=4)
moves = st.lists(st.tuples(st.integers(85, 115), st.integers(1, 60)), min_size=1, max_size=12)


@settings(derandomize=True, max_examples=150, deadline=None)
@given(group, moves, st.sampled_from((1, 2, 3)))
def test_a_group_never_fills_more_than_one_order_in_all(members, moves, oca_type):
    """Stops below the market and limits above it, in one group, on a market that swings."""
    pit = Pit(rules=RULES)
    pit.market.set(1, 100, 101, last=100)
    asked = []
    for size, away, is_stop in members:
        price = {"aux": 100 - away} if is_stop else {"limit": 100 + away}
        kind = "STP" if is_stop else "LMT"
        asked.append(pit.order("SELL", size, kind, **price, oca_group="g", oca_type=oca_type))
    for order in asked:
        pit.venue.submit(order, pit.now)
    for bid, size in moves:
        pit.market.set(1, bid, bid + 1, last=bid, size=size)
        pit.later()
    if oca_type == 1:
        assert sum(1 for o in asked if o.filled) <= 1
    parts = [o.filled / D(size) for o, (size, *_) in zip(asked, members, strict=True)]
    assert sum(parts) <= 1 + D("1e-20")


@settings(derandomize=True, max_examples=40, deadline=None)
@given(actions)
def test_the_same_script_gives_the_same_events(script):
    assert play(script)[2] == play(script)[2]


@settings(derandomize=True, max_examples=40, deadline=None)
@given(actions)
def test_every_print_is_told_once_and_clients_match_in_pairs(script):
    _, _, told = play(script)
    ids = [e.exec_id for e in told if isinstance(e, Execution)]
    assert len(ids) == len(set(ids))
    assert all(e.shares > 0 for e in told if isinstance(e, Execution))
