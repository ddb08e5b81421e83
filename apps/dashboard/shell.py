"""What stands around every page: where one is, whether the desk can see, what is wrong, where to go."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from apps.alerts.queries import newest_message
from apps.approvals.queries import waiting_count
from apps.broker.queries import link_view, unknown_intents
from apps.dashboard.alarms import Alarm, strip_of_alarms
from apps.dashboard.alarms import Strip as AlarmStrip
from apps.dashboard.books import Books
from apps.dashboard.chip import Chip, chip_of
from apps.dashboard.countdowns import Strip, strips_of
from apps.dashboard.days import EXCHANGE_CITY, EXCHANGE_ZONE, ZONE
from apps.dashboard.linked import Link
from apps.dashboard.stops import Scope, scopes
from apps.desks.queries import enabled_accounts, strategies_with_phase, strategy_names
from apps.journal import clock
from apps.market.ports import CALENDAR
from apps.market.queries import session_around
from apps.operators.ports import Standing
from apps.operators.queries import preference_of, standing_of, waiting_seconds
from apps.risk.actions.change_limits import values_of
from apps.risk.queries import limits_in_force, stop_levels
from apps.runbook.queries import broken_promises

CHOSEN_ACCOUNT = "account"  # in the session

# name, title, key, whether a gap stands before it, and what a person must be allowed to find it
PAGES: tuple[tuple[Any, ...], ...] = (
    ("desk", "Desk", "d", False),
    ("review", "Review", "r", False),
    ("orders", "Orders", "o", False),
    ("positions", "Positions", "p", False),
    ("books", "Books", "b", False),
    ("reconciliation", "Reconciliation", "c", False),
    ("risk", "Risk", "k", False),
    ("plans", "Plans", "s", True),
    ("execution", "Execution", "e", False),
    ("reports", "Reports", "y", False),
    ("journal", "Journal", "j", True),
    ("system", "System", "h", False),
    ("alarms", "Alarms", "l", False),
    ("notifications", "Notifications", "n", False),
    ("seconds", "Second person", "2", False),
    ("people", "People", "u", False, "manage_people"),
)
TABS = ("desk", "review", "orders", "risk")
MORE = ("more", "More")
CHILDREN = {
    "tokens": "people", "strategies": "plans", "walk": "review", "walk-one": "review", "plan": "plans",
    "plan-import": "plans", "plan-propose": "plans", "runbook-page": "alarms", "runbook-pages": "alarms",
    "report": "reports", "scorecard": "reports",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    name: str
    title: str
    href: str
    key: str = ""
    gap: bool = False
    count: int = 0


@dataclass(frozen=True, slots=True)
class CutOff:
    title: str
    at: datetime
    left: str


class Place:
    """Where one is, and what time it is there. Everything is read when a template asks for it, once."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.now = clock.now()

    exchange_zone, exchange_city = EXCHANGE_ZONE, EXCHANGE_CITY

    @property
    def mode(self) -> str:
        return settings.MODE

    @property
    def mode_word(self) -> str:
        return self.mode.upper()

    @property
    def versions(self) -> str:
        """What the feed stood at before this page was read: the socket compares from there."""
        return json.dumps(getattr(self.request, "feed_versions", {}))

    @property
    def now_ms(self) -> int:
        return int(self.now.timestamp() * 1000)

    @property
    def speed(self) -> str:
        return f"{clock.speed():g}"

    @cached_property
    def accounts(self) -> list[Any]:
        """Those that may be traded and that this person may see; without a role there is none."""
        standing = getattr(self.request, "standing", None)
        if standing is None or not standing.may("see"):
            return []
        return [row for row in self.enabled if standing.reaches(row.code)]

    @cached_property
    def enabled(self) -> list[Any]:
        """Every account that may be traded, within this person's reach or not."""
        return enabled_accounts()

    def reaches(self, account: str) -> bool:
        """Whether this person may see what is that account's; what is no account's, everybody may."""
        standing = getattr(self.request, "standing", None)
        return standing is not None and (not account or standing.reaches(account))

    @cached_property
    def owned(self) -> Any:
        """The one this person looks at: the one they chose, or else the first."""
        if not self.accounts:
            return None
        chosen = self.request.session.get(CHOSEN_ACCOUNT)
        return next((row for row in self.accounts if row.pk == chosen), self.accounts[0])

    @property
    def account(self) -> str:
        return self.owned.masked() if self.owned else "no account"

    @property
    def currency(self) -> str:
        return self.owned.base_currency if self.owned else "USD"


class Ground(Place):
    """The account one stands on, its strategies, and the exchange's day."""

    @cached_property
    def books(self) -> Books:
        """One reading of the owned account for all that a page shows."""
        return Books(self.owned, self.now)

    @cached_property
    def strategies(self) -> list[tuple[Any, str]]:
        """Each with its phase on the owned account."""
        return strategies_with_phase(self.owned) if self.owned else []

    @cached_property
    def phases(self) -> str:
        counts: dict[str, int] = {}
        for _strategy, phase in self.strategies:
            counts[phase.capitalize()] = counts.get(phase.capitalize(), 0) + 1
        return " · ".join(f"{phase} {counts[phase]}" for phase in ("Crawl", "Walk", "Run") if phase in counts)

    @cached_property
    def session(self) -> Any:
        return session_around(CALENDAR, self.now)

    @cached_property
    def cutoff(self) -> CutOff | None:
        """The next moment that changes what can still be done."""
        session = self.session
        if session is None:
            return None
        limit_set = self.books.limit_set if self.owned else limits_in_force()
        lead = timedelta(minutes=float(values_of(limit_set)["minutes_to_close"]))
        ahead = (
            ("Opens", session.open_at),
            ("Last entry", session.close_at - lead),
            ("Close", session.close_at),
        )
        title, at = next((title, at) for title, at in ahead if at > self.now)
        left = at - self.now
        if left > timedelta(hours=20):
            title = f"Opens {at.astimezone(ZONE):%a}"
        seconds = int(left.total_seconds())
        return CutOff(title, at, f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}")

    @cached_property
    def stop_scopes(self) -> list[Scope]:
        """What this person may stop."""
        names = [row.name for row, _phase in self.strategies] if self.owned else strategy_names()
        return scopes(self.enabled, names, self.reaches)


