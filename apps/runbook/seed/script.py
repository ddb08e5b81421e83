"""What happened on each day of the past, made up before any of it is played: the same seed, the same past."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from apps.market.models import Session
from tradingdesk.domain.money import Side
from tradingdesk.domain.plans import Bracket, Line, allot, brackets_of
from tradingdesk.domain.risk import LIMITS

CENT = Decimal("0.01")
EXPOSURE = LIMITS["daily_exposure"].default
COMMISSION, LEAST_COMMISSION = Decimal("0.005"), Decimal("0.35")
# How a line may have gone: bracket A's exit, bracket B's exit. Chances in hundredths.
OUTCOMES: tuple[tuple[int, tuple[str, str] | None], ...] = (
    (30, ("target", "target")),
    (25, ("target", "stop")),
    (31, ("stop", "stop")),
    (14, None),
)
SECTORS = {
    symbol: sector
    for sector, symbols in {
        "Utilities": "WEC ATO PNW AEE NI DUK NEE",
        "Real Estate": "OHI SPG",
        "Materials": "BHP IFF",
        "Financials": "JPM BAC WFC",
        "Staples": "KO PEP PG WMT",
        "Energy": "XOM CVX",
        "Health Care": "MRK JNJ",
        "Technology": "AAPL CSCO QCOM",
    }.items()
    for symbol in symbols.split()
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How one bracket went: when its entry filled, when and how it was left. None: it never did."""

    bracket: Bracket
    filled_at: datetime | None
    left_at: datetime | None
    exit: str

    @property
    def exit_price(self) -> Decimal:
        return self.bracket.target_price if self.exit == "target" else self.bracket.stop_price

    @property
    def net(self) -> Decimal:
        """What it made after commissions."""
        if self.filled_at is None:
            return Decimal(0)
        points = self.exit_price - self.bracket.entry_price
        sign = 1 if self.bracket.side is Side.BUY else -1
        return sign * points * self.bracket.quantity - 2 * commission(self.bracket.quantity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One past session: what was planned, what a person said, how it went."""

    session: Session
    lines: tuple[Line, ...]
    ways: Mapping[tuple[str, str], Way]  # by symbol and bracket
    verdict: str  # approved, rejected, expired

    @property
    def net(self) -> Decimal:
        return (
            sum((way.net for way in self.ways.values()), Decimal(0))
            if self.verdict == "approved"
            else Decimal(0)
        )


def commission(quantity: Decimal) -> Decimal:
    return max(LEAST_COMMISSION, quantity * COMMISSION).quantize(CENT)


def past_days(sessions: Sequence[Session], prices: Mapping[str, Decimal], seed: int) -> list[Day]:
    """The newest session last. Prices wander back from today's."""
    chance = random.Random(seed)
    level = {symbol: Decimal(1) for symbol in prices}
    days = []
    for age, session in enumerate(reversed(sessions)):
        verdict = {4: "rejected", 9: "expired"}.get(age, "approved")
        days.append(_day(session, {s: p * level[s] for s, p in prices.items()}, verdict, chance))
        for symbol in level:
            level[symbol] *= 1 + Decimal(str(round(chance.gauss(0.0002, 0.011), 5)))
    return days[::-1]


def _day(session: Session, prices: Mapping[str, Decimal], verdict: str, chance: random.Random) -> Day:
    names = chance.sample(sorted(prices), chance.randint(2, 4))
    lines = tuple(
        planned_line(
            number, symbol, prices[symbol].quantize(CENT), worth=chance.randint(6200, 11800), chance=chance
        )
        for number, symbol in enumerate(names, 2)
    )
    ways = {}
    for line in (one.line for one in allot(lines, EXPOSURE) if one.taken):
        pick = chance.randrange(100)
        outcome = next(one for share, one in _cumulated() if pick < share)
        for bracket, exit_by in zip(brackets_of(line), outcome or ("", ""), strict=True):
            ways[line.symbol, bracket.label] = _way(bracket, exit_by, session, chance)
    return Day(session=session, lines=lines, ways=ways, verdict=verdict)


def _cumulated() -> list[tuple[int, tuple[str, str] | None]]:
    total, found = 0, []
    for share, outcome in OUTCOMES:
        total += share
        found.append((total, outcome))
    return found


def _way(bracket: Bracket, exit_by: str, session: Session, chance: random.Random) -> Way:
    if not exit_by:
        return Way(bracket=bracket, filled_at=None, left_at=None, exit="")
    length = (session.close_at - session.open_at).total_seconds() / 60
    filled = session.open_at + timedelta(
        minutes=12 + chance.random() * 50, milliseconds=chance.randrange(1000)
    )
    left = filled + timedelta(minutes=15 + chance.random() * (length - 110))
    return Way(bracket=bracket, filled_at=filled, left_at=left, exit=exit_by)


def planned_line(
    number: int, symbol: str, price: Decimal, *, worth: int, chance: random.Random, side: Side = Side.BUY
) -> Line:
    """A line of that worth around a price, with the stop and targets such plans have."""
    sign = 1 if side is Side.BUY else -1
    width = Decimal(str(round(chance.uniform(0.009, 0.022), 4)))

    def away(times: str) -> Decimal:
        return (price * (1 + sign * width * Decimal(times))).quantize(CENT)

    quantity = max(Decimal(4), Decimal(worth) // price)
    score = round(chance.uniform(88, 168), 1)
    return Line(
        number=number,
        symbol=symbol,
        side=side,
        quantity=quantity,
        limit_price=price,
        stop_price=away("-1"),
        target_1=away("1.1"),
        target_2=away("1.9"),
        context={
            "risk_usd": f"{quantity * price * width:.2f}",
            "score": str(score),
            "gex_regime": chance.choice(("positive", "positive", "neutral", "negative")),
            "sector": SECTORS.get(symbol, "Other"),
            "multiplier_total": f"{chance.uniform(0.6, 1.2):.4f}",
            "mult_vix": f"{chance.uniform(0.9, 1.0):.3f}",
            "mult_utility": f"{chance.uniform(1.0, 1.4):.1f}",
            "sector_bmi": f"{chance.uniform(30, 70):.2f}",
            "sector_regime": chance.choice(("neutral", "bullish", "oversold")),
            "is_mean_reversion": chance.choice(("False", "False", "True")),
        },
    )
