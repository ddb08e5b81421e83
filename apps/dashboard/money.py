"""The money band: figures with where they come from, bars against limits, the day's line."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.timesince import timesince

from apps.dashboard.books import Books, sign_class
from apps.dashboard.days import span_of
from apps.dashboard.lines import Spark, spark_of, thinned
from apps.dashboard.templatetags.desk import DASH, money, signed, whole
from apps.ledger.queries import nav_points

PRECAUTION = Decimal(80)  # per cent of a limit at which its bar has a tick


@dataclass(frozen=True, slots=True)
class Bar:
    width: str
    label: str
    tick: str = ""
    level: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    title: str
    text: str
    source: str
    sub: str
    sign_class: str = ""
    cell: str = ""
    signed: bool = False
    bar: Bar | None = None
    spark: Spark | None = None


def band_of(books: Books) -> list[Tile]:
    currency = books.account.base_currency
    start, _ = span_of(books.today)
    points = thinned(nav_points(books.account.pk, start))
    return [
        _nav(books, points, currency),
        _day(books, points, currency),
        _committed(books, currency),
        _gross(books),
        _net(books),
        _held(books),
        _drawdown(books),
        _funds(books, "ExcessLiquidity", "Excess liquidity"),
    ]


def _nav(books: Books, points: list[tuple[datetime, Decimal]], currency: str) -> Tile:
    """Our own figure beside the broker's; while ours is unknown, the broker's alone, and said so."""
    nav, ours = books.known("NetLiquidation"), books.snapshot
    if ours is not None and ours.nav is not None:
        apart = None if not nav else 10_000 * (ours.nav - nav) / nav
        beside = f"broker {whole(nav)}" + ("" if apart is None else f" · diff {signed(apart, 1)} bps")
        return Tile(
            title=f"NAV, {currency}",
            text=whole(ours.nav),
            source=f"our books as of {ours.taken_at:%H:%M:%S} UTC",
            sub=beside,
            spark=spark_of([value for _, value in points], "NAV today"),
        )
    first = points[0][1] if points else None
    change = None if nav is None or not first else 10_000 * (nav - first) / first
    return Tile(
        title=f"NAV, {currency}",
        text=whole(nav),
        source=_source(books, "NetLiquidation"),
        sub="broker's figure" + ("" if change is None else f" · {signed(change, 0)} bps today"),
        spark=spark_of([value for _, value in points], "NAV today"),
    )


def _day(books: Books, points: list[tuple[datetime, Decimal]], currency: str) -> Tile:
    day = books.day
    first = points[0][1] if points else None
    line = [value - first for _, value in points] if first is not None else []
    provisional = " · provisional" if day.provisional else ""
    return Tile(
        title=f"Day P&L, {currency}",
        text=signed(day.net, 0),
        source=f"our fills at the newest prices, fees {money(day.commissions)}",
        sub=f"real {signed(day.realized, 0)} · unreal {signed(day.unrealized, 0)}{provisional}",
        sign_class=sign_class(day.net),
        cell="day",
        signed=True,
        spark=spark_of(line, "Change of NAV today", zero=True),
    )


def _committed(books: Books, currency: str) -> Tile:
    used, limit = books.committed, books.limits["daily_exposure"]
    return Tile(
        title="Bracket exposure",
        text=whole(used),
        source="reserved by today's tickets, at the worst case",
        sub=f"of {whole(limit)} · {share(used, limit)}",
        bar=bar_of(used, limit, "Bracket exposure"),
    )


def _gross(books: Books) -> Tile:
    gross, limit = books.known("GrossPositionValue"), books.limits["gross_exposure"]
    return Tile(
        title="Gross exposure",
        text=whole(gross),
        source=_source(books, "GrossPositionValue"),
        sub=f"of {whole(limit)} · {share(gross, limit)}",
        bar=bar_of(gross, limit, "Gross exposure"),
    )


def _net(books: Books) -> Tile:
    ours = books.snapshot
    return Tile(
        title="Net exposure",
        text=DASH if ours is None else signed(ours.net, 0),
        source="our books: long less short, at full face value",
        sub="not booked yet" if ours is None else f"long {whole(ours.long)} · short {whole(ours.short)}",
    )


def _drawdown(books: Books) -> Tile:
    """How far below the highest worth so far; money paid in or out does not count."""
    ours = books.snapshot
    below = ours.drawdown if ours is not None else None
    deepest = ours.deepest if ours is not None else None
    return Tile(
        title="Drawdown",
        text=_percent(below),
        source="our books: below the highest worth so far, money paid in or out left out",
        sub=f"deepest {_percent(deepest)}",
    )


def _percent(below: Decimal | None) -> str:
    return DASH if below is None else f"{signed(100 * below, 2) if below else '0.00'} %"


def _held(books: Books) -> Tile:
    held, limit = Decimal(sum(row.quantity != 0 for row in books.held)), books.limits["open_positions"]
    return Tile(
        title="Positions held",
        text=whole(held),
        source="our fills",
        sub=f"of {whole(limit)} · {share(held, limit)}",
        bar=bar_of(held, limit, "Positions held"),
    )


def _funds(books: Books, tag: str, title: str) -> Tile:
    funds, nav = books.known(tag), books.known("NetLiquidation")
    return Tile(
        title=title,
        text=whole(funds),
        source=_source(books, tag),
        sub="not told by the broker" if funds is None else f"{share(funds, nav)} of NAV",
    )


def _source(books: Books, tag: str) -> str:
    told = books.money.get(tag)
    if told is None or told.at is None:
        return f"{tag}: the broker has not told it"
    if books.known(tag) is None:
        return f"{tag}: last told {timesince(told.at, books.now)} ago, too old to show"
    return f"{tag}, broker, as of {told.at:%H:%M:%S} UTC"


def share(part: Decimal | None, of: Decimal | None) -> str:
    return DASH if part is None or not of else f"{100 * part / of:.1f} %"


def bar_of(part: Decimal | None, limit: Decimal, label: str) -> Bar | None:
    """Grey use against the limit; the alarm's colour only past the precaution and at the limit."""
    if part is None or not limit:
        return None
    use = 100 * abs(part) / abs(limit)
    level = "high" if use >= 100 else "medium" if use > PRECAUTION else ""
    return Bar(
        f"{min(use, Decimal(100)):.1f}%", f"{label}, {use:.0f} % of its limit", f"{PRECAUTION}%", level
    )
