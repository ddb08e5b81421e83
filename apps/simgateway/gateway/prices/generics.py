"""Generic ticks: the figures a client may ask for beside prices, by number, and who has them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from hashlib import blake2b

from apps.simgateway.exchange.instrument import Instrument
from apps.simgateway.exchange.quote import Quote
from apps.simgateway.gateway.prices.ticks import Voice
from apps.simgateway.gateway.wording import invalid

EVERYTHING = (
    "STK",
    "IND",
    "FUT",
    "OPT",
    "FOP",
    "CASH",
    "BAG",
    "CFD",
    "CMDTY",
    "CRYPTO",
    "WAR",
    "FUND",
    "BOND",
)

# number → (the gateway's name for it, kinds of instrument that have it)
GENERIC_TICKS: dict[int, tuple[str, tuple[str, ...]]] = {
    100: ("Option Volume", ("STK", "IND", "FUT", "OPT", "FOP")),
    101: ("Option Open Interest", ("STK", "IND", "FUT", "OPT", "FOP")),
    104: ("Historical Volatility", EVERYTHING),
    105: ("Average Option Volume", ("STK", "IND")),
    106: ("Implied Volatility", EVERYTHING),
    162: ("Index Future Premium", ("IND",)),
    165: ("Miscellaneous Stats", EVERYTHING),
    221: ("Creditman Mark Price", EVERYTHING),
    225: ("Auction", ("STK",)),
    232: ("Pl Price", EVERYTHING),
    233: ("RTVolume", EVERYTHING),
    236: ("Shortable", ("STK",)),
    256: ("Inventory", ("STK",)),
    258: ("Fundamentals", ("STK",)),
    291: ("Close Implied Volatility", EVERYTHING),
    292: ("Wide News", EVERYTHING),
    293: ("TradeCount", EVERYTHING),
    294: ("TradeRate", EVERYTHING),
    295: ("VolumeRate", EVERYTHING),
    318: ("LastRTHTrade", EVERYTHING),
    370: ("Participation Monitor", EVERYTHING),
    375: ("RTTrdVolume", EVERYTHING),
    377: ("Ctt Tick Tag", EVERYTHING),
    381: ("IB Rate", EVERYTHING),
    384: ("RFQ Ticks Respond Tag", EVERYTHING),
    387: ("DMM", EVERYTHING),
    388: ("Issuer Fundamentals", EVERYTHING),
    391: ("IBWarrantImpVolCompete Tick", EVERYTHING),
    405: ("Index Capabilities", ("IND",)),
    407: ("FuturesMargins", ("FUT",)),
    411: ("rtHistVol", EVERYTHING),
    428: ("Monetary Close Price", EVERYTHING),
    439: ("MonitorTickTag", EVERYTHING),
    456: ("IBDividends", ("STK", "IND")),
    459: ("RTCLOSE", EVERYTHING),
    460: ("Bond Factor Multiplier", ("BOND",)),
    499: ("Fee and Rebate Rate", ("STK",)),
    506: ("midptiv", EVERYTHING),
    511: ("hvolrt10 (per-underlying)", EVERYTHING),
    512: ("hvolrt30 (per-underlying)", EVERYTHING),
    513: ("hvolrt50 (per-underlying)", EVERYTHING),
    514: ("hvolrt75 (per-underlying)", EVERYTHING),
    515: ("hvolrt100 (per-underlying)", EVERYTHING),
    576: ("ETF Nav Bid and Ask", ("STK",)),
    577: ("ETF Nav Last", ("STK",)),
    578: ("ETF Frozen Nav Last", ("STK",)),
    586: ("IPOHLMCLS", EVERYTHING),
    587: ("Pl Price Delayed", EVERYTHING),
    588: ("Futures Open Interest", ("FUT",)),
    595: ("Short-Term Volume X Mins", EVERYTHING),
    614: ("ETF Nav High and Low", ("STK",)),
    619: ("Slow Mark Price", EVERYTHING),
    623: ("ETF Frozen Nav High and Low", ("STK",)),
    787: ("Reuters Fundamentals", EVERYTHING),
}


def wanted(text: str) -> list[int] | None:
    """The numbers of a generic tick list, `mdoff` and news sources left out; None when it is no such list."""
    numbers = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        head = part.split(":")[0]
        if head.isdigit():
            numbers.append(int(head))
        elif head != "mdoff":
            return None
    return numbers


def refusal(sec_type: str, asked: str) -> str:
    """Why a list is refused, or nothing when it is fine."""
    numbers = wanted(asked)
    if numbers is not None and all(
        number in GENERIC_TICKS and sec_type in GENERIC_TICKS[number][1] for number in numbers
    ):
        return ""
    legal = ",".join(
        f"{number}({name})" for number, (name, kinds) in GENERIC_TICKS.items() if sec_type in kinds
    )
    cause = f"Incorrect generic tick list of {asked}.  Legal ones for ({sec_type}) are: {legal}/mdoff"
    return invalid(cause, "bR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the figures of one instrument are drawn from."""

    instrument: Instrument
    quote: Quote
    volatility: float = 0.2
    premium: float = 0.0

    def about(self, label: str, low: int, high: int) -> int:
        """A figure between two numbers that is always the same for this instrument."""
        digest = blake2b(f"{self.instrument.con_id}/{label}".encode(), digest_size=8).digest()
        return low + int.from_bytes(digest, "big") % (high - low + 1)

    def near(self, factor: str) -> Decimal:
        """A price so far from where it trades now, on the tick."""
        reference = self.quote.reference or Decimal(1)
        step = self.instrument.min_tick
        return (reference * Decimal(factor) / step).quantize(Decimal(1)) * step


