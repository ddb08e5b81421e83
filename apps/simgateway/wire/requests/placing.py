"""placeOrder: more than a hundred fields, some of them there only for some orders."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.simgateway.wire import conditions
from apps.simgateway.wire.contract import WireContract
from apps.simgateway.wire.numbers import read_amount, read_double, read_integer
from apps.simgateway.wire.order import WireCondition, WireOrder, is_pegged, is_up_to_midpoint
from apps.simgateway.wire.reading import Block, Malformed, Reader, block, contract, delta_neutral, order_legs
from apps.simgateway.wire.requests.layout import Request, Step, layout

_MAIN = block(
    "action total_quantity:amount order_type lmt_price:number aux_price:number tif oca_group account "
    "open_close origin:integer order_ref transmit:flag parent_id:integer block_order:flag "
    "sweep_to_fill:flag display_size:integer? trigger_method:integer outside_rth:flag hidden:flag"
)
_ADVISOR = block(
    "shares_allocation discretionary_amt:number good_after_time good_till_date fa_group fa_method "
    "fa_percentage"
)
_EXTENDED = block(
    "model_code short_sale_slot:integer designated_location exempt_code:integer oca_type:integer "
    "rule_80a settling_firm all_or_none:flag min_qty:integer? percent_offset:number e_trade_only:flag "
    "firm_quote_only:flag nbbo_price_cap:number auction_strategy:integer starting_price:number "
    "stock_ref_price:number delta:number stock_range_lower:number stock_range_upper:number "
    "override_percentage_constraints:flag volatility:number volatility_type:integer? "
    "delta_neutral_order_type delta_neutral_aux_price:number"
)
_DELTA_NEUTRAL = block(
    "delta_neutral_con_id:integer delta_neutral_settling_firm delta_neutral_clearing_account "
    "delta_neutral_clearing_intent delta_neutral_open_close delta_neutral_short_sale:flag "
    "delta_neutral_short_sale_slot:integer delta_neutral_designated_location"
)
_TRAILING = block(
    "continuous_update:flag reference_price_type:integer? trail_stop_price:number "
    "trailing_percent:number scale_init_level_size:integer? scale_subs_level_size:integer? "
    "scale_price_increment:number"
)
_SCALE = block(
    "scale_price_adjust_value:number scale_price_adjust_interval:integer? scale_profit_offset:number "
    "scale_auto_reset:flag scale_init_position:integer? scale_init_fill_qty:integer? "
    "scale_random_percent:flag"
)
_TIMES = block("scale_table active_start_time active_stop_time hedge_type")
_CLEARING = block("opt_out_smart_routing:flag clearing_account clearing_intent not_held:flag")
_FLAGS = block(
    "algo_id what_if:flag order_misc_options solicited:flag randomize_size:flag randomize_price:flag"
)
_BENCHMARK = block(
    "reference_contract_id:integer is_pegged_change_amount_decrease:flag pegged_change_amount:number "
    "reference_change_amount:number reference_exchange_id"
)
_CONDITIONS_END = block("conditions_ignore_rth:flag conditions_cancel_order:flag")
_ADJUSTED = block(
    "adjusted_order_type trigger_price:number lmt_price_offset:number adjusted_stop_price:number "
    "adjusted_stop_limit_price:number adjusted_trailing_amount:number adjustable_trailing_unit:integer "
    "ext_operator soft_dollar_tier_name soft_dollar_tier_value cash_qty:number mifid2_decision_maker "
    "mifid2_decision_algo mifid2_execution_trader mifid2_execution_algo "
    "dont_use_auto_price_for_hedge:flag is_oms_container:flag discretionary_up_to_limit_price:flag "
    "use_price_mgmt_algo:flag?"
)
# (version from which on, the fields it brought); what comes after them depends on the order
_BEFORE_PEGS: tuple[tuple[int, Block], ...] = (
    (158, block("duration:integer?")),
    (160, block("post_to_ats:integer?")),
    (162, block("auto_cancel_parent:flag")),
    (166, block("advanced_error_override")),
    (169, block("manual_order_time")),
)
_AFTER_PEGS: tuple[tuple[int, Block], ...] = (
    (183, block("customer_account")),
    (184, block("professional_customer:flag")),
    (189, block("include_overnight:flag")),
    (192, block("manual_order_indicator:integer?")),
    (199, block("imbalance_only:flag")),
)
_COMPETE = block("min_compete_size:integer? compete_against_best_offset")
_MID_OFFSETS = block("mid_offset_at_whole:number mid_offset_at_half:number")


def _placed_contract(reader: Reader) -> WireContract:
    read = contract(reader)
    read.sec_id_type = reader.text()
    read.sec_id = reader.text()
    return read


def _order(reader: Reader) -> WireOrder:
    order, asked = WireOrder.saying({}), reader.contract
    assert asked is not None
    reader.fill(order, _MAIN)
    if asked.is_combo:
        _read_combo(reader, asked, order)
    reader.fill(order, _ADVISOR)
    if reader.version < 177:
        order.fa_profile = reader.text()
    reader.fill(order, _EXTENDED)
    if order.delta_neutral_order_type:
        reader.fill(order, _DELTA_NEUTRAL)
    reader.fill(order, _TRAILING)
    if order.scale_price_increment is not None and order.scale_price_increment > 0:
        reader.fill(order, _SCALE)
    reader.fill(order, _TIMES)
    if order.hedge_type:
        order.hedge_param = reader.text()
    reader.fill(order, _CLEARING)
    asked.delta_neutral = delta_neutral(reader)
    order.algo_strategy = reader.text()
    if order.algo_strategy:
        order.algo_params = reader.pairs()
    reader.fill(order, _FLAGS)
    if is_pegged(order.order_type, "BENCH"):
        reader.fill(order, _BENCHMARK)
    _read_conditions(reader, order)
    reader.fill(order, _ADJUSTED)
    _read_newer(reader, asked, order)
    return order


def _read_combo(reader: Reader, asked: WireContract, order: WireOrder) -> None:
    asked.combo_legs = order_legs(reader)
    prices: list[Decimal | None] = [reader.number() for _ in range(reader.count())]
    order.leg_prices = prices
    order.smart_combo_routing_params = reader.pairs()


def _read_conditions(reader: Reader, order: WireOrder) -> None:
    count = reader.count()
    for _ in range(count):
        kind = reader.integer()
        if kind not in conditions.FIELDS:
            raise Malformed(f"there is no condition of type {kind}")
        condition = WireCondition(kind=kind)
        reader.fill(condition, conditions.FIELDS[kind])
        order.conditions.append(condition)
    if count:
        reader.fill(order, _CONDITIONS_END)


def _read_newer(reader: Reader, asked: WireContract, order: WireOrder) -> None:
    version = reader.version
    for since, fields in _BEFORE_PEGS:
        if version >= since:
            reader.fill(order, fields)
    if version >= 170:
        _read_pegs(reader, asked, order)
    for since, fields in _AFTER_PEGS:
        if since == 189 and 187 <= version < 190:
            reader.text()  # two fields of quote requests, which came and went again
            reader.text()
        if version >= since:
            reader.fill(order, fields)


def _read_pegs(reader: Reader, asked: WireContract, order: WireOrder) -> None:
    if asked.exchange == "IBKRATS":
        order.min_trade_qty = reader.optional_integer()
    offsets = is_pegged(order.order_type, "MID")
    if is_pegged(order.order_type, "BEST"):
        reader.fill(order, _COMPETE)
        offsets = is_up_to_midpoint(order.compete_against_best_offset)
    if offsets:
        reader.fill(order, _MID_OFFSETS)


@dataclass(frozen=True, slots=True, eq=False)
class Wording:
    """What orders have in common that differ only in number, quantity, prices and reference."""

    contract: WireContract
    values: dict[str, Any]


@layout(
    3,
    Step("order_id", Reader.integer),
    Step("contract", _placed_contract),
    Step("order", _order),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOrder(Request):
    """A new order, or a change of one."""

    order_id: int
    contract: WireContract  # several requests may have the same object: nobody changes it
    order: WireOrder
    wording: Wording | None = None  # None: it is like no other


_Key = tuple[int | str, ...]
_OWN = {17: "total_quantity", 19: "lmt_price", 20: "aux_price", 26: "order_ref"}  # place → what it sets
_SHORTEST = 28  # fields, up to the last whose place the key names
_WORDINGS = 128
_LONGEST = 600  # characters of a wording that is worth remembering
_wordings: dict[_Key, Wording] = {}


def _key(fields: list[str], version: int) -> _Key:
    return (version, *fields[2:17], fields[18], *fields[21:26], *fields[27:])


def read_again(fields: list[str], version: int) -> PlaceOrder | None:
    """The request, when one of the same wording was read before."""
    if len(fields) < _SHORTEST:
        return None
    wording = _wordings.get(_key(fields, version))
    if wording is None:
        return None
    values = wording.values.copy()
    try:
        order_id = read_integer(fields[1])
        values["total_quantity"] = read_amount(fields[17])
        values["lmt_price"], values["aux_price"] = read_double(fields[19]), read_double(fields[20])
    except ValueError:
        return None  # the long way says what is wrong
    values["order_ref"] = fields[26]
    order = WireOrder.saying(values)
    return PlaceOrder(order_id=order_id, contract=wording.contract, order=order, wording=wording)


def forget_wordings() -> None:
    """Read every order the long way again."""
    _wordings.clear()


def remember(fields: list[str], version: int, request: PlaceOrder) -> None:
    """So that the next order of this wording is read at once; those with parts of their own are not."""
    order, asked = request.order, request.contract
    if asked.is_combo or asked.delta_neutral or order.conditions or order.algo_params:
        return
    if sum(map(len, fields)) > _LONGEST:
        return
    if len(_wordings) >= _WORDINGS:
        _wordings.clear()
    own = {*_OWN.values(), *(name for name, value in vars(order).items() if value == [])}
    values = {name: value for name, value in vars(order).items() if name not in own}
    _wordings[_key(fields, version)] = Wording(asked, values)
