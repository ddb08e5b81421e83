"""The review card: exactly what would be sent, why, what it does, what stands in its way."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.conf import settings

from apps.approvals.queries import may_be_tightened, put_again, request_of
from apps.broker.queries import previews_of
from apps.broker.standing import our_orders
from apps.dashboard.books import Books, title_of
from apps.dashboard.checks import readable
from apps.dashboard.effect import Change, effect_of
from apps.dashboard.needs import checks_text
from apps.dashboard.rows import OrderRow, label_of, market_of, row_of
from apps.dashboard.shell import Shell
from apps.dashboard.templatetags.desk import money
from apps.dashboard.words import REQUEST_GLYPHS, WAITING, headline_of
from apps.market.queries import contracts_by_con_id, last_quotes
from apps.operators.pages.asking import fresh_proof
from apps.plans.queries import all_lines
from apps.risk.queries import verdicts_of
from apps.tickets.queries import tickets_of_request

REASON_AT_LEAST = 10
REJECT_REASONS = (
    "Price has moved",
    "Size is too large",
    "News on a name",
    "Not this session",
    "Plan looks wrong",
)
ACTS = ("approve", "reject", "hold", "edit_plan", "withdraw")
UNSENT_AFTER = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Notice:
    title: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    title: str
    text: str


@dataclass(slots=True)
class Leg:
    """One bracket: an entry with its target and its stop."""

    key: str
    contract_id: int
    title: str
    side: str
    quantity: Decimal
    entry: Decimal
    target: Decimal | None
    stop: Decimal | None
    notional: Decimal
    tick: Decimal | None
    reference: str
    market: Decimal | None = None
    quote_at: datetime | None = None
    stale: bool = False
    away_bps: Decimal | None = None
    changed: bool = False
    filled: Decimal | None = None
    state: str = ""
    glyph: str = ""
    state_word: str = ""


def number(value: Any) -> Decimal | None:
    """A number of the canonical content: text behind one mark."""
    return None if value is None else Decimal(str(value).lstrip("#"))


@dataclass
class Content:
    """What was frozen when the request was opened, and what became of it."""

    request: Any
    shell: Shell
    books: Books
    notice: Notice | None = None
    seen: Mapping[int, Decimal] = field(default_factory=dict)  # the prices the person last saw

    @property
    def id(self) -> int:
        return int(self.request.pk)

    @property
    def overdue(self) -> bool:
        return bool(self.shell.now >= self.request.expires_at)

    @property
    def open(self) -> bool:
        return self.request.state == "proposed" and not self.overdue

    @property
    def state_word(self) -> str:
        return "expired" if self.request.state == "proposed" and self.overdue else str(self.request.state)

    @property
    def headline(self) -> str:
        currency = self.request.account.base_currency
        return f"{headline_of(self.request)}, {money(self.request.notional)} {currency}"

    @property
    def strategy(self) -> str:
        return str(self.request.strategy.name)

    @cached_property
    def lines(self) -> list[Any]:
        return list(all_lines(self.request.plan_id))

    @property
    def left_out(self) -> list[Any]:
        return [line for line in self.lines if line.state != "taken"]

    @property
    def skipped(self) -> str:
        out = self.left_out
        if not out:
            return ""
        names = ", ".join(line.symbol or f"line {line.number}" for line in out[:3])
        return f"{len(out)} line{'' if len(out) == 1 else 's'} left out: {names}"

    @property
    def order_words(self) -> str:
        orders = self.request.content["orders"]
        algo: dict[str, str] = next((order["algo"] for order in orders if order["role"] == "entry"), {})
        adaptive = f" {algo['strategy']} {algo.get('adaptivePriority', '')}".rstrip() if algo else ""
        return f"entries LMT{adaptive} · TP LMT and SL STP as children"

    @cached_property
    def tickets(self) -> list[OrderRow]:
        tickets = tickets_of_request(self.id).values_list("pk", flat=True)
        return [row_of(order) for order in our_orders(list(tickets))]

    @property
    def raw(self) -> str:
        """Everything the digest covers, an order a line: a plan may have thousands."""
        head = {name: value for name, value in self.request.content.items() if name != "orders"}
        rows = [json.dumps(row, sort_keys=True) for row in (head, *self.request.content["orders"])]
        return "\n".join((f"SHA-256 {self.request.digest}", *rows))


class Market(Content):
    """The same at the prices of now: its brackets, what they would change, and why they are wanted."""

    @cached_property
    def legs(self) -> list[Leg]:
        orders = self.request.content["orders"]
        contracts = contracts_by_con_id(order["con_id"] for order in orders)
        quotes = last_quotes(row.pk for row in contracts.values())
        children = {(order["parent"], order["role"]): order for order in orders if order["parent"]}
        states = {row.key: row for row in self.tickets} if not self.open else {}
        return [
            self._leg(order, children, contracts=contracts, quotes=quotes, state=states.get(order["key"]))
            for order in orders
            if order["role"] == "entry"
        ]

    def _leg(
        self,
        order: dict[str, Any],
        children: Mapping[tuple[str, str], dict[str, Any]],
        *,
        contracts: Mapping[int, Any],
        quotes: Mapping[int, Any],
        state: OrderRow | None,
    ) -> Leg:
        contract = contracts[order["con_id"]]
        entry, size = number(order["limit_price"]) or Decimal(0), number(order["quantity"]) or Decimal(0)
        quote = quotes.get(contract.pk)
        leg = Leg(
            key=order["key"],
            contract_id=contract.pk,
            title=f"{title_of(contract)} {label_of(order['key'])}",
            side=order["side"],
            quantity=size,
            entry=entry,
            target=number(children.get((order["key"], "target"), {}).get("limit_price")),
            stop=number(children.get((order["key"], "stop"), {}).get("stop_price")),
            notional=size * entry * Decimal(contract.multiplier) / contract.price_magnifier,
            tick=contract.min_tick,
            reference=(state.reference if state else "") or f"td-{settings.INSTANCE}-{order['key']}-1",
            market=market_of(order["side"], quote),
            quote_at=quote.received_at if quote else None,
            stale=self.books.is_old(quote),
        )
        if leg.market and entry:
            leg.away_bps = 10_000 * (entry - leg.market) / leg.market
        leg.changed = contract.pk in self.seen and self.seen[contract.pk] != leg.market
        if state is not None:
            leg.filled, leg.state = state.filled, state.state
            leg.glyph, leg.state_word = state.glyph, state.state_word
        return leg

    @property
    def quantity(self) -> Decimal:
        return sum((leg.quantity for leg in self.legs), start=Decimal(0))

    @property
    def prices(self) -> str:
        """What this card showed, for the next one to compare with."""
        return ",".join(f"{leg.contract_id}:{leg.market}" for leg in self.legs if leg.market is not None)

    @cached_property
    def previews(self) -> list[Any]:
        return list(previews_of(self.id))

    @property
    def effect(self) -> list[Change]:
        return effect_of(self)

    @property
    def why(self) -> list[Fact]:
        taken = [line for line in self.lines if line.state == "taken"]
        facts = []
        for name, title in (("score", "Score"), ("gex_regime", "Regime"), ("sector", "Sector")):
            told = [f"{line.symbol} {line.context[name]}" for line in taken if line.context.get(name)]
            if told:
                facts.append(Fact(title, " · ".join(told)))
        plan = self.request.plan
        numbers = [line.number for line in taken]
        first, last = min(numbers, default=0), max(numbers, default=0)
        lines = f", line {first}" if first == last else f", lines {first}–{last}"
        facts.append(Fact("Source", f"{plan.file_name or plan.source}{lines if numbers else ''}"))
        return facts


class Doings(Market):
    """What a person may do to it, so that nothing else is offered."""

    @property
    def unsent(self) -> bool:
        """Approved, and something of it has not left yet: it can still be taken back."""
        return self.request.state == "approved" and any(row.state in WAITING for row in self.tickets)

    @property
    def needs_proof(self) -> bool:
        return not fresh_proof(self.shell.request)

    @cached_property
    def may(self) -> dict[str, bool]:
        """What this person may do to it: what they may not is not offered."""
        standing, account = self.shell.standing, self.request.account.code
        return {verb: standing.may(verb, account) for verb in ACTS}

    @property
    def may_tighten(self) -> bool:
        """Whether this person may put the plan under a person's eyes for good, and it is not there yet."""
        allowed = self.shell.standing.may("demote", self.request.account.code)
        return allowed and may_be_tightened(self.request.plan)

    @property
    def cut_lines(self) -> list[Any]:
        return [line for line in self.lines if line.state == "taken"]


