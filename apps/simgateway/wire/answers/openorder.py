"""openOrder: what an order is and where it stands, in 136 fields at version 176 and 156 at 200."""

from apps.simgateway.wire.answers import sections
from apps.simgateway.wire.contract import WireContract
from apps.simgateway.wire.numbers import (
    UNSET_NEGATIVE_LONG,
    double,
    double_or_empty,
    flag,
    integer,
    plain,
)
from apps.simgateway.wire.order import WireOrder
from apps.simgateway.wire.state import OrderState

FIELDS_BEHIND_STOP = 13  # of the adjustments, behind the second stop price

_NEWER = (  # version from which on, and how many
    (158, 1), (160, 1), (162, 1), (170, 5), (183, 1), (184, 1), (185, 1), (189, 1), (193, 2), (198, 1),
    (199, 1),
)  # fmt: skip


def open_order(version: int, *, contract: WireContract, order: WireOrder, state: OrderState) -> list[str]:
    fields = ["5", str(order.order_id)]
    fields += sections.contract_fields(contract)
    fields += sections.main_fields(order)
    fields += _identity(order)
    fields += sections.advisor_fields(version, order)
    fields.append(str(order.auction_strategy))
    fields += sections.reference_prices(order)
    fields += _handling(order)
    fields += sections.volatility_fields(order)
    fields += _hedge_order(order)
    fields += sections.trailing_fields(order)
    fields += ("", "")  # basis points
    fields += sections.combo_fields(contract, order)
    fields += sections.scale_fields(order)
    fields += sections.hedge_fields(order)
    fields.append(flag(order.opt_out_smart_routing))
    fields += sections.clearing_fields(contract, order)
    fields += (flag(order.solicited), flag(order.what_if), state.status)
    fields += _preview(version, state)
    fields += (flag(order.randomize_size), flag(order.randomize_price))
    fields += sections.benchmark_fields(order)
    fields += sections.condition_fields(order)
    fields += _adjustments(order)
    fields += _newer(version, contract, order, routed=state.routed)
    return fields


def _identity(order: WireOrder) -> list[str]:
    allocation = order.shares_allocation
    if not allocation and order.perm_id:
        allocation = f"{order.perm_id}.0/{order.account}/{plain(order.total_quantity)}"
    return [
        str(order.client_id),
        str(order.perm_id),
        flag(order.outside_rth),
        flag(order.hidden),
        double(order.discretionary_amt) if order.discretionary_amt else "0",
        order.good_after_time,
        allocation,
    ]


def _handling(order: WireOrder) -> list[str]:
    return [
        flag(order.block_order),
        flag(order.sweep_to_fill),
        flag(order.all_or_none),
        "" if order.min_qty is None else str(order.min_qty),
        str(order.oca_type or 3),
        flag(order.e_trade_only),
        flag(order.firm_quote_only),
        double_or_empty(order.nbbo_price_cap),
        str(order.parent_id),
        str(order.trigger_method),
    ]


def _hedge_order(order: WireOrder) -> list[str]:
    return [
        str(order.delta_neutral_con_id),
        order.delta_neutral_settling_firm,
        order.delta_neutral_clearing_account,
        order.delta_neutral_clearing_intent,
        order.delta_neutral_open_close or "?",
        *sections.short_sale_of_hedge(order),
    ]


def _preview(version: int, state: OrderState) -> list[str]:
    """Margins and commission of a preview; the largest double where nothing was computed."""
    fields = [
        double(state.init_margin_before),
        double(state.maint_margin_before),
        double(state.equity_with_loan_before),
        double(state.init_margin_change),
        double(state.maint_margin_change),
        double(state.equity_with_loan_change),
        double(state.init_margin_after),
        double(state.maint_margin_after),
        double(state.equity_with_loan_after),
        double_or_empty(state.commission),
        double_or_empty(state.min_commission),
        double_or_empty(state.max_commission),
        state.commission_currency,
    ]
    if version >= 195:
        fields += _full_preview(state)
    fields.append(state.warning_text)
    return fields


def _full_preview(state: OrderState) -> list[str]:
    size = UNSET_NEGATIVE_LONG if state.suggested_size is None else plain(state.suggested_size)
    fields = [state.margin_currency, *map(double, state.outside_rth), size, state.reject_reason]
    fields.append(str(len(state.allocations)))
    for part in state.allocations:
        fields += [
            part.account,
            plain(part.position),
            plain(part.position_desired),
            plain(part.position_after),
            plain(part.desired_quantity),
            plain(part.allowed_quantity),
            flag(part.is_monetary),
        ]
    return fields


def _adjustments(order: WireOrder) -> list[str]:
    return [
        order.adjusted_order_type or sections.NOT_ADJUSTED,
        double(order.trigger_price),
        sections.shown_stop(order),
        double(order.lmt_price_offset),
        double(order.adjusted_stop_price),
        double(order.adjusted_stop_limit_price),
        double(order.adjusted_trailing_amount),
        str(order.adjustable_trailing_unit),
        order.soft_dollar_tier_name,
        order.soft_dollar_tier_value,
        "",
        double(order.cash_qty) if order.cash_qty else "0",
        flag(order.dont_use_auto_price_for_hedge) if order.hedge_type else "1",
        flag(order.is_oms_container),
        flag(order.discretionary_up_to_limit_price),
        flag(order.use_price_mgmt_algo),
    ]


def _newer(version: int, contract: WireContract, order: WireOrder, *, routed: bool) -> list[str]:
    """What versions after 157 added, in their order."""
    fields: list[str] = []
    if version >= 158:
        fields.append("" if order.duration is None else str(order.duration))
    if version >= 160:
        fields.append("" if order.post_to_ats is None else str(order.post_to_ats))
    if version >= 162:
        fields.append(flag(order.auto_cancel_parent))
    if version >= 170:
        fields += sections.peg_fields(order, filler=contract.exchange == "SMART" and not routed)
    if version >= 183:
        fields.append(order.customer_account)
    if version >= 184:
        fields.append(flag(order.professional_customer))
    if version >= 185:
        fields.append("")  # accrued interest of a bond
    if version >= 189:
        fields.append(flag(order.include_overnight))
    if version >= 193:
        fields += (order.ext_operator, integer(order.manual_order_indicator))
    if version >= 198:
        fields.append(order.submitter)
    if version >= 199:
        fields.append(flag(order.imbalance_only))
    return fields


def newer_count(version: int) -> int:
    """How many fields those versions added."""
    return sum(count for since, count in _NEWER if version >= since)
