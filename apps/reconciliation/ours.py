"""Our side: what our own tables say is held, working and traded, in the words of the comparison."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Q

from apps.broker.models import Intent
from apps.desks.models import Account
from apps.ledger.models import Fill, Position
from apps.market.models import Contract
from apps.market.queries import rates_of, value_marks
from apps.reconciliation.models import External
from tradingdesk.domain.money import Money, Reason, Side
from tradingdesk.domain.portfolio import Rates
from tradingdesk.domain.reconciliation import Executed, Held, Working
from tradingdesk.domain.tickets.states import MAY_STILL_FILL, State

MOVING = timedelta(seconds=5)  # a row that changed this shortly before the list, or after it, is in motion
_ALIVE = [state.value for state in MAY_STILL_FILL]


@dataclass(frozen=True, slots=True)
class Orders:
    """Orders that may still fill, which of them just changed, and which have a fate nobody knows."""

    rows: dict[str, Working]
    moving: frozenset[str]
    unknown: tuple[str, ...]
    contracts: Mapping[str, int]  # conId of each


def orders_held(account: Account, told_at: datetime) -> Orders:
    """By our reference: the ticket's own quantities, not the broker's."""
    since = told_at - MOVING
    moved = Q(ticket__changed_at__gte=since) | Q(sending_at__gte=since)
    found = Intent.objects.filter(ticket__account=account).filter(
        Q(state__in=["SENDING", "ACKED", "UNKNOWN"], ticket__state__in=_ALIVE) | moved
    )
    rows: dict[str, Working] = {}
    moving, unknown, contracts = set(), [], {}
    for intent in found.select_related("ticket__contract"):
        ticket, ref = intent.ticket, intent.order_ref
        contracts[ref] = ticket.contract.con_id
        if ticket.changed_at >= since or (intent.sending_at and intent.sending_at >= since):
            moving.add(ref)
        if ticket.state not in _ALIVE:
            continue
        if State.UNKNOWN.value in (intent.state, ticket.state):
            unknown.append(ref)
        rows[ref] = Working(quantity=ticket.quantity, filled=ticket.filled, sent_at=intent.sending_at)
    return Orders(rows, frozenset(moving), tuple(unknown), contracts)


def known_refs(refs: Iterable[str]) -> set[str]:
    return set(Intent.objects.filter(order_ref__in=list(refs)).values_list("order_ref", flat=True))


@dataclass(frozen=True, slots=True)
class Trades:
    """Executions by root: ours, and those that none of our orders explains."""

    ours: dict[str, Executed]
    foreign: dict[str, Executed]
    contracts: Mapping[str, int]


def overtaken(account: Account, told_at: datetime, revisions: Mapping[str, int]) -> set[str]:
    """Roots of which a newer word has come since the list was asked for: it cannot hold that word yet."""
    rows = Fill.objects.filter(account=account, superseded=False, booked_at__gt=told_at)
    told = rows.filter(exec_root__in=list(revisions)).values_list("exec_root", "revision")
    return {root for root, revision in told if revision > revisions[root]}


def taken_back(account: Account, roots: Iterable[str], told_at: datetime) -> set[str]:
    """Roots of which nothing counts any more, by the broker's own word from before a list."""
    rows = Fill.objects.filter(account=account, superseded=False, busted=True, booked_at__lte=told_at)
    return set(rows.filter(exec_root__in=list(roots)).values_list("exec_root", flat=True))


def trades_held(account: Account, since: datetime, told_at: datetime, roots: Iterable[str]) -> Trades:
    """What the ledger counted since then when the list was asked for, and whatever the list names."""
    rows = Fill.objects.filter(account=account, superseded=False, busted=False)
    rows = rows.filter(Q(at__gte=since, booked_at__lte=told_at) | Q(exec_root__in=list(roots)))
    ours: dict[str, Executed] = {}
    foreign: dict[str, Executed] = {}
    contracts: dict[str, int] = {}
    fields = ("exec_root", "side", "quantity", "price", "ticket_id", "contract__con_id", "contract__sec_type")
    for root, side, quantity, price, ticket_id, con_id, kind in rows.values_list(*fields):
        if kind == "BAG":
            continue
        value = Executed(
            signed_quantity=plain(Side(side).signed(quantity)),
            price=plain(price),
            size=plain(quantity * price),
        )
        (foreign if ticket_id is None else ours)[root] = value
        contracts[root] = con_id
    return Trades(ours, foreign, contracts)


def positions_held(account: Account, now: datetime) -> dict[str, Held]:
    """By conId, with what one unit is worth in base. What has no price has no worth, which is not zero."""
    rows = list(Position.objects.filter(account=account).select_related("contract"))
    worth = _worth_of([row.contract for row in rows], rates_of(account, now), now)
    return {
        str(row.contract.con_id): Held(
            quantity=plain(row.quantity),
            average_cost=_brokers_cost(row),
            worth=worth.get(row.contract_id),
            changed_at=row.changed_at,
        )
        for row in rows
    }


def unit_worths(account: Account, con_ids: Iterable[str], now: datetime) -> dict[str, Decimal]:
    """What one unit of each is worth in base today, by conId, held or not."""
    contracts = list(Contract.objects.filter(con_id__in=con_ids))
    worth = _worth_of(contracts, rates_of(account, now), now)
    return {str(one.con_id): worth[one.pk] for one in contracts if one.pk in worth}


def _brokers_cost(row: Position) -> Decimal | None:
    """As the broker counts it: with the multiplier, in the unit of money."""
    if row.average_cost is None:
        return None
    return row.average_cost * row.contract.multiplier / row.contract.price_magnifier


def _worth_of(contracts: Iterable[Contract], rates: Rates, now: datetime) -> dict[int, Decimal]:
    by_key = {contract.pk: contract for contract in contracts}
    found = {}
    for key, mark in value_marks(by_key).items():
        contract = by_key[key]
        money = Money(mark.price * contract.multiplier / contract.price_magnifier, contract.currency)
        converted = rates.to_base(money, now)
        if not isinstance(converted, Reason):
            found[key] = converted.money.amount
    return found


def externals(account: Account) -> dict[str, Decimal]:
    """By conId, how much of the broker's count a person has said is another hand's."""
    rows = External.objects.filter(account=account).order_by("contract_id", "-at", "-pk")
    newest = rows.distinct("contract_id").values_list("contract__con_id", "quantity")
    return {str(con_id): quantity for con_id, quantity in newest if quantity}


def plain(number: Decimal) -> Decimal:
    """Without trailing noughts, so that both sides read alike."""
    number = number.normalize()
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number
