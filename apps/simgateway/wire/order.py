"""An order as messages carry it: every field of placeOrder, and what the gateway adds in openOrder."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

ZERO = Decimal(0)


@dataclass(slots=True, kw_only=True)
class WireCondition:
    """One condition, in the client's words. What its kind has no use for stays empty."""

    kind: int = 0  # 1 price, 3 time, 4 margin, 5 execution, 6 volume, 7 percent change
    conjunction: str = "a"  # a or o: how it joins the next
    is_more: bool = False
    value: str = ""  # the price, time, percent or volume
    con_id: int = 0
    exchange: str = ""
    trigger_method: int = 0
    sec_type: str = ""
    symbol: str = ""


@dataclass(kw_only=True)
class WireOrder:
    """One order. None is "unset"; texts are the client's own.

    Without slots: of its hundred attributes an order sets a few, and the class has the others.
    """

    # the gateway's: they are not in placeOrder
    order_id: int = 0
    client_id: int = 0
    perm_id: int = 0
    parent_perm_id: int | None = None
    filled_quantity: Decimal = ZERO  # for completedOrder
    submitter: str = "simulated"
    # main
    action: str = ""
    total_quantity: Decimal = ZERO
    order_type: str = ""
    lmt_price: Decimal | None = None
    aux_price: Decimal | None = None
    tif: str = ""
    oca_group: str = ""
    account: str = ""
    open_close: str = ""
    origin: int = 0
    order_ref: str = ""
    transmit: bool = True
    parent_id: int = 0
    block_order: bool = False
    sweep_to_fill: bool = False
    display_size: int | None = None
    trigger_method: int = 0
    outside_rth: bool = False
    hidden: bool = False
    # combos
    leg_prices: list[Decimal | None] = field(default_factory=list)
    smart_combo_routing_params: list[tuple[str, str]] = field(default_factory=list)
    # extended
    shares_allocation: str = ""
    discretionary_amt: Decimal | None = None
    good_after_time: str = ""
    good_till_date: str = ""
    fa_group: str = ""
    fa_method: str = ""
    fa_percentage: str = ""
    fa_profile: str = ""
    model_code: str = ""
    short_sale_slot: int = 0
    designated_location: str = ""
    exempt_code: int = -1
    oca_type: int = 0
    rule_80a: str = ""
    settling_firm: str = ""
    all_or_none: bool = False
    min_qty: int | None = None
    percent_offset: Decimal | None = None
    e_trade_only: bool = False
    firm_quote_only: bool = False
    nbbo_price_cap: Decimal | None = None
    auction_strategy: int = 0
    starting_price: Decimal | None = None
    stock_ref_price: Decimal | None = None
    delta: Decimal | None = None
    stock_range_lower: Decimal | None = None
    stock_range_upper: Decimal | None = None
    override_percentage_constraints: bool = False
    # volatility orders
    volatility: Decimal | None = None
    volatility_type: int | None = None
    delta_neutral_order_type: str = ""
    delta_neutral_aux_price: Decimal | None = None
    delta_neutral_con_id: int = 0
    delta_neutral_settling_firm: str = ""
    delta_neutral_clearing_account: str = ""
    delta_neutral_clearing_intent: str = ""
    delta_neutral_open_close: str = ""
    delta_neutral_short_sale: bool = False
    delta_neutral_short_sale_slot: int = 0
    delta_neutral_designated_location: str = ""
    continuous_update: bool = False
    reference_price_type: int | None = None
    # trailing
    trail_stop_price: Decimal | None = None
    trailing_percent: Decimal | None = None
    # scale
    scale_init_level_size: int | None = None
    scale_subs_level_size: int | None = None
    scale_price_increment: Decimal | None = None
    scale_price_adjust_value: Decimal | None = None
    scale_price_adjust_interval: int | None = None
    scale_profit_offset: Decimal | None = None
    scale_auto_reset: bool = False
    scale_init_position: int | None = None
    scale_init_fill_qty: int | None = None
    scale_random_percent: bool = False
    scale_table: str = ""
    active_start_time: str = ""
    active_stop_time: str = ""
    # hedge, clearing, algo
    hedge_type: str = ""
    hedge_param: str = ""
    opt_out_smart_routing: bool = False
    clearing_account: str = ""
    clearing_intent: str = ""
    not_held: bool = False
    algo_strategy: str = ""
    algo_params: list[tuple[str, str]] = field(default_factory=list)
    algo_id: str = ""
    what_if: bool = False
    order_misc_options: str = ""
    solicited: bool = False
    randomize_size: bool = False
    randomize_price: bool = False
    # pegged to a benchmark
    reference_contract_id: int = 0
    is_pegged_change_amount_decrease: bool = False
    pegged_change_amount: Decimal | None = None
    reference_change_amount: Decimal | None = None
    reference_exchange_id: str = ""
    # conditions
    conditions: list[WireCondition] = field(default_factory=list)
    conditions_ignore_rth: bool = False
    conditions_cancel_order: bool = False
    # adjustments
    adjusted_order_type: str = ""
    trigger_price: Decimal | None = None
    lmt_price_offset: Decimal | None = None
    adjusted_stop_price: Decimal | None = None
    adjusted_stop_limit_price: Decimal | None = None
    adjusted_trailing_amount: Decimal | None = None
    adjustable_trailing_unit: int = 0
    # the rest
    ext_operator: str = ""
    soft_dollar_tier_name: str = ""
    soft_dollar_tier_value: str = ""
    cash_qty: Decimal | None = None
    mifid2_decision_maker: str = ""
    mifid2_decision_algo: str = ""
    mifid2_execution_trader: str = ""
    mifid2_execution_algo: str = ""
    dont_use_auto_price_for_hedge: bool = False
    is_oms_container: bool = False
    discretionary_up_to_limit_price: bool = False
    use_price_mgmt_algo: bool | None = None
    duration: int | None = None
    post_to_ats: int | None = None
    auto_cancel_parent: bool = False
    advanced_error_override: str = ""
    manual_order_time: str = ""
    min_trade_qty: int | None = None
    min_compete_size: int | None = None
    compete_against_best_offset: str = ""  # a number, or a spelling of infinity: up to the midpoint
    mid_offset_at_whole: Decimal | None = None
    mid_offset_at_half: Decimal | None = None
    customer_account: str = ""
    professional_customer: bool = False
    include_overnight: bool = False
    manual_order_indicator: int | None = None
    imbalance_only: bool = False

    @classmethod
    def saying(cls, values: dict[str, Any]) -> "WireOrder":
        """An order with these attributes; much quicker than naming them all."""
        order = cls.__new__(cls)
        order.__dict__ = {
            "leg_prices": [],
            "smart_combo_routing_params": [],
            "algo_params": [],
            "conditions": [],
            **values,
        }
        return order

    @property
    def is_guaranteed(self) -> bool:
        """False for a combo whose legs may fill unevenly."""
        return ("NonGuaranteed", "1") not in self.smart_combo_routing_params


def is_up_to_midpoint(offset: str) -> bool:
    """Is this spelled infinity, which lets a pegged order compete up to the midpoint?"""
    return offset.lstrip("+").lower() in ("infinity", "infinite", "inf")


def is_pegged(order_type: str, to: str) -> bool:
    """Is the type `PEG to`, in either spelling?"""
    return order_type in (f"PEG {to}", f"PEG{to}")
