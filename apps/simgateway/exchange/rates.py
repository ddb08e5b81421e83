"""What one currency is worth in another, from the currency pairs that are quoted."""

from decimal import Decimal

from apps.simgateway.exchange.instant import Instant
from apps.simgateway.exchange.order import ZERO
from apps.simgateway.exchange.ports import Listing, Prices

ONE = Decimal(1)
_BRIDGE = "USD"


class Rates:
    """Middle rates; a cross goes over the dollar."""

    def __init__(self, catalogue: Listing, market: Prices) -> None:
        self._catalogue = catalogue
        self._market = market
        self._pairs: dict[tuple[str, str], int] | None = None

    def rate(self, currency: str, into: str, now: Instant) -> Decimal:
        """How much of `into` one unit of `currency` is."""
        if currency == into:
            return ONE
        direct = self._quoted(currency, into, now)
        if direct:
            return direct
        first, second = self._quoted(currency, _BRIDGE, now), self._quoted(_BRIDGE, into, now)
        if not first or not second:
            raise LookupError(f"no rate from {currency} to {into}: list a currency pair that leads there")
        return first * second

    def _quoted(self, currency: str, into: str, now: Instant) -> Decimal:
        if currency == into:
            return ONE
        if self._pairs is None:
            listed = [i for i in self._catalogue.listed() if i.sec_type == "CASH"]
            self._pairs = {(i.symbol, i.currency): i.con_id for i in listed}
        if (con_id := self._pairs.get((currency, into))) is not None:
            return self._market.quote(con_id, now).reference or ZERO
        if (con_id := self._pairs.get((into, currency))) is not None:
            reference = self._market.quote(con_id, now).reference
            return ONE / reference if reference else ZERO
        return ZERO
