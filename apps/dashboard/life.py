"""The life of one order to the millisecond: what we did, what the broker said, in its own words."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from apps.broker.actions.retry_bracket import may_retry
from apps.broker.queries import (
    asks_about,
    evidence_about,
    foreign_order,
    intents_of,
    open_cancels,
    orders_of_intents,
)
from apps.broker.standing import our_orders, their_order
from apps.dashboard.cards import Notice
from apps.dashboard.days import EXCHANGE_ZONE, ZONE, span_of
from apps.dashboard.doubts import Doubt, doubt_of
from apps.dashboard.lines import PriceChart, price_chart
from apps.dashboard.rows import OrderRow, row_of
from apps.dashboard.shell import Shell
from apps.dashboard.templatetags.desk import price, quantity
from apps.ledger.queries import fills_of_order, fills_of_ticket
from apps.market.queries import marks_since
from apps.runbook.situation import trading_day
from apps.tickets.queries import family_of, ticket_with_key

OWN_WORDS = ("ruling", "unwritten", "gone")
WORDS_OF_EVIDENCE = ("orderStatus", "openOrder", "execDetails", "commission", "completedOrder", "error")


@dataclass(slots=True)
class Step:
    at: datetime
    title: str
    detail: str = ""
    kind: str = "done"


@dataclass(slots=True)
class Life:
    """Everything of one order."""

    row: OrderRow
    order_text: str
    contract_text: str
    broker_text: str
    reason: str
    row_version: str
    steps: list[Step] = field(default_factory=list)
    family: list[OrderRow] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)
    unknown: Doubt | None = None
    may_retry: bool = False
    notice: Notice | None = None
    pending: list[Any] = field(default_factory=list)  # cancels that were asked for and are not answered
    chart: PriceChart | None = None

    @property
    def waits(self) -> bool:
        """The broker's next lists may say more: an answer to a cancel, or what may be ruled."""
        return bool(self.pending) if self.unknown is None else not self.unknown.verdict

    @property
    def key(self) -> str:
        return self.row.key

    @property
    def title(self) -> str:
        if self.row.foreign:
            return f"{self.row.title}, not ours"
        return f"{self.row.title} {self.row.role}"

    @property
    def living(self) -> list[OrderRow]:
        """What a cancel from here is about: this order, or what hangs on it."""
        if self.row.alive or self.row.waiting:
            return [self.row]
        return [row for row in self.family if row.child and row.alive] if not self.row.child else []

    @property
    def may_cancel(self) -> bool:
        return bool(self.living)

    @property
    def cancel_word(self) -> str:
        if self.row.waiting and self.row.state != "SENDING":
            return "Withdraw"
        if not self.row.alive:
            return "Cancel children"
        return "Cancel again" if self.pending else "Cancel"

    @property
    def told(self) -> Notice | None:
        """What an act just did; otherwise that a cancel is outstanding, for as long as it is."""
        return self.notice or (_on_the_way(self.pending) if self.pending else None)

    def __getattr__(self, name: str) -> Any:
        return getattr(object.__getattribute__(self, "row"), name)


def life_of(key: str, shell: Shell, *, notice: Notice | None = None) -> Life | None:
    """Of our own order by its ticket's key, or of a foreign one by its number."""
    life = _foreign(key) if key.startswith("foreign-") else _ours(key, shell)
    if life is not None:
        life.notice = notice
    return life


def _ours(key: str, shell: Shell) -> Life | None:
    ticket = ticket_with_key(key)
    if ticket is None:
        return None
    intents = list(intents_of(ticket.pk))
    orders = orders_of_intents(intent.pk for intent in intents)
    family = [row_of(one) for one in our_orders(list(family_of(ticket.bracket).values_list("pk", flat=True)))]
    row = next(one for one in family if one.key == key)
    ids = [intent.pk for intent in intents]
    asks, evidence = list(asks_about(intent_ids=ids)), list(evidence_about(ids))
    fills = list(fills_of_ticket(ticket.pk))
    steps = [*_decided(ticket), *_sent(ticket, intents, orders)]
    steps += [*_asked(asks), *_filled(fills, ticket), *_said(evidence)]
    life = Life(
        row=row,
        order_text=order_text(ticket),
        contract_text=contract_text(ticket.contract),
        broker_text=_broker_text(row, intents),
        reason=_reason(ticket, intents, orders),
        row_version=f"{row.state}.{ids[-1] if ids else 0}",
        family=family,
        raw=[raw_line(one) for one in evidence],
    )
    life.steps = in_order(steps)
    life.pending = list(open_cancels(one.ticket_id for one in life.living if one.ticket_id))
    life.chart = _chart(ticket, family)
    life.may_retry = may_retry(ticket) and shell.link.ready
    life.unknown = doubt_of(row, intents, family, shell)
    return life


