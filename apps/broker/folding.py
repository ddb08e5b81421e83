"""From stored evidence to what is believed: the way between the tables and the domain's fold."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal

from apps.broker.models import Evidence as Row
from tradingdesk.domain.tickets.attempts import Attempt, begin, fold_attempt
from tradingdesk.domain.tickets.classifier import RequestKind
from tradingdesk.domain.tickets.evidence import Evidence, EvidenceKind
from tradingdesk.domain.tickets.states import ACTS, Act, State, perform

# rows of our own among the broker's: what a person ruled, what we asked, what we certainly did not write
RULING, ASKED, UNWRITTEN = "ruling", "asked", "unwritten"
GONE = "gone"  # of an order that is not ours: the broker's lists do not hold it any more

_KINDS = {
    "openOrder": EvidenceKind.OPEN_ORDER,
    "orderStatus": EvidenceKind.ORDER_STATUS,
    "execDetails": EvidenceKind.EXECUTION,
    "completedOrder": EvidenceKind.COMPLETED_ORDER,
    "error": EvidenceKind.ERROR,
    "silence": EvidenceKind.SILENCE,
}
_REQUESTS = {"cancel": RequestKind.CANCEL, "modify": RequestKind.MODIFY}


def fold_rows(attempt: Attempt, rows: Iterable[Row]) -> Attempt:
    """Everything of one reference, in the order in which it was heard."""
    asked = RequestKind.PLACE
    for row in rows:
        if row.kind == ASKED:
            asked = _REQUESTS[row.fields["verb"]]
        elif row.kind == RULING:
            attempt = _rule(attempt, Act(row.fields["act"]))
        elif row.kind == UNWRITTEN and attempt.state is State.SENDING:
            attempt = _rule(attempt, Act.UNSEND)
        elif row.kind in _KINDS:
            attempt = fold_attempt(attempt, as_evidence(row, asked))
    return attempt


def begin_attempt(quantity: Decimal, rows: Iterable[Row]) -> Attempt:
    return fold_rows(begin(quantity), rows)


def as_evidence(row: Row, asked: RequestKind) -> Evidence:
    """One stored row in the words of the domain."""
    body = row.fields.get("body", {})
    completed = row.kind == "completedOrder"
    return Evidence(
        kind=_KINDS[row.kind],
        perm_id=row.perm_id or 0,
        status=body.get("status") or "",
        why_held=body.get("why_held") or "",
        # a completed order says a total of zero; its size is known from the intent
        total_quantity=None
        if completed
        else _number(body.get("quantity"))
        if row.kind == "openOrder"
        else None,
        filled=_number(body.get("filled")),
        remaining=_number(body.get("remaining")),
        exec_id=row.exec_id,
        shares=_number(body.get("quantity")) or Decimal(0),
        price=_number(body.get("price")) or Decimal(0),
        code=row.code or 0,
        request_kind=asked,
    )


def numbers_of(rows: Iterable[Row]) -> Iterator[int]:
    """The permIds that were seen under a reference."""
    return (row.perm_id for row in rows if row.perm_id)


def _rule(attempt: Attempt, act: Act) -> Attempt:
    """Of two orders under one reference it speaks of the one that it fits."""
    ruled = {
        perm: replace(order, state=perform(order.state, act)) if (order.state, act) in ACTS else order
        for perm, order in attempt.orders.items()
    }
    return replace(attempt, orders=ruled)


def _number(text: str | None) -> Decimal | None:
    return None if text in (None, "") else Decimal(text)
