"""What the stop dialog says before the press, and what the stop has done since."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from apps.broker.queries import link_view
from apps.dashboard.templatetags.desk import whole
from apps.desks.queries import enabled_accounts, strategy_names
from apps.journal import clock
from apps.risk.queries import stopped_orders, stopping_of
from apps.runbook.stop_effect import Effect, effect_of

EVERYTHING = "All accounts, all strategies"
BADGES = {
    "failed": ("high", "NOT CANCELLED"),
    "unknown": ("medium", "UNKNOWN"),
    "pending": ("", "pending"),
    "asked": ("", "asked"),
    "filled": ("", "filled"),
    "confirmed": ("", "gone"),
}
STATES = {
    "blocked": "Blocked. The cancels are being asked for.",
    "cancelling": "Blocked. Waiting for the broker's word on each order.",
    "flattening": "Blocked. The broker's books are read, then every position is closed.",
    "closing": "Blocked. The closes are at work.",
    "ended": "Finished.",
}
FLAT = "FLAT, by the broker's word."


Reaches = Callable[[str], bool]


def anywhere(account: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Scope:
    value: str
    title: str


def all_scopes() -> list[Scope]:
    return scopes(enabled_accounts(), strategy_names(), anywhere)


def scopes(accounts: Sequence[Any], names: Sequence[str], reaches: Reaches) -> list[Scope]:
    """All of it first: whoever is in a hurry presses without choosing. A strategy trades on every account."""
    own = [Scope(f"account:{row.code}", f"Account {row.masked()}") for row in accounts if reaches(row.code)]
    if len(own) < len(accounts):
        return own
    of_strategies = [Scope(f"strategy:{name}", name) for name in names] if accounts else []
    return [Scope("global", EVERYTHING), *own, *of_strategies]


def scope_of(value: str) -> tuple[str, str]:
    scope, _, key = value.partition(":")
    return scope, key


def title_of(scope: str, key: str) -> str:
    value = f"{scope}:{key}" if key else scope
    return next((one.title for one in all_scopes() if one.value == value), key or EVERYTHING)


def effects_of(value: str) -> dict[str, Any]:
    """In the words of the dialog."""
    effect = effect_of(*scope_of(value))
    return {
        "effect": effect,
        "head": f"{_many(effect.cancels, 'working order')} · {_many(effect.closes, 'position')}"
        + (f" · {effect.unknown} unknown" if effect.unknown else ""),
        "cancels": _many(effect.cancels, "cancel"),
        "closes": _many(effect.closes, "close") + _worth(effect),
        "notes": list(_notes(effect)),
        "press": f"Cancel {effect.cancels} and pause",
    }


def _worth(effect: Effect) -> str:
    return "" if effect.worth is None else f", {whole(effect.worth)}"


def _many(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _notes(effect: Effect) -> list[str]:
    told = []
    if effect.unprotected:
        names = ", ".join(effect.unprotected[:4])
        more = f" and {len(effect.unprotected) - 4} more" if len(effect.unprotected) > 4 else ""
        told.append(f"{names}{more} lose their stops when their orders go.")
    if effect.unsent:
        told.append(f"{effect.unsent} tickets that were not sent yet are withdrawn at every level.")
    if effect.unknown:
        told.append(f"{_many(effect.unknown, 'order')} of unknown fate cannot be confirmed gone from here.")
    if effect.foreign:
        orders = _many(effect.foreign, "order")
        told.append(f"{orders} of other programs or of TWS cannot be cancelled from here.")
    return told


@dataclass(frozen=True, slots=True)
class Row:
    title: str
    detail: str
    css: str
    word: str
    reason: str
    key: str


@dataclass(frozen=True, slots=True)
class Report:
    """One stop, as it stands."""

    row: Any
    title: str
    state: str
    rows: list[Row]
    count: str
    alive: bool
    link: str


def report_of(number: int, reaches: Reaches = anywhere) -> Report | None:
    """Of its orders those that the reader may see."""
    row = stopping_of(number)
    if row is None:
        return None
    orders = [one for one in stopped_orders(row.pk) if reaches(one.account_code)]
    gone = sum(one.result in ("confirmed", "filled") for one in orders)
    return Report(
        row=row,
        title=title_of(row.scope, row.key),
        state=" ".join(text for text in (STATES[row.state], row.note, FLAT if row.flat_at else "") if text),
        rows=[_row(one) for one in orders],
        count=f"{gone} of {len(orders)} gone" if orders else "nothing was working",
        alive=row.state != "ended",
        link=_link_problem(),
    )


def _row(one: Any) -> Row:
    css, word = BADGES[one.result]
    kind = "close: " if one.kind == "close" else ""
    return Row(
        title=f"{kind}{one.side} {one.quantity.normalize():f} {one.symbol}",
        detail=one.ticket_key or f"client {one.client_id}",
        css=css,
        word=word,
        reason=one.reason,
        key=one.ticket_key,
    )


def _link_problem() -> str:
    """Without the link nothing can be cancelled from here, and the page says who can."""
    now = clock.now()
    for account in enabled_accounts():
        view = link_view(account.gateway_id, now)
        if not view.ready:
            return (
                f"The broker link is {view.state}. Nothing new leaves, but its cancels wait for it: run "
                "./desk stop in a terminal, or cancel in TWS."
            )
    return ""
