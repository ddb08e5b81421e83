"""What the broker looks at before it takes an order."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from apps.simgateway.exchange.auctions import is_for_auction, too_late
from apps.simgateway.exchange.floor import Floor
from apps.simgateway.exchange.instant import to_datetime
from apps.simgateway.exchange.order import CANCELLED
from apps.simgateway.exchange.triggers import TRAILS
from apps.simgateway.exchange.work import AT_CLOSE, Work

COMBO_TYPES = frozenset({"MKT", "LMT", "REL"})
COMBO_TICK = Decimal("0.01")
NEEDS_LIMIT = frozenset({"LMT", "STP LMT", "LIT", "LOC"})
NEEDS_AUX = frozenset({"STP", "STP LMT", "MIT", "LIT"})
SPELLINGS = {  # how contract data spells the order types
    "STP LMT": ("STPLMT",),
    "TRAIL LIMIT": ("TRAILLMT", "TRAILLIT"),
    "MIDPRICE": ("MIDPX",),
}
UNSUPPORTED = "Unsupported order type for this exchange and security type."
INCOMPLETE = "Cannot transmit incomplete order."
OFF_TICK = "The price does not conform to the minimum price variation for this contract."


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an order is not taken. `inactive`: the server refused it, so it stands as Inactive."""

    code: int
    text: str
    inactive: bool = False


Check = Callable[[Floor, Work], Refusal | None]

NO_ACCOUNT = Refusal(435, "You must specify an account.")
UNALLOCATED = Refusal(436, "You must specify an allocation (either a single account, group, or profile).")
TOO_MANY_PER_CENT = Refusal(
    109,
    "Price is out of the range defined by the Percentage setting at order defaults frame. "
    "The order will not be transmitted.",
)
TOO_MANY_TICKS = Refusal(
    382,
    "The price specified violates the number of ticks constraint specified in the default order settings.",
)


def rejected(text: str) -> Refusal:
    return Refusal(201, f"Order rejected - reason:{text}", inactive=True)


def has_account(floor: Floor, work: Work) -> Refusal | None:
    name = work.order.account
    if not name:
        return UNALLOCATED if floor.rules.wants_allocation else NO_ACCOUNT
    if floor.accounts.account(name) is None:
        return Refusal(321, f"Error validating request.-'bC' : cause - Invalid account code '{name}'.")
    return None


def has_size(floor: Floor, work: Work) -> Refusal | None:
    quantity = work.order.quantity
    if quantity <= 0:
        return Refusal(434, "The order size cannot be zero.")
    for instrument in (work.instrument,) if work.instrument else ():
        if quantity < instrument.min_size:
            return Refusal(388, f"Order size {quantity:f} is smaller than the minimum required size.")
        if quantity % instrument.size_increment:
            return Refusal(10243, "Fractional-sized order cannot be placed via API.")
        if is_too_big(work) and not floor.rules.reduces_oversize:
            return Refusal(383, _too_big(work, instrument.size_limit or quantity))
    if work.instrument is None and quantity % 1:
        return Refusal(10243, "Fractional-sized order cannot be placed via API.")
    return None


def is_too_big(work: Work) -> bool:
    """More than the account's precautionary settings let through."""
    limit = work.instrument.size_limit if work.instrument is not None else None
    return limit is not None and work.order.quantity > limit


def _too_big(work: Work, limit: Decimal) -> str:
    order = work.order
    return (
        f"The following order size {order.quantity.normalize():f} exceeds the Size Limit of "
        f"{limit.normalize():f}.\nRestriction is specified in Precautionary Settings."
    )


def has_known_type(floor: Floor, work: Work) -> Refusal | None:
    order_type = work.order.order_type
    if work.instrument is None:
        known = order_type in COMBO_TYPES and all(i.tradeable for i in work.legs)
    else:
        listed = work.instrument.order_types
        spelled = order_type in listed or any(other in listed for other in SPELLINGS.get(order_type, ()))
        known = work.instrument.tradeable and spelled
    return None if known else Refusal(387, UNSUPPORTED)


def is_alive(floor: Floor, work: Work) -> Refusal | None:
    for instrument in (work.instrument,) if work.instrument else work.legs:
        if instrument.expiry and instrument.expiry < f"{to_datetime(floor.now):%Y%m%d}":
            return Refusal(392, f"Invalid value: the contract expired on {instrument.expiry}.")
    return None


def knows_its_conditions(floor: Floor, work: Work) -> Refusal | None:
    for condition in work.order.conditions:
        if condition.con_id and floor.instrument(condition.con_id) is None:
            return Refusal(200, "No security definition has been found for the request")
    return None


def is_permitted(floor: Floor, work: Work) -> Refusal | None:
    account = floor.accounts.account(work.order.account)
    if account is None or not (account.denied or account.barred):
        return None
    if work.instrument is not None and work.instrument.symbol in account.barred:
        return Refusal(203, "The security is not available or allowed for this account.")
    kinds = {i.sec_type for i in ((work.instrument,) if work.instrument else work.legs)}
    if kinds.intersection(account.denied):
        return Refusal(460, "No trading permissions.")
    return None


