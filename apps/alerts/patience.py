"""People wait by their own watch: a played day that runs faster leaves them no less time."""

from datetime import timedelta

from apps.journal.clock import speed


def human(seconds: float) -> timedelta:
    """That many of a person's seconds, in the desk's time."""
    return timedelta(seconds=seconds * speed())
