"""What is wrong, for the strip of the shell: the worst that nobody has acknowledged, and how many more.

The worker raises alarms; a page does not wait for it. What the tables show of this moment stands here at
once, and as soon as the worker has raised it, its row with its acknowledgement takes the place.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.urls import reverse

from apps.alerts.codes import CODES
from apps.alerts.ports import RANK
from apps.alerts.queries import open_alarms
from apps.desks.ports import named
from apps.desks.queries import last_beat
from apps.journal import clock

WORKER_SILENT_AFTER = 15  # seconds of a person's time


@dataclass(frozen=True, slots=True)
class Alarm:
    """The words of the strip. `number` is the row to acknowledge; without one there is none yet."""

    level: str
    text: str
    href: str = ""
    number: int = 0
    code: str = ""
    more: int = 0


@dataclass(frozen=True, slots=True)
class Strip:
    worst: Alarm | None
    rows: tuple[Any, ...] = ()  # every open alarm within reach
    acknowledged: int = 0
    unacknowledged: int = 0


def strip_of_alarms(watch: Any) -> Strip:
    rows = tuple(row for row in open_alarms() if watch.reaches(row.account))
    known = {row.code for row in rows}
    fresh = [row for row in rows if row.acknowledged_at is None]
    shown = [*(one for one in _by_the_tables(watch) if one.code not in known), *map(_of_row, fresh)]
    worst = min(shown, key=lambda one: RANK[one.level], default=None)
    if worst is not None and len(shown) > 1:
        worst = Alarm(worst.level, worst.text, worst.href, worst.number, worst.code, len(shown) - 1)
    return Strip(worst, rows, len(rows) - len(fresh), len(fresh))


def _of_row(row: Any) -> Alarm:
    times = f" ({row.count} times)" if row.count > 1 else ""
    text = f"{CODES[row.code].title}{times}: {row.text}" if row.code in CODES else row.text
    return Alarm(row.severity, text, reverse("alarms"), row.pk, row.code)


def _by_the_tables(watch: Any) -> Iterator[Alarm]:
    if not watch.link.ready and watch.link.banner:
        code = "link-silent" if watch.link.view.state == "dead" else "link-down"
        yield Alarm("critical", watch.link.banner.title, reverse("system"), code=code)
    if watch.broken:
        text = f"Invariant broken: {watch.broken[0]}"
        yield Alarm("critical", text, reverse("journal"), code="invariant-broken")
    for row in watch.stopped:
        if row.level == "HALTED":
            where = named(row.scope, row.key) or "all accounts"
            yield Alarm("high", f"Halted: {where}. {row.reason}", reverse("risk"), code="stop-set")
    if watch.unknown:
        yield _unknown(watch.unknown)
    seen = last_beat("worker")
    if seen is not None and watch.now - seen > clock.stretched(timedelta(seconds=WORKER_SILENT_AFTER)):
        yield Alarm(
            "high", "The worker does not report: alerts stand still", reverse("system"), code="worker"
        )


def _unknown(intents: list[Any]) -> Alarm:
    ticket = intents[0].ticket
    text = f"Status unknown: {ticket.side} {ticket.quantity.normalize():f} {ticket.contract.symbol}"
    more = f", {len(intents)} orders" if len(intents) > 1 else ""
    return Alarm("medium", text + more, f"{reverse('orders')}?open={ticket.key}", code="order-unknown")
