"""The executions of the day and what each cost."""

from collections.abc import Iterator
from decimal import Decimal
from operator import attrgetter
from typing import Any

from apps.simgateway.exchange.archive import Archive, Row
from apps.simgateway.exchange.events import Commission, Execution
from apps.simgateway.exchange.plain import plain, revived

_AT_HAND = 500  # prints that are not packed away
_AMOUNTS = ("shares", "price", "cum_quantity", "average_price", "order_filled")

_values_of = attrgetter(*Execution.__slots__)

Print = tuple[Execution, Commission | None]


class DayRecord:
    """Prints in their order, with a corrected one in the place of what it restates. Older ones are packed."""

    def __init__(self) -> None:
        self.executions: dict[str, Execution] = {}  # those at hand
        self.commissions: dict[str, Commission] = {}
        self._older = Archive()

    def add(self, execution: Execution, commission: Commission | None) -> None:
        self._put(execution, commission)
        while len(self.executions) > _AT_HAND:
            exec_id = next(iter(self.executions))
            oldest, cost = self.executions.pop(exec_id), self.commissions.pop(exec_id, None)
            self._older.add(_row(oldest, cost), {})

    def _put(self, execution: Execution, commission: Commission | None) -> None:
        self.executions[execution.exec_id] = execution
        if commission is not None:
            self.commissions[execution.exec_id] = commission

    def prints(self, account: str = "") -> Iterator[Print]:
        """Every print with its cost, oldest first."""
        for row in self._older:
            if not account or row["account"] == account:
                yield _print(row)
        for exec_id, execution in list(self.executions.items()):
            if not account or execution.account == account:
                yield execution, self.commissions.get(exec_id)

    def commission_of(self, exec_id: str) -> Commission | None:
        if exec_id in self.executions:
            return self.commissions.get(exec_id)
        return next((cost for one, cost in self.prints() if one.exec_id == exec_id), None)

    def unpack(self) -> None:
        """Have every print at hand, to restate one of them."""
        every = list(self.prints())
        self.clear()
        for execution, cost in every:
            self._put(execution, cost)

    def restate(self, old: str, execution: Execution) -> None:
        """Put a corrected print where the old one was; a busted one (no shares) goes."""
        self.unpack()
        self.executions = {
            (execution.exec_id if exec_id == old else exec_id): (execution if exec_id == old else one)
            for exec_id, one in self.executions.items()
            if exec_id != old or execution.shares
        }
        self.commissions.pop(old, None)

    def clear(self) -> None:
        self.executions.clear()
        self.commissions.clear()
        self._older.clear()

    def dump(self) -> dict[str, Any]:
        costs = (self.commissions.get(exec_id) for exec_id in self.executions)
        return {
            "older": self._older.dump(),
            "executions": [plain(execution) for execution in self.executions.values()],
            "commissions": [plain(cost) for cost in costs if cost is not None],
        }

    def load(self, state: dict[str, Any]) -> None:
        self._older.load(state["older"])
        costs = {row["exec_id"]: revived(Commission, row) for row in state["commissions"]}
        for row in state["executions"]:
            self._put(revived(Execution, row), costs.get(row["exec_id"]))


def _row(execution: Execution, cost: Commission | None) -> Row:
    """A print and its cost as one row; quicker than the general way, since every print comes by here."""
    row: Row = dict(zip(Execution.__slots__, _values_of(execution), strict=True))
    for name in _AMOUNTS:
        row[name] = str(row[name])
    if cost is not None:
        realized = None if cost.realized is None else str(cost.realized)
        row["cost"] = [str(cost.amount), cost.currency, realized]
    return row


def _print(row: Row) -> Print:
    values = dict(row)
    cost = values.pop("cost", None)
    for name in _AMOUNTS:
        values[name] = Decimal(values[name])
    if cost is None:
        return Execution(**values), None
    amount, currency, realized = cost
    report = Commission(
        exec_id=row["exec_id"],
        amount=Decimal(amount),
        currency=currency,
        realized=None if realized is None else Decimal(realized),
    )
    return Execution(**values), report
