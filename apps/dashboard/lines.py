"""Lines drawn on the server: the small one of a figure, and an order's prices against its market."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from apps.dashboard.templatetags.desk import price

TILE, ROW = (152, 24), (64, 16)  # width and height of a line
POINTS = 48
LEFT, RIGHT, TOP, BOTTOM = 4, 250, 8, 100  # the plot of a price chart; its words stand to the right
LABEL_X, LABEL_HEIGHT, FOOT = 258, 12, 115


@dataclass(frozen=True, slots=True)
class Spark:
    path: str
    dot: str
    label: str
    zero: str = ""


@dataclass(frozen=True, slots=True)
class Level:
    """A price of the order across the chart, and its word."""

    y: str
    text: str
    text_y: str


@dataclass(slots=True)
class PriceChart:
    path: str
    label: str
    last: Level
    begins: str
    ends: str
    levels: list[Level] = field(default_factory=list)


def thinned(points: Sequence[Any], most: int = POINTS) -> list[Any]:
    """No more points than a small line can show, the newest among them."""
    step = max(1, len(points) // most)
    return [*points[:-1:step], points[-1]] if points else []


def spark_of(
    values: Sequence[Decimal], label: str, *, zero: bool = False, size: tuple[int, int] = TILE
) -> Spark | None:
    if len(values) < 2:
        return None
    width, height = size
    low, high = min(values), max(values)
    if zero:
        low, high = min(low, Decimal(0)), max(high, Decimal(0))

    def y(value: Decimal) -> Decimal:
        return Decimal(height) / 2 if high == low else 2 + (height - 4) * (high - value) / (high - low)

    step = Decimal(width - 2) / (len(values) - 1)
    places = [f"{1 + step * number:.1f} {y(value):.1f}" for number, value in enumerate(values)]
    trend = "rising" if values[-1] > values[0] else "falling" if values[-1] < values[0] else "flat"
    return Spark(
        path=f"M{'L'.join(places)}",
        dot=f"M{places[-1]}h.01",
        label=f"{label}, {trend}",
        zero=f"M0 {y(Decimal(0)):.1f}H{width}" if zero else "",
    )


def price_chart(
    points: Sequence[tuple[datetime, Decimal]],
    levels: dict[str, Decimal],
    *,
    tick: Decimal,
    zone: str,
    name: str,
) -> PriceChart | None:
    """The market since the order's day began, and the order's own prices as lines across it."""
    if len(points) < 2:
        return None
    points = thinned(points, 160)
    prices = [value for _, value in points]
    low, high = min(*prices, *levels.values()), max(*prices, *levels.values())

    def y(value: Decimal) -> Decimal:
        return (
            Decimal(TOP + BOTTOM) / 2 if high == low else TOP + (BOTTOM - TOP) * (high - value) / (high - low)
        )

    began, span = points[0][0], points[-1][0] - points[0][0]
    places = [f"{LEFT + (RIGHT - LEFT) * ((at - began) / span):.1f} {y(value):.1f}" for at, value in points]
    words = {f"{price(value, tick)} {word}": y(value) for word, value in levels.items()}
    last = f"{price(prices[-1], tick)} last"
    shown = spread({**words, last: y(prices[-1])})
    here = ZoneInfo(zone)
    return PriceChart(
        path=f"M{'L'.join(places)}",
        label=", ".join([f"{name} from {price(prices[0], tick)} to {price(prices[-1], tick)}", *words]),
        last=Level(f"{y(prices[-1]):.1f}", last, shown[last]),
        begins=f"{began.astimezone(here):%H:%M}",
        ends=f"{points[-1][0].astimezone(here):%H:%M}",
        levels=[Level(f"{place:.1f}", text, shown[text]) for text, place in words.items()],
    )


def spread(wanted: dict[str, Decimal]) -> dict[str, str]:
    """Words as near to their lines as they can stand without covering each other."""
    placed: dict[str, Decimal] = {}
    free = Decimal(TOP)
    for text, place in sorted(wanted.items(), key=lambda item: item[1]):
        placed[text] = max(place, free)
        free = placed[text] + LABEL_HEIGHT
    over = max(Decimal(0), max(placed.values()) - BOTTOM)
    return {text: f"{place - over + 4:.1f}" for text, place in placed.items()}
