"""The turn of the day: what has expired is settled, executions are forgotten, results start again."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from apps.simgateway.exchange.closing import cancel
from apps.simgateway.exchange.days import next_midnight
from apps.simgateway.exchange.events import PositionChanged
from apps.simgateway.exchange.floor import Floor
from apps.simgateway.exchange.instant import to_datetime
from apps.simgateway.exchange.instrument import Instrument
from apps.simgateway.exchange.ledgers import Account
from apps.simgateway.exchange.order import ZERO
from apps.simgateway.exchange.positions import Fill, apply_fill, cash_flows


def begin_day(floor: Floor) -> None:
    """Midnight of the gateway's zone."""
    zone = floor.rules.midnight_zone
    today = f"{to_datetime(floor.now).astimezone(ZoneInfo(zone)):%Y%m%d}"
    for work in list(floor.live.values()):
        instruments = (work.instrument,) if work.instrument else work.legs
        if work.order.perm_id in floor.live and any(_is_over(i, today) for i in instruments):
            cancel(floor, work)
    for name in floor.accounts.names:
        account = floor.accounts.account(name)
        if account is not None:
            _settle_account(floor, account, today)
    floor.accounts.roll(floor.now)
    floor.done.clear()
    floor.endings.clear()
    floor.midnight = next_midnight(zone, floor.now)


def _is_over(instrument: Instrument, today: str) -> bool:
    return bool(instrument.expiry) and instrument.expiry < today


def _settle_account(floor: Floor, account: Account, today: str) -> None:
    """Close what expired: futures and index options in money, options on shares by delivery."""
    for con_id, held in list(account.positions.items()):
        instrument = floor.instrument(con_id)
        if instrument is None or not held.quantity or not _is_over(instrument, today):
            continue
        quantity = held.quantity
        price = _final_price(floor, instrument)
        delivers = instrument.is_option and instrument.under_sec_type in ("STK", "FUT") and price > 0
        _move(floor, account, instrument, shares=-quantity, price=ZERO if delivers else price)
        if delivers:
            _deliver(floor, account, instrument, quantity=quantity)


def _final_price(floor: Floor, instrument: Instrument) -> Decimal:
    """What a contract is worth at its end."""
    if not instrument.is_option:
        return _official(floor, instrument, instrument.expiry)
    under = floor.instrument(instrument.under_con_id)
    if under is None:
        return ZERO
    over = _official(floor, under, instrument.expiry) - instrument.strike
    return max(ZERO, over if instrument.right == "C" else -over)


def _official(floor: Floor, instrument: Instrument, expiry: str) -> Decimal:
    day: date = datetime.strptime(expiry, "%Y%m%d").date()
    session = floor.sessions.session(instrument.hours, day)
    if session is not None:
        found = floor.market.auction_price(instrument.con_id, day, "close")
    else:
        found = floor.market.quote(instrument.con_id, floor.now).reference
    return found if found is not None else ZERO


def _deliver(floor: Floor, account: Account, option: Instrument, *, quantity: Decimal) -> None:
    under = floor.instrument(option.under_con_id)
    if under is None:
        return
    per_contract = option.multiplier / under.multiplier
    shares = quantity * per_contract * (1 if option.right == "C" else -1)
    _move(floor, account, under, shares=shares, price=option.strike)


def _move(floor: Floor, account: Account, instrument: Instrument, *, shares: Decimal, price: Decimal) -> None:
    """Book a settlement: no order, no print, no commission."""
    fill = Fill(shares, price, ZERO)
    _, price_result = apply_fill(account.position(instrument.con_id), instrument, fill)
    for currency, amount in cash_flows(instrument, fill, price_result):
        account.add_cash(currency, amount)
    floor.events.append(PositionChanged(account=account.name, con_id=instrument.con_id))
