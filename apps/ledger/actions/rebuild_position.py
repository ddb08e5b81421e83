"""A position is what its fills and adoptions make it, every time anew."""

from apps.journal import clock
from apps.journal.statements import rows_of
from apps.ledger.history import position_from

KEEP = """
    INSERT INTO ledger_position (account_id, contract_id, quantity, average_cost, realized, changed_at)
    VALUES (%s, %s, %s, %s, %s, %s)
    ON CONFLICT (account_id, contract_id) DO UPDATE SET quantity = excluded.quantity,
        average_cost = excluded.average_cost, realized = excluded.realized, changed_at = excluded.changed_at
"""


def rebuild_position(account_id: int, contract_id: int) -> None:
    """Runs in the caller's transaction."""
    position = position_from(account_id, contract_id)
    cost = position.average_cost if position.quantity else None
    rows_of(KEEP, [account_id, contract_id, position.quantity, cost, position.realized, clock.now()])
