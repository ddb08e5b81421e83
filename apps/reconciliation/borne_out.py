"""Whether the broker's own count lacks what its list of executions lacks: then it was taken back.

A list that is merely short is not borne out: the broker still counts what it traded.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from django.db.models import QuerySet

from apps.broker.ports import PositionTold
from apps.desks.models import Account
from apps.ledger.models import Adoption, Fill, Position
from apps.market.models import Contract
from apps.reconciliation.models import BROKER, Break
from apps.reconciliation.ours import externals
from apps.reconciliation.theirs import COMBO, told_lists
from tradingdesk.domain.money import Reason, Side
from tradingdesk.domain.portfolio import root_and_revision
from tradingdesk.domain.reconciliation import Kind

ZERO = Decimal(0)


def borne_out(gateway_id: int, lacked: Collection[str], told: Iterable[PositionTold]) -> bool:
    """The executions that a list lacks against a reading of every position, contract by contract."""
    roots = {root_and_revision(exec_id)[0] for exec_id in lacked}
    rows = Fill.objects.filter(account__gateway_id=gateway_id, exec_root__in=roots, superseded=False)
    fills = list(rows.filter(busted=False).select_related("account", "contract"))
    counts = {(row.account, row.con_id): row.quantity for row in told}
    taken: dict[tuple[Account, Contract], list[Fill]] = defaultdict(list)
    for fill in fills:
        taken[fill.account, fill.contract].append(fill)
    return {fill.exec_root for fill in fills} == roots and all(
        contract.sec_type == COMBO or bears_out(account, contract, some, counts=counts)
        for (account, contract), some in taken.items()
    )


def take_back_problem(case: Break, fill: Fill, now: datetime) -> Reason | None:
    """Why a fill that only we have cannot be taken back. That the statement of its day lacks it is enough."""
    if case.source != BROKER or fill.contract.sec_type == COMBO:
        return None
    rows = told_lists(case.account, now)["positions"].rows
    if rows is None:
        return Reason("BREAK_COUNT_UNKNOWN", "the broker's newest count is not known; ask it again first")
    counts = {(case.account.code, int(row["con_id"])): Decimal(row["quantity"]) for row in rows}
    if bears_out(case.account, fill.contract, _lacked_with(case), counts=counts):
        return None
    count = counts.get((case.account.code, fill.contract.con_id), ZERO)
    text = f"the broker holds {count.normalize():f} {fill.contract.symbol}, and without it we would not"
    return Reason("BREAK_STILL_COUNTED", f"{text}: ask it again, or take the statement of the day")


def _lacked_with(case: Break) -> QuerySet[Fill]:
    """What the list lacks of the same contract: the count lacks all of it."""
    cases = Break.objects.filter(account=case.account, contract=case.contract, source=BROKER)
    open_ones = cases.filter(kind=Kind.EXECUTION_OURS_ONLY).exclude(state="closed")
    rows = Fill.objects.filter(account=case.account, superseded=False, busted=False)
    return rows.filter(exec_root__in=open_ones.values("key"))


def bears_out(
    account: Account, contract: Contract, fills: Iterable[Fill], *, counts: Mapping[tuple[str, int], Decimal]
) -> bool:
    """What we would hold without these fills is what the broker counts, another hand's part taken off or not.

    What was filled before the newest adoption is in the adopted value, whatever becomes of it.
    """
    of_contract = {"account": account, "contract": contract}
    held = Position.objects.filter(**of_contract).values_list("quantity", flat=True).first() or ZERO
    adopted = Adoption.objects.filter(**of_contract).order_by("at", "pk").values_list("at", flat=True).last()
    since = [fill for fill in fills if adopted is None or fill.at > adopted]
    without = held - sum((Side(fill.side).signed(fill.quantity) for fill in since), start=ZERO)
    count = counts.get((account.code, contract.con_id), ZERO)
    return without in (count, count - externals(account).get(str(contract.con_id), ZERO))
