"""A position is what its fills make it, every time anew."""

from decimal import Decimal

from apps.journal import clock
from apps.ledger.models import Fill, Position
from tradingdesk.domain.money import Side
from tradingdesk.domain.portfolio import Fill as FillValue
from tradingdesk.domain.portfolio import position_of


def rebuild_position(account_id: int, contract_id: int) -> Position:
    """Runs in the caller's transaction."""
    fills = Fill.objects.filter(account_id=account_id, contract_id=contract_id, superseded=False)
    values = [
        FillValue(
            account=str(account_id),
            exec_id=fill.exec_id,
            con_id=contract_id,
            side=Side(fill.side),
            quantity=Decimal(0) if fill.busted else fill.quantity,
            price=fill.price,
            at=fill.at,
        )
        for fill in fills
    ]
    position = position_of(values)
    row, _ = Position.objects.update_or_create(
        account_id=account_id,
        contract_id=contract_id,
        defaults={
            "quantity": position.quantity,
            "average_cost": position.average_cost if position.quantity else None,
            "realized": position.realized,
            "changed_at": clock.now(),
        },
    )
    return row
