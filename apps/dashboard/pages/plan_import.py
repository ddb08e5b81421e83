"""Import of a plan: read it line by line, see what it would become, then say so. Proposing sends nothing."""

from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from apps.dashboard.pages.answers import person
from apps.dashboard.shell import Shell, shell_of
from apps.desks.queries import strategy_of_system
from apps.journal import clock
from apps.operators.pages.asking import asks
from apps.plans.actions.quarantine_file import told_problem
from apps.runbook.intake import Preview, preview_file, size_problem, take_file
from tradingdesk.domain.plans.bracket_csv import CONTEXT_NUMBERS, CONTEXT_WORDS, MEANINGS

BRACKET_DAY = 3
SAID = ", ".join((*CONTEXT_NUMBERS, *CONTEXT_WORDS))  # what the strategy says about a line; shown, never used
SALT = "apps.dashboard.plan_import"
KEPT_SECONDS = 1800
Door = dict[str, Any]


@asks("propose")
@require_http_methods(["GET", "POST"])
def plan_import(request: HttpRequest) -> HttpResponse:
    """A file that is refused whole is kept in quarantine with its reasons; anything else is only shown."""
    shell = shell_of(request)
    door = _door(shell)
    if door is None:
        return render(request, "dashboard/no_account.html")
    sent = request.FILES.get("file")
    if request.method == "GET" or sent is None:
        plain = {"missing": request.method == "POST", "columns": MEANINGS.items(), "said": SAID}
        return render(request, "dashboard/plan_import.html", plain)
    too_large = size_problem(sent.size or 0)
    if too_large is not None:
        refusal = {"problems": [told_problem(too_large)], "problems_title": "The file was not read"}
        return render(request, "dashboard/plan_import.html", refusal, status=422)
    data = sent.read()
    preview = preview_file(data, sent.name or "", now=shell.now, **door)
    if preview.quarantined and preview.known is None:
        _take(request, data, sent.name or "", door)
    context: dict[str, Any] = _shown(preview) | {"same_as": preview.known}
    if preview.acceptable:
        context["preview"]["token"] = _token(request, data, sent.name or "")
    return render(request, "dashboard/plan_import.html", context, status=422 if preview.quarantined else 200)


@asks("propose")
@require_POST
def plan_propose(request: HttpRequest) -> HttpResponse:
    """Takes in exactly the bytes that were shown to this person."""
    door = _door(shell_of(request))
    try:
        held = signing.loads(request.POST.get("token", ""), salt=_salt(request), max_age=KEPT_SECONDS)
    except signing.BadSignature:
        text = "The preview is older than half an hour or not yours. No plan was made; read the file again."
        messages.error(request, text)
        return redirect("plan-import")
    if door is None:
        return redirect("plan-import")
    taken = _take(request, held["data"].encode("latin-1"), held["name"], door)
    if taken.plan is None:
        messages.error(request, "The file is refused by now. No plan was made; read it again to see why.")
        return redirect("plan-import")
    if not taken.new:
        messages.info(request, f"These bytes are plan {taken.plan.pk} already. Nothing was changed.")
    else:
        messages.info(request, f"Plan {taken.plan.pk} was made. It stands in Review as soon as it is judged.")
    return redirect("plan", number=taken.plan.pk)


def _door(shell: Shell) -> Door | None:
    strategy = strategy_of_system(BRACKET_DAY)
    if shell.owned is None or strategy is None:
        return None
    return {"strategy": strategy, "account": shell.owned}


def _take(request: HttpRequest, data: bytes, name: str, door: Door) -> Any:
    author = request.user.get_username()
    return take_file(
        data, name, source="upload", author=author, now=clock.now(), actor=person(request), **door
    )


def _salt(request: HttpRequest) -> str:
    return f"{SALT}.{request.user.pk}"


def _token(request: HttpRequest, data: bytes, name: str) -> str:
    return signing.dumps({"data": data.decode("latin-1"), "name": name}, salt=_salt(request), compress=True)


def _shown(preview: Preview) -> dict[str, Any]:
    lines = len({problem.line for problem in preview.problems if problem.line})
    title = (
        "The file is refused" if preview.quarantined else f"{lines} line{'' if lines == 1 else 's'} refused"
    )
    rows = [_row(row) for row in preview.lines]
    taken = sum(row.taken for row in preview.lines)
    shown = {
        "title": f"{preview.file_name}",
        "detail": f"{taken} of {len(rows)} lines · {preview.order_count} orders · "
        f"exposure {preview.exposure_after:,.2f} of {preview.exposure_limit:,.0f}",
        "rows": rows,
        "taken": taken,
        "takeable": taken > 0 and preview.acceptable,
    }
    return {
        "problems": preview.told,
        "problems_title": title,
        "refused_whole": preview.quarantined,
        "preview": {} if preview.quarantined else shown,
    }


def _row(row: Any) -> dict[str, Any]:
    line, refused = row.line, row.refused
    near, rest = row.brackets
    return {
        "number": line.number,
        "symbol": line.symbol,
        "side": line.side.value,
        "quantity": line.quantity,
        "split": f"{near.quantity.normalize():f} + {rest.quantity.normalize():f}",
        "limit_price": line.limit_price,
        "stop_price": line.stop_price,
        "target_1": line.target_1,
        "target_2": line.target_2,
        "notional": line.quantity * line.limit_price,
        "state": "taken" if row.taken else "skipped",
        "reason": "" if refused is None else refused.text,
        "reason_code": "" if refused is None else refused.code,
    }
