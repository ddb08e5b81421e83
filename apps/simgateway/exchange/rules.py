"""What the exchange and the broker insist on. Each number here can be set by whoever builds the venue."""

from dataclasses import dataclass
from decimal import Decimal

from apps.simgateway.exchange.instant import SECOND, Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Defaults are those of a stock paper account."""

    price_band_pct: Decimal = Decimal(3)  # a limit further through the market is killed
    banded_types: tuple[str, ...] = ("STK", "FUT")
    late_auction_text: str = "Order submission after the cut-off is not accepted by the exchange."
    reduces_oversize: bool = False  # an order above the size limit is taken with the limit instead
    wants_allocation: bool = False  # 436 instead of 435 for an order without an account
    percent_limit: Decimal = Decimal(0)  # precaution: how far through the market a limit may be; 0 is off
    ticks_limit: int = 0  # the same in ticks
    margin_checks: bool = True
    midnight_zone: str = "US/Eastern"  # whose midnight empties the executions
    children_follow_partials: bool = True  # children work for what the parent has filled so far
    locate_delay: Micros = 0  # how long shares take to be found; 0 is never
    combo_give: Decimal = Decimal("0.5")  # how far from mid to natural a combo's limit must reach to trade
    done_kept: int = 1_000  # finished orders kept whole; older ones shrink to their last status
    endings_kept: int = 1_000
    patience: tuple[tuple[str, Micros], ...] = (
        ("Urgent", SECOND // 2),
        ("Normal", 2 * SECOND),
        ("Patient", 5 * SECOND),
    )
