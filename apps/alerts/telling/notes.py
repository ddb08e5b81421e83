"""Lines of the journal that are worth a word and are no alarm."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.urls import reverse

from apps.alerts.facts import Note, address
from apps.alerts.ports import FILL, PROGRESS, REVIEW
from apps.approvals.models import Request
from apps.broker.models import LinkSession
from apps.journal.models import Entry
from apps.ledger.models import Fill
from apps.risk.actions.change_limits import values_of
from apps.risk.queries import limits_in_force, reserved
from apps.runbook.situation import trading_day
from apps.tickets.models import Ticket

Reader = Callable[[Entry], Note | None]
NAMES_TOLD = 8
STANDS_NO_MORE = ("APPROVAL_RECONNECTED", "APPROVAL_LIMITS_CHANGED")  # what propose_again ends


def order_lines(request: Request) -> list[str]:
    """The entries in words; a long basket is cut."""
    entries = [order for order in request.content["orders"] if order["role"] == "entry"]
    told = [
        f"{one['side']} {one['quantity'].lstrip('#')} {one['symbol']} {one['order_type']} "
        f"{(one['limit_price'] or '').lstrip('#')}".strip()
        for one in entries[:NAMES_TOLD]
    ]
    return [*told, f"and {len(entries) - NAMES_TOLD} more"] if len(entries) > NAMES_TOLD else told


def _request(number: Any) -> Request | None:
    return Request.objects.filter(pk=number or 0).select_related("strategy", "account").first()


def _review(entry: Entry) -> Note | None:
    request = _request(entry.subject_id)
    if request is None or request.phase != "crawl":
        return None
    path = reverse("review-one", args=[request.pk])
    lines = [*order_lines(request), request.phase_reason, address(path)]
    return Note(
        kind=REVIEW,
        code="review-needed",
        title=f"{request.strategy.name} needs a review",
        body="\n".join(line for line in lines if line),
        account=request.account.code,
        href=path,
    )


def _returned(entry: Entry) -> Note | None:
    request = _request(entry.after.get("request") if isinstance(entry.after, dict) else 0)
    if request is None:
        return None
    path = reverse("review-one", args=[request.pk])
    return Note(
        kind=REVIEW,
        code="back-in-crawl",
        title=f"{request.strategy.name} is back in crawl",
        body=f"Nothing was sent: {entry.reason}.\n{address(path)}",
        account=request.account.code,
        href=path,
    )


def _expired(entry: Entry) -> Note | None:
    """Nobody decided in time; or what was shown has changed, and the plan is judged and shown anew."""
    request = _request(entry.subject_id)
    if request is None:
        return None
    anew = entry.reason_code in STANDS_NO_MORE
    happened = "is judged anew" if anew else "expired"
    return Note(
        kind=REVIEW,
        code="request-expired",
        title=f"{request.strategy.name}: {'judged anew' if anew else 'nobody decided in time'}",
        body=f"Plan {request.plan_id} {happened}: {entry.reason}. Nothing was sent.",
        account=request.account.code,
        href=reverse("review-one", args=[request.pk]),
    )


def _sent(entry: Entry) -> Note | None:
    """What a plan put under way: names, brackets, and how much of the day's room it takes."""
    request = _request(entry.subject_id)
    if request is None:
        return None
    tickets = Ticket.objects.filter(request=request, role="entry").select_related("contract")
    names = list(dict.fromkeys(ticket.contract.symbol for ticket in tickets))
    more = f" and {len(names) - NAMES_TOLD} more" if len(names) > NAMES_TOLD else ""
    code = request.account.code
    room = values_of(limits_in_force(), f"account:{code}", f"strategy:{request.strategy.name}")[
        "daily_exposure"
    ]
    held = reserved(code, trading_day(entry.at))
    currency = request.account.base_currency
    return Note(
        kind=PROGRESS,
        code="plan-released",
        title=f"{request.strategy.name}: {len(names)} tickers in {len(tickets)} brackets released",
        body="\n".join(
            [
                ", ".join(names[:NAMES_TOLD]) + more,
                f"Plan {request.plan_id}, {request.notional:,.2f} {currency}, by {request.decided_by}.",
                f"Exposure of the day {max(held, request.notional):,.0f} of {Decimal(room):,.0f} {currency}.",
                "Released is not executed: fills are told as they come.",
            ]
        ),
        account=code,
        href=reverse("orders"),
    )


