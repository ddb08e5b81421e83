"""The official client with a memory: every callback is kept, and a person can wait for one."""

import threading
import time
from collections.abc import Callable
from typing import Any

from ibapi import order_condition as conditions
from ibapi.client import EClient
from ibapi.contract import ComboLeg, Contract
from ibapi.order import Order
from ibapi.wrapper import EWrapper

SECONDS = 20


class OfficialTrader(EWrapper, EClient):  # type: ignore[misc]
    def __init__(self, port: int, client_id: int) -> None:
        EClient.__init__(self, self)
        self.calls: list[tuple[str, tuple[Any, ...]]] = []
        self._news = threading.Condition()
        self._next = 0
        self.connect("127.0.0.1", port, client_id)
        self._thread = threading.Thread(target=self.run, daemon=True)
        self._thread.start()
        self._next = self.wait("nextValidId")[0]

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name in _CALLBACKS:
            return lambda *given: self._remember(name, given)
        return found

    def _remember(self, name: str, given: tuple[Any, ...]) -> None:
        with self._news:
            self.calls.append((name, given))
            self._news.notify_all()

    def heard(self, name: str, fits: Callable[..., Any] = lambda *_: True) -> list[tuple[Any, ...]]:
        return [given for called, given in list(self.calls) if called == name and fits(*given)]

    def wait(self, name: str, fits: Callable[..., Any] = lambda *_: True) -> tuple[Any, ...]:
        """The first callback of that name that fits, once it is there."""
        deadline = time.monotonic() + SECONDS
        with self._news:
            while not (found := self.heard(name, fits)):
                if not self._news.wait(deadline - time.monotonic()):
                    errors = [given for called, given in self.calls if called == "error"]
                    raise AssertionError(f"no {name}; errors: {errors}")
            return found[0]

    def number(self) -> int:
        self._next += 1
        return self._next

    def stop(self) -> None:
        """Close the socket; the client's own loop reads what is left and then lets go.

        Its `disconnect` from here would forget the server's version under a loop that still reads.
        """
        self.conn.disconnect()
        self._thread.join(5)
        assert not self._thread.is_alive()


_CALLBACKS = frozenset(
    name
    for name in vars(EWrapper)
    if not name.startswith("_") and not name.endswith("ProtoBuf") and name != "logAnswer"
)


def stock(symbol: str) -> Contract:
    contract = Contract()
    contract.symbol, contract.secType, contract.exchange, contract.currency = symbol, "STK", "SMART", "USD"
    return contract


def order(side: str, quantity: float, kind: str, **more: Any) -> Order:
    made = Order()
    made.action, made.totalQuantity, made.orderType, made.tif = side, quantity, kind, "DAY"
    for name, value in more.items():
        assert hasattr(made, name), name
        setattr(made, name, value)
    return made


def leg(con_id: int, side: str) -> ComboLeg:
    made = ComboLeg()
    made.conId, made.ratio, made.action, made.exchange = con_id, 1, side, "SMART"
    return made


def contract_id(trader: OfficialTrader, contract: Any) -> int:
    number = trader.number()
    trader.reqContractDetails(number, contract)
    _, details = trader.wait("contractDetails", lambda asked, _: asked == number)
    trader.wait("contractDetailsEnd", lambda asked: asked == number)
    return int(details.contract.conId)


def ask_price(trader: OfficialTrader, contract: Any) -> float:
    number = trader.number()
    trader.reqMktData(number, contract, "", True, False, [])
    trader.wait("tickSnapshotEnd", lambda asked: asked == number)
    ((_, _, price, _),) = trader.heard("tickPrice", lambda asked, kind, *_: (asked, kind) == (number, 2))
    return float(price)


def place(trader: OfficialTrader, contract: Any, asked: Any) -> int:
    number = trader.number()
    trader.placeOrder(number, contract, asked)
    return number


def status(trader: OfficialTrader, number: int, word: str) -> tuple[Any, ...]:
    return trader.wait("orderStatus", lambda order_id, said, *_: (order_id, said) == (number, word))


def pair(trader: OfficialTrader) -> Contract:
    """A combo of two shares, one bought and one sold."""
    combo = stock("QQQ")
    combo.secType = "BAG"
    sides = (("AAPL", "BUY"), ("MSFT", "SELL"))
    combo.comboLegs = [leg(contract_id(trader, stock(name)), side) for name, side in sides]
    return combo


def six_conditions(con_id: int) -> list[conditions.OrderCondition]:
    """One of each kind, none of which will be met today."""
    never = conditions.PriceCondition.TriggerMethodEnum.Default
    return [
        conditions.PriceCondition(never, con_id, "SMART", True, 9000.0),
        conditions.TimeCondition(True, "20261118 20:00:00 US/Eastern"),
        conditions.MarginCondition(True, 30.0),
        conditions.ExecutionCondition("STK", "SMART", "MSFT"),
        conditions.VolumeCondition(con_id, "SMART", True, 9_000_000),
        conditions.PercentChangeCondition(con_id, "SMART", True, 50.0),
    ]
