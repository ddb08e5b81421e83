"""The day's round trips: every fill that stands, given to the bracket whose order made it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from apps.desks.models import Account
from apps.ledger.models import Fill
from apps.tickets.models import Ticket
from tradingdesk.domain.money import Side
from tradingdesk.domain.scorecard import Matched, Print, Role, Terms, Trade, match

PRICE, MONEY = Decimal("0.000001"), Decimal("0.0001")
AUCTION = frozenset({"MOC", "LOC"})
LOOK_BACK = timedelta(days=14)  # for the entry of what was held over night


def fills_of_day(account: Account, day: date) -> list[Fill]:
    rows = Fill.objects.filter(account=account, trading_day=day, superseded=False, busted=False)
    return list(rows.select_related("contract", "ticket", "strategy").order_by("at", "pk"))


def match_day(account: Account, fills: Sequence[Fill], tickets: Sequence[Ticket], day: date) -> Matched:
    """An exit that closes nothing of today closes what was held over night, with the entry of its own day."""
    matched = _match(fills, tickets, day)
    if not matched.strays:
        return matched
    symbols = {stray.ticker for stray in matched.strays}
    earlier = {"account": account, "contract__symbol__in": symbols}
    days = {"trading_day__gte": day - LOOK_BACK, "trading_day__lt": day}
    before = Fill.objects.filter(**earlier, **days, superseded=False, busted=False)
    entered = Ticket.objects.filter(**earlier, role="entry", pk__in=before.values("ticket"))
    whole = _match(
        [*before.select_related("contract", "ticket", "strategy").order_by("at", "pk"), *fills],
        [*entered.select_related("contract", "strategy", "line").order_by("pk"), *tickets],
        day,
    )
    begins = min(fill.at for fill in fills)
    return replace(
        whole,
        trades=tuple(trade for trade in whole.trades if trade.at >= begins),
        strays=tuple(stray for stray in whole.strays if stray.at >= begins),
    )


def _match(fills: Sequence[Fill], tickets: Sequence[Ticket], day: date) -> Matched:
    terms = terms_of(tickets)
    return match(terms.values(), list(prints_of(fills, terms)), day)


def terms_of(tickets: Iterable[Ticket]) -> dict[str, Terms]:
    """The brackets that have a stop and targets, by their group's name."""
    found = {}
    for ticket in tickets:
        line = ticket.line
        if ticket.role != "entry" or line is None or line.stop_price is None:
            continue
        if line.target_1 is None or line.target_2 is None:
            continue
        found[ticket.bracket] = Terms(
            key=ticket.bracket,
            ticker=ticket.contract.symbol,
            label=label_of(ticket),
            side=Side(ticket.side),
            stop=line.stop_price,
            target_1=line.target_1,
            target_2=line.target_2,
            score=str(line.context.get("score", "")),
            sector=str(line.context.get("sector", "")),
        )
    return found


def label_of(ticket: Ticket) -> str:
    """A or B: the last letter of the entry's key; pieces of a split are numbered after it."""
    return ticket.key.rstrip("0123456789")[-1]


def prints_of(fills: Iterable[Fill], terms: dict[str, Terms]) -> Iterable[Print]:
    """A close of ours belongs to its ticker: it ends what is open, whichever bracket that is."""
    for fill in fills:
        ticket = fill.ticket
        bracket = ticket.bracket if ticket is not None and ticket.bracket in terms else ""
        yield Print(
            at=fill.at,
            ticker=fill.contract.symbol,
            side=Side(fill.side),
            quantity=fill.quantity,
            price=fill.price,
            fee=fill.commission,
            bracket=bracket,
            role=role_of(ticket),
        )


def role_of(ticket: Ticket | None) -> Role | None:
    """None where no order of ours made it: then its price alone can name it."""
    if ticket is None:
        return None
    if ticket.role == "close":
        return Role.CLOSE if ticket.order_type in AUCTION else Role.HAND
    return Role(ticket.role)


def row_of(number: int, trade: Trade, strategies: Mapping[str, str]) -> dict[str, Any]:
    """One line of the table, as it is kept."""
    terms = trade.terms
    return {
        "number": number,
        "strategy": strategies.get(terms.key, ""),
        "bracket": terms.key,
        "ticker": terms.ticker,
        "direction": "LONG" if terms.side is Side.BUY else "SHORT",
        "entry_price": trade.entry_price.quantize(PRICE),
        "exit_price": trade.exit_price.quantize(PRICE),
        "quantity": trade.quantity,
        "exit_type": trade.exit_type.value,
        "exit_at": trade.at,
        "pnl": trade.pnl.quantize(MONEY),
        "pnl_pct": trade.pnl_pct.quantize(MONEY),
        "commission": None if trade.commission is None else trade.commission.quantize(MONEY),
        "score": terms.score[:40],
        "sector": terms.sector[:80],
        "stop_price": terms.stop,
        "target_1": terms.target_1,
        "target_2": terms.target_2,
    }
