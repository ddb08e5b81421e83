"""Ports for processes that the tests start: no other worker is given the same, and nobody who dials out."""

import os
import socket
from itertools import count

FIRST, EACH, WORKERS = 20_000, 600, 20  # all below 32768, where the system's own choice begins
_turn = count(os.getpid())


def free_port() -> int:
    """One that nobody listens on now; the next call gives another, however long this one stays unused."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % WORKERS
    for _ in range(EACH):
        port = FIRST + worker * EACH + next(_turn) % EACH
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError(f"none of {EACH} ports is free")
