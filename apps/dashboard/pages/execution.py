"""Execution: what fills cost against three benchmarks, and what approving them cost."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.dashboard.charts.report import fill_rate
from apps.dashboard.charts.slippage import histogram
from apps.dashboard.shell import shell_of
from apps.operators.pages.asking import asks
from apps.reports.analytics import (
    BENCHMARKS,
    CUTS,
    FEW,
    Span,
    cut,
    distribution,
    span_of_sessions,
    totals,
    waited,
    worst,
)
from apps.reports.queries import history

LENGTHS = (5, 21, 63, 250)
TERMS = (
    (
        "Cost",
        "side × (price − benchmark) ÷ benchmark, in basis points; BUY is +1, SELL −1. Positive is a cost.",
    ),
    ("Arrival", "the middle of bid and ask at the moment the order was marked to be sent"),
    ("Decision", "the middle when the plan was put before whoever decides: what waiting costs is in it"),
    ("Close", "the last middle in the session's last ten minutes"),
    ("Waiting", "side × (arrival − decision) × filled quantity: what the market did while a plan waited"),
    ("Fill rate", "entries of which anything filled ÷ entries that were sent; by quantity: filled ÷ ordered"),
    (
        "Left out",
        "an order whose benchmark is unknown; targets and stops wait for their price and have no arrival",
    ),
)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 5 and 0 < int(text) <= 1000 else 21


@asks("see")
@require_GET
def execution(request: HttpRequest) -> HttpResponse:
    account = shell_of(request).owned
    if account is None:
        return render(request, "dashboard/no_account.html")
    count = _number(request.GET.get("sessions", ""))
    against = request.GET.get("against", "")
    against = against if against in BENCHMARKS else BENCHMARKS[0]
    span = span_of_sessions(account.pk, count)
    context: dict[str, Any] = {
        "account": account,
        "terms": TERMS,
        "benchmarks": BENCHMARKS,
        "against": against,
        "lengths": LENGTHS,
        "sessions": count,
        "span": span,
        "few": FEW,
    }
    found = _figures(span, against) if span else {}
    return render(request, "dashboard/execution.html", context | found)


def _figures(span: Span, against: str) -> dict[str, Any]:
    spread = distribution(span, against)
    marks = spread.quantiles
    days = history(span.account, since=span.since)
    return {
        "distribution": spread,
        "charts": [
            histogram(
                "distribution", f"Cost against the {against}", spread.bins, marks, width="w8",
                note=f"bps, + is cost, n = {spread.n}",
            ),
            fill_rate(days),
        ],
        "cuts": [(title, cut(span, name, against)) for name, (title, _) in CUTS.items()],
        "worst": worst(span, against),
        "waited": waited(span),
        "totals": totals(span),
    }  # fmt: skip