class Card(Doings):
    """One request as a page shows it: how it was judged, and whether a person may act on it."""

    @cached_property
    def checks(self) -> list[Any]:
        return verdicts_of("request", self.id, "approval") or verdicts_of("request", self.id, "proposal")

    @cached_property
    def checks_shown(self) -> list[Any]:
        """What the card lists; `?checks=all` lists every one of a long plan."""
        return self.checks if self.shell.request.GET.get("checks") == "all" else readable(self.checks)

    @property
    def blocks(self) -> list[Any]:
        return [check for check in self.checks if check.outcome == "block"]

    @property
    def warnings(self) -> str:
        told = [
            f"{check.title.lower()} {check.about}".strip() for check in self.checks if check.outcome == "warn"
        ]
        return ", ".join(told)

    @property
    def checks_summary(self) -> str:
        counts: dict[str, int] = {}
        for check in self.checks:
            counts[check.outcome] = counts.get(check.outcome, 0) + 1
        return checks_text(counts)

    @property
    def why_not(self) -> str:
        """What stands in the way of EXECUTE, or nothing."""
        if blocks := self.blocks:
            about = f" for {blocks[0].about}" if blocks[0].about else ""
            return f"{blocks[0].title}{about}: {blocks[0].measured}, limit {blocks[0].limit}."
        if not self.shell.link.ready:
            return f"The broker link is {self.shell.link.word}. {self.shell.link.reason}."
        if self.shell.stopped:
            return f"Trading is at {self.shell.stopped[0].level}: {self.shell.stopped[0].reason}"
        return ""

    @property
    def hard(self) -> bool:
        return bool(self.blocks)

    @property
    def acts(self) -> bool:
        return self.open

    @property
    def may_execute(self) -> bool:
        return self.open and not self.why_not

    @property
    def mark(self) -> str:
        """Whatever of this changes is material: the card is shown anew and the typed word is gone."""
        view = self.shell.link.view
        session = view.row.session_id if view.row else None
        parts = (
            self.request.row_version,
            self.request.state,
            "late" if self.overdue else "",
            self.books.limit_set.version,
            view.state,
            session,
            len(self.shell.stopped),
            sum(preview.state != "asked" for preview in self.previews),
        )
        return ".".join(str(part) for part in parts)

    @property
    def outcome(self) -> str:
        return outcome_of(self)

    @property
    def anew(self) -> Any:
        return put_again(self.request)

    def __getattr__(self, name: str) -> Any:
        """What a template asks for and the request itself knows."""
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.request, name)

    plan_version = property(lambda self: self.request.plan.version)
    author = property(lambda self: self.request.plan.author)
    limit_version = property(lambda self: self.request.limit_set_id)
    read_at = property(lambda self: self.shell.now)
    reject_reasons = REJECT_REASONS


