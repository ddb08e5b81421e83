"""The option model, asked by contract number."""

from math import expm1

from apps.simgateway.exchange import options
from apps.simgateway.exchange.contracts import Contracts
from apps.simgateway.exchange.fair import FairValues
from apps.simgateway.exchange.instant import Instant, Micros
from apps.simgateway.exchange.quote import Greeks


class ModelPrices:
    """What the model says of an option, at the market's own figures or at somebody else's."""

    def __init__(self, catalogue: Contracts, fair: FairValues, step: Micros) -> None:
        self._catalogue = catalogue
        self.fair = fair
        self.step = step

    def greeks(self, con_id: int, now: Instant, *, price: float | None = None) -> Greeks | None:
        """The model's figures, or those implied by a price; None when no volatility explains it."""
        instrument = self._catalogue.known(con_id)
        at = now - now % self.step
        terms = self.fair.pricing(instrument, at)
        if price is None:
            vol: float | None = self.fair.volatility(instrument, terms, at)
        else:
            vol = options.implied_volatility(terms, price)
        if vol is None:
            return None
        found = self.fair.worth(instrument, terms, vol)
        return Greeks(
            price=found.price if price is None else price,
            iv=vol,
            delta=found.delta,
            gamma=found.gamma,
            vega=found.vega,
            theta=found.theta,
            dividends=terms.spot * -expm1(-terms.dividend * terms.years),
            under_price=terms.spot,
        )

    def volatility(self, con_id: int) -> float:
        """The yearly volatility of a price, as a share: what a historical figure would come to."""
        return self.fair.yearly_volatility(self._catalogue.known(con_id))

    def implied_volatility(
        self, con_id: int, price: float, *, under_price: float, now: Instant
    ) -> float | None:
        """The volatility that explains a price; None when none does."""
        terms = self.fair.pricing(self._catalogue.known(con_id), now, under_price)
        return options.implied_volatility(terms, price)

    def option_price(self, con_id: int, vol: float, *, under_price: float, now: Instant) -> options.Valuation:
        """What an option is worth at a volatility."""
        instrument = self._catalogue.known(con_id)
        return self.fair.worth(instrument, self.fair.pricing(instrument, now, under_price), vol)
