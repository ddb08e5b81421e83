"""Named points at which a test build kills itself, to show what a restart makes of it."""

import os
import signal
import sys

VARIABLE = "TD_CRASH"

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
    """Die here, as in a power cut, if a test asked for it: `TD_CRASH=name`, or `name:3` the third time."""
    asked = os.environ.get(VARIABLE)
    if not asked:
        return
    wanted, _, times = asked.partition(":")
    if wanted != name:
        return
    left = int(times or 1) - 1
    if left > 0:
        os.environ[VARIABLE] = f"{wanted}:{left}"
        return
    sys.stderr.flush()
    os.kill(os.getpid(), signal.SIGKILL)
