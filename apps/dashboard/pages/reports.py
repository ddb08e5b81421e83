"""Reports: the index of sessions, one session as it was closed, its tables as files, and its signatures."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from apps.dashboard.pages.answers import person
from apps.dashboard.report import page_of
from apps.dashboard.report_index import cumulative_of, index_of
from apps.dashboard.shell import shell_of
from apps.dashboard.streaming import file_answer
from apps.dashboard.whose import account_of_report
from apps.journal import clock
from apps.journal.actions.write_entry import write_entry
from apps.journal.ports import Subject
from apps.operators.pages.asking import asks
from apps.reports.actions.reissue_report import reissue_report
from apps.reports.actions.sign_report import sign_report
from apps.reports.ports import ReportRefused
from apps.reports.queries import account_by_number, report_of
from apps.reports.tables import TABLES, Table, pieces


@asks("see")
@require_GET
def reports(request: HttpRequest) -> HttpResponse:
    account = shell_of(request).owned
    if account is None:
        return render(request, "dashboard/no_account.html")
    text = request.GET.get("q", "")[:60].replace("\x00", "").strip()
    context = index_of(account, text, before=request.GET.get("before", ""))
    return render(request, "dashboard/reports.html", context)


def _found(account: int, day: str, version: str = "") -> tuple[Any, Any]:
    owned = account_by_number(account)
    try:
        wanted = date.fromisoformat(day)
    except ValueError:
        raise Http404(f"{day} is no day") from None
    number = int(version) if version.isdecimal() and len(version) < 6 else None
    found = report_of(account, wanted, number)
    if owned is None or found is None:
        raise Http404(f"there is no report of {day}")
    return owned, found


@asks("see", account=account_of_report)
@require_GET
def report(request: HttpRequest, account: int, day: str) -> HttpResponse:
    owned, found = _found(account, day, request.GET.get("version", ""))
    return render(request, "dashboard/report.html", page_of(owned, found))


@asks("see", account=account_of_report)
@require_GET
def table(request: HttpRequest, account: int, day: str, *, what: str, kind: str) -> StreamingHttpResponse:
    """One table of one version."""
    _, found = _found(account, day, request.GET.get("version", ""))
    rows = _table(what)(account, found.pk)
    return _file(request, rows, f"{what}-{day}.{kind}", kind)


@asks("see", account=account_of_report)
@require_GET
def whole_table(request: HttpRequest, account: int, *, what: str, kind: str) -> StreamingHttpResponse:
    """The same table of every session there is."""
    return _file(request, _table(what)(account), f"{what}.{kind}", kind)


def _table(what: str) -> Callable[..., Table]:
    if what not in TABLES:
        raise Http404(f"there is no table {what}")
    return TABLES[what]


def _file(request: HttpRequest, rows: Table, name: str, kind: str) -> StreamingHttpResponse:
    if kind not in ("csv", "json"):
        raise Http404(f"there is no file {name}")
    with transaction.atomic():
        write_entry("export_report", subject=Subject("reports", name), actor=person(request))
    return file_answer(request, rows.csv() if kind == "csv" else pieces(rows.json()), name)


@asks("see", account=account_of_report)
@require_GET
def cumulative(request: HttpRequest, account: int) -> HttpResponse:
    """The running total of the paper test, a row for each session, keyed by its date."""
    return JsonResponse(cumulative_of(account))


@asks("sign", account=account_of_report)
@require_POST
def sign(request: HttpRequest, account: int, day: str) -> HttpResponse:
    _, found = _found(account, day)
    if request.POST.get("version") != str(found.version):
        messages.error(request, f"Not signed: version {found.version} stands now. Read it first.")
        return redirect("report", account, day)
    try:
        sign_report(found, actor=person(request), note=request.POST.get("note", ""), now=clock.now())
        messages.info(request, f"Signed: version {found.version} of {day}.")
    except ReportRefused as refused:
        messages.error(request, f"Not signed: {refused}")
    return redirect("report", account, day)


@asks("sign", account=account_of_report)
@require_POST
def reissue(request: HttpRequest, account: int, day: str) -> HttpResponse:
    owned, found = _found(account, day)
    reason, now = request.POST.get("reason", ""), clock.now()
    try:
        made = reissue_report(owned, found.trading_day, actor=person(request), reason=reason, now=now)
        messages.info(request, f"Version {made.version} stands; what differs is listed at the end.")
    except ReportRefused as refused:
        messages.error(request, f"No new version: {refused}")
    return redirect("report", account, day)
