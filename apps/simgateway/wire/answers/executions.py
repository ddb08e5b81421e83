"""What is said about prints and what they cost."""

from apps.simgateway.wire.answers.sections import named_contract
from apps.simgateway.wire.contract import WireContract
from apps.simgateway.wire.numbers import UNSET_DOUBLE, double, flag, plain
from apps.simgateway.wire.state import Money, WireExecution


def exec_details(
    version: int, *, req_id: int = -1, contract: WireContract, execution: WireExecution
) -> list[str]:
    """A print; `req_id` is -1 when it just happened."""
    fields = ["11", str(req_id), str(execution.order_id)]
    fields += named_contract(contract)
    fields += [
        execution.exec_id,
        execution.time,
        execution.account,
        execution.exchange,
        execution.side,
        plain(execution.shares),
        plain(execution.price),
        str(execution.perm_id),
        str(execution.client_id),
        str(execution.liquidation),
        plain(execution.cum_qty),
        plain(execution.avg_price),
        execution.order_ref,
        execution.ev_rule,
        execution.ev_multiplier,
        execution.model_code,
        str(execution.last_liquidity),
    ]
    if version >= 178:
        fields.append(flag(execution.pending_price_revision))
    if version >= 198:
        fields.append(execution.submitter)
    return fields


def exec_details_end(version: int, *, req_id: int) -> list[str]:
    return ["55", "1", str(req_id)]


def commission_report(
    version: int,
    *,
    exec_id: str,
    commission: Money,
    currency: str,
    realized_pnl: Money = None,
) -> list[str]:
    return ["59", "1", exec_id, double(commission), currency, double(realized_pnl), UNSET_DOUBLE, ""]
