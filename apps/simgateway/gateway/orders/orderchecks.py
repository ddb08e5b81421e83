"""What is wrong with an order before any exchange is asked: each check answers code and text, or nothing."""

from collections.abc import Callable

from apps.simgateway.gateway.hub import Hub
from apps.simgateway.gateway.orders.translation import kind_of
from apps.simgateway.gateway.wording import invalid
from apps.simgateway.wire.contract import WireContract
from apps.simgateway.wire.order import WireOrder

Found = tuple[int, str] | None
Check = Callable[[Hub, WireContract, WireOrder], Found]

SIDES = frozenset({"BUY", "SELL", "SSHORT", "SSELL"})
TIMES_IN_FORCE = frozenset({"", "DAY", "GTC", "IOC", "FOK", "OPG", "GTD", "GTX", "AUC", "DTC", "Minutes"})
ORDER_TYPES = frozenset(
    {
        "MKT", "LMT", "STP", "STP LMT", "TRAIL", "TRAIL LIMIT", "MOC", "LOC", "MIT", "LIT", "MIDPRICE",
        "REL", "PEG MKT", "PEG MID", "PEG BEST", "PEG BENCH", "PEG STK", "PEG PRIM", "VOL", "BOX TOP",
        "MTL", "MKT PRT", "STP PRT", "PASSV REL", "SNAP MKT", "SNAP MID", "SNAP PRIM", "REL + LMT",
        "REL + MKT", "LMT + MKT", "IBALGO", "MIDPX", "PEGMID", "PEGBEST", "PEGMKT",
    }
)  # fmt: skip
PRECAUTION = "Restriction is specified in Precautionary Settings of Global Configuration/API."
READ_ONLY = invalid("The API interface is currently in Read-Only mode.", "b1")


def is_read_only(gateway: Hub, contract: WireContract, order: WireOrder) -> Found:
    return (321, READ_ONLY) if gateway.switches.read_only else None


def has_side(gateway: Hub, contract: WireContract, order: WireOrder) -> Found:
    if order.action in SIDES:
        return None
    return 321, invalid(f"Invalid side '{order.action}' was entered.", "bC")


def has_known_type(gateway: Hub, contract: WireContract, order: WireOrder) -> Found:
    if kind_of(order) in ORDER_TYPES:
        return None
    return 321, invalid(f"Invalid order type '{order.order_type}' was entered.", "bG")


def has_known_tif(gateway: Hub, contract: WireContract, order: WireOrder) -> Found:
    refused = not order.tif and gateway.switches.empty_tif == "refuse"
    known = order.tif in TIMES_IN_FORCE and not refused
    return None if known else (10052, f"Invalid time in force:{order.tif}")


def has_end_date(gateway: Hub, contract: WireContract, order: WireOrder) -> Found:
    if order.tif != "GTD" or order.good_till_date:
        return None
    return 391, "The time-zone, date or time is missing or invalid: a GTD order needs goodTillDate."


def fits_auction_tif(gateway: Hub, contract: WireContract, order: WireOrder) -> Found:
    if order.order_type in ("MOC", "LOC") and order.tif not in ("", "DAY"):
        return 113, "The Time-in-force must be DAY for MOC and LOC orders."
    return None


def has_no_display_size(gateway: Hub, contract: WireContract, order: WireOrder) -> Found:
    if order.display_size and order.order_type == "MKT":
        return 10255, "Display Size attribute may not be specified for this order."
    return None


def has_no_imbalance(gateway: Hub, contract: WireContract, order: WireOrder) -> Found:
    if order.imbalance_only and order.order_type not in ("MOC", "LOC") and order.tif != "OPG":
        return 10342, "ImbalanceOnly attribute may not be specified for this order."
    return None


def transmits_preview(gateway: Hub, contract: WireContract, order: WireOrder) -> Found:
    if order.what_if and not order.transmit:
        return 413, "Unable to create a what-if order: the Transmit flag has to be set."
    return None


def has_legs(gateway: Hub, contract: WireContract, order: WireOrder) -> Found:
    if contract.is_combo and not contract.combo_legs:
        return 321, invalid("Missing combo legs.", "bC")
    return None


def has_exchange(gateway: Hub, contract: WireContract, order: WireOrder) -> Found:
    """A stock or a combo can be described without an exchange, but not ordered."""
    return None if contract.exchange else (321, invalid("Missing order exchange.", "bO"))


def is_routed_as_allowed(gateway: Hub, contract: WireContract, order: WireOrder) -> Found:
    """A precaution of some gateways: only the smart router may be named."""
    if gateway.switches.direct_routing == "allow" or contract.exchange in ("", "SMART"):
        return None
    if contract.sec_type not in ("STK", "OPT"):
        return None  # these have one exchange, and name it
    routed = f"This order will be directly routed to {contract.exchange}."
    if contract.exchange == "OVERNIGHT":
        return 10329, f"{routed} {PRECAUTION}"
    return 10311, f"{routed} Direct routed orders may result in higher trade fees. {PRECAUTION}"


CHECKS: tuple[Check, ...] = (
    is_read_only,
    has_side,
    has_known_type,
    has_known_tif,
    has_end_date,
    fits_auction_tif,
    has_no_display_size,
    has_no_imbalance,
    transmits_preview,
    has_legs,
    has_exchange,
    is_routed_as_allowed,
)


def wrong_words(gateway: Hub, contract: WireContract, order: WireOrder) -> Found:
    """The first thing wrong with what the client wrote."""
    for check in CHECKS:
        found = check(gateway, contract, order)
        if found is not None:
            return found
    return None
