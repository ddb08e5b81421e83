"""Questions that other stations leave for the broker: which contract is this, what would this order cost."""

import asyncio
from typing import Any

import structlog

from apps.broker.actions.answer_preview import answer_preview, previews_to_ask
from apps.broker.link.databasethread import DatabaseLost
from apps.broker.link.link import Link
from apps.broker.ports import ContractAsked, ContractTold, Known, Refused
from apps.market.actions.answer_lookup import Found, answer_lookup, steps_as_text
from apps.market.actions.check_hours import check_hours
from apps.market.models import Lookup
from apps.market.queries import asked_lookups

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.25
CALENDARS = {
    "NYSE": "XNYS", "NASDAQ": "XNYS", "ARCA": "XNYS", "AMEX": "XNYS", "BATS": "XNYS", "PINK": "XNYS",
    "LSE": "XLON", "LSEETF": "XLON", "IBIS": "XETR", "IBIS2": "XETR", "CME": "CMES", "CBOT": "CMES",
    "CFE": "XCBF", "EUREX": "XEUR",
}  # fmt: skip


async def answer_for_ever(link: Link) -> None:
    while True:
        await asyncio.sleep(POLL_SECONDS)
        if not link.broker.is_open or link.session is None:
            continue
        try:
            for lookup in await link.db.run(asked_lookups):
                await _look_up(link, lookup)
            for preview, placement in await link.db.run(previews_to_ask, link.gateway.pk):
                answer = await link.broker.what_if(placement)
                await link.db.run(answer_preview, preview, answer)
        except DatabaseLost as lost:
            log.warning("questions_wait_for_database", error=str(lost))


async def _look_up(link: Link, lookup: Lookup) -> None:
    """An answer that did not come leaves the question open; it is asked again."""
    answer = await link.broker.contract(_asked(lookup))
    if isinstance(answer, Refused):
        await link.db.run(answer_lookup, lookup.pk, f"the broker knows no such contract: {answer.text}")
    elif isinstance(answer, Known) and len(answer.rows) == 1:
        told = answer.rows[0]
        contract = await link.db.run(answer_lookup, lookup.pk, await _found(link, told))
        if contract is not None:
            await link.db.run(check_hours, contract, told.liquid_hours, told.time_zone)
    elif isinstance(answer, Known):
        found = (
            ", ".join(f"{row.local_symbol} on {row.primary_exchange}" for row in answer.rows[:5]) or "none"
        )
        await link.db.run(answer_lookup, lookup.pk, f"{len(answer.rows)} contracts fit: {found}")


def _asked(lookup: Lookup) -> ContractAsked:
    """By number alone where there is one: beside a place where it does not trade the broker knows none."""
    if lookup.con_id:
        return ContractAsked(symbol="", sec_type="", exchange="", currency="", con_id=lookup.con_id)
    return ContractAsked(
        symbol=lookup.symbol, sec_type=lookup.sec_type, exchange=lookup.exchange, currency=lookup.currency
    )


async def _found(link: Link, told: ContractTold) -> Found:
    steps = [["0", str(told.min_tick)]]
    if told.market_rule is not None:
        rule = await link.broker.market_rule(told.market_rule)
        if isinstance(rule, Known) and rule.rows:
            steps = steps_as_text(list(rule.rows))
    return Found(values=_values(told), tick_steps=steps)


def _values(told: ContractTold) -> dict[str, Any]:
    names = (
        "con_id", "symbol", "sec_type", "currency", "exchange", "primary_exchange", "local_symbol",
        "trading_class", "long_name", "multiplier", "price_magnifier", "min_tick", "time_zone", "expiry",
        "strike", "right",
    )  # fmt: skip
    values = {name: getattr(told, name) for name in names}
    return values | {"calendar": CALENDARS.get(told.primary_exchange or told.exchange, "XNYS")}
