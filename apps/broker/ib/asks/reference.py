"""Contracts and their rules."""

from decimal import Decimal

from apps.broker.ib.asks.speaker import QUICK, Speaker
from apps.broker.ib.contracts import asked_contract, told_contract
from apps.broker.ports import Answer, ContractAsked, ContractTold, Known


class ReferenceSpeaker(Speaker):
    async def contract(self, asked: ContractAsked) -> Answer[ContractTold]:
        number = next(self._numbers)
        answer = await self._list(
            number, lambda: self._client.reqContractDetails(number, asked_contract(asked)), timeout=QUICK
        )
        if not isinstance(answer, Known):
            return answer
        return Known(tuple(told_contract(row) for row in answer.rows), answer.at)

    async def market_rule(self, number: int) -> Answer[tuple[Decimal, Decimal]]:
        return await self._list(
            f"marketRule-{number}", lambda: self._client.reqMarketRule(number), timeout=QUICK
        )
