"""One reading for the tabs of one login that ask for the same panel at the same moment.

A hint sends every open tab for the same fragments within some milliseconds. Whether they may see them is
asked for each request anew, before this; what is shared is what was read and drawn, for a second at most, and
only until the feed has told the next change of it.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import wraps
from threading import Lock
from typing import Any, TypeVar, cast

from django.http import HttpRequest, HttpResponse

from apps.dashboard.feed import feed
from apps.dashboard.pages.answers import is_fragment
from apps.dashboard.shell import CHOSEN_ACCOUNT

T = TypeVar("T")
View = Callable[..., HttpResponse]
SHARED_SECONDS = 1.0


@dataclass(slots=True)
class Reading:
    at: float = field(default_factory=time.monotonic)
    made: "Future[Any]" = field(default_factory=Future)

    @property
    def old(self) -> bool:
        return time.monotonic() - self.at > SHARED_SECONDS


_readings: dict[Any, Reading] = {}
_lock = Lock()


def shared(*topics: str) -> Callable[[View], View]:
    """For a panel that changes with these topics and depends on nothing but the login and its address."""

    def around(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            about = request.get_full_path()
            return _copy(read_once(request, about, topics, lambda: view(request, *args, **kwargs)))

        return answer

    return around


def read_once(request: HttpRequest, about: Any, topics: tuple[str, ...], read: Callable[[], T]) -> T:
    """The first who asks reads; the others wait for it and take the same."""
    if not _may_share(request):
        return read()
    key = (*_login(request), about, _versions(request, topics))
    reading, is_ours = _reading_of(key)
    if is_ours:
        try:
            reading.made.set_result(read())
        except BaseException as failed:
            _readings.pop(key, None)  # whoever asks after this tries anew
            reading.made.set_exception(failed)
            raise
    return cast(T, reading.made.result())


def _may_share(request: HttpRequest) -> bool:
    """Nothing is shared while the feed hears no changes, nor with a browser that has no cookie yet."""
    return is_fragment(request) and feed.hears and "CSRF_COOKIE" in request.META


def _login(request: HttpRequest) -> tuple[Any, ...]:
    """All of a login that two answers could differ by. Only the tabs of one browser have one session."""
    session = request.session
    chosen, secret = session.get(CHOSEN_ACCOUNT), request.META["CSRF_COOKIE"]
    return session.session_key, chosen, secret, request.standing  # type: ignore[attr-defined]


def _versions(request: HttpRequest, topics: tuple[str, ...]) -> tuple[str, ...]:
    versions = request.feed_versions  # type: ignore[attr-defined]
    return tuple(versions[topic] for topic in topics)


def _reading_of(key: Any) -> tuple[Reading, bool]:
    """The reading that is wanted, and whether it is for us to make."""
    with _lock:
        for known in [known for known, reading in _readings.items() if reading.old]:
            del _readings[known]
        if found := _readings.get(key):
            return found, False
        _readings[key] = made = Reading()
        return made, True


def _copy(answer: HttpResponse) -> HttpResponse:
    """What stands around the view may change an answer as it likes."""
    return HttpResponse(answer.content, status=answer.status_code, headers=dict(answer.items()))
