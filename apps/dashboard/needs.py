"""What needs a person, soonest first, and what state the desk is in."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from apps.alerts.codes import CODES
from apps.alerts.ports import CRITICAL, HIGH
from apps.approvals.queries import waiting
from apps.dashboard.books import Books
from apps.dashboard.shell import Shell
from apps.dashboard.templatetags.desk import whole
from apps.dashboard.words import headline_of
from apps.ledger.books import is_opened
from apps.risk.queries import verdict_counts

GRAVE = (CRITICAL, HIGH)  # the others stand behind what waits with a deadline
SHOWN = frozenset({"order-unknown", "order-still-unknown"})  # these stand in the list as orders already


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    key: str
    title: str
    text: str
    act: str
    href: str
    detail: str = ""
    word: str = ""
    level: str = ""
    until: datetime | None = None
    since: datetime | None = None
    left_word: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    title: str
    word: str
    detail: str = ""
    source: str = ""
    since: datetime | None = None
    until: datetime | None = None


def needs_of(shell: Shell, books: Books) -> list[Need]:
    requests = [row for row in waiting() if row.expires_at > shell.now and shell.reaches(row.account.code)]
    counts = verdict_counts("request", [row.pk for row in requests])
    differing = [row for row in books.positions if row.differs]
    alarms = [row for row in shell.alarms.rows if row.acknowledged_at is None and row.code not in SHOWN]
    return [
        *[_counting(strip) for strip in shell.countdowns],
        *[_alarm(row) for row in alarms if row.severity in GRAVE],
        *[_unknown(intents) for intents in by_bracket(shell.unknown)],
        *_unopened(books),
        *[_differs(row) for row in differing],
        *[_request(row, counts.get(row.pk, {})) for row in requests],
        *[_alarm(row) for row in alarms if row.severity not in GRAVE],
    ]


def _counting(strip: Any) -> Need:
    said = "was sent, a tap still cancels" if strip.sent else "sends unless somebody cancels"
    return Need(
        key=f"count-{strip.number}",
        title=strip.strategy,
        word="WALK",
        text=strip.headline,
        detail=f"{strip.detail} · {'waits for its alert' if strip.asked else said}",
        until=strip.until,
        act="Look",
        href=strip.href,
    )


def _alarm(row: Any) -> Need:
    return Need(
        key=f"alarm-{row.pk}",
        level=row.severity,
        title=CODES[row.code].title if row.code in CODES else row.code,
        text=row.text,
        since=row.first_at,
        left_word="open",
        act="Look",
        href=reverse("alarms"),
    )


def by_bracket(intents: Iterable[Any]) -> list[list[Any]]:
    """Orders that went out as one are one thing to look at, the entry first."""
    found: dict[str, list[Any]] = {}
    for intent in intents:
        found.setdefault(intent.ticket.bracket, []).append(intent)
    return [sorted(group, key=lambda one: one.ticket.position_in_bracket) for group in found.values()]


def _unknown(intents: list[Any]) -> Need:
    intent, number = intents[0], len(intents)
    ticket = intent.ticket
    orders = "order" if number == 1 else f"bracket, {number} orders"
    return Need(
        key=f"unknown-{intent.pk}",
        level="medium",
        title="Status unknown",
        text=f"{ticket.side} {ticket.quantity.normalize():f} {ticket.contract.symbol}, {orders}",
        detail="never sent again by itself",
        since=intent.unknown_since or intent.claimed_at,
        left_word="open",
        act="Look",
        href=f"{reverse('orders')}?open={ticket.key}",
    )


def _unopened(books: Books) -> Iterator[Need]:
    """A first day: the broker tells what it holds, and nobody has said yet that our books begin there."""
    if books.money and not is_opened(books.account):
        yield Need(
            key="unopened",
            level="medium",
            title="The books are not opened",
            text="take over the broker's opening balances and positions",
            detail="until then worth and reconciliation are unknown",
            act="Open",
            href=reverse("books"),
        )


def _differs(row: Any) -> Need:
    return Need(
        key=f"differs-{row.contract_id}",
        level="high",
        title=f"{row.title} differs",
        text=f"ours {row.quantity.normalize():f}, broker {row.broker_quantity.normalize():f}",
        since=row.broker_at,
        left_word="old",
        act="Look",
        href=reverse("positions"),
    )


def _request(row: Any, counts: dict[str, int]) -> Need:
    return Need(
        key=f"request-{row.pk}",
        title=row.strategy.name,
        word=row.phase.upper(),
        text=headline_of(row),
        detail=f"{whole(row.notional)} {row.account.base_currency} · {checks_text(counts)}",
        until=row.expires_at,
        act="Review",
        href=reverse("review-one", args=[row.pk]),
    )


def checks_text(counts: dict[str, int]) -> str:
    told = [f"{counts['block']} block" if counts.get("block") else ""]
    told += [f"{counts.get('pass', 0)} pass", f"{counts['warn']} warn" if counts.get("warn") else ""]
    return ", ".join(text for text in told if text) if counts else "not judged yet"


def nothing_text(books: Books) -> str:
    told = [row for row in books.positions if row.broker_at is not None]
    if not books.positions:
        return "No positions, no working orders, nothing waits." if not books.living else "Nothing waits."
    return f"{len(told)} of {len(books.positions)} positions equal the broker's."


def strip_of(shell: Shell, books: Books) -> list[Fact]:
    facts = [_trading(shell), _gateway(shell), _agreement(books)]
    if shell.cutoff:
        facts.append(
            Fact(title="Next", word=shell.cutoff.title, until=shell.cutoff.at, source="calendar XNYS")
        )
    facts.append(_last_plan(books))
    row = books.limit_set
    facts.append(
        Fact(title="Limits", word=f"v {row.version}", detail=f"since {row.made_at:%-d %b}", source=row.reason)
    )
    return facts


def _trading(shell: Shell) -> Fact:
    if not shell.stopped:
        return Fact(title="Trading", word="Running", source="no stop level is set")
    worst = min(shell.stopped, key=lambda row: row.level)
    word = {"HALTED": "Halted", "REDUCE_ONLY": "Reduce only"}[worst.level]
    return Fact(
        title="Trading", word=word, detail=f"{worst.key or 'all'}", source=worst.reason, since=worst.since
    )


def _gateway(shell: Shell) -> Fact:
    row = shell.link.view.row
    beat = row.beat_at if row else None
    word = shell.link.word.capitalize()
    return Fact(title="Gateway", word=word, source=shell.link.reason, detail="heard", since=beat)


def _agreement(books: Books) -> Fact:
    rows = books.positions
    told = [row for row in rows if row.broker_quantity is not None and row.broker_at is not None]
    differing = sum(row.differs for row in rows)
    oldest = min((row.broker_at for row in told if row.broker_at), default=None)
    if differing:
        return Fact(title="Positions", word="Differ", detail=f"{differing} of {len(rows)} ·", since=oldest)
    if len(told) < len(rows):
        return Fact(title="Positions", word="Not told", detail=f"{len(rows) - len(told)} of {len(rows)}")
    if not rows:
        return Fact(title="Positions", word="Flat")
    return Fact(
        title="Positions",
        word="Equal",
        detail=f"{len(rows)} of {len(rows)} ·",
        since=oldest,
        source="broker's list",
    )


def _last_plan(books: Books) -> Fact:
    newest = max(books.plans, key=lambda plan: plan.received_at, default=None)
    if newest is None:
        return Fact(
            title="Last plan", word="None", detail="today", source="the intake folder, an upload or the API"
        )
    return Fact(
        title="Last plan",
        word=f"{newest.pk}",
        detail=f"{newest.strategy.name}, {newest.state} ·",
        since=newest.received_at,
        source=newest.file_name,
    )