def _foreign(key: str) -> Life | None:
    number = key.removeprefix("foreign-")
    order = foreign_order(int(number)) if number.isdecimal() else None
    told = their_order(order.pk) if order is not None else None
    if order is None or told is None:
        return None
    row = row_of(told)
    evidence = list(evidence_about([], perm_id=order.perm_id))
    fills = list(fills_of_order(order.pk))
    asks = list(asks_about(order_id=order.pk))
    steps = [Step(order.first_seen_at, "Seen at the broker", f"permId {order.perm_id}")]
    steps += [*_asked(asks), *_filled(fills, order), *_said(evidence)]
    return Life(
        row=row,
        order_text=order_text(order),
        contract_text=contract_text(order.contract) if order.contract else f"conId {order.con_id}",
        broker_text=f"{order.broker_status} · order {order.order_id}, client {order.client_id}",
        reason=order.last_text,
        row_version=row.state,
        steps=in_order(steps),
        family=[row],
        raw=[raw_line(one) for one in evidence],
        pending=[ask for ask in asks if ask.answered_at is None],
    )


def _on_the_way(cancels: list[Any]) -> Notice:
    what = "The cancel is" if len(cancels) == 1 else f"{len(cancels)} cancels are"
    asked = f"Asked {min(ask.asked_at for ask in cancels).astimezone(ZONE):%H:%M:%S}"
    sent = [ask.sent_at for ask in cancels if ask.sent_at]
    went = f"sent {max(sent).astimezone(ZONE):%H:%M:%S}" if len(sent) == len(cancels) else "not sent yet"
    return Notice(f"{what} on the way.", f"{asked}, {went}. It may still fill until the broker confirms.")


def _chart(ticket: Any, family: list[OrderRow]) -> PriceChart | None:
    """The market of the order's day, with the prices of everything that was sent with it."""
    start, end = span_of(trading_day(ticket.created_at))
    points = marks_since([ticket.contract_id], start).get(ticket.contract_id, [])
    return price_chart(
        [(at, price) for at, price in points if at < end],
        {one.role: one.price for one in family if one.price is not None},
        tick=ticket.contract.min_tick,
        zone=EXCHANGE_ZONE,
        name=ticket.contract.symbol,
    )


def in_order(steps: Iterable[Step]) -> list[Step]:
    return sorted(steps, key=lambda step: step.at)


def order_text(order: Any) -> str:
    """The order in words, exactly the fields that are sent."""
    symbol = order.contract.symbol if order.contract else getattr(order, "symbol", "")
    tick = order.contract.min_tick if order.contract else None
    words = [quantity(order.quantity), symbol, order.order_type]
    words += [price(value, tick) for value in (order.limit_price, order.stop_price) if value is not None]
    words.append(order.tif)
    algo = getattr(order, "algo", None) or {}
    text = " ".join(word for word in words if word)
    return f"{text}, {algo['strategy']} {algo.get('adaptivePriority', '')}".rstrip() if algo else text


def contract_text(contract: Any) -> str:
    parts = [contract.primary_exchange or contract.exchange, contract.currency, f"conId {contract.con_id}"]
    if contract.multiplier != 1:
        parts.append(f"multiplier {quantity(contract.multiplier)}")
    if contract.price_magnifier != 1:
        parts.append(f"quoted in 1/{contract.price_magnifier}")
    return ", ".join(parts)


def _broker_text(row: OrderRow, intents: list[Any]) -> str:
    if not intents:
        return "not sent"
    word = (
        row.broker_word.removeprefix("broker: ") if row.broker_word.startswith("broker: ") else "no word yet"
    )
    return f"{word} · order {row.order_id}, client {intents[-1].client_id}"


def _reason(ticket: Any, intents: list[Any], orders: dict[int, Any]) -> str:
    order = orders.get(intents[-1].pk) if intents else None
    if order is not None and order.last_text:
        return f"{order.last_code} {order.last_text}"
    return str(intents[-1].reason or ticket.reason_code) if intents else str(ticket.reason_code)


def _decided(ticket: Any) -> list[Step]:
    request = ticket.request
    if request is None:
        stopping = ticket.stopping
        title = "Stop: flatten" if stopping.purpose == "stop" else f"The day's {stopping.purpose}"
        return [Step(stopping.asked_at, title, f"{stopping.by} · no limit or phase holds it back")]
    steps = [Step(request.opened_at, "Proposed", f"plan {request.plan_id} v{request.plan.version}")]
    if request.decided_at:
        steps.append(
            Step(
                request.decided_at,
                "Approved",
                f"{request.decided_by} · {request.digest[:8]} · limits v {request.limit_set_id}",
            )
        )
    return steps


