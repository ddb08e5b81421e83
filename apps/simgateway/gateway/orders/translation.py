"""From a client's words to an order of the exchange, and from two sets of words to what changed."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.simgateway.exchange.instant import Instant
from apps.simgateway.exchange.instrument import Instrument
from apps.simgateway.exchange.order import Condition, Leg, Order
from apps.simgateway.gateway.hub import Hub
from apps.simgateway.gateway.moments import read_moment
from apps.simgateway.gateway.reference.lookup import described
from apps.simgateway.wire.contract import WireContract
from apps.simgateway.wire.order import WireCondition, WireOrder

COMBO_CON_ID = 28812380  # the generic contract of every combo
COMBO_CLASS = "COMB"
WITH_LIMIT = frozenset({"LMT", "STP LMT", "LIT", "LOC", "TRAIL LIMIT", "MIDPRICE", "REL"})
WITH_AUX = frozenset({"STP", "STP LMT", "MIT", "LIT", "TRAIL", "TRAIL LIMIT", "REL"})
TRAILS = frozenset({"TRAIL", "TRAIL LIMIT"})
ALIASES = {
    "MARKET": "MKT",
    "LIMIT": "LMT",
    "STPLMT": "STP LMT",
    "STOP": "STP",
    "STOP LIMIT": "STP LMT",
    "TRAILLMT": "TRAIL LIMIT",
    "TRAIL LMT": "TRAIL LIMIT",
    "MIDPX": "MIDPRICE",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Where an order belongs: its own permId and client, and its parent's permId."""

    perm_id: int
    client_id: int
    parent: int = 0


def exchange_order(gateway: Hub, contract: WireContract, order: WireOrder, *, family: Family) -> Order:
    """The order as the exchange keeps it. ValueError when one of its times is none."""
    return Order(
        perm_id=family.perm_id,
        client_id=family.client_id,
        parent=family.parent,
        **_wishes(gateway, contract, order),
    )


def _wishes(gateway: Hub, contract: WireContract, order: WireOrder) -> dict[str, Any]:
    kind = kind_of(order)
    wishes = {
        "account": account_of(gateway, order),
        "con_id": 0 if contract.combo_legs else contract.con_id,
        "side": side_of(order),
        "quantity": order.total_quantity,
        "order_type": kind,
        "limit": order.lmt_price if kind in WITH_LIMIT else None,
        "tif": order.tif or "DAY",
        "outside_rth": order.outside_rth,
        "all_or_none": order.all_or_none,
        "transmit": order.transmit,
        "exchange": contract.exchange or "SMART",
        "legs": _legs(contract, order) if contract.combo_legs else (),
        "reference": order.order_ref,
    }
    if kind in WITH_AUX:
        wishes["aux"] = order.aux_price
    if kind in TRAILS:
        wishes |= _trailing(order)
    if order.oca_group:
        wishes |= {"oca_group": order.oca_group, "oca_type": order.oca_type or 3}
    wishes.update(_rare(gateway, contract, order))
    return wishes


def _rare(gateway: Hub, contract: WireContract, order: WireOrder) -> dict[str, Any]:
    """What most orders do not have."""
    wishes: dict[str, Any] = {}
    if contract.combo_legs:
        wishes["guaranteed"] = order.is_guaranteed
    if order.conditions:
        wishes["conditions"] = tuple(_condition(one) for one in order.conditions)
        wishes["conditions_cancel"] = order.conditions_cancel_order
        wishes["conditions_outside_rth"] = order.conditions_ignore_rth
    if order.good_after_time:
        wishes["good_after"] = _moment(gateway, order.good_after_time)
    if order.good_till_date and order.tif == "GTD":
        wishes["good_till"] = _moment(gateway, order.good_till_date)
    if order.algo_strategy:
        wishes |= {"algo": order.algo_strategy, "algo_params": tuple(order.algo_params)}
    if order.trigger_method:
        wishes["trigger_method"] = order.trigger_method
    return wishes


def _trailing(order: WireOrder) -> dict[str, Any]:
    wishes: dict[str, Any] = {"trail_percent": order.trailing_percent, "trail_stop": order.trail_stop_price}
    if order.order_type == "TRAIL LIMIT":
        wishes["limit_offset"] = order.lmt_price_offset
    return wishes


def _moment(gateway: Hub, text: str) -> Instant:
    return read_moment(text, gateway.switches.midnight_zone)


def _legs(contract: WireContract, order: WireOrder) -> tuple[Leg, ...]:
    prices: list[Decimal | None] = list(order.leg_prices) or [None] * len(contract.combo_legs)
    prices += [None] * (len(contract.combo_legs) - len(prices))
    return tuple(
        Leg(con_id=leg.con_id, ratio=leg.ratio, side="BUY" if leg.action == "BUY" else "SELL", price=price)
        for leg, price in zip(contract.combo_legs, prices, strict=False)
    )


def _condition(one: WireCondition) -> Condition:
    return Condition(
        kind=one.kind,
        conjunction=one.conjunction,
        is_more=one.is_more,
        value=one.value,
        con_id=one.con_id,
        exchange=one.exchange,
        symbol=one.symbol,
        sec_type=one.sec_type,
        trigger_method=one.trigger_method,
    )


def kind_of(order: WireOrder) -> str:
    """The order type in the exchange's spelling."""
    asked = order.order_type.upper()
    return ALIASES.get(asked, asked)


def side_of(order: WireOrder) -> str:
    return "BUY" if order.action == "BUY" else "SELL"


def account_of(gateway: Hub, order: WireOrder) -> str:
    """The account named, or the only one there is."""
    names = gateway.accounts.names
    return order.account or (names[0] if len(names) == 1 else "")


def changes(old: Order, new: Order) -> dict[str, Any]:
    """What the new words ask to be another than the old ones did."""
    return {
        name: value
        for name in _CHANGEABLE
        if (value := getattr(new, name)) != getattr(old, name)
        and not (name in _KEPT_WHEN_EMPTY and value in (None, ""))
    }


_CHANGEABLE: tuple[str, ...] = (
    "account", "con_id", "side", "legs", "quantity", "order_type", "limit", "aux", "trail_percent",
    "trail_stop", "limit_offset", "tif", "outside_rth", "all_or_none", "transmit", "exchange",
    "guaranteed", "oca_group", "oca_type", "conditions", "conditions_cancel", "conditions_outside_rth",
    "good_after", "good_till", "algo", "algo_params", "reference", "trigger_method",
)  # fmt: skip
_KEPT_WHEN_EMPTY = frozenset({"account", "oca_group", "trail_stop", "limit_offset"})


def echoed_contract(asked: WireContract, instrument: Instrument | None) -> WireContract:
    """The contract as the gateway says it back."""
    if instrument is not None:
        return described(instrument, asked.exchange or instrument.exchange)
    return WireContract(
        con_id=COMBO_CON_ID,
        symbol=asked.symbol,
        sec_type="BAG",
        exchange=asked.exchange or "SMART",
        currency=asked.currency or "USD",
        local_symbol=asked.symbol,
        trading_class=COMBO_CLASS,
        combo_legs=asked.combo_legs,
    )
