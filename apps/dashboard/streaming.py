"""Files of any size, sent as they are read: a few rows are in memory, however many there are."""

from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse

TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json; charset=utf-8"}


def file_answer(request: HttpRequest, pieces: Iterator[str], name: str) -> StreamingHttpResponse:
    """An asynchronous server would gather a plain iterator whole before it sends the first byte of it."""
    asynchronous = isinstance(request, ASGIRequest)
    kind = name.rpartition(".")[2]
    answer = StreamingHttpResponse(_walked(pieces) if asynchronous else pieces, content_type=TYPES[kind])
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


async def _walked(pieces: Iterator[str]) -> AsyncIterator[str]:
    """Each piece is read in the request's own thread, where its database connection is."""
    step = sync_to_async(lambda: next(pieces, None), thread_sensitive=True)
    while (piece := await step()) is not None:
        yield piece
