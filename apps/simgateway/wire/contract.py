"""A contract as messages carry it."""

from dataclasses import dataclass, field
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(slots=True, kw_only=True)
class ComboLeg:
    """One leg of a combo, in the client's words."""

    con_id: int = 0
    ratio: int = 0
    action: str = ""
    exchange: str = ""
    open_close: int = 0
    short_sale_slot: int = 0
    designated_location: str = ""
    exempt_code: int = -1


@dataclass(slots=True, kw_only=True)
class DeltaNeutral:
    """The underlying that hedges an option order."""

    con_id: int = 0
    delta: Decimal = ZERO
    price: Decimal = ZERO


@dataclass(slots=True, kw_only=True)
class WireContract:
    """A contract, or as much of one as the client said. Empty means: any."""

    con_id: int = 0
    symbol: str = ""
    sec_type: str = ""
    expiry: str = ""
    strike: Decimal = ZERO
    right: str = ""
    multiplier: str = ""
    exchange: str = ""
    primary_exchange: str = ""
    currency: str = ""
    local_symbol: str = ""
    trading_class: str = ""
    include_expired: bool = False
    sec_id_type: str = ""
    sec_id: str = ""
    issuer_id: str = ""
    combo_legs: list[ComboLeg] = field(default_factory=list)
    combo_legs_description: str = ""
    delta_neutral: DeltaNeutral | None = None

    @property
    def is_combo(self) -> bool:
        return self.sec_type == "BAG"
