"""The official client with a memory: every callback is kept, and a person can wait for one."""

import threading
import time
from collections.abc import Callable
from typing import Any

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
        self.disconnect()
        self._thread.join(5)


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
