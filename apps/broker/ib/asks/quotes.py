"""Subscriptions to quotes."""

from apps.broker.ib.asks.speaker import Speaker
from apps.broker.ib.contracts import asked_contract
from apps.broker.ports import ContractAsked, Ticks


class QuoteSpeaker(Speaker):
    def watch(self, asked: ContractAsked) -> Ticks:
        if request := self._watched.get(asked.con_id):
            return self._ear.ticks[request]
        request = self._watched[asked.con_id] = next(self._numbers)
        ticks = self._ear.ticks[request] = Ticks(con_id=asked.con_id)
        self._client.reqMktData(request, asked_contract(asked), "", False, False, [])
        return ticks

    def unwatch(self, con_id: int) -> None:
        request = self._watched.pop(con_id, None)
        if request is None:
            return
        self._ear.ticks.pop(request, None)
        if self.is_open:
            self._client.cancelMktData(request)
