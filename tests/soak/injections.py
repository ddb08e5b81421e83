"""What goes wrong in a soak. Each row is drawn by the seed; what it holds back goes when the stage heals."""

import contextlib
import random
import time
import urllib.error
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from tests.soak.processes import LINK, WORKER, Processes

Args = dict[str, Any]

# On the wire: they stand from before something happens until the stage heals. First how often each is drawn.
ON_THE_WIRE: dict[str, tuple[int, Args]] = {
    "swallowed placement": (3, {"kind": "swallow", "request": "placeOrder", "count": 1, "skip": 1}),
    "closed before accept": (2, {"kind": "close_before_accept", "request": "placeOrder", "skip": 1}),
    "closed after accept": (2, {"kind": "close_after_accept", "request": "placeOrder", "skip": 2}),
    "socket stalled": (1, {"kind": "stall", "request": "placeOrder", "ms": 15000, "skip": 1}),
    "acknowledgement dropped": (3, {"kind": "drop_ack", "count": 4}),
    "acknowledgement held": (2, {"kind": "hold_ack", "count": 4}),
    "filled never said": (3, {"kind": "drop", "message": "orderStatus:Filled", "count": 3}),
    "execution lost": (3, {"kind": "drop", "message": "execDetails", "count": 2}),
    "execution told thrice": (3, {"kind": "duplicate", "message": "execDetails", "times": 2, "count": 6}),
    "status told thrice": (3, {"kind": "duplicate", "message": "orderStatus", "times": 2, "count": 12}),
    "status late": (2, {"kind": "delay", "message": "orderStatus", "ms": 2000, "count": 8}),
    "status before execution": (2, {"kind": "status_before_execution", "count": 6}),
    "message cut in its middle": (2, {"kind": "cut", "message": "orderStatus", "skip": 2}),
    "commission never": (3, {"kind": "commission_never", "count": 2}),
    "commission late": (3, {"kind": "commission_late", "ms": 4000, "count": 4}),
    "commission early": (2, {"kind": "commission_early", "count": 4}),
    "commission negative": (3, {"kind": "commission_negative", "count": 2}),
    "commission minus one": (2, {"kind": "commission_minus_one", "count": 2}),
    "commission unset": (2, {"kind": "commission_unset", "count": 2}),
    "no end of executions": (3, {"kind": "mute_execution_end", "count": 1}),
    "no end of open orders": (2, {"kind": "mute_open_order_end", "count": 1}),
    "no end of positions": (2, {"kind": "mute_position_end", "count": 1}),
    "no end of completed orders": (1, {"kind": "mute_completed_end", "count": 1}),
    "positions late": (2, {"kind": "late_positions", "ms": 5000}),
    "zone of Windows": (2, {"kind": "windows_zone", "count": 6}),
    "slow reader": (2, {"kind": "slow_reader", "ms": 150}),
    "answers late": (2, {"kind": "late_answer", "request": "reqExecutions,reqAllOpenOrders", "ms": 2000}),
    "slow line": (2, {"kind": "latency", "ms": 150, "jitter_ms": 100}),
    "account list late": (2, {"kind": "late_accounts", "ms": 3000, "count": 1}),
    "next id late": (1, {"kind": "late_order_id", "ms": 3000, "count": 1}),
}  # fmt: skip


