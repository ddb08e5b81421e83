"""The executions of the day and what each cost."""

from apps.simgateway.exchange.events import Commission, Execution


class DayRecord:
    """Prints in their order, with a corrected one in the place of what it restates."""

    def __init__(self) -> None:
        self.executions: dict[str, Execution] = {}
        self.commissions: dict[str, Commission] = {}

    def add(self, execution: Execution, commission: Commission | None) -> None:
        self.executions[execution.exec_id] = execution
        if commission is not None:
            self.commissions[execution.exec_id] = commission

    def restate(self, old: str, execution: Execution) -> None:
        """Put a corrected print where the old one was; a busted one (no shares) goes."""
        self.executions = {
            (execution.exec_id if exec_id == old else exec_id): (execution if exec_id == old else one)
            for exec_id, one in self.executions.items()
            if exec_id != old or execution.shares
        }
        self.commissions.pop(old, None)

    def of(self, account: str) -> list[Execution]:
        return [x for x in self.executions.values() if not account or x.account == account]

    def clear(self) -> None:
        self.executions.clear()
        self.commissions.clear()
