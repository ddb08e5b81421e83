"""The worker: the queue's cluster, and each second the question whether anything waits at its door."""

import logging
import time
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import close_old_connections, connection
from django.db.utils import DatabaseError, InterfaceError
from django_q.brokers import get_broker
from django_q.cluster import Cluster
from django_q.tasks import async_task

from apps.runbook.actions.keep_schedules import keep_schedules
from tradingdesk.memory import keep_what_is_loaded

log = structlog.get_logger(__name__)

POKE_SECONDS = 1.0
WAITING_AT_MOST = 2  # of each errand


class Command(BaseCommand):
    help = "Run background work: the queue's cluster, its schedules, and the walk along the road each second."

    def handle(self, **_options: Any) -> None:
        keep_schedules()
        logging.getLogger("django-q").setLevel(logging.WARNING)  # or three lines for every second
        connection.close()  # the cluster's processes are forked: none may inherit an open connection
        keep_what_is_loaded()
        cluster = Cluster()
        cluster.start()
        while cluster.stop_event is not None:
            poke()
            time.sleep(POKE_SECONDS)


def poke() -> bool:
    """Ask for each errand once more unless enough of them wait: a queue that stands still must not grow."""
    try:
        if get_broker().queue_size() >= WAITING_AT_MOST * len(settings.EVERY_SECOND):
            return False
        for errand in settings.EVERY_SECOND:
            async_task(errand, save=False)
        return True
    except (DatabaseError, InterfaceError) as lost:
        log.warning("worker_without_database", error=str(lost))
        close_old_connections()
        return False
