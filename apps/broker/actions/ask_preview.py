"""Ask what the entries of a request would cost in margin and commission. The link asks the broker."""

from collections.abc import Sequence
from typing import Any

from apps.approvals.models import Request
from apps.broker.models import Preview
from apps.journal import clock
from apps.plans.models import Line
from tradingdesk.domain.tickets.brackets import TicketSpec


def ask_previews(request: Request, entries: Sequence[TicketSpec]) -> None:
    """One question an entry. Runs in the caller's transaction."""
    contracts = {
        line.symbol: line.contract
        for line in Line.objects.filter(plan_id=request.plan_id).select_related("contract")
        if line.contract is not None
    }
    now = clock.now()
    Preview.objects.bulk_create(
        [
            Preview(
                request=request, ticket_key=spec.key, order=_order(request, spec, contracts), asked_at=now
            )
            for spec in entries
        ],
        ignore_conflicts=True,
    )


def _order(request: Request, spec: TicketSpec, contracts: dict[str, Any]) -> dict[str, Any]:
    contract = contracts[spec.symbol]
    return {
        "account": request.account.code,
        "con_id": contract.con_id,
        "symbol": contract.symbol,
        "sec_type": contract.sec_type,
        "currency": contract.currency,
        "exchange": contract.exchange,
        "side": spec.side.value,
        "quantity": str(spec.quantity),
        "order_type": spec.order_type,
        "limit_price": str(spec.limit_price),
        "stop_price": None,
        "tif": spec.tif,
        "outside_rth": spec.outside_rth,
    }
