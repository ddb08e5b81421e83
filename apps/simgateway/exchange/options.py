"""Option arithmetic: Black-Scholes-Merton, its sensitivities, its inverse, and a volatility surface."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import erf, exp, log, pi, sqrt, tanh

_ROOT_2 = sqrt(2.0)
_ROOT_2PI = sqrt(2.0 * pi)
SHORTEST = 1 / (365 * 24 * 60)  # a minute, in years: the model is not asked for less
LOWEST_VOL, HIGHEST_VOL = 0.03, 3.0
FURTHEST = 0.5  # the moneyness that the wings of the surface bend toward and never reach


@dataclass(frozen=True, slots=True)
class Terms:
    """An option and its market, without its volatility."""

    spot: float
    strike: float
    years: float
    rate: float
    dividend: float
    call: bool

    @property
    def intrinsic(self) -> float:
        return max(0.0, self.spot - self.strike if self.call else self.strike - self.spot)

    @property
    def forward(self) -> float:
        return self.spot * exp((self.rate - self.dividend) * self.years)


@dataclass(frozen=True, slots=True)
class Valuation:
    """A price and its sensitivities: vega for one point of volatility, theta for one day."""

    price: float
    iv: float
    delta: float
    gamma: float
    vega: float
    theta: float


def normal_cdf(x: float) -> float:
    return 0.5 * (1.0 + erf(x / _ROOT_2))


def value(terms: Terms, vol: float) -> Valuation:
    """European exercise. An option within a minute of its end is worth what it would pay."""
    if terms.years < SHORTEST:
        inside = terms.intrinsic > 0
        return Valuation(terms.intrinsic, vol, (1.0 if terms.call else -1.0) * inside, 0.0, 0.0, 0.0)
    spread = vol * sqrt(terms.years)
    d1 = (
        log(terms.spot / terms.strike) + (terms.rate - terms.dividend + vol * vol / 2) * terms.years
    ) / spread
    d2 = d1 - spread
    sign = 1.0 if terms.call else -1.0
    carried = terms.spot * exp(-terms.dividend * terms.years)
    discounted = terms.strike * exp(-terms.rate * terms.years)
    reach, meet = normal_cdf(sign * d1), normal_cdf(sign * d2)
    density = exp(-d1 * d1 / 2) / _ROOT_2PI
    decay = -carried * density * vol / (2 * sqrt(terms.years))
    theta = decay - sign * terms.rate * discounted * meet + sign * terms.dividend * carried * reach
    return Valuation(
        price=max(0.0, sign * (carried * reach - discounted * meet)),
        iv=vol,
        delta=sign * exp(-terms.dividend * terms.years) * reach,
        gamma=density * carried / (terms.spot * terms.spot * spread),
        vega=carried * density * sqrt(terms.years) / 100,
        theta=theta / 365,
    )


def implied_volatility(terms: Terms, price: float) -> float | None:
    """The volatility at which the model gives a price; None when no volatility does."""
    if terms.years < SHORTEST:
        return None
    low, high = 1e-4, 6.0
    if not value(terms, low).price <= price <= value(terms, high).price:
        return None
    for _ in range(60):
        middle = (low + high) / 2
        if value(terms, middle).price < price:
            low = middle
        else:
            high = middle
    return (low + high) / 2 if value(terms, high).vega > 1e-9 else None


def surface(style: Mapping[str, float], terms: Terms) -> float:
    """Volatility by moneyness and time: a level, a skew to the downside, a smile, and a slope in time."""
    years = max(terms.years, 1 / 365)
    moneyness = log(terms.strike / terms.forward) / sqrt(max(years, 1 / 52))
    moneyness = FURTHEST * tanh(moneyness / FURTHEST)
    level = style.get("vol", 0.25) * (1 + style.get("term", 0.0) * (sqrt(years) - 0.5))
    shaped = level * exp(style.get("skew", 0.0) * moneyness + style.get("smile", 0.0) * moneyness**2 / 2)
    return max(LOWEST_VOL, min(HIGHEST_VOL, shaped))
