"""The accounts: cash, positions, the executions of the day, and what all that is worth."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from apps.simgateway.exchange.accountvalues import Value, values
from apps.simgateway.exchange.dayrecord import DayRecord, Print
from apps.simgateway.exchange.events import Commission, Execution
from apps.simgateway.exchange.instant import Instant
from apps.simgateway.exchange.instrument import Instrument
from apps.simgateway.exchange.ledgers import Account
from apps.simgateway.exchange.ports import Listing, Prices
from apps.simgateway.exchange.positions import Fill, Position, apply_fill, cash_flows
from apps.simgateway.exchange.results import Holding, Pnl, PnlSingle, holding_of, pnl_of, value_of
from apps.simgateway.exchange.valuation import Valuer


class Accounts:
    """All accounts of this login, and what was executed for them today."""

    def __init__(self, catalogue: Listing, market: Prices, accounts: Iterable[Account]) -> None:
        self.valuer = Valuer(catalogue, market)
        self.today = DayRecord()
        self._accounts = {account.name: account for account in accounts}

    @property
    def names(self) -> list[str]:
        return list(self._accounts)

    def account(self, name: str) -> Account | None:
        return self._accounts.get(name)

    def replace(self, account: Account) -> None:
        """Put an account in the place of the one of its name."""
        self._accounts[account.name] = account

    def book(self, execution: Execution, instrument: Instrument | None, fee: Decimal) -> Commission | None:
        """Take a print into the books of its account; a combo's own (no instrument) is only recorded."""
        if instrument is None:
            self.today.add(execution, None)
            return None
        account = self._accounts[execution.account]
        if account.previous_equity is None:
            account.previous_equity = self.valuer.worth(account, execution.at).equity
        position = account.position(instrument.con_id)
        self._mark_opening(account, instrument, execution.at)
        fill = fill_of(execution, fee)
        realized, price_result = apply_fill(position, instrument, fill)
        for currency, amount in cash_flows(instrument, fill, price_result):
            account.add_cash(currency, amount)
        report = Commission(
            exec_id=execution.exec_id, amount=fee, currency=instrument.currency, realized=realized
        )
        self.today.add(execution, report)
        return report

    def executions(self, account: str = "") -> list[Execution]:
        """Today's prints, oldest first."""
        return [execution for execution, _ in self.today.prints(account)]

    def prints(self, account: str = "") -> Iterator[Print]:
        """The same with what each cost."""
        return self.today.prints(account)

    def commission_of(self, exec_id: str) -> Commission | None:
        return self.today.commission_of(exec_id)

    def positions(self, account: str = "") -> list[tuple[str, Position]]:
        """Holdings, those closed today included."""
        chosen = [a for a in self._accounts.values() if account in ("", "All", a.name)]
        return [(a.name, p) for a in chosen for p in a.positions.values()]

    def roll(self, now: Instant) -> None:
        """Begin another day: executions are forgotten, closed holdings go, results start at nothing."""
        self.today.clear()
        for account in self._accounts.values():
            account.previous_equity = self.valuer.worth(account, now).equity
            account.begin_day()
            self._mark_openings(account, now)

    def _mark_openings(self, account: Account, now: Instant) -> None:
        """Note what each holding is worth as the day begins, for the day's result."""
        for con_id in account.positions:
            if (instrument := self.valuer.catalogue.by_con_id(con_id)) is not None:
                self._mark_opening(account, instrument, now)

    def _mark_opening(self, account: Account, instrument: Instrument, now: Instant) -> None:
        con_id = instrument.con_id
        if con_id not in account.opening_marks and con_id in account.opening:
            account.opening_marks[con_id] = value_of(
                self.valuer, instrument, account.opening[con_id], now=now
            )

    def values(self, name: str, now: Instant) -> list[Value]:
        """Every account value row, as a full download tells them."""
        account = self._accounts[name]
        return values(account, self.valuer.worth(account, now))

    def portfolio(self, name: str, now: Instant) -> list[Holding]:
        """Each holding with its market value and results."""
        account = self._accounts[name]
        rows = (holding_of(self.valuer, position, now) for position in account.positions.values())
        return [row for row in rows if row is not None]

    def pnl(self, name: str, now: Instant) -> Pnl:
        """The account's result of the day, open and taken."""
        account = self._accounts[name]
        self._mark_openings(account, now)
        return pnl_of(self.valuer, account, now)

    def pnl_single(self, name: str, con_id: int, now: Instant) -> PnlSingle | None:
        """The same for one holding; None when the account has none."""
        account = self._accounts[name]
        position = account.positions.get(con_id)
        row = holding_of(self.valuer, position, now) if position is not None else None
        if row is None or position is None:
            return None
        self._mark_openings(account, now)
        return PnlSingle(
            position=row.position,
            daily=row.market_value - account.opening_marks.get(con_id, Decimal(0)) + position.flow,
            unrealized=row.unrealized,
            realized=row.realized,
            value=row.market_value,
        )


def fill_of(execution: Execution, fee: Decimal) -> Fill:
    """What a print means for the books."""
    signed = execution.shares if execution.side == "BOT" else -execution.shares
    return Fill(signed, execution.price, fee)
