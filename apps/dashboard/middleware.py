"""Notes where the feed stood before a page was read, so that no change falls between page and socket."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from apps.dashboard.feed import feed


def note_feed_versions(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def answer(request: HttpRequest) -> HttpResponse:
        request.feed_versions = dict(feed.versions.of)  # type: ignore[attr-defined]
        return get_response(request)

    return answer
