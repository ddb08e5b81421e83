"""Ticks of what is watched."""

from apps.broker.ib import quotes
from apps.broker.ib.hears.listener import Listener


class QuoteEar(Listener):
    def priceSizeTick(self, request: int, kind: int, price: float, size: float) -> None:
        if ticks := self.ticks.get(request):
            quotes.take_price(ticks, kind, price, size)

    def tickSize(self, request: int, kind: int, size: float) -> None:
        if ticks := self.ticks.get(request):
            quotes.take_size(ticks, kind, size)

    def tickGeneric(self, request: int, kind: int, value: float) -> None:
        if ticks := self.ticks.get(request):
            quotes.take_generic(ticks, kind, value)

    def marketDataType(self, request: int, kind: int) -> None:
        if ticks := self.ticks.get(request):
            ticks.data_type = kind

    def tickOptionComputation(self, request: int, kind: int, _attribute: int, *told: float) -> None:
        volatility, delta, _price, _dividend, gamma, vega, theta, underlying = told
        if ticks := self.ticks.get(request):
            greeks = {"delta": delta, "gamma": gamma, "vega": vega, "theta": theta}
            quotes.take_model(ticks, kind, volatility=volatility, greeks=greeks, underlying=underlying)
