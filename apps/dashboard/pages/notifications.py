"""Notifications: who hears what by which channel, when it is quiet, whether it arrives, and what was told."""

from dataclasses import dataclass
from datetime import time
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from apps.alerts.actions.queue_message import queue_message
from apps.alerts.actions.save_channel import LAST_STEP, as_it_is, new_channel, save_channel, save_policy
from apps.alerts.ports import ADVISORY, ALARM, CLASSES, CRITICAL, NEVER_SILENT, AlertRefused
from apps.alerts.queries import channel_of, channels, last_deliveries, outside_beat, policy, recent_messages
from apps.dashboard.pages.answers import person
from apps.dashboard.shell import shell_of
from apps.journal import clock
from apps.operators.pages.asking import asks, check_proof, fresh_proof
from apps.operators.ports import ROLES
from apps.operators.queries import people

UNPROVED = "That did not prove who you are. Nothing was changed."
STATES = {
    "queued": "waits", "sending": "on its way", "done": "arrived", "failed": "arrived nowhere",
    "silent": "nobody was to hear it",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cell:
    """One tick of the matrix."""

    name: str
    ticked: bool
    label: str


def _context(request: HttpRequest) -> dict[str, Any]:
    rows = list(channels())
    last = last_deliveries()
    return {
        "channels": [_channel(row, last.get(row.pk)) for row in rows],
        "matrix": [
            {
                "title": title,
                "never_silent": kind in NEVER_SILENT,
                "level": kind if kind in (CRITICAL, "high", "medium", ADVISORY) else "",
                "name": kind,
                "cells": [
                    Cell(f"{row.pk}-{kind}", kind in row.classes, f"{title} by {row.name}") for row in rows
                ],
            }
            for kind, title in CLASSES.items()
        ],
        "unheard": _unheard(rows),
        "here_ways": ("toast", "notification", "sound"),
        "policy": policy(),
        "outside": outside_beat(),
        "outside_set": bool(settings.HEARTBEAT_URL),
        "steps": range(LAST_STEP + 1),
        "role_names": list(ROLES),
        "people_names": [found.user.username for found in people() if found.user.is_active],
        "needs_proof": not fresh_proof(request),
        **_log(request),
    }


def _log(request: HttpRequest) -> dict[str, Any]:
    shell = shell_of(request)
    told = [row for row in recent_messages() if shell.reaches(row.account)]
    return {"log": [{"row": row, "state": STATES[row.state], "tries": _tries(row)} for row in told]}


def _tries(row: Any) -> list[dict[str, Any]]:
    """Each channel's answers to one message, one after the other."""
    found: dict[str, list[Any]] = {}
    for one in sorted(row.deliveries.all(), key=lambda one: one.attempt):
        found.setdefault(one.channel.name, []).append(one)
    return [
        {"name": name, "answers": answers, "arrived": answers[-1].arrived, "last": answers[-1]}
        for name, answers in found.items()
    ]


def _channel(row: Any, last: Any) -> dict[str, Any]:
    whose = row.holder or (f"every {row.role}" if row.role else "the desk")
    return {"row": row, "whose": whose, "last": last}


def _unheard(rows: list[Any]) -> list[str]:
    """What nobody would be called for, whatever happens."""
    heard = {kind for row in rows if row.enabled for kind in row.classes}
    return [CLASSES[kind] for kind in (CRITICAL, "countdown") if kind not in heard]


@asks("see")
@require_GET
def notifications(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboard/notifications.html", _context(request))


@asks("see")
@require_GET
def log(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboard/_told.html", _log(request))


def _proved(request: HttpRequest) -> bool:
    if fresh_proof(request) or check_proof(request, request.POST.get("proof", "")):
        return True
    messages.error(request, UNPROVED)
    return False


def _time(text: str) -> time | None:
    try:
        return time.fromisoformat(text) if text else None
    except ValueError:
        return None


def _asked(request: HttpRequest) -> dict[str, Any]:
    """What the form of one channel says."""
    told = request.POST
    start, end = _time(told.get("quiet_from", "")), _time(told.get("quiet_to", ""))
    whose = told.get("whose", "")
    step = told.get("step", "0")
    return {
        "name": told.get("name", "").strip()[:60],
        "url": told.get("url", "").strip()[:2000],
        "enabled": told.get("enabled") == "on",
        "quiet": (start, end) if start is not None and end is not None else None,
        "holder": whose.removeprefix("person:") if whose.startswith("person:") else "",
        "role": whose.removeprefix("role:") if whose.startswith("role:") else "",
        "step": int(step) if step.isdecimal() and len(step) < 3 else 0,
    }


@asks("settings")
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """A new channel takes every class; its address is kept encrypted and never shown again."""
    if not _proved(request):
        return redirect("notifications")
    try:
        made = new_channel(actor=person(request), **_asked(request))
    except AlertRefused as refused:
        messages.error(request, f"No channel was added: {refused}.")
    else:
        messages.info(request, f"{made.name} was added. Send a test by it before you rely on it.")
    return redirect("notifications")


@asks("settings")
@require_POST
def save(request: HttpRequest, number: int) -> HttpResponse:
    found = channel_of(number)
    if found is None:
        raise Http404(f"there is no channel {number}")
    if not _proved(request):
        return redirect("notifications")
    try:
        save_channel(found, actor=person(request), **_asked(request))
    except AlertRefused as refused:
        messages.error(request, f"{found.name} was not changed: {refused}.")
    else:
        messages.info(request, f"{found.name} was saved.")
    return redirect("notifications")


@asks("settings")
@require_POST
def matrix(request: HttpRequest) -> HttpResponse:
    """All ticks at once, of the channels that the form knew: another one may have been added since."""
    known = set(request.POST.getlist("channel"))
    ticked = set(request.POST.getlist("tick"))
    for row in channels():
        if str(row.pk) not in known:
            continue
        wanted = [kind for kind in CLASSES if f"{row.pk}-{kind}" in ticked]
        if wanted != [kind for kind in CLASSES if kind in row.classes]:
            enabled = row.enabled
            save_channel(row, actor=person(request), enabled=enabled, classes=wanted, **as_it_is(row))
    messages.info(request, "Saved.")
    return redirect("notifications")


@asks("settings")
@require_POST
def test(request: HttpRequest, number: int) -> HttpResponse:
    """The worker sends it within a second or two; its result appears in the log by itself."""
    found = channel_of(number)
    if found is None:
        raise Http404(f"there is no channel {number}")
    key = f"test-{found.pk}-{clock.now().timestamp():.3f}"
    body = "Nothing happened; it works."
    queue_message(key, ALARM, severity=ADVISORY, title=f"A test of {found.name}", body=body, only=found)
    messages.info(request, f"A test goes out by {found.name}; its answer appears below.")
    return redirect("notifications")


@asks("settings")
@require_POST
def waits(request: HttpRequest) -> HttpResponse:
    told = [request.POST.get(name, "") for name in ("escalate_after", "fold_within")]
    if not all(text.isdecimal() and len(text) < 6 for text in told):
        messages.error(request, "Nothing was saved: both are whole seconds.")
        return redirect("notifications")
    try:
        save_policy(escalate_after=int(told[0]), fold_within=int(told[1]), actor=person(request))
    except AlertRefused as refused:
        messages.error(request, f"Nothing was saved: {refused}.")
    else:
        messages.info(request, "Saved.")
    return redirect("notifications")