class Watch(Ground):
    """What the desk can see, and what is wrong."""

    @property
    def reaches_all(self) -> bool:
        return self.reaches("*")

    @cached_property
    def link(self) -> Link:
        gateway = self.owned.gateway_id if self.owned else 0
        return Link(link_view(gateway, self.now))

    @cached_property
    def verdict(self) -> Chip | None:
        """Whether our books agree with the broker's, and how old that word is."""
        return chip_of(self.owned, self.now)

    @cached_property
    def unknown(self) -> list[Any]:
        return [row for row in unknown_intents() if self.reaches(row.ticket.account.code)]

    @cached_property
    def stopped(self) -> list[Any]:
        return [row for row in stop_levels() if row.level != "ACTIVE"]

    @cached_property
    def broken(self) -> list[str]:
        """Invariants that the last look found broken."""
        return broken_promises()

    @cached_property
    def waiting(self) -> int:
        return waiting_count([account.pk for account in self.accounts])

    @cached_property
    def countdowns(self) -> list[Strip]:
        """What every open page counts down; nothing is asked of a browser that is not logged in."""
        return strips_of(self.now, self.sees) if self.request.user.is_authenticated else []

    @cached_property
    def standing(self) -> Standing:
        """As the request was judged; a page that nobody was judged for, an error's, reads it."""
        judged = getattr(self.request, "standing", None)
        return judged if judged is not None and judged.roles else standing_of(self.request.user)

    def sees(self, account: str) -> bool:
        return self.standing.may("see", account)

    @property
    def may_cancel(self) -> bool:
        return self.standing.may("cancel")


class Called(Watch):
    """What is wrong, and what was told of it."""

    @cached_property
    def alarms(self) -> AlarmStrip:
        return strip_of_alarms(self)

    @property
    def alarm(self) -> Alarm | None:
        """The worst one that nobody has acknowledged, in words."""
        return self.alarms.worst

    @property
    def newest_news(self) -> int:
        """Where this page stands in what was told: a browser asks for what came after it."""
        return newest_message()


class Shell(Called):
    """Where to go, and how it looks."""

    @property
    def nav(self) -> list[Item]:
        return [self._item(*page) for page in PAGES if not page[4:] or self._may(page[4])]

    def _may(self, verb: str) -> bool:
        standing = getattr(self.request, "standing", None)
        return standing is not None and standing.may(verb)

    @property
    def tabs(self) -> list[Item]:
        shown = [self._item(*page) for page in PAGES if page[0] in TABS]
        return [*shown, Item(*MORE, reverse("more"))]

    def _item(self, name: str, title: str, key: str, gap: bool, _verb: str = "") -> Item:
        return Item(name, title, reverse(name), key, gap, self._count(name))

    def _count(self, name: str) -> int:
        """What waits behind a word of the navigation."""
        counts = {
            "review": lambda: self.waiting,
            "alarms": lambda: self.alarms.unacknowledged,
            "seconds": lambda: self.seconds_waiting,
        }
        return counts[name]() if name in counts else 0

    @cached_property
    def seconds_waiting(self) -> int:
        """What others asked for and this person may confirm, or asked for and may take back."""
        return waiting_seconds().count()

    @property
    def title_prefix(self) -> str:
        """In the tab's title: where one is, and what waits."""
        told = []
        if self.alarm:
            told.append(self.alarm.level.upper())
        if self.countdowns:
            told.append(f"{len(self.countdowns)} to cancel")
        if self.waiting:
            told.append(f"{self.waiting} to review")
        return f"{self.mode_word} ● {' · '.join(told)} · " if told else f"{self.mode_word} · "

    @property
    def icon(self) -> str:
        return f"desk/icon-{self.mode}{'-alarm' if self.alarm else ''}.svg"

    @cached_property
    def zone(self) -> str:
        """The time that tables show: the exchange's, unless this person likes another."""
        return self._liked.primary_zone if self._liked else self.exchange_zone

    @cached_property
    def _liked(self) -> Any:
        return preference_of(self.request.user) if self.request.user.is_authenticated else None

    @cached_property
    def html_class(self) -> str:
        if (liked := self._liked) is None:
            return ""
        classes = [
            liked.theme if liked.theme != "system" else "",
            liked.density if liked.density == "comfortable" else "",
            liked.colours if liked.colours != "green-up" else "",
        ]
        return " ".join(name for name in classes if name)


def shell(request: HttpRequest) -> dict[str, Any]:
    """The context processor: the shell, and which page of it this is."""
    match = request.resolver_match
    name = (match.url_name if match else "") or ""
    return {"shell": shell_of(request), "page": CHILDREN.get(name, name.partition("-")[0])}


def shell_of(request: HttpRequest) -> Shell:
    """One for each request, so that a view and its template read the same."""
    found = getattr(request, "desk_shell", None)
    if found is None:
        found = Shell(request)
        request.desk_shell = found  # type: ignore[attr-defined]
    return found
