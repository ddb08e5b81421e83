"""Option arithmetic on request: the volatility behind a price, and the price of a volatility."""

from apps.simgateway.exchange.instrument import Instrument
from apps.simgateway.exchange.quote import Greeks
from apps.simgateway.gateway.core import Session
from apps.simgateway.gateway.hub import Hub
from apps.simgateway.gateway.prices.ticks import LIVE_IDS, Voice
from apps.simgateway.gateway.reference.lookup import one
from apps.simgateway.gateway.wording import invalid
from apps.simgateway.wire.requests.options import (
    CalculateImpliedVolatility,
    CalculateOptionPrice,
    CancelCalculateImpliedVolatility,
    CancelCalculateOptionPrice,
)

CUSTOM = 53  # the tick type of an answer to a calculation
FROM_PRICE = 1


def _option(
    gateway: Hub, session: Session, request: CalculateImpliedVolatility | CalculateOptionPrice
) -> Instrument | None:
    instrument = one(gateway, session, request.req_id, request.contract)
    if instrument is None or instrument.is_option:
        return instrument
    text = invalid("Calculations are made for options only", "bT")
    gateway.error(session, request.req_id, 321, text)
    return None


def tell_volatility(gateway: Hub, session: Session, request: CalculateImpliedVolatility) -> None:
    """Volatility and Greeks of an option at a price; nothing computed when no volatility explains it."""
    instrument = _option(gateway, session, request)
    if instrument is None:
        return
    price, under = float(request.option_price or 0), float(request.under_price or 0)
    vol = None
    if price > 0 and under > 0:
        vol = gateway.market.implied_volatility(instrument.con_id, price, under_price=under, now=gateway.now)
    values = None if vol is None else _valued(gateway, instrument, vol, under=under, price=price)
    gateway.send(session, _voice(session, request.req_id).greeks(CUSTOM, values))


def tell_price(gateway: Hub, session: Session, request: CalculateOptionPrice) -> None:
    """Price and Greeks of an option at a volatility."""
    instrument = _option(gateway, session, request)
    if instrument is None:
        return
    vol, under = float(request.volatility or 0), float(request.under_price or 0)
    values = _valued(gateway, instrument, vol, under=under) if vol > 0 and under > 0 else None
    gateway.send(session, _voice(session, request.req_id).greeks(CUSTOM, values))


def _valued(
    gateway: Hub, instrument: Instrument, vol: float, *, under: float, price: float | None = None
) -> Greeks:
    found = gateway.market.option_price(instrument.con_id, vol, under_price=under, now=gateway.now)
    return Greeks(
        price=found.price if price is None else price,
        iv=vol,
        delta=found.delta,
        gamma=found.gamma,
        vega=found.vega,
        theta=found.theta,
        dividends=0.0,
        under_price=under,
    )


def _voice(session: Session, req_id: int) -> Voice:
    return Voice(version=session.version, req_id=req_id, ids=LIVE_IDS)


def forget(gateway: Hub, session: Session, request: object) -> None:
    """A calculation is answered at once: there is nothing left to cancel."""


HANDLERS = {
    CalculateImpliedVolatility: tell_volatility,
    CalculateOptionPrice: tell_price,
    CancelCalculateImpliedVolatility: forget,
    CancelCalculateOptionPrice: forget,
}
