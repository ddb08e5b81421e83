"""Playing the past: the desk's clock stands at one moment while something is done as it was done then."""

import contextlib
import time
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings

from apps.journal.clock import Line


@contextlib.contextmanager
def at(moment: datetime) -> Iterator[datetime]:
    """Everything inside happens at that moment."""
    before = settings.CLOCK
    settings.CLOCK = str(Line(moment, time.time(), 0.0))
    try:
        yield moment
    finally:
        settings.CLOCK = before
