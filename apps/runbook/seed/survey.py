"""Ask the gateway what the demo needs to know: its contracts, their prices now, and the account's money."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal

from apps.broker.ib.connection import IbConnection
from apps.broker.link.answering import CALENDARS
from apps.broker.ports import ContractAsked, ContractTold, Known, MoneyTold, PositionTold, Ticks
from apps.market.actions.answer_lookup import Found, steps_as_text

SEAT = 95  # a client id of its own: the link's stays free
QUOTES_WITHIN = 10.0
OPEN_WITHIN = 20.0


class SurveyFailed(Exception):
    """The gateway did not answer what was asked; the text says what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A contract, the middle of its market, and its price at the last close."""

    symbol: str
    con_id: int
    found: Found
    mid: Decimal
    bid: Decimal
    ask: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What the gateway said."""

    account: str
    server_version: int
    listed: dict[str, Listed]
    money: tuple[MoneyTold, ...]
    positions: tuple[PositionTold, ...]

    def value(self, tag: str) -> Decimal:
        """One figure of the account in its base currency."""
        return next(row.value for row in self.money if row.tag == tag and row.account == self.account)


def survey(host: str, port: int, symbols: Sequence[str]) -> Survey:
    """Connect, ask, disconnect. Runs in the main thread, where the library's loop belongs."""
    return asyncio.run(_survey(host, port, symbols))


async def _survey(host: str, port: int, symbols: Sequence[str]) -> Survey:
    broker = IbConnection()
    opened = await broker.open(host, port, client_id=SEAT, timeout=OPEN_WITHIN)
    try:
        contracts = {symbol: await _contract(broker, symbol) for symbol in symbols}
        watched = {symbol: broker.watch(_asked(told)) for symbol, told in contracts.items()}
        await _quoted(watched)
        listed = {
            symbol: await _listed(broker, symbol, told, watched[symbol]) for symbol, told in contracts.items()
        }
        return Survey(
            account=opened.accounts[0],
            server_version=opened.server_version,
            listed=listed,
            money=_rows(await broker.money(), "the account's money"),
            positions=_rows(await broker.positions(), "positions"),
        )
    finally:
        broker.close()


def _rows(answer: object, what: str) -> tuple:  # type: ignore[type-arg]
    if not isinstance(answer, Known) or not answer.rows:
        raise SurveyFailed(f"the gateway did not tell {what}: {answer}")
    return answer.rows


def _asked(told: ContractTold) -> ContractAsked:
    return ContractAsked(
        symbol=told.symbol, con_id=told.con_id, exchange=told.exchange, currency=told.currency
    )


async def _contract(broker: IbConnection, symbol: str) -> ContractTold:
    told: ContractTold = _rows(await broker.contract(ContractAsked(symbol=symbol)), symbol)[0]
    return told


async def _quoted(watched: dict[str, Ticks]) -> None:
    for _ in range(int(QUOTES_WITHIN / 0.1)):
        missing = [symbol for symbol, ticks in watched.items() if ticks.bid is None or ticks.ask is None]
        if not missing:
            return
        await asyncio.sleep(0.1)
    raise SurveyFailed(f"no quotes of {', '.join(missing)}; is the exchange open?")


async def _listed(broker: IbConnection, symbol: str, told: ContractTold, ticks: Ticks) -> Listed:
    steps = [["0", str(told.min_tick)]]
    if told.market_rule is not None:
        rule = await broker.market_rule(told.market_rule)
        if isinstance(rule, Known) and rule.rows:
            steps = steps_as_text(list(rule.rows))
    assert ticks.bid is not None
    assert ticks.ask is not None
    return Listed(
        symbol=symbol,
        con_id=told.con_id,
        found=Found(values=_kept(told), tick_steps=steps),
        mid=(ticks.bid + ticks.ask) / 2,
        bid=ticks.bid,
        ask=ticks.ask,
    )


def _kept(told: ContractTold) -> dict[str, object]:
    """What the desk keeps of a contract."""
    kept = {
        name: value for name, value in asdict(told).items() if name not in ("market_rule", "liquid_hours")
    }
    return kept | {"calendar": CALENDARS.get(told.primary_exchange or told.exchange, "XNYS")}