@dataclass
class Injector:
    """Draws faults, puts them in, takes them out, and counts those that acted."""

    desk: Processes
    chance: random.Random
    counted: dict[str, int] = field(default_factory=dict)
    idle: int = 0  # stood on the wire and nothing came by that it fitted
    line_lost: bool = False
    stood_at: float = 0.0
    standing: dict[int, str] = field(default_factory=dict)

    def stand(self, number: int) -> None:
        """Faults that wait on the wire for what happens next."""
        names = list(ON_THE_WIRE)
        weights = [ON_THE_WIRE[name][0] for name in names]
        for name in self.chance.choices(names, weights, k=number):
            told = self.desk.turn("fault", **ON_THE_WIRE[name][1])
            self.standing[int(told["number"])] = name
        self.stood_at = time.monotonic()

    def stood_for(self) -> float:
        """Seconds for which something has stood in the way; nothing while nothing does."""
        return time.monotonic() - self.stood_at if self.standing else 0.0

    def strike(self, number: int) -> None:
        """Faults that happen at this very moment."""
        names = list(STRIKES)
        weights = [STRIKES[name][0] for name in names]
        for name in self.chance.choices(names, weights, k=number):
            time.sleep(self.chance.uniform(0.0, 0.8))
            if STRIKES[name][1](self):
                self.count(name)

    def count(self, name: str) -> None:
        self.counted[name] = self.counted.get(name, 0) + 1

    def heal(self) -> None:
        """Nothing stands in the way any more; what was held goes out, what was killed is started."""
        with contextlib.suppress(urllib.error.HTTPError):
            for row in self.desk.turn("faults")["faults"]:
                self._acted(row)
        self.standing.clear()
        self.desk.turn("release")
        self.desk.turn("clear")
        self.desk.turn("switch", name="repeat_statuses", value="1")
        if self.line_lost:
            self.desk.turn("link", code=self.chance.choice(("1101", "1102")))
            self.line_lost = False
        for name in (LINK, WORKER):
            if name not in self.desk.running:
                self.desk.start(name)

    def _acted(self, row: Args) -> None:
        name = self.standing.pop(int(row["number"]), None)
        if name is None:
            return
        if row["acted"]:
            self.count(name)
        else:
            self.idle += 1


def _kill_link(at: Injector) -> bool:
    at.desk.kill(LINK)
    return True


def _kill_worker(at: Injector) -> bool:
    at.desk.kill(WORKER)
    return True


def _cut(at: Injector) -> bool:
    """Whoever is on its way back already has no connection to lose."""
    try:
        at.desk.turn("hangup", abort=at.chance.choice(("yes", "no")))
    except ValueError as refused:
        if "is connected" not in str(refused):
            raise
        return False
    return True


def _restart(at: Injector) -> bool:
    at.desk.turn("restart", roll_back=str(at.chance.randint(0, 5)))
    at.line_lost = False
    return True


def _lose_line(at: Injector) -> bool:
    at.desk.turn("link", code="1100")
    at.line_lost = True
    return True


def _data_farm(at: Injector) -> bool:
    for code in ("2103", "2104"):
        at.desk.turn("link", code=code)
    return True


def _repeat(at: Injector) -> bool:
    at.desk.turn("switch", name="repeat_statuses", value="4")
    return True


def _kill_connections(at: Injector) -> bool:
    """Every connection to the database but our own, in the middle of whatever it does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return bool(cursor.fetchone()[0])


def _correct(at: Injector) -> bool:
    """The last print of today is told again at another price."""
    prints = at.desk.turn("executions")["executions"]
    if not prints:
        return False
    last = at.chance.choice(prints)
    price = round(float(last["price"]) * at.chance.choice((0.999, 1.001)), 2)
    at.desk.turn("correct", exec=last["exec_id"], price=str(price))
    return True


def _bust_exit(at: Injector) -> bool:
    """A sale is taken back: what it sold is held again."""
    sold = [row for row in at.desk.turn("executions")["executions"] if row["side"] == "SLD"]
    if not sold:
        return False
    at.desk.turn("bust", exec=at.chance.choice(sold)["exec_id"])
    return True


STRIKES: dict[str, tuple[int, Callable[[Injector], bool]]] = {
    "link killed": (4, _kill_link),
    "worker killed": (3, _kill_worker),
    "gateway cut": (4, _cut),
    "gateway restarted, ids rolled back": (2, _restart),
    "line to the broker lost (1100)": (4, _lose_line),
    "data farm flaps (2103, 2104)": (2, _data_farm),
    "statuses repeated": (3, _repeat),
    "database connections killed": (4, _kill_connections),
    "execution corrected": (3, _correct),
    "sale busted": (2, _bust_exit),
}
