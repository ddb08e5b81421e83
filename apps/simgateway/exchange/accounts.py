"""The accounts: cash, positions, and the executions of the day."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from apps.simgateway.exchange.events import Commission, Execution
from apps.simgateway.exchange.instant import Instant
from apps.simgateway.exchange.instrument import Instrument
from apps.simgateway.exchange.order import ZERO
from apps.simgateway.exchange.ports import Listing
from apps.simgateway.exchange.positions import Fill, Position, apply_fill, cash_flows


@dataclass(slots=True, kw_only=True)
class Account:
    """One account's books."""

    name: str
    base: str = "USD"
    margin: bool = True  # False: a cash account
    cash: dict[str, Decimal] = field(default_factory=dict)
    positions: dict[int, Position] = field(default_factory=dict)
    opening: dict[int, Position] = field(default_factory=dict)  # as the day began
    denied: tuple[str, ...] = ()  # kinds of instrument without trading permission

    def add_cash(self, currency: str, amount: Decimal) -> None:
        self.cash[currency] = self.cash.get(currency, ZERO) + amount

    def position(self, con_id: int) -> Position:
        """The holding, made when there is none; its state at the start of the day is kept beside it."""
        held = self.positions.get(con_id)
        if held is None:
            held = self.positions[con_id] = Position(con_id)
            self.opening[con_id] = Position(con_id)
        return held

    def quantity(self, con_id: int) -> Decimal:
        held = self.positions.get(con_id)
        return held.quantity if held is not None else ZERO


class Accounts:
    """All accounts of this login, and what was executed for them today."""

    def __init__(self, catalogue: Listing, accounts: Iterable[Account]) -> None:
        self.catalogue = catalogue
        self._accounts = {account.name: account for account in accounts}
        self._executions: dict[str, Execution] = {}  # exec_id → print, in order
        self._commissions: dict[str, Commission] = {}

    @property
    def names(self) -> list[str]:
        return list(self._accounts)

    def account(self, name: str) -> Account | None:
        return self._accounts.get(name)

    def book(self, execution: Execution, instrument: Instrument, fee: Decimal) -> Commission:
        """Take a print into the books of its account."""
        account = self._accounts[execution.account]
        signed = execution.shares if execution.side == "BOT" else -execution.shares
        fill = Fill(signed, execution.price, fee)
        realized, price_result = apply_fill(account.position(instrument.con_id), instrument, fill)
        for currency, amount in cash_flows(instrument, fill, price_result):
            account.add_cash(currency, amount)
        report = Commission(
            exec_id=execution.exec_id, amount=fee, currency=instrument.currency, realized=realized
        )
        self._executions[execution.exec_id] = execution
        self._commissions[execution.exec_id] = report
        return report

    def note(self, execution: Execution) -> None:
        """Keep a print that moves no books: a combo's own."""
        self._executions[execution.exec_id] = execution

    def executions(self, account: str = "") -> list[Execution]:
        """Today's prints, oldest first."""
        return [x for x in self._executions.values() if not account or x.account == account]

    def commission_of(self, exec_id: str) -> Commission | None:
        return self._commissions.get(exec_id)

    def positions(self, account: str = "") -> list[tuple[str, Position]]:
        """Holdings, those closed today included."""
        chosen = [a for a in self._accounts.values() if not account or a.name == account]
        return [(a.name, p) for a in chosen for p in a.positions.values()]

    def roll(self, now: Instant) -> None:
        """Begin another day: executions are forgotten, closed holdings go, results start at nothing."""
        self._executions.clear()
        self._commissions.clear()
        for account in self._accounts.values():
            account.positions = {c: p for c, p in account.positions.items() if p.quantity}
            for held in account.positions.values():
                held.realized = held.flow = ZERO
            account.opening = {c: p.copy() for c, p in account.positions.items()}
