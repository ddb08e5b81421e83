"""Orders as they stand, with the broker's newest word: ours, and those of another hand.

One statement each for any number of them: with every fill a table of hundreds is read anew, by every screen.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from apps.journal.statements import rows_of
from tradingdesk.domain.tickets.states import MAY_STILL_FILL

_OPEN = [state.value for state in MAY_STILL_FILL]


class OrderTold(NamedTuple):
    """One order; without a ticket it is of another hand."""

    ticket_id: int | None
    key: str
    bracket: str
    child: bool
    role: str
    side: str
    quantity: Decimal
    filled: Decimal
    order_type: str
    tif: str
    price: Decimal | None  # its limit, or where it has none its stop
    average: Decimal | None
    state: str
    reason_code: str
    changed_at: datetime
    strategy: str
    account: str
    contract_id: int | None
    title: str
    tick: Decimal | None
    factor: Decimal  # points of price into money
    reference: str
    order_id: int | None
    perm_id: int | None
    broker_status: str
    attempt: int | None
    arrival: Decimal | None  # the market as it was sent
    at: datetime
    since: datetime


OURS = """
    SELECT t.id, t.key, t.bracket, t.parent_id IS NOT NULL, t.role, t.side, t.quantity, t.filled,
        t.order_type, t.tif, coalesce(t.limit_price, t.stop_price), t.average_price, t.state, t.reason_code,
        t.changed_at, s.name, a.code, c.id, {title}, c.min_tick, {factor}, coalesce(i.order_ref, ''),
        i.order_id, o.perm_id, coalesce(o.broker_status, ''), i.attempt, i.arrival_mid,
        coalesce(i.sending_at, i.claimed_at, t.created_at), coalesce(i.acked_at, i.claimed_at, t.created_at)
    FROM tickets_ticket t JOIN desks_strategy s ON s.id = t.strategy_id
    JOIN desks_account a ON a.id = t.account_id JOIN market_contract c ON c.id = t.contract_id
    LEFT JOIN LATERAL (
        SELECT * FROM broker_intent n WHERE n.ticket_id = t.id ORDER BY attempt DESC LIMIT 1) i ON true
    LEFT JOIN LATERAL (
        SELECT * FROM broker_order w WHERE w.intent_id = i.id ORDER BY w.id DESC LIMIT 1) o ON true
    WHERE t.id = ANY(%s::bigint[]) ORDER BY t.id
"""
THEIRS = """
    SELECT NULL::bigint, 'foreign-' || o.id, 'foreign-' || o.id, false, 'entry', o.side, o.quantity, o.filled,
        o.order_type, o.tif, coalesce(o.limit_price, o.stop_price), o.average_price, o.state, '',
        o.changed_at, 'not ours', coalesce(a.code, ''), o.contract_id, coalesce({title}, o.symbol),
        c.min_tick, coalesce({factor}, 1), o.order_ref, o.order_id, o.perm_id, o.broker_status, NULL::int,
        NULL::numeric, o.first_seen_at, o.first_seen_at
    FROM broker_order o LEFT JOIN desks_account a ON a.id = o.account_id
    LEFT JOIN market_contract c ON c.id = o.contract_id
    WHERE o.intent_id IS NULL AND {where} ORDER BY o.first_seen_at, o.id
"""
NAME = "coalesce(nullif(c.local_symbol, ''), c.symbol)"
WORDS = {
    "title": f"CASE c.sec_type WHEN 'STK' THEN c.symbol ELSE {NAME} END",
    "factor": "trim_scale(c.multiplier / c.price_magnifier)",
}
OUR_ORDERS = OURS.format(**WORDS)
SEEN = THEIRS.format(
    where="(o.first_seen_at >= %s AND o.first_seen_at < %s OR o.state = ANY(%s::text[]))", **WORDS
)
THIS = THEIRS.format(where="o.id = %s", **WORDS)


def our_orders(ticket_ids: Sequence[int]) -> list[OrderTold]:
    """These, in the order in which they were written."""
    return [OrderTold(*row) for row in rows_of(OUR_ORDERS, [ticket_ids])]


def their_orders(start: datetime, end: datetime) -> list[OrderTold]:
    """Seen at the broker in a span of time, or still alive."""
    return [OrderTold(*row) for row in rows_of(SEEN, [start, end, _OPEN])]


def their_order(number: int) -> OrderTold | None:
    return next((OrderTold(*row) for row in rows_of(THIS, [number])), None)
