"""Runs of fields that openOrder and completedOrder have in common."""

from decimal import Decimal

from apps.simgateway.wire import conditions
from apps.simgateway.wire.contract import WireContract
from apps.simgateway.wire.numbers import double, double_or_empty, flag, integer, plain
from apps.simgateway.wire.order import WireOrder, is_pegged, is_up_to_midpoint

NOT_ADJUSTED = "None"  # the gateway's word for "no order type here"
_LIMITS = frozenset({"LMT", "LOC"})
_ONE = Decimal(1)


def contract_fields(contract: WireContract) -> list[str]:
    return [
        str(contract.con_id),
        contract.symbol,
        contract.sec_type,
        contract.expiry,
        plain(contract.strike),
        contract.right or "?",
        contract.multiplier,
        contract.exchange,
        contract.currency,
        contract.local_symbol,
        contract.trading_class,
    ]


def main_fields(order: WireOrder) -> list[str]:
    """From the action to the time in force and the account."""
    per_leg = order.lmt_price is None and bool(order.leg_prices)
    return [
        order.action,
        plain(order.total_quantity),
        order.order_type,
        "" if per_leg else double(order.lmt_price or 0),
        double(order.aux_price or 0),
        order.tif or "DAY",
        order.oca_group,
        order.account,
        order.open_close if order.open_close == "C" else "",
        str(order.origin),
        order.order_ref,
    ]


def advisor_fields(version: int, order: WireOrder) -> list[str]:
    fields = [order.fa_group, order.fa_method, order.fa_percentage]
    if version < 177:
        fields.append(order.fa_profile)
    return [
        *fields,
        order.model_code,
        order.good_till_date,
        order.rule_80a,
        double_or_empty(order.percent_offset),
        order.settling_firm,
        str(order.short_sale_slot),
        order.designated_location,
        str(order.exempt_code),
    ]


def reference_prices(order: WireOrder) -> list[str]:
    """Prices of box and stock-relative orders, then the size shown."""
    return [
        double_or_empty(order.starting_price),
        double_or_empty(order.stock_ref_price),
        double_or_empty(order.delta),
        double_or_empty(order.stock_range_lower),
        double_or_empty(order.stock_range_upper),
        integer(order.display_size or None),
    ]


def volatility_fields(order: WireOrder) -> list[str]:
    return [
        double_or_empty(order.volatility),
        str(order.volatility_type or 0),
        order.delta_neutral_order_type or NOT_ADJUSTED,
        double_or_empty(order.delta_neutral_aux_price),
    ]


def short_sale_of_hedge(order: WireOrder) -> list[str]:
    return [
        flag(order.delta_neutral_short_sale),
        str(order.delta_neutral_short_sale_slot),
        order.delta_neutral_designated_location,
    ]


def trailing_fields(order: WireOrder) -> list[str]:
    return [
        flag(order.continuous_update),
        str(order.reference_price_type or 0),
        double_or_empty(order.trail_stop_price),
        double_or_empty(order.trailing_percent),
    ]


def combo_fields(contract: WireContract, order: WireOrder) -> list[str]:
    """The legs in words, the legs, their prices, and how the combo is routed."""
    if not contract.combo_legs:
        return ["", "0", "0", "0"]
    legs = contract.combo_legs
    described = contract.combo_legs_description or ",".join(
        f"{leg.con_id}|{leg.ratio if leg.action == 'BUY' else -leg.ratio}" for leg in legs
    )
    fields = [described, str(len(legs))]
    for leg in legs:
        fields += (str(leg.con_id), str(leg.ratio), leg.action, leg.exchange)
        fields += (
            str(leg.open_close),
            str(leg.short_sale_slot),
            leg.designated_location,
            str(leg.exempt_code),
        )
    fields.append(str(len(order.leg_prices)))
    fields += map(double_or_empty, order.leg_prices)
    return fields + counted(order.smart_combo_routing_params)


def counted(pairs: list[tuple[str, str]]) -> list[str]:
    """How many, then tag and value of each."""
    return [str(len(pairs)), *(text for pair in pairs for text in pair)]


def scale_fields(order: WireOrder) -> list[str]:
    increment = order.scale_price_increment
    fields = [
        integer(order.scale_init_level_size),
        integer(order.scale_subs_level_size),
        double_or_empty(increment),
    ]
    if increment is not None and increment > 0:
        fields += [
            double_or_empty(order.scale_price_adjust_value),
            integer(order.scale_price_adjust_interval),
            double_or_empty(order.scale_profit_offset),
            flag(order.scale_auto_reset),
            integer(order.scale_init_position),
            integer(order.scale_init_fill_qty),
            flag(order.scale_random_percent),
        ]
    return fields


def hedge_fields(order: WireOrder) -> list[str]:
    return [order.hedge_type, order.hedge_param] if order.hedge_type else [""]


def clearing_fields(contract: WireContract, order: WireOrder) -> list[str]:
    """Clearing, the hedged underlying, the algo."""
    fields = [order.clearing_account, order.clearing_intent or "IB", flag(order.not_held)]
    hedge = contract.delta_neutral
    if hedge is None:
        fields.append("0")
    else:
        fields += ("1", str(hedge.con_id), double(hedge.delta), double(hedge.price))
    fields.append(order.algo_strategy)
    if order.algo_strategy:
        fields += counted(order.algo_params)
    return fields


def benchmark_fields(order: WireOrder) -> list[str]:
    if not is_pegged(order.order_type, "BENCH"):
        return []
    return [
        str(order.reference_contract_id),
        flag(order.is_pegged_change_amount_decrease),
        double(order.pegged_change_amount or 0),
        double(order.reference_change_amount or 0),
        order.reference_exchange_id,
    ]


def condition_fields(order: WireOrder) -> list[str]:
    if not order.conditions:
        return ["0"]
    fields = [str(len(order.conditions))]
    for condition in order.conditions:
        fields += conditions.written(condition)
    return [*fields, flag(order.conditions_ignore_rth), flag(order.conditions_cancel_order)]


def shown_stop(order: WireOrder) -> str:
    """The second trailing stop price, which a gateway fills for orders that trail nothing."""
    if order.trail_stop_price is not None:
        return double(order.trail_stop_price)
    if order.order_type in _LIMITS and order.lmt_price is not None:
        return double(order.lmt_price + _ONE)
    if order.order_type.startswith("STP"):
        return double(order.aux_price)
    return double(None)


def peg_fields(order: WireOrder, *, filler: bool) -> list[str]:
    """Sizes and offsets of pegged orders. `filler`: two values of no meaning where nothing was asked."""
    compete, offset = integer(order.min_compete_size), order.compete_against_best_offset
    if order.min_compete_size is None:
        compete = "100" if filler else ""
    if is_up_to_midpoint(offset):
        offset = "Infinity"
    return [
        "" if order.min_trade_qty is None else str(order.min_trade_qty),
        compete,
        offset or ("0.02" if filler else ""),
        double_or_empty(order.mid_offset_at_whole),
        double_or_empty(order.mid_offset_at_half),
    ]


def named_contract(contract: WireContract) -> list[str]:
    """A contract as holdings and prints name it."""
    return [
        str(contract.con_id),
        contract.symbol,
        contract.sec_type,
        contract.expiry,
        double(contract.strike),
        contract.right,
        contract.multiplier,
        contract.exchange,
        contract.currency,
        contract.local_symbol,
        contract.trading_class,
    ]
