"""Rows of a live table as HTML: each drawn once for what it shows, and sent once to a screen that shows it.

What goes on by itself, an age or a distance to the market, is left open in the drawing and filled in as the
row is sent; in the browser the clock and the ticking cells keep it. A screen names the rows it shows by their
mark; of those that are the same it is sent no more than the name.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from operator import attrgetter
from typing import Any

from django.template.loader import get_template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from apps.dashboard.kept import Kept

ROWS_KEPT, SCREENS_KEPT = 4000, 64
# places in a drawing that are filled in as the row is sent; no text of ours holds such characters
OPENINGS = {"away": "\x01", "age": "\x02"}


class Rows:
    """The rows of one table in this process; `prefix` and its key are a row's name in the page."""

    def __init__(self, template: str, row: type, *, prefix: str, leave_out: Iterable[str]) -> None:
        self._template = template
        self._prefix = prefix
        # every field, so that nothing that a row shows can be forgotten here
        self._content = attrgetter(*sorted({one.name for one in fields(row)} - set(leave_out)))
        self._drawn: Kept[str] = Kept(ROWS_KEPT)
        self._shown: Kept[Mapping[str, str]] = Kept(SCREENS_KEPT)

    def draw(self, row: Any, look: Mapping[str, Any]) -> str:
        """The row's HTML with its openings."""
        told = {"row": row, "opening": OPENINGS, **look}
        key = (*look.values(), *self._content(row))
        return self._drawn.get(key, lambda: get_template(self._template).render(told).strip())

    def mark(self, drawn: Mapping[str, str]) -> str:
        """By which a screen tells that it shows these."""
        mark = f"{hash(tuple(drawn.items())):x}"
        self._shown.put(mark, drawn)
        return mark

    def send(
        self, drawn: Mapping[str, str], fill: Callable[[str], Mapping[str, Any]], *, seen: str
    ) -> dict[str, SafeString]:
        """Each row as it is sent to the screen with that mark; where it is forgotten, all is sent again."""
        shown = self._shown.find(seen) or {}
        return {
            key: format_html('<tr id="{}{}" data-same></tr>', self._prefix, key)
            if shown.get(key) == html
            else _filled(html, fill(key))
            for key, html in drawn.items()
        }


def _filled(drawn: str, texts: Mapping[str, Any]) -> SafeString:
    """The template escaped what it drew; what is put in is escaped here."""
    for name, text in texts.items():
        drawn = drawn.replace(OPENINGS[name], conditional_escape(text))
    return mark_safe(drawn)
