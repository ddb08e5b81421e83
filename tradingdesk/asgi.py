"""Where the web process begins: pages over HTTP, live hints over websockets."""

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import OriginValidator
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.urls import URLPattern

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tradingdesk.settings")
pages = get_asgi_application()

from apps.runbook.checks import refuse_unsafe_settings  # noqa: E402

refuse_unsafe_settings()

live: list[URLPattern] = []

application = ProtocolTypeRouter(
    {
        "http": pages,
        "websocket": OriginValidator(
            AuthMiddlewareStack(URLRouter(live)),
            [
                settings.PUBLIC_URL,
                *(f"http://{host}:{settings.HTTP_PORT}" for host in ("127.0.0.1", "localhost")),
            ],
        ),
    }
)
