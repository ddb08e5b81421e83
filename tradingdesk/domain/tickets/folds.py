"""What became of an order: its state as a fold over the broker's evidence.

`fold(order, evidence)` takes what is believed and one callback, and gives what is believed next. It
keeps four promises whatever arrives, in whatever order and however often:

- `filled` never falls. It is the most that any status or any sum of executions ever proved, held
  within the order's size; the true sum stays beside it as `executed`, which a correction may lower.
- An execution counts once. Its identity is the id without its last part, the revision: a higher
  revision replaces the lower one, an equal or lower one changes nothing.
- An end needs evidence that says so: a status word of the gateway, or an error code whose meaning
  for that request is an end. Silence, doubt and unknown words lead to UNKNOWN.
- An order that was heard of cannot be refused as a placement; such a code only raises doubt.

One reference should be one order at the broker. After a modification across an outage it has been
two, with two permanent ids. So `Attempt` keeps one fold per permanent id under one reference, and
the attempt is as alive as the most alive of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from tradingdesk.domain.portfolio.executions import root_and_revision
from tradingdesk.domain.tickets.classifier import classify
from tradingdesk.domain.tickets.evidence import Evidence, EvidenceKind
from tradingdesk.domain.tickets.states import Alarm, News, State, learn

# The gateway's words. PendingSubmit and ApiPending are the client's own hopes and prove nothing;
# Inactive may be a refusal or a search for shares to borrow, so alone it is only doubt.
STATUS_NEWS: dict[str, News | None] = {
    "PendingSubmit": None,
    "ApiPending": None,
    "PreSubmitted": News.SEEN_LIVE,
    "Submitted": News.SEEN_LIVE,
    "PendingCancel": News.SEEN_LIVE,
    "Filled": News.ALL_FILLED,
    "Cancelled": News.ENDED,
    "ApiCancelled": News.ENDED,
    "Inactive": News.DOUBTED,
}


def tells_an_end(status: str) -> bool:
    """Whether the gateway's word says that nothing more is to come."""
    return STATUS_NEWS.get(status) in (News.ENDED, News.ALL_FILLED)


@dataclass(frozen=True, slots=True)
class Execution:
    """The standing revision of one execution."""

    revision: int
    shares: Decimal
    price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderState:
    """What is believed of one order at the broker."""

    quantity: Decimal
    state: State = State.SENDING
    filled: Decimal = Decimal(0)
    perm_id: int = 0
    broker_status: str = ""
    why_held: str = ""
    heard_of: bool = False
    look_up: bool = False
    executions: Mapping[str, Execution] = field(default_factory=dict)
    alarms: frozenset[Alarm] = frozenset()

    @property
    def executed(self) -> Decimal:
        """What the standing executions add up to."""
        return sum((execution.shares for execution in self.executions.values()), Decimal(0))

    @property
    def remaining(self) -> Decimal:
        """What may still fill, as far as we know: the figure a reservation is kept for."""
        return self.quantity - self.filled

    @property
    def average_price(self) -> Decimal | None:
        """The price paid per unit over the standing executions."""
        if not self.executed:
            return None
        return sum((e.shares * e.price for e in self.executions.values()), Decimal(0)) / self.executed


def fold(order: OrderState, evidence: Evidence) -> OrderState:
    """The order after one more piece of evidence. Never raises, never forgets."""
    noted = _FOLDS[evidence.kind](order, evidence)
    if evidence.perm_id and not noted.perm_id:
        noted = replace(noted, perm_id=evidence.perm_id)
    return noted


def _fold_status(order: OrderState, evidence: Evidence) -> OrderState:
    order = _resize(order, evidence.total_quantity)
    grown = _raise_filled(order, evidence.filled or Decimal(0))
    news = _status_news(evidence)
    if news is News.ALL_FILLED:
        # The word alone is the broker's word for the whole; a remainder beside it contradicts itself.
        news = News.DOUBTED if evidence.remaining else News.ALL_FILLED
        if news is News.ALL_FILLED and evidence.filled is None:
            grown = _raise_filled(order, order.quantity)
    elif grown.filled == grown.quantity:
        news = News.ALL_FILLED
    elif grown.filled > order.filled and news is not News.SEEN_LIVE:
        grown = _step(grown, News.PART_FILLED)
    return replace(_step(grown, news), broker_status=evidence.status, why_held=evidence.why_held)


def _status_news(evidence: Evidence) -> News | None:
    if evidence.status == "Inactive" and "locate" in evidence.why_held:
        return News.SEEN_LIVE
    return STATUS_NEWS.get(evidence.status, News.DOUBTED)


def _fold_execution(order: OrderState, evidence: Evidence) -> OrderState:
    root, revision = root_and_revision(evidence.exec_id)
    known = order.executions.get(root)
    if known is not None and known.revision >= revision:
        return order
    execution = Execution(revision, evidence.shares, evidence.price)
    order = replace(order, executions={**order.executions, root: execution})
    if known is not None:
        order = _raise_alarm(order, Alarm.EXECUTION_CORRECTED)
    grown = _raise_filled(order, order.executed)
    if grown.filled == order.filled:
        # A status told of this quantity before: the execution explains it and is no news.
        return grown
    return _step(grown, News.ALL_FILLED if grown.filled == grown.quantity else News.PART_FILLED)


def _fold_error(order: OrderState, evidence: Evidence) -> OrderState:
    reading = classify(evidence.code, evidence.request_kind)
    news = reading.news
    if news is News.REFUSED and order.heard_of:
        news = News.DOUBTED
    if news is News.REJECTED and order.filled:
        news = News.ENDED
    told = _step(order, news)
    return replace(told, look_up=reading.look_up or told.look_up)


def _fold_silence(order: OrderState, evidence: Evidence) -> OrderState:
    return _step(order, News.WENT_SILENT)


_FOLDS = {
    EvidenceKind.OPEN_ORDER: _fold_status,
    EvidenceKind.ORDER_STATUS: _fold_status,
    EvidenceKind.COMPLETED_ORDER: _fold_status,
    EvidenceKind.EXECUTION: _fold_execution,
    EvidenceKind.ERROR: _fold_error,
    EvidenceKind.SILENCE: _fold_silence,
}
_HEARD_OF = frozenset({News.SEEN_LIVE, News.PART_FILLED, News.ALL_FILLED, News.ENDED})


def _step(order: OrderState, news: News | None) -> OrderState:
    if news is None:
        return order
    step = learn(order.state, news)
    stepped = replace(
        order,
        state=step.state,
        heard_of=order.heard_of or news in _HEARD_OF,
        look_up=step.state is State.UNKNOWN,
    )
    return stepped if step.alarm is None else _raise_alarm(stepped, step.alarm)


def _raise_alarm(order: OrderState, alarm: Alarm) -> OrderState:
    return replace(order, alarms=order.alarms | {alarm})


def _raise_filled(order: OrderState, proven: Decimal) -> OrderState:
    if proven > order.quantity:
        order = _raise_alarm(order, Alarm.OVERFILLED)
    return replace(order, filled=max(order.filled, min(proven, order.quantity)))


def _resize(order: OrderState, total: Decimal | None) -> OrderState:
    if total is None or total == order.quantity or total < order.filled or total <= 0:
        return order
    return _raise_alarm(replace(order, quantity=total), Alarm.SIZE_CHANGED)
