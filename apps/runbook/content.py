"""What a person's word is bound to: the orders exactly as they would be sent, and what the card showed."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from apps.broker.queries import session_of_link
from apps.market.queries import last_quotes
from apps.plans.models import Line, Plan
from apps.risk.actions.change_limits import values_of
from apps.risk.models import LimitSet
from apps.runbook.situation import contract_value, line_value, quote_value, session_of_day
from apps.tickets.actions.write_tickets import Group
from tradingdesk.domain.approvals import ApprovedContent, ApprovedOrder
from tradingdesk.domain.market import Quote, QuoteLimits, quote_problem
from tradingdesk.domain.plans import brackets_of
from tradingdesk.domain.risk import Context
from tradingdesk.domain.tickets.brackets import tickets_of


def notional_of(line: Line) -> Decimal:
    assert line.contract is not None
    assert line.limit_price is not None
    return contract_value(line.contract).notional(line.quantity, line.limit_price).amount


def cut_off_of(plan: Plan, lines: Sequence[Line], limit_set: LimitSet, now: datetime) -> datetime:
    """The last moment for an entry: so many minutes before the earliest close of the plan's own day.

    A day without a session on one of the calendars has no such moment left.
    """
    limits = values_of(limit_set, f"account:{plan.account.code}", f"strategy:{plan.strategy.name}")
    calendars = {line.contract.calendar for line in lines if line.contract is not None}
    sessions = [session_of_day(calendar, plan.trading_day) for calendar in calendars]
    closes = [session.close_at for session in sessions if session is not None]
    if not closes or len(closes) < len(sessions):
        return now
    return min(closes) - timedelta(minutes=float(limits["minutes_to_close"]))


def groups_of(plan_id: int, lines: Sequence[Line]) -> list[Group]:
    """The brackets of a plan, in the order in which they are sent."""
    return [
        (line, group)
        for line in lines
        for bracket in brackets_of(line_value(line))
        for group in tickets_of(
            bracket,
            plan=plan_id,
            line=line.number,
            size_limit=line.contract.size_limit if line.contract is not None else None,
        )
    ]


def content_of(
    plan: Plan, lines: Sequence[Line], limit_set: LimitSet, *, nonce: str, cut_off: datetime
) -> ApprovedContent:
    """Everything a person's word will be bound to."""
    return ApprovedContent(
        account=plan.account.code,
        mode=plan.account.gateway.mode,
        plan=plan.pk,
        plan_version=plan.version,
        limit_set=limit_set.version,
        cut_off=cut_off,
        nonce=nonce,
        orders=tuple(_order(line, spec) for line, specs in groups_of(plan.pk, lines) for spec in specs),
    )


def _order(line: Line, spec: Any) -> ApprovedOrder:
    contract = line.contract
    assert contract is not None
    return ApprovedOrder(
        key=spec.key,
        con_id=contract.con_id,
        symbol=contract.symbol,
        currency=contract.currency,
        multiplier=Decimal(contract.multiplier),
        side=spec.side.value,
        quantity=spec.quantity,
        order_type=spec.order_type,
        role=spec.role.value,
        tif=spec.tif,
        limit_price=spec.limit_price,
        stop_price=spec.stop_price,
        outside_rth=spec.outside_rth,
        algo=dict(spec.algo),
        parent=spec.parent,
    )


def mids_of(lines: Sequence[Line]) -> dict[int, Decimal]:
    """The middle of each quote that is one; a contract with a broken or one-sided quote is left out."""
    quotes = last_quotes(line.contract_id for line in lines if line.contract_id)
    told = ((line.contract, quote_value(quotes.get(line.contract_id or 0))) for line in lines)
    return _mids((contract.con_id, quote) for contract, quote in told if contract is not None)


def mids_in(contexts: Sequence[tuple[str, Context]]) -> dict[int, Decimal]:
    """The same of quotes that were read already."""
    return _mids((context.contract.con_id, context.quote) for _, context in contexts)


def _mids(quotes: Iterable[tuple[int, Quote | None]]) -> dict[int, Decimal]:
    return {con_id: quote.mid for con_id, quote in quotes if quote is not None and two_sided(quote)}


def two_sided(quote: Quote) -> bool:
    """Whether there is a middle to speak of, whatever its age."""
    rules = QuoteLimits(max_jump_pct=Decimal("Infinity"), live_only=False, locked_allowed=True)
    return quote_problem(replace(quote, halted=False), quote.at, rules) is None


def link_session(plan: Plan) -> int | None:
    return session_of_link(plan.account.gateway_id)
