"""completedOrder: an order that is done today, for who asks for those."""

from apps.simgateway.wire.answers import sections
from apps.simgateway.wire.contract import WireContract
from apps.simgateway.wire.numbers import UNSET_INTEGER, double, flag, long, plain
from apps.simgateway.wire.order import WireOrder
from apps.simgateway.wire.state import OrderState

FILLED = "Filled"
TOTAL_QUANTITY = 13  # its place
SHAREHOLDER = "Not an insider or substantial shareholder"


def completed_order(
    version: int, *, contract: WireContract, order: WireOrder, state: OrderState
) -> list[str]:
    """A filled order has nothing left, and its total is 0 here."""
    fields = ["101"]
    fields += sections.contract_fields(contract)
    fields += sections.main_fields(order)
    if state.status == FILLED:
        fields[TOTAL_QUANTITY] = "0"
    fields += (str(order.perm_id), flag(order.outside_rth), flag(order.hidden))
    fields += (double(order.discretionary_amt) if order.discretionary_amt else "0", order.good_after_time)
    fields += sections.advisor_fields(version, order)
    fields += sections.reference_prices(order)
    fields += _handling(order)
    fields += sections.volatility_fields(order)
    fields += (str(order.delta_neutral_con_id), *sections.short_sale_of_hedge(order))
    fields += sections.trailing_fields(order)
    fields += sections.combo_fields(contract, order)
    fields += sections.scale_fields(order)
    fields += sections.hedge_fields(order)
    fields += sections.clearing_fields(contract, order)
    fields += (flag(order.solicited), state.status)
    fields += (flag(order.randomize_size), flag(order.randomize_price))
    fields += sections.benchmark_fields(order)
    fields += sections.condition_fields(order)
    fields += _ending(order, state)
    fields += _newer(version, order)
    return fields


def _handling(order: WireOrder) -> list[str]:
    return [
        flag(order.sweep_to_fill),
        flag(order.all_or_none),
        "" if order.min_qty is None else str(order.min_qty),
        str(order.oca_type or 3),
        str(order.trigger_method),
    ]


def _ending(order: WireOrder, state: OrderState) -> list[str]:
    return [
        sections.shown_stop(order),
        double(order.lmt_price_offset),
        double(order.cash_qty) if order.cash_qty else "0",
        flag(order.dont_use_auto_price_for_hedge) if order.hedge_type else "1",
        flag(order.is_oms_container),
        "",  # the day on which it would have been cancelled
        plain(order.filled_quantity),
        UNSET_INTEGER,  # the future it refers to
        flag(order.auto_cancel_parent),
        SHAREHOLDER,
        flag(order.imbalance_only),
        "0",  # routed marketable orders to the best bid or offer
        long(order.parent_perm_id),
        state.completed_time,
        state.completed_status,
    ]


def _newer(version: int, order: WireOrder) -> list[str]:
    fields: list[str] = []
    if version >= 170:
        fields += sections.peg_fields(order, filler=False)
    if version >= 183:
        fields.append(order.customer_account)
    if version >= 184:
        fields.append(flag(order.professional_customer))
    if version >= 198:
        fields.append(order.submitter)
    return fields