def _closes(entry: Entry) -> Note | None:
    """A market-on-close, or the closes of a stop: what was written to be sent."""
    told = entry.after if isinstance(entry.after, dict) else {}
    if not told:
        return None
    lines = [str(line) for line in told.values()]
    return Note(
        kind=PROGRESS,
        code="closes-written",
        title=f"{len(lines)} closing orders released",
        body="\n".join(lines[:20]),
        account=entry.account,
        href=reverse("orders"),
    )


def _fill(entry: Entry) -> Note | None:
    row = (
        Fill.objects.filter(pk=entry.subject_id)
        .select_related("contract", "ticket", "strategy", "account")
        .first()
    )
    if row is None or row.ticket is None:
        return None  # an alarm tells what none of our orders explains
    role = {"target": ", take-profit", "stop": ", stop", "close": ", close"}.get(row.ticket.role, "")
    what = f"{row.side} {row.quantity.normalize():f} {row.contract.symbol} at {row.price.normalize():f}{role}"
    left = row.ticket.quantity - row.ticket.filled
    more = "" if left <= 0 else f", {left.normalize():f} to go"
    return Note(
        kind=FILL,
        code="fill",
        title=what,
        body=f"{what}{more}",
        subject=f"{row.account.code}:{row.strategy.name if row.strategy else ''}",
        account=row.account.code,
        href=f"{reverse('orders')}?open={row.ticket.key}",
    )


def _step(entry: Entry) -> Note | None:
    """A step of the day that did its work, or found nothing to do: said too, or nobody knows it ran."""
    body = entry.after if isinstance(entry.after, dict) else {}
    word = {"done": "done", "nothing to do": "ran, nothing to do", "skipped": "skipped"}.get(
        body.get("outcome", "")
    )
    if word is None:
        return None
    whose = f"{body['strategy']}: " if body.get("strategy") else ""
    numbers = body.get("numbers") if isinstance(body.get("numbers"), dict) else {}
    figures = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in (numbers or {}).items())
    return Note(
        kind=PROGRESS,
        code="step-ended",
        title=f"{whose}{body.get('step')} {word}",
        body="\n".join(line for line in (entry.reason, figures) if line) or word,
        account=entry.account,
        href=reverse("desk"),
    )


def _ready(entry: Entry) -> Note | None:
    """The link came back, and what it found. The first connection of all is no news."""
    session = LinkSession.objects.filter(pk=entry.subject_id).first()
    if session is None:
        return None
    before = (
        LinkSession.objects.filter(gateway_id=session.gateway_id, pk__lt=session.pk).order_by("-pk").first()
    )
    if before is None or before.closed_at is None:
        return None
    away = int((entry.at - before.closed_at).total_seconds())
    seen = entry.after if isinstance(entry.after, dict) else {}
    found = ", ".join(f"{count} {what}" for what, count in seen.items())
    return Note(
        kind=PROGRESS,
        code="reconnected",
        title=f"reconnected after {timedelta(seconds=away) if away >= 60 else f'{away} s'}",
        body=f"Everything was read again before anything is sent: {found or 'nothing is held'}.",
        subject=f"gateway:{session.gateway_id}",
        href=reverse("system"),
    )


# A journal line's verb, and what is told of it.
NOTES: dict[str, Reader] = {
    "open_request": _review,
    "bring_to_crawl": _review,
    "return_window": _returned,
    "request_expired": _expired,
    "write_tickets": _sent,
    "write_closes": _closes,
    "book_fill": _fill,
    "become_ready": _ready,
    "end_step": _step,
}
