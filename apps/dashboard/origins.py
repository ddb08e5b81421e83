"""Whose pages may open our socket: our own. No origin, or another one, is turned away."""

from typing import Any
from urllib.parse import urlsplit

from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.http.request import validate_host

Scope = dict[str, Any]


def is_ours(headers: list[tuple[bytes, bytes]]) -> bool:
    """The origin must be where this socket was dialled, and that must be one of our hosts."""
    told = {name.lower(): value.decode("latin-1") for name, value in headers}
    try:
        origin = urlsplit(told.get(b"origin", ""))
        port = origin.port or {"http": 80, "https": 443}.get(origin.scheme, 0)
        host = urlsplit(f"//{told.get(b'host', '')}")
        dialled = host.port or port
    except ValueError:
        return False
    if origin.scheme not in ("http", "https") or not origin.hostname:
        return False
    if f"{origin.scheme}://{origin.netloc}" == settings.PUBLIC_URL:
        return True
    allowed = validate_host(origin.hostname, settings.ALLOWED_HOSTS)
    return allowed and (origin.hostname, port) == (host.hostname, dialled)


class OwnOriginOnly:
    """Stands before everything else of the socket."""

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> Any:
        if is_ours(scope["headers"]):
            return await self.application(scope, receive, send)
        return await WebsocketDenier()(scope, receive, send)
