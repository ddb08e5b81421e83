"""The twelve invariants over the modelled world. Each violation begins with the invariant's name."""

from tradingdesk.domain.approvals import WindowState
from tradingdesk.domain.approvals.windows import LATE_AFTER
from tradingdesk.domain.market import quote_problem
from tradingdesk.domain.portfolio import standing
from tradingdesk.domain.risk import StopLevel
from tradingdesk.domain.tickets import (
    LIVE_INTENTS,
    Alarm,
    IntentState,
    State,
    is_done,
    may_still_fill,
)

from .desk import CLOCK
from .store import LIMIT, PRICE
from .walking import LENGTH, RUNNING

SILENT_ENDS = ("REFUSED", "LOST")


class Checker:
    """Watches the wire, every step, and the end."""

    def __init__(self, world):
        self.world = world
        self.violations = []
        self.filled = {}
        self.states = {}
        self.wired_ids = set()
        self.seen = None

    def blame(self, name, text):
        self.violations.append(f"{name} at {self.world.now}: {text}")

    def at_wire(self, desk, row):
        """S1 S2 S3 S4 S9 S10 S11: may this placement leave now?"""
        store, now = self.world.store, self.world.now
        checks = (
            ("S1", store.refs.get(row.ref) is row and row.intent is IntentState.SENDING),
            ("S2", row.order_id not in self.wired_ids and not self.alive_before(row)),
            ("S3", now < row.approved_until and row.content == row.approved and not row.told),
            ("S3", row.window is None or self.ran_out(row)),
            ("S4", row.window is None or not self.stopped_meanwhile(row)),
            ("S4", store.stop is StopLevel.ACTIVE),
            ("S9", desk.epoch == store.epoch),
            ("S10", quote_problem(self.world.quote, CLOCK[now], self.world.quote_limits) is None),
            ("S11", now < row.not_after),
        )
        for name, holds in checks:
            if not holds:
                self.blame(name, f"{row.ref} was sent")
        self.wired_ids.add(row.order_id)

    def stopped_meanwhile(self, row):
        """Whether trading was stopped while it counted, however soon it went on."""
        return any(row.opened_at < at <= row.released_at for at in self.world.store.stops)

    @staticmethod
    def ran_out(row):
        """Released once, told before, after its whole length or by a named person's hurry, and not late."""
        if row.window.state is not WindowState.RELEASED or row.opened_at < 0:
            return False
        released = CLOCK[row.released_at]
        late = released > row.window.send_at + LATE_AFTER
        whole = released >= CLOCK[row.opened_at] + LENGTH
        return released >= row.window.send_at and not late and (whole or row.hurried)

    def alive_before(self, row):
        return any(order.alive and self.is_of(order, row) for order in self.world.broker.orders)

    @staticmethod
    def is_of(order, row):
        return order.ref.rpartition("-")[0] == f"td-sim-{row.key}"

    def after_step(self):
        """S6 S7 S8 at every moment. A print told of after the confirmed end is nobody's to foresee."""
        seen = (self.world.store.version, self.world.broker.version)
        if seen == self.seen:
            return
        self.seen = seen
        orders = [order for order in self.world.broker.orders if order.status != "LOST"]
        worst = sum((o.quantity if o.alive else o.filled - o.late) * PRICE for o in orders)
        if worst > LIMIT:
            self.blame("S6", f"{worst} could be spent")
        orders = {order.ref: order for order in self.world.broker.orders}
        for row in self.world.store.rows.values():
            self.check_row(row, orders.get(row.ref))

    def check_row(self, row, order):
        over = is_done(row.state) or row.state in (State.NOT_SENT, State.RELEASED)
        if row.attempt is not None and over and order is not None and order.alive:
            self.blame("S7", f"{row.ref} is {row.state} and alive at the broker")
        if row.attempt is None:
            return
        if may_still_fill(row.state) and row.intent not in LIVE_INTENTS:
            self.blame("S6", f"{row.ref} is {row.state} and no attempt of it is open")
        filled, before = row.attempt.filled, self.filled.get(row.ref, 0)
        if filled < before or filled > row.attempt.quantity:
            self.blame("S8", f"{row.ref} went from {before} to {filled} filled")
        was, told = self.states.get(row.ref), row.attempt.alarms & {Alarm.REVIVED, Alarm.LATE_FILL}
        if was is not None and is_done(was) and may_still_fill(row.state) and not told:
            self.blame("S8", f"{row.ref} came back from {was} without an alarm")
        self.filled[row.ref], self.states[row.ref] = filled, row.state

    def at_end(self):
        """S5 S12 and liveness, after every fault has stopped."""
        self.check_fills()
        self.check_journal()
        self.check_windows()
        orders = {order.ref: order for order in self.world.broker.orders}
        for row in self.world.store.rows.values():
            order = orders.get(row.ref)
            if row.attempt is None or order is None:
                continue
            if order.status == "WORKING" and row.state is not State.WORKING:
                self.blame("LIVENESS", f"{row.ref} works at the broker and is {row.state}")
            if (
                order.status in ("FILLED", "CANCELLED")
                and not is_done(row.state)
                and row.state is not State.RELEASED
            ):
                self.blame("LIVENESS", f"{row.ref} is {order.status} and the desk says {row.state}")
            if order.status in SILENT_ENDS and row.state in (State.WORKING, State.SENDING):
                self.blame("LIVENESS", f"{row.ref} is {order.status} and the desk says {row.state}")

    def check_windows(self):
        """None is left open past its lateness, whatever died meanwhile."""
        now = CLOCK[self.world.now]
        for row in self.world.store.walking:
            window = row.window
            if window is None or window.state not in RUNNING:
                continue
            ends = window.send_at or window.asked_at
            if now > ends + LATE_AFTER:
                self.blame("LIVENESS", f"the window of {row.key} is {window.state} since {ends}")

    def check_fills(self):
        fills = [fill for family in self.world.store.fills.values() for fill in family]
        told = sorted((fill.exec_id, fill.quantity) for fill in standing(fills))
        if len({fill.exec_id for fill in fills}) != len(fills):
            self.blame("S5", "an execution was booked twice")
        true = sorted(
            (f"{name}.0{revision}", shares)
            for order in self.world.broker.orders
            for name, (revision, shares) in order.executions.items()
        )
        if told != true:
            self.blame("S5", f"fills {told} are not executions {true}")

    def check_journal(self):
        states = dict.fromkeys(self.world.store.rows, State.WRITTEN)
        for number, (key, before, after) in enumerate(self.world.store.journal):
            if states[key] is not before:
                self.blame("S12", f"line {number} starts from {before}, {key} was {states[key]}")
            states[key] = after
        for key, row in self.world.store.rows.items():
            if states[key] is not row.state:
                self.blame("S12", f"{key} is {row.state}, the journal says {states[key]}")
