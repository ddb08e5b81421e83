"""Quotes: subscribe to what somebody watches, and write the newest of each four times a second."""

import asyncio
from datetime import datetime
from typing import Any

from apps.broker.link.databasethread import DatabaseLost
from apps.broker.link.link import Link
from apps.broker.ports import ContractAsked, Ticks
from apps.journal import clock
from apps.market.actions.save_quotes import save_greeks, save_quotes
from apps.market.models import Watch
from tradingdesk.domain.market import Greeks

QUOTE_SECONDS, WATCH_SECONDS = 0.25, 1.0
LINES_AT_MOST = 90  # of the gateway's 100


async def quote_for_ever(link: Link) -> None:
    written: dict[int, datetime] = {}
    modelled: dict[int, Greeks] = {}
    while True:
        await asyncio.sleep(QUOTE_SECONDS)
        fresh = {one: ticks for one, ticks in link.ticks.items() if ticks.at and written.get(one) != ticks.at}
        told = {
            one: ticks.greeks
            for one, ticks in link.ticks.items()
            if ticks.greeks and modelled.get(one) is not ticks.greeks
        }
        try:
            if fresh:
                await link.db.run(save_quotes, [_row(one, ticks) for one, ticks in fresh.items()])
                written.update((one, ticks.at) for one, ticks in fresh.items() if ticks.at)
            if told:
                await link.db.run(save_greeks, told)
                modelled.update(told)
        except DatabaseLost:
            continue


async def watch_for_ever(link: Link) -> None:
    while True:
        try:
            wanted = await link.db.run(_wanted, link.gateway.pk)
        except DatabaseLost:
            wanted = {}
        if link.broker.is_open and wanted:
            _subscribe(link, wanted)
        await asyncio.sleep(WATCH_SECONDS)


def _subscribe(link: Link, wanted: dict[int, ContractAsked]) -> None:
    for contract_id in [one for one in link.ticks if one not in wanted]:
        link.broker.unwatch(link.ticks.pop(contract_id).con_id)
    for contract_id, asked in wanted.items():
        if contract_id not in link.ticks and len(link.ticks) < LINES_AT_MOST:
            link.ticks[contract_id] = link.broker.watch(asked)


def _wanted(gateway_id: int) -> dict[int, ContractAsked]:
    """Where something trades is known when the broker has described it."""
    rows = Watch.objects.filter(gateway_id=gateway_id, wanted_until__gt=clock.now(), contract__confirmed=True)
    rows = rows.select_related("contract")
    return {
        row.contract_id: ContractAsked(
            con_id=row.contract.con_id,
            symbol=row.contract.symbol,
            sec_type=row.contract.sec_type,
            exchange=row.contract.exchange,
            currency=row.contract.currency,
        )
        for row in rows.order_by("-wanted_until")
    }


def _row(contract_id: int, ticks: Ticks) -> dict[str, Any]:
    return {
        "contract_id": contract_id,
        "bid": ticks.bid,
        "ask": ticks.ask,
        "bid_size": ticks.bid_size,
        "ask_size": ticks.ask_size,
        "last": ticks.last,
        "close": ticks.close,
        "volume": ticks.volume,
        "halted": ticks.halted,
        "data_type": ticks.data_type,
        "received_at": ticks.at,
    }
