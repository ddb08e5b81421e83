"""Turns at the control door that move the market: quotes by hand, jumps, halts."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from apps.simgateway.exchange.catalogue import Query
from apps.simgateway.exchange.instant import MILLISECOND, to_datetime
from apps.simgateway.exchange.instrument import Instrument
from apps.simgateway.exchange.tape import read_tape
from apps.simgateway.gateway.core import ControlRefused
from apps.simgateway.gateway.hub import Hub

Args = dict[str, Any]

_QUERY_WORDS = (
    "symbol",
    "sec_type",
    "expiry",
    "right",
    "exchange",
    "currency",
    "local_symbol",
    "trading_class",
)
_PARTS = ("bid", "ask", "bid_size", "ask_size", "last", "last_size")


def found_instrument(gateway: Hub, args: Args) -> Instrument:
    """The one instrument that the words name: a conId, or a symbol and what tells it from others."""
    words: dict[str, Any] = {word: str(args[word]) for word in _QUERY_WORDS if args.get(word)}
    query = Query(con_id=int(args.get("con_id", 0)), strike=number(args, "strike") or Decimal(0), **words)
    found = gateway.catalogue.find(query, to_datetime(gateway.now).date())
    if len(found) > 1:
        shares = [one for one in found if one.sec_type == "STK"]
        found = shares if len(shares) == 1 else found
    if len(found) != 1:
        named = " ".join(f"{word}={value}" for word, value in args.items())
        told = "no instrument fits" if not found else f"{len(found)} instruments fit"
        raise ControlRefused(
            f"{told} {named or 'nothing'}; name it by con_id, or add sec_type, currency, expiry"
        )
    return found[0]


def number(args: Args, name: str) -> Decimal | None:
    """A number of a turn; None when it was not said."""
    text = args.get(name)
    if text is None or text == "":
        return None
    try:
        return Decimal(str(text))
    except InvalidOperation:
        raise ControlRefused(f"{name}={text} is not a number") from None


def quote(gateway: Hub, args: Args) -> Args:
    """Set parts of a quote, for good or for some milliseconds; without parts, only tell it."""
    instrument = found_instrument(gateway, args)
    parts: dict[str, Any] = {part: value for part in _PARTS if (value := number(args, part)) is not None}
    missing = str(args.get("missing", "")).lower() in ("yes", "true", "1")
    if parts or missing:
        lasts = number(args, "ms")
        until = gateway.now + int(lasts) * MILLISECOND if lasts else None
        gateway.market.set_quote(instrument.con_id, until=until, missing=missing, **parts)
    return _told(gateway, instrument)


def unquote(gateway: Hub, args: Args) -> Args:
    """Back to the price process."""
    instrument = found_instrument(gateway, args)
    gateway.market.clear_quote(instrument.con_id)
    return _told(gateway, instrument)


def shift(gateway: Hub, args: Args) -> Args:
    """A jump that stays."""
    instrument = found_instrument(gateway, args)
    percent = number(args, "percent")
    if percent is None:
        raise ControlRefused("a shift needs its percent: shift AAPL -5")
    gateway.market.shift(instrument.con_id, float(percent), gateway.now)
    return _told(gateway, instrument)


def _halting(halted: bool) -> Callable[[Hub, Args], Args]:
    def turn(gateway: Hub, args: Args) -> Args:
        instrument = found_instrument(gateway, args)
        gateway.market.halt(instrument.con_id, halted=halted)
        return _told(gateway, instrument)

    return turn


def tape(gateway: Hub, args: Args) -> Args:
    """Quotes from the text of a CSV file, each at its time."""
    rows = read_tape(str(args.get("text", "")), gateway.catalogue)
    for con_id, quotes in rows.items():
        gateway.market.play(con_id, quotes)
    return {"instruments": len(rows), "quotes": sum(len(quotes) for quotes in rows.values())}


def _told(gateway: Hub, instrument: Instrument) -> Args:
    now = gateway.market.quote(instrument.con_id, gateway.now)
    parts = {part: str(value) for part in _PARTS if (value := getattr(now, part)) is not None}
    return {"con_id": instrument.con_id, "symbol": instrument.symbol, **parts, "halted": now.halted}


CONTROLS: dict[str, Callable[[Hub, Args], Args]] = {
    "quote": quote,
    "unquote": unquote,
    "shift": shift,
    "tape": tape,
    "halt": _halting(True),
    "resume": _halting(False),
}
