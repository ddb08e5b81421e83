"""Review: the queue, one card, and the two words a person can say to it."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from apps.approvals.actions.decide import Decided
from apps.approvals.queries import decided_counts, decided_since, request_of, waiting
from apps.dashboard.cards import REASON_AT_LEAST, Card, Notice, card_of, glyph_of
from apps.dashboard.days import span_of
from apps.dashboard.needs import checks_text
from apps.dashboard.pages.answers import back, is_fragment, person
from apps.dashboard.sharing import shared
from apps.dashboard.shell import Shell, shell_of
from apps.dashboard.templatetags.desk import whole
from apps.dashboard.whose import account_of_request
from apps.dashboard.words import headline_of, sentence
from apps.journal import clock
from apps.operators.pages.asking import asks, check_proof, fresh_proof, proved_by
from apps.risk.queries import verdict_counts
from apps.runbook.gate import Word, approve_request, reject_request
from apps.runbook.situation import trading_day

STATES = (
    ("proposed", "To review"),
    ("approved", "Approved"),
    ("rejected", "Rejected"),
    ("expired", "Expired"),
)
LONGEST_REASON = 200


@asks("see", account=account_of_request)
@require_GET
def review(request: HttpRequest, number: int | None = None) -> HttpResponse:
    shell = shell_of(request)
    if shell.owned is None:
        return render(request, "dashboard/no_account.html")
    state = request.GET.get("state", "")
    state = state if state in dict(STATES) else "proposed"
    books = shell.books
    if number is None and state == "proposed":
        number = next((row.pk for row in _waiting(shell)), None)
        chosen = False
    else:
        chosen = number is not None
    card = card_of(number, shell, books) if number is not None else None
    if card is not None and card.request.state == "counting":
        return redirect("walk-one", number=card.id)
    if chosen and card is None:
        raise Http404(f"there is no request {number}")
    context = _queue(shell, state, card.id if card else None) | {"card": card, "chosen": chosen}
    return render(request, "dashboard/review.html", context)


@asks("see")
@require_GET
@shared("review", "orders")
def queue(request: HttpRequest) -> HttpResponse:
    state, opened = request.GET.get("state", ""), request.GET.get("open", "")
    state = state if state in dict(STATES) else "proposed"
    number = int(opened) if opened.isdecimal() else None
    return render(request, "dashboard/_queue.html", _queue(shell_of(request), state, number) | {"live": True})


def _waiting(shell: Shell) -> list[Any]:
    return [row for row in waiting() if row.expires_at > shell.now and shell.reaches(row.account.code)]


def _queue(shell: Shell, state: str, opened: int | None) -> dict[str, Any]:
    start, _ = span_of(trading_day(shell.now))
    waits = _waiting(shell)
    decided = [row for row in decided_since(start)[:60] if shell.reaches(row.account.code)]
    shown = waits if state == "proposed" else [row for row in decided if row.state == state]
    counts = decided_counts(start) | {"proposed": len(waits)}
    judged = verdict_counts("request", [row.pk for row in waits])
    tabs = [
        {
            "title": title,
            "count": counts.get(name, 0),
            "current": name == state,
            "href": f"{reverse('review')}?state={name}" if name != "proposed" else reverse("review"),
        }
        for name, title in STATES
    ]
    return {
        "tabs": tabs,
        "state_shown": state,
        "opened": opened,
        "waiting": len(waits),
        "queue": [_row(row, opened, judged.get(row.pk, {})) for row in shown],
        "queue_title": "Proposals" if state == "proposed" else dict(STATES)[state],
        "queue_hint": "expires in" if state == "proposed" else "by whom, after",
        "decided": [_row(row, opened, {}) for row in decided[:8]] if state == "proposed" else [],
        "nothing": _nothing(state),
    }


def _row(row: Any, opened: int | None, counts: dict[str, int]) -> dict[str, Any]:
    waits = row.state == "proposed"
    if waits:
        detail = f"{whole(row.notional)} {row.account.base_currency} · {checks_text(counts)}"
    else:
        detail = f"{row.decided_by}, after {row.decision.get('waited_s', 0):.0f} s"
        if row.state != "approved":
            detail += f": {row.reason or sentence(row.reason_code)}"
    return {
        "id": row.pk,
        "href": reverse("review-one", args=[row.pk]),
        "current": row.pk == opened,
        "strategy": row.strategy.name,
        "phase": row.phase,
        "headline": headline_of(row),
        "detail": detail,
        "until": row.expires_at if waits else None,
        "glyph": glyph_of(row),
        "word": row.state,
    }


def _nothing(state: str) -> dict[str, str]:
    if state == "proposed":
        return {
            "title": "Nothing waits for a decision.",
            "text": "A plan comes from the folder, an upload or the API, and stands here once it is judged.",
        }
    return {"title": f"Nothing {state} today.", "text": "Earlier decisions are in the journal."}


@asks("see", account=account_of_request)
@require_GET
def card(request: HttpRequest, number: int) -> HttpResponse:
    """The card of what was decided, as it goes on."""
    return show_card(request, number)


@asks("see", account=account_of_request)
@require_GET
def watch(request: HttpRequest, number: int) -> HttpResponse:
    """While somebody reads a card: nothing, or the card anew when something material has changed."""
    shell = shell_of(request)
    found = card_of(number, shell, shell.books, seen=_prices(request.GET.get("seen", "")))
    if found is None:
        raise Http404(f"there is no request {number}")
    before = request.GET.get("mark", "")
    if found.mark == before:
        return HttpResponse(status=204)
    found.notice = _changed(found, before)
    answer = render(request, "dashboard/_card.html", {"card": found})
    answer["HX-Retarget"], answer["HX-Reswap"] = "#card", "outerHTML"
    return answer


MARK_PARTS = ("the request", "its state", "its time", "the limits", "the broker link", "the link's session",
              "the stop level", "the what-if answers")  # fmt: skip


def _changed(found: Card, before: str) -> Notice | None:
    was, now = before.split("."), found.mark.split(".")
    if len(was) != len(now):
        return None
    changed = [name for name, old, new in zip(MARK_PARTS, was, now, strict=True) if old != new]
    if changed == ["the what-if answers"] and found.open:
        return None
    text = (
        "The typed line was cleared; nothing was sent." if found.open else "Nothing was sent from this page."
    )
    return Notice(f"Changed while you read: {', '.join(changed)}.", text)


@asks("approve", account=account_of_request)
@require_POST
def approve(request: HttpRequest, number: int) -> HttpResponse:
    """Decides once, whoever presses however often. Nothing is sent unless this answers with an approval."""
    shell, now = shell_of(request), clock.now()
    found = request_of(number)
    if found is None:
        raise Http404(f"there is no request {number}")
    if _is_repeat(request, found):
        return show_card(request, number, Notice("Approved before, by you.", "Nothing was approved twice."))
    problem = _not_now(request, shell, found)
    if problem is not None:
        return show_card(request, number, problem, status=409)
    decided = approve_request(
        number,
        _word(request),
        actor=person(request),
        how=how_of(request),
        now=now,
    )
    return _answer(request, decided, "Approved. Nothing is sent before the link has claimed it.")


def _is_repeat(request: HttpRequest, found: Any) -> bool:
    mine = found.decided_by == request.user.get_username()
    return bool(found.state == "approved" and mine and request.POST.get("digest") == found.digest)


def _not_now(request: HttpRequest, shell: Shell, found: Any) -> Notice | None:
    """What the page itself would not have offered."""
    if found.state != "proposed":
        return None
    if not shell.link.ready:
        return Notice(
            "Not sent.", f"The broker link is {shell.link.word}: {shell.link.reason}. Nothing was approved."
        )
    counts = verdict_counts("request", [found.pk]).get(found.pk, {})
    if counts.get("warn") and len(request.POST.get("reason", "").strip()) < REASON_AT_LEAST:
        return Notice(
            "Not sent.", f"A warning needs a reason of {REASON_AT_LEAST} characters. Nothing was approved."
        )
    return None


def _word(request: HttpRequest) -> Word:
    version = request.POST.get("row_version", "")
    return Word(
        typed=request.POST.get("word", "")[:200],
        digest=request.POST.get("digest", "")[:64],
        row_version=int(version) if version.isdecimal() else 0,
        reason=request.POST.get("reason", "").strip()[:LONGEST_REASON],
        proved=fresh_proof(request) or check_proof(request, request.POST.get("proof", "")),
    )


def how_of(request: HttpRequest) -> dict[str, Any]:
    """What is kept of the act beside who did it."""
    login = getattr(request.user, "last_login", None)
    session = request.session.session_key or ""
    return {
        "ip": request.META.get("REMOTE_ADDR", ""),
        "session": session[:8],
        "method": proved_by(request) or "session",
        "login_age_s": round((datetime.now(login.tzinfo) - login).total_seconds()) if login else None,
        "read_at_ms": request.POST.get("read_at", "")[:20],
        "seen": request.POST.get("seen", "")[:2000],
    }


@asks("reject", account=account_of_request)
@require_POST
def turn_down(request: HttpRequest, number: int) -> HttpResponse:
    found = request_of(number)
    if found is None:
        raise Http404(f"there is no request {number}")
    mine = found.decided_by == request.user.get_username()
    if found.state == "rejected" and mine:
        return show_card(request, number, Notice("Rejected before, by you.", "Nothing was sent."))
    if request.POST.get("row_version") != str(found.row_version) and found.state == "proposed":
        return show_card(
            request, number, Notice("It changed meanwhile.", "Nothing was rejected; look again."), status=409
        )
    reason = request.POST.get("reason", "").strip()[:LONGEST_REASON]
    decided = reject_request(
        found, actor=person(request), reason=reason, now=clock.now(), how=how_of(request)
    )
    return _answer(request, decided, "Rejected. Nothing was sent.")


def _answer(request: HttpRequest, decided: Decided, done: str) -> HttpResponse:
    number = decided.request.pk
    if decided.reason is None:
        return show_card(request, number, Notice(done))
    text = f"{decided.reason.text}. Nothing was sent by this."
    return show_card(
        request, number, Notice(f"{sentence(decided.reason.code).capitalize()}:", text), status=409
    )


def show_card(
    request: HttpRequest, number: int, notice: Notice | None = None, *, status: int = 200
) -> HttpResponse:
    if not is_fragment(request):
        return back(request, reverse("review-one", args=[number]), notice)
    shell = shell_of(request)
    seen = _prices(request.POST.get("seen", ""))
    found = card_of(number, shell, shell.books, notice=notice, seen=seen)
    if found is None:
        raise Http404(f"there is no request {number}")
    return render(request, "dashboard/_card.html", {"card": found}, status=status)


def _prices(text: str) -> dict[int, Decimal]:
    """What the form says the person saw; what cannot be read was not seen."""
    found = {}
    for part in text[:4000].split(","):
        name, _, value = part.partition(":")
        try:
            found[int(name)] = Decimal(value)
        except (ValueError, InvalidOperation):
            continue
    return found
