"""What an execution does to the cash of its account, currency by currency.

A share, a bond or an option is paid for. A future never is: only what a closing trade has gained or lost
moves money, and the broker's margin is not spent. A currency pair moves two currencies. A combination
moves nothing, its legs do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tradingdesk.domain.market import Contract
from tradingdesk.domain.money import Money
from tradingdesk.domain.portfolio.nav import VARIATION_ONLY
from tradingdesk.domain.portfolio.positions import Adopted, Step

COMBO, PAIR = "BAG", "CASH"
PLACES = Decimal("0.00000001")  # as the table keeps them


class Cause(StrEnum):
    """Why money moved."""

    TRADE = "trade"
    VARIATION = "variation"
    FEE = "fee"
    FX = "fx"


@dataclass(frozen=True, slots=True)
class Flow:
    """Money into the account; below zero out of it."""

    cause: Cause
    money: Money


def flows_of(contract: Contract, step: Step) -> tuple[Flow, ...]:
    """What one change of a position moves, fees apart. An adoption moves nothing: it is not a trade."""
    if isinstance(step.event, Adopted) or contract.sec_type == COMBO:
        return ()
    return tuple(flow for flow in _flows(contract, step) if flow.money.amount)


def fee_flow(fee: Money | None) -> tuple[Flow, ...]:
    """A fee that nobody has told moves nothing yet; a rebate comes in."""
    if fee is None or not fee.amount:
        return ()
    return (Flow(Cause.FEE, _kept(-fee.amount, fee.currency)),)


def _flows(contract: Contract, step: Step) -> Iterator[Flow]:
    event = step.event
    assert not isinstance(event, Adopted)
    if contract.sec_type in VARIATION_ONLY:
        gained = (step.after.realized - step.before.realized) * contract.money_per_point
        yield Flow(Cause.VARIATION, _kept(gained, contract.currency))
        return
    change = event.side.signed(event.quantity)
    spent = change * event.price * contract.money_per_point
    cause = Cause.FX if contract.sec_type == PAIR else Cause.TRADE
    yield Flow(cause, _kept(-spent, contract.currency))
    if contract.sec_type == PAIR:
        yield Flow(cause, _kept(change, contract.symbol))


def _kept(amount: Decimal, currency: str) -> Money:
    return Money(amount.quantize(PLACES), currency)
