"""Where the web process begins: pages over HTTP, live hints over websockets."""

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import OriginValidator
from django.conf import settings
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tradingdesk.settings")
pages = get_asgi_application()

from apps.runbook.checks import refuse_unsafe_settings  # noqa: E402
from tradingdesk.urls import websocket_urlpatterns  # noqa: E402

refuse_unsafe_settings()

application = ProtocolTypeRouter(
    {
        "http": pages,
        "websocket": OriginValidator(
            AuthMiddlewareStack(URLRouter(websocket_urlpatterns)),
            [
                settings.PUBLIC_URL,
                *(f"http://{host}:{settings.HTTP_PORT}" for host in ("127.0.0.1", "localhost")),
            ],
        ),
    }
)