def is_complete(floor: Floor, work: Work) -> Refusal | None:
    order = work.order
    kind = order.order_type
    if kind in NEEDS_LIMIT and order.limit is None and not any(leg.price is not None for leg in order.legs):
        return Refusal(107, INCOMPLETE)
    if kind in NEEDS_AUX and order.aux is None:
        return Refusal(107, INCOMPLETE)
    if kind in TRAILS and order.aux is None and order.trail_percent is None:
        return Refusal(107, INCOMPLETE)
    return None


def is_on_tick(floor: Floor, work: Work) -> Refusal | None:
    order = work.order
    prices = [order.limit] if order.order_type != "MKT" else []
    if order.order_type in NEEDS_AUX:
        prices.append(order.aux)
    for price in prices:
        if price is None:
            continue
        step = COMBO_TICK if work.instrument is None else floor.tick(work.instrument, price, order.exchange)
        if price % step:
            return Refusal(110, OFF_TICK)
    return None


def is_near_the_market(floor: Floor, work: Work) -> Refusal | None:
    """The precautions of the gateway's own settings, which look before any exchange does."""
    rules, order, instrument = floor.rules, work.order, work.instrument
    if not (rules.percent_limit or rules.ticks_limit) or instrument is None or order.limit is None:
        return None
    current = _current(floor, work)
    if current is None:
        return None
    beyond = (order.limit - current) * order.sign
    if rules.percent_limit and beyond * 100 > current * rules.percent_limit:
        return TOO_MANY_PER_CENT
    step = floor.tick(instrument, order.limit, order.exchange)
    return TOO_MANY_TICKS if rules.ticks_limit and beyond > rules.ticks_limit * step else None


def fits_its_auction(floor: Floor, work: Work) -> Refusal | None:
    order = work.order
    if not is_for_auction(order) or work.instrument is None:
        return None
    if order.order_type in AT_CLOSE and order.tif != "DAY":
        return Refusal(113, "The Time-in-force must be DAY for MOC and LOC orders.")
    if too_late(floor, work):
        return rejected(floor.rules.late_auction_text)
    return None


def has_its_parent(floor: Floor, work: Work) -> Refusal | None:
    order = work.order
    if not order.parent:
        return None
    parent = floor.live.get(order.parent)
    ended = floor.ending(order.parent)
    if parent is None and ended in ("", CANCELLED):
        return Refusal(10006, "Missing parent order.")
    if parent is not None and order.order_type in TRAILS and parent.order.order_type == "MKT":
        return Refusal(328, "Trailing stop orders can be attached to limit or stop-limit orders only.")
    return None


def is_no_forbidden_short(floor: Floor, work: Work) -> Refusal | None:
    order = work.order
    account = floor.accounts.account(order.account)
    if account is None or account.margin or order.side != "SELL" or order.parent or work.instrument is None:
        return None
    if account.quantity(work.instrument.con_id) >= order.quantity:
        return None
    return rejected("Short sales are not allowed in a cash account.")


def is_affordable(floor: Floor, work: Work) -> Refusal | None:
    """Does the account's equity carry the order? Children of a bracket close what their parent opens."""
    if not floor.rules.margin_checks or work.order.parent:
        return None
    shortfall = floor.credit.shortfall(work, floor.now)
    if shortfall is None:
        return None
    equity, needed, currency = shortfall
    return rejected(
        "YOUR ORDER IS NOT ACCEPTED. IN ORDER TO OBTAIN THE DESIRED POSITION YOUR EQUITY WITH LOAN VALUE "
        f"[{equity:.2f} {currency}] MUST EXCEED THE INITIAL MARGIN [{needed:.2f} {currency}]"
    )


FORM: tuple[Check, ...] = (
    has_account,
    has_size,
    has_known_type,
    is_alive,
    knows_its_conditions,
    is_permitted,
    is_complete,
    is_on_tick,
    is_near_the_market,
)
PLACE: tuple[Check, ...] = (
    *FORM,
    has_its_parent,
    fits_its_auction,
    is_no_forbidden_short,
    is_affordable,
)


def refusal(floor: Floor, work: Work, checks: tuple[Check, ...] = PLACE) -> Refusal | None:
    """The first thing wrong with an order, or None."""
    for check in checks:
        found = check(floor, work)
        if found is not None:
            return found
    return None


def _current(floor: Floor, work: Work) -> Decimal | None:
    """What the order would trade at now; None while there is no market on both sides."""
    quote = floor.market.quote(work.lead.con_id, floor.now)
    if quote.bid is None or quote.ask is None:
        return None
    return quote.ask if work.order.side == "BUY" else quote.bid


def band_breach(floor: Floor, work: Work) -> str:
    """Why a limit is too far through the market to be let live; nothing when it is not."""
    order, instrument = work.order, work.instrument
    if instrument is None or instrument.sec_type not in floor.rules.banded_types:
        return ""
    if order.limit is None or order.order_type != "LMT" or not floor.rules.price_band_pct:
        return ""
    current = _current(floor, work)
    if current is None:
        return ""
    bound = current * (100 + floor.rules.price_band_pct * order.sign) / 100
    if (order.limit - bound) * order.sign <= 0:
        return ""
    return (
        f"We cannot accept an order at a limit price at or more aggressive than {bound.normalize():f}. "
        "Please submit your order using a limit price that is closer to the current market price of "
        f"{current.normalize():f}."
    )
