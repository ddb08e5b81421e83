"""A simulated desk can always be watched: without any channel it gets one that writes a file in its home."""

from django.conf import settings

from apps.alerts.actions.save_channel import save_channel
from apps.alerts.models import Channel
from apps.alerts.ports import FILE_SCHEME
from apps.journal.ports import SYSTEM

SIMULATED, NAME, FILE = "sim", "Desk file", "alerts.txt"


def lay_first_channel() -> bool:
    """True: it was laid now. Where money is not play nobody but a person sets up a channel."""
    if settings.MODE != SIMULATED or Channel.objects.exists():
        return False
    save_channel(Channel(), actor=SYSTEM, name=NAME, url=f"{FILE_SCHEME}:{FILE}")
    return True
