"""Positions, money, and the time of day."""

from datetime import datetime

from apps.broker.ib.asks.speaker import QUICK, Speaker
from apps.broker.ports import Answer, MoneyTold, PositionTold

MONEY_TAGS = (
    "NetLiquidation,TotalCashValue,GrossPositionValue,AvailableFunds,ExcessLiquidity,BuyingPower,InitMarginReq,"
    "MaintMarginReq,EquityWithLoanValue,Cushion,$LEDGER:ALL"
)


class BookSpeaker(Speaker):
    async def positions(self) -> Answer[PositionTold]:
        return await self._list("positions", self._client.reqPositions)

    async def money(self) -> Answer[MoneyTold]:
        number = next(self._numbers)
        answer = await self._list(number, lambda: self._client.reqAccountSummary(number, "All", MONEY_TAGS))
        if self.is_open:
            self._client.cancelAccountSummary(number)
        return answer

    async def server_time(self) -> Answer[datetime]:
        return await self._list("currentTime", self._client.reqCurrentTime, timeout=QUICK)
