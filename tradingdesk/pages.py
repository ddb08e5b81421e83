"""Django's pages, each answered by one thread from the first middleware to the last."""

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from servestatic.middleware import ServeStaticMiddleware


class Pages(ASGIHandler):
    """Files are sent by the loop itself; all else reads tables, and a thread does that in one go.

    Django would change over between loop and thread eleven times for an answer, once for each middleware that
    knows both: each time another thread may be in the way.
    """

    def __init__(self) -> None:
        super().__init__()
        self._files = ServeStaticMiddleware(self._in_a_thread)

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware()

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        answer: HttpResponseBase = await self._files(request)
        answer.headers.setdefault("X-Content-Type-Options", "nosniff")  # a file is what its name says
        return answer

    async def _in_a_thread(self, request: HttpRequest) -> HttpResponseBase:
        return await sync_to_async(self.get_response)(request)
