"""Named points at which a test build kills itself, or stands still, to show what is made of it."""

import os
import signal
import sys

VARIABLE, PAUSE = "TD_CRASH", "TD_PAUSE"

POINTS = (
    "before_claim",
    "after_claim",
    "after_sending",
    "after_first_write",
    "after_write",
    "before_recording_ack",
    "before_recording_fill",
    "between_brackets",
    "after_stop",
    "after_claim_of_close",
)


def point(name: str) -> None:
    """Die here, as in a power cut, if a test asked for it: `TD_CRASH=name`, or `name:3` the third time.

    `TD_PAUSE=name` stops the whole process there until somebody lets it go on: a loop that is blocked.
    """
    if _reached(name, PAUSE):
        os.environ.pop(PAUSE)
        os.kill(os.getpid(), signal.SIGSTOP)
    if _reached(name, VARIABLE):
        sys.stderr.flush()
        os.kill(os.getpid(), signal.SIGKILL)


def _reached(name: str, variable: str) -> bool:
    asked = os.environ.get(variable)
    if not asked:
        return False
    wanted, _, times = asked.partition(":")
    if wanted != name:
        return False
    left = int(times or 1) - 1
    if left > 0:
        os.environ[variable] = f"{wanted}:{left}"
    return left <= 0
