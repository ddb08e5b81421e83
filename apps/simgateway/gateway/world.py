"""The exchange a gateway stands in front of, ready made."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from apps.simgateway.exchange.catalogue import Catalogue
    from apps.simgateway.exchange.market import Market
    from apps.simgateway.exchange.sessions import Sessions
    from apps.simgateway.exchange.venue import Venue


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What can be traded, when, at which prices, where, and for whom."""

    catalogue: "Catalogue"
    calendar: "Sessions"
    market: "Market"
    venue: "Venue"
    accounts: Any
