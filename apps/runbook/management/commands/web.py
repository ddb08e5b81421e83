"""The web process: pages, fragments and websockets."""

from argparse import ArgumentParser
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connections

from apps.runbook.checks import refuse_weak_people
from apps.runbook.processes.parts import collect_when_due
from tradingdesk.postgres.base import share_connections


class Command(BaseCommand):
    help = "Run the web process in the foreground."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=settings.HTTP_HOST)
        parser.add_argument("--port", type=int, default=settings.HTTP_PORT)

    def handle(self, *, host: str, port: int, **_options: Any) -> None:
        refuse_weak_people()
        if settings.HASHED_STATIC:
            collect_when_due()
        connections.close_all()
        share_connections()
        uvicorn.run(
            "tradingdesk.asgi:application",
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=settings.BEHIND_TLS,
            forwarded_allow_ips=settings.TRUSTED_PROXIES,
            timeout_graceful_shutdown=5,
        )
