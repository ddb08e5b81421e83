"""More than can go out at once: it goes out paced, in the order of its cut-offs, and waits in the tables."""

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from apps.approvals.models import Request
from apps.broker.models import Intent
from apps.journal import clock
from apps.market.actions.answer_lookup import ask_lookup
from apps.market.actions.watch import watch
from apps.market.models import Contract, LastQuote, Session
from apps.plans.actions.mark_lines import set_contracts
from apps.risk.actions.change_limits import change_limits
from apps.risk.queries import limits_in_force
from apps.runbook.road import WATCH_FOR, propose
from apps.tickets.models import Ticket
from tests.builders import make_line, make_plan
from tests.faults.harness import Stage
from tests.people import make_person
from tests.road.acts import TODAY, TRADER, execute

WIDE = {
    "order_rate": 100_000, "quote_age": 600, "open_positions": 500, "daily_exposure": 10_000_000,
    "daily_notional": 10_000_000, "gross_exposure": 10_000_000, "quote_jump": 90, "price_collar": 5000,
    "balance_share": 1000,
}  # fmt: skip
THREE_BELOW, CENT = Decimal("0.97"), Decimal("0.01")
# fmt: off
MANY = [
    "WEC", "QQQ", "IWM", "DIA", "HYG", "JNK", "LQD", "TLT", "GLD", "XLK", "XLF", "XLE", "XLU", "AAPL", "MSFT",
    "NVDA", "GOOGL", "AMZN", "META", "AMD", "INTC", "CSCO", "QCOM", "PEP", "HON", "ATO", "PNW", "OHI", "AEE",
    "NI", "DUK", "NEE", "JPM", "BAC", "WFC", "KO",
]
# fmt: on


def widen_limits(**but: int) -> None:
    """The limits are not what is looked at here, but for those that are named."""
    change_limits(
        {name: Decimal(value) for name, value in (WIDE | but).items()},
        scope="global", actor=TRADER, reason="room for a heavy day", based_on=limits_in_force().version,
    )  # fmt: skip


def price_them(stage: Stage, symbols: Sequence[str], **values: Any) -> dict[str, LastQuote]:
    """Ask the broker which contracts these are, and wait until each has a price."""
    for symbol in symbols:
        ask_lookup(symbol)
    rows = Contract.objects.filter(symbol__in=symbols)
    stage.eventually(lambda: rows.count() == len(symbols), "every contract", 40)
    rows.update(**values)
    watch(stage.account.gateway, [row.pk for row in rows], WATCH_FOR)
    quoted = LastQuote.objects.filter(contract__in=rows, bid__gt=0, ask__gt=0).select_related("contract")
    stage.eventually(lambda: quoted.count() == len(symbols), "every price", 40)
    return {row.contract.symbol: row for row in quoted}


def propose_below(stage: Stage, quotes: dict[str, LastQuote], *, quantity: int) -> Request:
    """Entries three per cent below the market: they rest."""
    make_person(TRADER.name)
    prices = {
        s: ((row.ask or Decimal(0)) * Decimal("0.97")).quantize(Decimal("0.01")) for s, row in quotes.items()
    }
    lines = [make_line(number, *row, quantity) for number, row in enumerate(prices.items(), 1)]
    plan = make_plan(stage.account, lines, day=TODAY, at=clock.now(), name=f"{lines[0].symbol}.csv")
    set_contracts(plan, {symbol: row.contract for symbol, row in quotes.items()})
    request = propose(plan, clock.now())
    assert request is not None, list(plan.lines.values("symbol", "state", "reason"))
    return request


def arrivals(stage: Stage) -> list[tuple[float, str]]:
    """When each of our orders reached the gateway, by its own record, and which it was."""
    rows = [row for row in stage.gateway.records("in") if row["fields"][:1] == ["3"]]
    named = [(row["wall"] / 1e6, next((f for f in row["fields"] if f.startswith("td-")), "")) for row in rows]
    return [(at, ref) for at, ref in named if ref]


@pytest.mark.parametrize(
    ("lines", "size_limit", "quantity"),
    [
        pytest.param(3, None, 4, id="eighteen"),
        pytest.param(35, Decimal(2), 8, id="five-hundred", marks=pytest.mark.deep),
    ],
)
def test_a_flood_leaves_paced_and_in_the_order_of_its_cut_offs(
    stage: Stage, lines: int, size_limit: Decimal | None, quantity: int
) -> None:
    """I1."""
    widen_limits()
    open_at, close_at = (datetime(2026, 11, 18, hour, 30, tzinfo=UTC) for hour in (8, 16))
    Session.objects.create(calendar="XLON", day=TODAY, open_at=open_at, close_at=close_at)
    stage.ready()
    first, last = MANY[: lines - 1], MANY[lines - 1 : lines]
    late = propose_below(stage, price_them(stage, first, size_limit=size_limit), quantity=quantity)
    soon = propose_below(
        stage, price_them(stage, last, size_limit=size_limit, calendar="XLON"), quantity=quantity
    )
    assert soon.cutoff_at < late.cutoff_at
    stage.turn("link", code="1100")
    stage.eventually(lambda: not stage.is_ready(), "a link that waits")
    for request in (late, soon):
        decided: Any = execute(request)
        assert decided.approved, decided.reason
    total = Ticket.objects.count()
    assert total == late.order_count + soon.order_count
    assert arrivals(stage) == [] and not Intent.objects.exists()
    stage.turn("link", code="1102")
    stage.eventually(lambda: len(arrivals(stage)) == total, "all at the gateway", 30 + total / 2)
    came = arrivals(stage)
    assert len({ref for _, ref in came}) == total
    assert all(later[0] - earlier[0] >= 0.95 for earlier, later in zip(came, came[5:], strict=False))
    wanted = Ticket.objects.order_by("request__cutoff_at", "pk").values_list("key", flat=True)
    assert [ref.removeprefix("td-desk-").rpartition("-")[0] for _, ref in came] == list(wanted)
    stage.eventually(lambda: set(stage.states().values()) == {"WORKING"}, "all working", 30)


def test_what_waits_for_its_turn_waits_in_the_tables(stage: Stage) -> None:
    """I1: a claim is made for one bracket at a time; the library is never handed a queue."""
    widen_limits()
    stage.ready()
    request = propose_below(stage, price_them(stage, MANY[:4]), quantity=4)
    decided: Any = execute(request)
    assert decided.approved, decided.reason
    waiting, total = itertools.count(), request.order_count

    def look() -> bool:
        claimed = Intent.objects.filter(state__in=["CLAIMED", "SENDING"]).values("ticket__bracket").distinct()
        assert claimed.count() <= 2
        next(waiting)
        return len(arrivals(stage)) == total

    stage.eventually(look, "all at the gateway", 40)
    assert total == 24 and next(waiting) > 10
