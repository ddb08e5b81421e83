"""How large a request may be, decided before Django puts its body on the disk, which it does for any size."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from tradingdesk.domain.plans.csv_text import SIZE_LIMIT

LARGEST = settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 65_536  # a form with a plan in it
PATIENCE = 128 * 1024 * 1024  # so much is listened to and thrown away, so that a browser hears the answer
FOR_PROGRAMS = "/api/"
Scope = dict[str, Any]


class SmallBodiesOnly:
    """Stands before the pages. A door for programs is told the length alone and refuses in its own words."""

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> Any:
        told = length_of(scope)
        if told is not None and told > LARGEST:
            await _throw_away(receive)
            if not scope["path"].startswith(FOR_PROGRAMS):
                return await _refuse(send)
            return await self.application(scope, _nothing, send)
        return await self.application(scope, _Counted(receive), send)


def length_of(scope: Scope) -> int | None:
    for name, value in scope["headers"]:
        if name.lower() == b"content-length" and value.isdigit():
            return int(value)
    return None


class _Counted:
    """A body that does not say its length ends as if the sender had gone, once it is too long."""

    def __init__(self, receive: Any) -> None:
        self._receive, self._heard = receive, 0

    async def __call__(self) -> dict[str, Any]:
        message: dict[str, Any] = await self._receive()
        self._heard += len(message.get("body", b""))
        return {"type": "http.disconnect"} if self._heard > LARGEST else message


async def _throw_away(receive: Any) -> None:
    heard = 0
    while heard < PATIENCE:
        message = await receive()
        heard += len(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            return


async def _nothing() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _refuse(send: Any) -> None:
    error = {"title": "Too large", "text": f"A plan is at most {SIZE_LIMIT:,} bytes. Nothing was kept of it."}
    page = render_to_string("dashboard/error_plain.html", {"error": error}).encode()
    headers = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-length", str(len(page)).encode()),
        (b"content-security-policy", b"default-src 'self'"),
        (b"connection", b"close"),
    ]
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": page})
