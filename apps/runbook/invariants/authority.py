"""What may be sent: approved by a person, not stopped, sane in its numbers, and in time."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import F, Q, QuerySet

from apps.approvals.models import Request
from apps.approvals.models import Window as Countdown
from apps.broker.models import Intent
from apps.broker.queries import restart_windows
from apps.desks.ports import is_simulated
from apps.market.models import Session
from apps.risk.models import Stop, Verdict
from apps.runbook.situation import contract_value
from apps.tickets.models import Ticket
from apps.tickets.queries import content_of_tickets
from tradingdesk.domain.approvals import approval_digest
from tradingdesk.domain.market import Window as RestartWindow
from tradingdesk.domain.market import on_tick, window_problem

LATE_AFTER = timedelta(seconds=15)


def sent_since(since: datetime) -> QuerySet[Intent]:
    rows = Intent.objects.filter(sending_at__gte=since)
    return rows.select_related("ticket__request", "ticket__account__gateway", "ticket__contract")


def unauthorised(since: datetime) -> Iterator[str]:
    """S3: sent without a person's decision before it, or not by another than its author."""
    request = "ticket__request__"
    lacking = Q(**{f"{request}decided_by": ""}) | Q(**{f"{request}decided_at": None})
    early = Q(claimed_at__lt=F(f"{request}decided_at")) | ~Q(**{f"{request}state": Request.APPROVED})
    for intent in sent_since(since).filter(ticket__stopping=None).filter(lacking | early):
        yield f"{intent.order_ref} was sent without an approval"
    for intent in sent_since(since).filter(**{f"{request}phase": "walk"}).filter(_not_walked(request)):
        yield f"{intent.order_ref} was sent without a window that was told, ran out and was not cancelled"
    for intent in sent_since(since).filter(**{f"{request}phase": "run"}).filter(_not_granted(request)):
        yield f"{intent.order_ref} was sent without a grant that stood"
    stop = "ticket__stopping__"
    unasked = Q(**{f"{stop}flatten": False}) | Q(claimed_at__lt=F(f"{stop}asked_at"))
    for intent in sent_since(since).filter(unasked, ticket__stopping__isnull=False):
        yield f"{intent.order_ref} was sent by a stop that does not flatten"


def _not_walked(request: str) -> Q:
    window = f"{request}window__"
    return (
        ~Q(**{f"{window}state": Countdown.RELEASED})
        | Q(**{f"{window}delivered": []})
        | Q(**{f"{window}closed_at__lt": F(f"{window}send_at")})
        | Q(**{f"{window}closed_at__gt": F(f"{window}send_at") + LATE_AFTER})
        | _cut_short(window)
    )


def _cut_short(window: str) -> Q:
    """Ended before its length by nobody who may: neither sent first nor by a named person."""
    full = F(f"{window}opened_at") + F(f"{window}seconds") * timedelta(seconds=1)
    return Q(**{f"{window}send_at__lt": full, f"{window}sent_first": False, f"{window}hurried_by": ""})


def _not_granted(request: str) -> Q:
    grant = f"{request}grant__"
    return (
        Q(**{f"{request}grant": None})
        | Q(claimed_at__gte=F(f"{grant}ends_at"))
        | Q(claimed_at__gt=F(f"{grant}revoked_at"))
    )


def changed_after_approval(since: datetime) -> Iterator[str]:
    """S3: the tickets are not what the person approved."""
    requests = Request.objects.filter(tickets__intents__sending_at__gte=since).distinct()
    for request in requests.select_related("account__gateway", "plan"):
        if approval_digest(content_of_tickets(request)) != request.digest:
            yield f"request {request.pk} was approved with other content than its tickets have"


def sent_while_stopped(since: datetime) -> Iterator[str]:
    """S4: an order left after trading was halted there."""
    for stop in Stop.objects.filter(level=Stop.HALTED):
        where = {"account": Q(ticket__account__code=stop.key), "strategy": Q(ticket__strategy__name=stop.key)}
        after = sent_since(max(since, stop.since)).filter(sending_at__gt=stop.since)
        for intent in after.filter(where.get(stop.scope, Q()), ticket__stopping=None):
            yield f"{intent.order_ref} was sent after the stop of {stop.scope} {stop.key}".rstrip()


def off_tick(since: datetime) -> Iterator[str]:
    """S10: a price or size on the wire that no exchange would take, or no number at all."""
    for intent in sent_since(since):
        ticket = intent.ticket
        steps = contract_value(ticket.contract).tick_steps
        for price in (ticket.limit_price, ticket.stop_price):
            if price is not None and not (price.is_finite() and price > 0 and on_tick(price, steps)):
                yield f"{intent.order_ref} has the price {price}"
        if not ticket.quantity.is_finite() or ticket.quantity <= Decimal(0):
            yield f"{intent.order_ref} has the size {ticket.quantity}"
        if ticket.order_type in ("LMT", "LOC") and ticket.limit_price is None:
            yield f"{intent.order_ref} has no limit"


def wrong_environment(since: datetime) -> Iterator[str]:
    """S10: real money where simulated was set, or an account of another gateway."""
    for intent in sent_since(since):
        account = intent.ticket.account
        if is_simulated(account.code) == (account.gateway.mode == "live"):
            yield f"{intent.order_ref} was sent for the wrong kind of account"
        if account.gateway_id != intent.gateway_id:
            yield f"{intent.order_ref} was sent through a gateway that does not hold its account"


def unjudged(since: datetime) -> Iterator[str]:
    """S10: claimed without the limits' word, or against it."""
    brackets = sent_since(since).values_list("ticket__bracket", flat=True).distinct()
    for ticket in Ticket.objects.filter(bracket__in=brackets, position_in_bracket=0):
        verdicts = Verdict.objects.filter(subject_kind="ticket", subject_id=ticket.pk, stage="claim")
        last = verdicts.order_by("-round").values_list("round", flat=True).first()
        if last is None:
            yield f"bracket {ticket.bracket} was claimed without a verdict"
        elif verdicts.filter(round=last, outcome="block").exists():
            yield f"bracket {ticket.bracket} was sent although a limit blocked it"


def out_of_time(since: datetime) -> Iterator[str]:
    """S11: sent past the ticket's last moment, or outside its exchange's session."""
    for intent in sent_since(since):
        ticket, sent = intent.ticket, intent.sending_at
        if sent is None or sent >= ticket.not_after:
            yield f"{intent.order_ref} was sent after {ticket.not_after:%H:%M:%S} UTC"
        calendar = ticket.contract.calendar
        if not Session.objects.filter(calendar=calendar, open_at__lte=sent, close_at__gt=sent).exists():
            yield f"{intent.order_ref} was sent while {calendar} was closed"


def sent_at_restart(since: datetime) -> Iterator[str]:
    """S11: an order left while its gateway was about to restart."""
    windows: dict[int, list[RestartWindow]] = {}
    for intent in sent_since(since):
        held = windows.setdefault(intent.gateway_id, restart_windows(intent.gateway_id))
        problem = window_problem(held, intent.sending_at) if intent.sending_at else None
        if problem is not None:
            yield f"{intent.order_ref} was sent near a restart, {problem.text}"