def _sent(ticket: Any, intents: list[Any], orders: dict[int, Any]) -> list[Step]:
    steps = []
    for intent in intents:
        order = orders.get(intent.pk)
        attempt = f", attempt {intent.attempt}" if intent.attempt > 1 else ""
        steps.append(
            Step(intent.claimed_at, f"Claimed{attempt}", f"order {intent.order_id}, epoch {intent.epoch}")
        )
        if intent.sending_at:
            transmits = "transmits" if intent.transmit else "held until the last of its bracket"
            steps.append(Step(intent.sending_at, "Sending", transmits))
        if intent.acked_at and intent.state != "REFUSED":
            steps.append(Step(intent.acked_at, "Acknowledged", _ack_text(intent, order)))
        if intent.unknown_since:
            heard = intent.acked_at and intent.acked_at < intent.unknown_since
            title = "In doubt" if heard else "No answer"
            steps.append(Step(intent.unknown_since, title, "its fate is unknown", "late"))
        if intent.state == "REFUSED" and intent.closed_at:
            steps.append(Step(intent.closed_at, "Refused", intent.reason, "none"))
    if ticket.state in ("WITHDRAWN", "EXPIRED"):
        steps.append(Step(ticket.changed_at, ticket.state.capitalize(), "it was never sent", "none"))
    return steps


def _ack_text(intent: Any, order: Any) -> str:
    took = (intent.acked_at - intent.sending_at).total_seconds() * 1000 if intent.sending_at else None
    told = [f"permId {order.perm_id}" if order is not None and order.perm_id else ""]
    told.append(f"{took:,.0f} ms" if took is not None else "")
    return " · ".join(text for text in told if text)


def _asked(asks: Iterable[Any]) -> list[Step]:
    steps = []
    for ask in asks:
        steps.append(Step(ask.asked_at, f"{ask.verb.capitalize()} asked", ask.asked_by))
        if ask.sent_at:
            steps.append(Step(ask.sent_at, f"{ask.verb.capitalize()} sent", "the broker decides"))
        if ask.answered_at:
            steps.append(Step(ask.answered_at, f"{ask.verb.capitalize()} {ask.outcome}", ask.reason))
    return steps


def _filled(fills: Iterable[Any], order: Any) -> list[Step]:
    tick = order.contract.min_tick if order.contract else None
    steps = []
    for fill in fills:
        fee = (
            "commission not told yet"
            if fill.commission is None
            else f"commission {fill.commission.normalize():f}"
        )
        title = f"Fill {quantity(fill.quantity)} at {price(fill.price, tick)}"
        kind = "done"
        if fill.busted or fill.superseded:
            title, kind = f"{title}, {'busted' if fill.busted else 'corrected since'}", "none"
        steps.append(Step(fill.at, title, f"{fill.venue} · {fill.exec_id} · {fee}".lstrip(" ·"), kind))
    return steps


def _said(evidence: Iterable[Any]) -> list[Step]:
    """Each new word of the broker, and each of its errors; not every repetition."""
    steps, last = [], ""
    for row in evidence:
        body = row.fields.get("body", {})
        if row.kind in OWN_WORDS:
            steps.append(_own_word(row))
        if row.kind == "error":
            steps.append(Step(row.received_at, f"Broker said {row.code}", body.get("text", ""), "none"))
        if row.kind == "execDetails" and "stated" in body:
            steps.append(
                Step(row.received_at, "Booked by the statement", f"{body['stated']} · {row.exec_id}")
            )
        word = body.get("status", "") if row.kind in ("orderStatus", "openOrder") else ""
        if word and word != last:
            steps.append(Step(row.received_at, word, body.get("why_held", "") or "broker's status"))
            last = word
    return steps


def _own_word(row: Any) -> Step:
    """What a person ruled, what the link knows that it did not do, and what it does not find any more."""
    if row.kind == "gone":
        return Step(row.received_at, "Gone", "two complete readings do not hold it", "none")
    if row.kind == "unwritten":
        return Step(row.received_at, "Not written", row.fields["why"], "none")
    over = row.fields["act"] == "RULE_ENDED"
    told = f"{row.fields['by']}: {row.fields['reason']}"
    return Step(row.received_at, "Ruled: over" if over else "Ruled: never sent", told, "none")


def raw_line(row: Any) -> str:
    body = row.fields.get("body", row.fields)
    told = json.dumps(body, sort_keys=True, ensure_ascii=False)
    return f"{row.received_at:%H:%M:%S.%f} {row.kind} {row.code or ''} {told}".replace("  ", " ")