Say = Callable[[Voice, Facts], list[list[str]]]


def _option_volume(voice: Voice, facts: Facts) -> list[list[str]]:
    return [
        voice.size(29, Decimal(facts.about("call volume", 1_000, 90_000))),
        voice.size(30, Decimal(facts.about("put volume", 1_000, 90_000))),
    ]


def _open_interest(voice: Voice, facts: Facts) -> list[list[str]]:
    right = facts.instrument.right
    calls = facts.about("call interest", 100, 900_000) if right != "P" else 0
    puts = facts.about("put interest", 100, 900_000) if right != "C" else 0
    return [voice.size(27, Decimal(calls)), voice.size(28, Decimal(puts))]


def _ranges(voice: Voice, facts: Facts) -> list[list[str]]:
    bounds = {15: "0.94", 16: "1.05", 17: "0.88", 18: "1.1", 19: "0.76", 20: "1.18"}
    told = [voice.price(tick, facts.near(factor), Decimal(0)) for tick, factor in bounds.items()]
    return [*told, voice.size(21, Decimal(facts.about("average volume", 10_000, 60_000_000)))]


def _mark(voice: Voice, facts: Facts) -> list[list[str]]:
    reference = facts.quote.reference
    return [voice.price(37, reference, Decimal(0))] if reference is not None else []


def _auction(voice: Voice, facts: Facts) -> list[list[str]]:
    price = facts.quote.reference or Decimal(0)
    return [
        voice.size(34, Decimal(facts.about("auction", 1_000, 400_000))),
        voice.price(35, price, Decimal(0)),
        voice.size(36, Decimal(facts.about("imbalance", 0, 50_000))),
    ]


def _trades(tick: int) -> Say:
    def told(voice: Voice, facts: Facts) -> list[list[str]]:
        quote = facts.quote
        if quote.last is None:
            return [voice.text(tick, f";;{quote.at // 1000};{quote.volume};;false")]
        vwap = (quote.last + (quote.open or quote.last)) / 2
        return [
            voice.text(
                tick, f"{quote.last};{quote.last_size};{quote.at // 1000};{quote.volume};{vwap:.6f};true"
            )
        ]

    return told


def _shortable(voice: Voice, facts: Facts) -> list[list[str]]:
    shares = facts.instrument.shortable_shares
    ease = 3.0 if shares > 1000 else 2.0 if shares else 1.0
    return [voice.number(46, ease), voice.size(89, Decimal(shares))]


def _dividends(voice: Voice, facts: Facts) -> list[list[str]]:
    cents = facts.about("dividend", 0, 120)
    return [
        voice.text(59, f"{4 * cents / 100:.2f},{4 * cents / 100:.2f},,") if cents else voice.text(59, ",,,")
    ]


def _number(tick: int, of: Callable[[Facts], float]) -> Say:
    return lambda voice, facts: [voice.number(tick, of(facts))]


def _size(tick: int, label: str, *, low: int, high: int) -> Say:
    return lambda voice, facts: [voice.size(tick, Decimal(facts.about(label, low, high)))]


def _last_regular(voice: Voice, facts: Facts) -> list[list[str]]:
    price = facts.quote.last or facts.quote.close
    return [voice.price(57, price, Decimal(0))] if price is not None else []


def _short_term_volume(voice: Voice, facts: Facts) -> list[list[str]]:
    return [voice.size(63 + n, facts.quote.volume // (60 - 15 * n)) for n in range(3)]


SAYINGS: dict[int, Say] = {
    100: _option_volume,
    101: _open_interest,
    104: _number(23, lambda facts: facts.volatility * 0.95),
    105: _size(87, "average option volume", low=1_000, high=200_000),
    106: _number(24, lambda facts: facts.volatility),
    162: _number(31, lambda facts: facts.premium),
    165: _ranges,
    221: _mark,
    225: _auction,
    232: _mark,
    233: _trades(48),
    236: _shortable,
    293: _number(54, lambda facts: float(facts.quote.volume // 100)),
    294: _number(55, lambda facts: float(facts.about("trade rate", 1, 400))),
    295: _number(56, lambda facts: float(facts.about("volume rate", 100, 40_000))),
    318: _last_regular,
    375: _trades(77),
    411: _number(58, lambda facts: facts.volatility * 0.9),
    456: _dividends,
    588: _size(86, "futures interest", low=10_000, high=2_000_000),
    595: _short_term_volume,
}
MOVING = (221, 232, 233, 294, 295, 293, 375)  # those that change with the quote


def sayings(voice: Voice, facts: Facts, numbers: Iterable[int]) -> Iterable[list[str]]:
    """The messages of the generic ticks asked for. Some numbers are legal and have nothing to say."""
    for number in numbers:
        if number in SAYINGS:
            yield from SAYINGS[number](voice, facts)
