"""What a stop would do, before anybody presses: how many cancels, how many closes, who loses a stop order."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from apps.broker.models import Order
from apps.ledger.models import Position
from apps.market.queries import last_quotes
from apps.risk.models import Stop
from apps.runbook.flattening import positions_in
from apps.tickets.models import Ticket
from tradingdesk.domain.tickets.states import MAY_STILL_FILL, RESERVES, State

_RESERVES = [state.value for state in RESERVES]
_MAY_FILL = [state.value for state in MAY_STILL_FILL]
UNSENT = [State.WRITTEN.value, State.RELEASED.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Counted now, so a press a second later may find one more or less."""

    cancels: int
    unsent: int
    foreign: int
    unknown: int
    closes: int
    worth: Decimal | None  # None: one of them has no price
    unprotected: tuple[str, ...]  # held, with a stop order that would go


def effect_of(scope: str = "global", key: str = "") -> Effect:
    tickets = Ticket.objects.filter(_where(scope, key))
    living = tickets.filter(state__in=_RESERVES)
    positions = positions_in(scope, key)
    foreign = Order.objects.filter(intent=None, state__in=_MAY_FILL)
    if scope == "account":
        foreign = foreign.filter(account__code=key)
    held = {row.contract_id for row in positions}
    stops = living.filter(role="stop", contract_id__in=held).values_list("contract__symbol", flat=True)
    return Effect(
        cancels=living.count(),
        unsent=tickets.filter(state__in=UNSENT).count(),
        foreign=0 if scope == "strategy" else foreign.count(),
        unknown=living.filter(state=State.UNKNOWN.value).count(),
        closes=len(positions),
        worth=_worth(positions),
        unprotected=tuple(sorted(set(stops))),
    )


def _where(scope: str, key: str) -> Q:
    return {"account": Q(account__code=key), "strategy": Q(strategy__name=key)}.get(scope, Q())


def _worth(positions: list[Position]) -> Decimal | None:
    quotes = last_quotes(row.contract_id for row in positions)
    total = Decimal(0)
    for row in positions:
        quote = quotes.get(row.contract_id)
        price = (quote.last or quote.bid or quote.close) if quote else None
        if price is None:
            return None
        quantity = row.quantity if row.broker_quantity is None else row.broker_quantity
        total += abs(quantity) * price * row.contract.multiplier / row.contract.price_magnifier
    return total


LEVELS = {"pause": (Stop.REDUCE_ONLY, False), "cancel": (Stop.HALTED, False), "flatten": (Stop.HALTED, True)}
