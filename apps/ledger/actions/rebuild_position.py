"""A position is what its fills make it, every time anew."""

from decimal import Decimal

from apps.journal import clock
from apps.journal.statements import rows_of
from apps.ledger.models import Fill
from tradingdesk.domain.money import Side
from tradingdesk.domain.portfolio import Fill as FillValue
from tradingdesk.domain.portfolio import position_of

KEEP = """
    INSERT INTO ledger_position (account_id, contract_id, quantity, average_cost, realized, changed_at)
    VALUES (%s, %s, %s, %s, %s, %s)
    ON CONFLICT (account_id, contract_id) DO UPDATE SET quantity = excluded.quantity,
        average_cost = excluded.average_cost, realized = excluded.realized, changed_at = excluded.changed_at
"""


def rebuild_position(account_id: int, contract_id: int) -> None:
    """Runs in the caller's transaction."""
    fills = Fill.objects.filter(account_id=account_id, contract_id=contract_id, superseded=False)
    values = [
        FillValue(
            account=str(account_id),
            exec_id=exec_id,
            con_id=contract_id,
            side=Side(side),
            quantity=Decimal(0) if busted else quantity,
            price=price,
            at=at,
        )
        for exec_id, side, busted, quantity, price, at in fills.values_list(
            "exec_id", "side", "busted", "quantity", "price", "at"
        )
    ]
    position = position_of(values)
    cost = position.average_cost if position.quantity else None
    rows_of(KEEP, [account_id, contract_id, position.quantity, cost, position.realized, clock.now()])
