"""One's own account: the second step, one's sessions, how the screens look, and the way out."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from apps.dashboard.days import EXCHANGE_ZONE
from apps.dashboard.pages.answers import person
from apps.operators.actions.end_sessions import end_sessions
from apps.operators.actions.save_preference import save_preference
from apps.operators.pages.asking import ONESELF, asks
from apps.operators.ports import ROLE_TEXTS
from apps.operators.queries import passkeys_of, person_named, preference_of, recovery_codes_left

THEMES = [("system", "as the system"), ("light", "light"), ("dark", "dark")]
DENSITIES = [("compact", "compact"), ("comfortable", "comfortable")]
COLOURS = [
    ("green-up", "green up, red down"),
    ("red-up", "red up, green down"),
    ("blue-orange", "blue and orange"),
]


class DisplayForm(forms.Form):
    """What the screens look like; nothing here changes what they show."""

    theme = forms.ChoiceField(choices=THEMES)
    density = forms.ChoiceField(choices=DENSITIES)
    colours = forms.ChoiceField(choices=COLOURS, label="Gain and loss")


def _who(request: HttpRequest) -> User:
    """A page behind a login has a person."""
    assert isinstance(request.user, User)
    return request.user


@asks(ONESELF)
@require_http_methods(["GET", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    liked = preference_of(_who(request))
    started = {"theme": liked.theme, "density": liked.density, "colours": liked.colours}
    form = DisplayForm(request.POST or None, initial=started)
    if request.method == "POST" and form.is_valid():
        save_preference(_who(request), actor=person(request), **form.cleaned_data)
        messages.info(request, "Saved.")
        return redirect("account")
    found = person_named(_who(request).get_username())
    context = {
        "form": form,
        "me": found,
        "passkeys": passkeys_of(_who(request)),
        "codes_left": recovery_codes_left(_who(request)),
        "this_session": request.session.session_key,
        "role_texts": [(role, ROLE_TEXTS[role]) for role in found.standing.roles] if found else [],
        "practises": settings.MODE == "sim",
    }
    return render(request, "dashboard/account.html", context)


@asks(ONESELF)
@require_POST
def end_one(request: HttpRequest, number: int) -> HttpResponse:
    """One of one's own sessions; another person's number ends nothing."""
    ended = end_sessions(_who(request), actor=person(request), only=number)
    messages.info(request, "Ended." if ended else "It had ended already.")
    return redirect("account")


@asks(ONESELF)
@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    key = request.session.session_key or ""
    ended = end_sessions(_who(request), actor=person(request), but=key)
    messages.info(request, f"{ended} other session{'' if ended == 1 else 's'} ended.")
    return redirect("account")


@asks(ONESELF)
@require_POST
def preference(request: HttpRequest, name: str) -> HttpResponse:
    """One preference from a key: the empty word is the plain one."""
    plain = {"theme": "system", "density": "compact", "colours": "green-up", "primary_zone": EXCHANGE_ZONE}
    if name not in plain:
        return HttpResponse("there is no such preference\n", status=404, content_type="text/plain")
    values: dict[str, Any] = {name: request.POST.get("value") or plain[name]}
    try:
        save_preference(_who(request), actor=person(request), **values)
    except ValidationError as wrong:
        return HttpResponse("; ".join(wrong.messages), status=422, content_type="text/plain")
    return HttpResponse(status=204)
