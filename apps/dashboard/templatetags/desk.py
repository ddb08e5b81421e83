"""How numbers, times and states are written. Unknown is a dash; minus is a minus."""

import re
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.desks.ports import mask
from apps.journal.clock import now

register = template.Library()

DASH = "—"
TRAILING = re.compile(r"(\d\.\d{2}\d*?)0+(?!\d)")
NEGATIVE = re.compile(r"(?<![\w-])-(?=\d)")
MINUS = "\N{MINUS SIGN}"


def _signed(text: str) -> str:
    return text.replace("-", MINUS)


def _signed_words(text: str) -> str:
    return NEGATIVE.sub(MINUS, text)


def _number(value: Any, places: int | None) -> str:
    if value is None or value == "":
        return DASH
    number = Decimal(value)
    if not number.is_finite():
        return DASH
    if places is None:
        number = number.normalize()
        places = max(0, -int(number.as_tuple().exponent))
    return _signed(f"{number:z,.{places}f}")  # what rounds to zero has no sign


@register.filter
def money(value: Any, places: int = 2) -> str:
    return _number(value, int(places))


@register.filter
def whole(value: Any) -> str:
    return _number(value, 0)


@register.filter
def quantity(value: Any) -> str:
    return _number(value, None)


@register.filter
def price(value: Any, tick: Any = None) -> str:
    """At the precision of the contract's tick; without one, two places at least."""
    if tick is None or tick == "":
        places = 2 if value is None else max(2, -int(Decimal(value).normalize().as_tuple().exponent))
    else:
        places = max(2, -int(Decimal(tick).normalize().as_tuple().exponent))
    return _number(value, places)


@register.filter
def signed(value: Any, places: int = 2) -> str:
    text = _number(value, int(places))
    return f"+{text}" if set(text) & set("123456789") and not text.startswith(MINUS) else text


@register.filter
def profit(value: Any, places: int = 2) -> SafeString:
    """A signed amount in its colour, with its sign."""
    text = signed(value, places)
    kind = "neg" if text.startswith(MINUS) else "pos" if text.startswith("+") else ""
    return format_html('<span class="{}">{}</span>', kind, text)


@register.filter
def tidy(text: str) -> str:
    """A measured text without the zeros that only a column of the database needs."""
    return _signed_words(TRAILING.sub(r"\1", str(text)))


@register.filter
def side_class(side: str) -> str:
    return "buy" if side == "BUY" else "sell"


@register.filter
def masked(code: str) -> str:
    """An account as screens show it."""
    return mask(code) if code else DASH


@register.filter
def milliseconds(moment: datetime | None) -> str:
    return "" if moment is None else str(int(moment.timestamp() * 1000))


@register.filter
def clock(moment: datetime | None, zone: str = "UTC") -> str:
    return DASH if moment is None else moment.astimezone(ZoneInfo(zone)).strftime("%H:%M:%S")


@register.filter
def clock_short(moment: datetime | None, zone: str = "UTC") -> str:
    return DASH if moment is None else moment.astimezone(ZoneInfo(zone)).strftime("%H:%M")


@register.filter
def clock_ms(moment: datetime | None, zone: str = "UTC") -> str:
    return DASH if moment is None else moment.astimezone(ZoneInfo(zone)).strftime("%H:%M:%S.%f")[:-3]


@register.filter
def day_clock(moment: datetime | None, zone: str = "UTC") -> str:
    return DASH if moment is None else moment.astimezone(ZoneInfo(zone)).strftime("%-d %b %H:%M:%S")


@register.filter
def percent(part: Any, whole_value: Any) -> str:
    """A share as a width for a bar: between 0% and 100%."""
    if not whole_value or part is None:
        return "0%"
    share = 100 * Decimal(part) / Decimal(whole_value)
    return f"{min(Decimal(100), max(Decimal(0), share)):.1f}%"


@register.filter
def state(row: Any) -> SafeString:
    """An order's state: a neutral glyph and a word. Unknown is an alarm, never a glyph."""
    if row.state == "UNKNOWN":
        return format_html('<span class="badge medium">{}</span>', row.state_word)
    return format_html('<span class="state {}">{}</span>', row.glyph, row.state_word)


LEVELS = {"warn": "medium", "block": "high"}


@register.filter
def outcome(verdict: Any) -> SafeString:
    if verdict.outcome == "pass":
        return format_html('<span class="state pass">{}</span>', "pass")
    word = {"warn": "WARN", "block": "BLOCKS"}[verdict.outcome]
    return format_html('<span class="badge {}">{}</span>', LEVELS[verdict.outcome], word)


def span_text(seconds: float) -> str:
    """As the screen's own clock writes it: 12 s, 4:32, 6:08:17."""
    whole_seconds = max(0, int(seconds))
    if whole_seconds < 60:
        return f"{whole_seconds} s"
    hours, minutes, rest = whole_seconds // 3600, whole_seconds // 60 % 60, whole_seconds % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@register.simple_tag
def since(moment: datetime | None) -> SafeString | str:
    """An age that goes on counting."""
    if moment is None:
        return DASH
    text = span_text((now() - moment).total_seconds())
    return format_html('<span data-since="{}">{}</span>', milliseconds(moment), text)


@register.simple_tag
def until(moment: datetime | None, past: str = "0:00", lead: str = "") -> SafeString | str:
    """A countdown to a deadline of the server; `lead` stands before the time, and not before what is past."""
    if moment is None:
        return DASH
    left = (moment - now()).total_seconds()
    text = span_text(left).removesuffix(" s") if left > 0 else past
    text = f"0:{int(text):02}" if text.isdecimal() else text
    return format_html(
        '<span data-until="{}" data-past="{}" data-lead="{}">{}</span>',
        milliseconds(moment),
        past,
        lead,
        f"{lead}{text}" if left > 0 else text,
    )


@register.simple_tag
def lasted(start: datetime | None, end: datetime | None) -> SafeString | str:
    """How long something took, or has been going on."""
    if start is None or end is None:
        return since(start)
    return span_text((end - start).total_seconds())
