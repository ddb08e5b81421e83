"""Where the web process begins: pages over HTTP, live hints over websockets, the feed with the process."""

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django import setup
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tradingdesk.settings")
setup(set_prefix=False)

from apps.dashboard.bodies import SmallBodiesOnly  # noqa: E402
from apps.dashboard.consumers import FeedConsumer  # noqa: E402
from apps.dashboard.feed import lifespan  # noqa: E402
from apps.dashboard.origins import OwnOriginOnly  # noqa: E402
from apps.runbook.checks import refuse_unsafe_settings  # noqa: E402
from tradingdesk.memory import keep_what_is_loaded  # noqa: E402
from tradingdesk.pages import Pages  # noqa: E402

refuse_unsafe_settings()

application = ProtocolTypeRouter(
    {
        "http": SmallBodiesOnly(Pages()),
        "websocket": OwnOriginOnly(AuthMiddlewareStack(URLRouter([path("feed/", FeedConsumer.as_asgi())]))),
        "lifespan": lifespan,
    }
)

keep_what_is_loaded()