def outcome_of(card: Card) -> str:
    """What was decided and what became of it. Approved is never shown as executed."""
    request = card.request
    if request.state == "proposed":
        return "Expired before anybody decided. Nothing was sent."
    who = f"{request.decided_by}, {request.decided_at:%H:%M:%S} UTC"
    if request.state != "approved":
        why = request.reason or request.reason_code
        return f"{request.state.capitalize()} by {who}: {why}. Nothing was sent."
    entries = [row for row in card.tickets if not row.child]
    waiting = [row for row in entries if row.state in WAITING]
    if waiting and card.shell.now - request.decided_at > UNSENT_AFTER:
        until = min(request.expires_at, request.cutoff_at)
        return (
            f"Approved by {who}, not yet sent: {len(waiting)} of {len(entries)} brackets. "
            f"They will not be sent after {until:%H:%M:%S} UTC."
        )
    unknown = sum(row.state == "UNKNOWN" for row in card.tickets)
    done = sum(row.state == "FILLED" for row in entries)
    sent = len(entries) - len(waiting)
    told = f"Approved by {who}. {sent} of {len(entries)} brackets sent, {done} entries filled"
    return f"{told}, {unknown} orders of unknown fate." if unknown else f"{told}."


def card_of(
    request_id: int,
    shell: Shell,
    books: Books,
    *,
    notice: Notice | None = None,
    seen: Mapping[int, Decimal] | None = None,
) -> Card | None:
    request = request_of(request_id)
    return None if request is None else Card(request, shell, books, notice, seen or {})


def glyph_of(request: Any) -> str:
    return REQUEST_GLYPHS.get(request.state, "off")
