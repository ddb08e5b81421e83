"""One simulated hour: a desk, a broker, and a seed that decides what goes wrong when."""

from decimal import Decimal

from tradingdesk.domain.market import Quote, QuoteLimits, quote_problem
from tradingdesk.domain.risk import StopLevel
from tradingdesk.domain.tickets import Act, State, perform

from .broker import Broker
from .chance import Chance
from .checker import Checker
from .desk import CLOCK, Crash, Desk
from .store import Row, Store
from .walking import Walkers, ask

STEPS = 50
CRASH_POINTS = ("before_mark", "after_mark", "after_write")


class World(Walkers):
    """Virtual time, the market, and the people."""

    quote_limits = QuoteLimits()

    def __init__(self, seed, desk_class=Desk, crash_at=None):
        self.chance = Chance(seed)
        self.desk_class = desk_class
        self.crash_at = crash_at
        self.now = 0
        self.store, self.broker = Store(), Broker(self.chance)
        self.checker = Checker(self)
        for number in range(3):
            key = f"1-{number + 1}A"
            row = Row(key, Decimal(self.chance.whole(20, 60)), not_after=self.chance.whole(60, 220))
            self.store.rows[key] = row
            if number == 2 and self.chance.hits(0.6):
                ask(self.store, row, self.now)
            else:
                self.release(row)
        self.rows = list(self.store.rows.values())
        self.zombie = None
        self.move_market()
        self.start_desk()

    # --- what the desk asks of the world -------------------------------------------

    def market_problem(self):
        return quote_problem(self.quote, CLOCK[self.now], self.quote_limits)

    def crash_point(self, name):
        if self.crash_at == name:
            self.crash_at = None
            raise Crash(name)
        if not self.broker.calm and self.chance.hits(0.04):
            raise Crash(name)

    def on_wire(self, desk, row):
        self.checker.at_wire(desk, row)

    # --- the day -------------------------------------------------------------------

    def run(self):
        for _ in range(STEPS):
            self.now += self.chance.whole(1, 4)
            if self.chance.hits(0.7):
                self.move_market()
            self.deliver(self.chance.whole(0, 3))
            self.survive(World.look_at_windows)
            self.survive(self.chance.one_of(EVENTS))
            self.survive(World.release_looked_at)
            self.survive(World.silence)
            self.checker.after_step()
        self.heal()
        self.checker.at_end()
        return self.checker.violations

    def survive(self, event):
        """A crash anywhere ends the process; a new one takes the lease."""
        try:
            event(self)
        except Crash:
            self.start_desk()

    def start_desk(self):
        self.store.epoch += 1
        self.desk = self.desk_class(self)
        self.desk.connect()

    def deliver(self, count):
        while self.broker.queue and count and self.desk.session == self.broker.session:
            self.desk.receive(*self.broker.queue.pop(0))
            count -= 1

    def heal(self):
        """All faults stop: what must be true by the end must become true now."""
        self.broker.calm = True
        self.broker.restart()
        self.start_desk()
        for _ in range(2):
            self.now += 11
            self.deliver(10_000)
            self.desk.watch_silence()
            self.desk.read_all(complete=True)
            self.return_overdue()
            self.checker.after_step()
        for row in self.rows:
            self.rule_on(row)

    # --- events --------------------------------------------------------------------

    def row(self):
        return self.chance.one_of(self.rows)

    def look_at_windows(self):
        self.desk.look_at_windows()

    def release_looked_at(self):
        self.desk.release_looked_at()

    def silence(self):
        self.desk.watch_silence()

    def release(self, row):
        until = self.now + self.chance.whole(20, 150)
        self.store.change(row, approved_until=until, state=perform(row.state, Act.RELEASE))

    def approve_again(self):
        """The reviewer looks once more at what waited too long."""
        row = self.row()
        if row.state is State.RELEASED:
            row.approved_until = self.now + self.chance.whole(5, 60)
            row.approved, row.window = row.content, None

    def claim(self):
        self.desk.claim(self.row())

    def claim_and_send(self):
        row = self.row()
        self.desk.claim(row)
        self.desk.send(row)

    def send(self):
        self.desk.send(self.row())

    def cancel(self):
        self.desk.ask_cancel(self.row())

    def read_well(self):
        if self.desk.session == self.broker.session:
            self.desk.read_all(complete=True)

    def read_badly(self):
        if self.desk.session == self.broker.session:
            self.desk.read_all(complete=False)

    def rule(self):
        self.desk.rule(self.row())

    def rule_over(self):
        self.rule_on(self.row())

    def rule_on(self, row):
        """Whoever rules has looked: what he saw was so when he looked."""
        seen_alive = any(order.alive and order.ref == row.ref for order in self.broker.orders)
        self.desk.rule_over(row, seen_alive)

    def retry(self):
        self.desk.retry(self.row())

    def halt(self):
        self.store.stop, self.store.stop_epoch = StopLevel.HALTED, self.store.stop_epoch + 1
        self.store.stops.append(self.now)
        self.desk.stop_windows()

    def resume(self):
        self.store.stop, self.store.stop_epoch = StopLevel.ACTIVE, self.store.stop_epoch + 1

    def move_market(self):
        bad = self.chance.hits(0.1)
        bid = self.chance.one_of((None, Decimal("NaN"), Decimal(-1))) if bad else Decimal("9.99")
        self.quote = Quote(bid=bid, ask=Decimal("10.01"), at=CLOCK[self.now])

    def disconnect(self):
        self.broker.drop_connection()

    def restart_gateway(self):
        self.broker.restart()

    def reconnect(self):
        if self.desk.session != self.broker.session:
            self.desk.connect()

    def crash(self):
        raise Crash("anywhere")

    def take_over(self):
        """Another process takes the lease; the old one has not noticed and wants to send."""
        self.zombie, row = self.desk, self.row()
        self.store.epoch += 1
        try:
            self.zombie.send(row)
        finally:
            self.desk = self.desk_class(self)
            self.desk.connect()

    def broker_fills(self):
        for order in self.broker.orders:
            if order.status == "WORKING":
                return self.broker.fill(order, Decimal(self.chance.whole(1, 30)))

    def broker_works(self):
        for order in self.broker.orders:
            if order.status == "HELD" or (order.status == "WORKING" and self.chance.hits(0.1)):
                return self.broker.admit(order) if order.status == "HELD" else self.broker.end(order)

    def broker_tells_late(self):
        self.broker.tell_late()

    def broker_corrects(self):
        for order in self.broker.orders:
            self.broker.correct(order)


EVENTS = (
    *[World.approve_again] * 3, *[World.claim] * 6, *[World.claim_and_send] * 6, *[World.send] * 5,
    *[World.cancel] * 2, *[World.read_well] * 2, World.read_badly, *[World.rule] * 2, *[World.rule_over] * 2,
    *[World.retry] * 2,
    World.halt, *[World.resume] * 4, World.disconnect, World.restart_gateway, *[World.reconnect] * 6,
    World.crash, World.take_over, *[World.broker_fills] * 5, *[World.broker_works] * 2, World.broker_corrects,
    *[World.broker_tells_late] * 2,
    *[World.deliver_alert] * 10, World.hold, *[World.hurry] * 2, World.cancel_countdown,
    *[World.return_overdue] * 2, *[World.decide_returned] * 2, World.edit,
)  # fmt: skip


def live_through(seed, desk_class=Desk, crash_at=None):
    """The violations of one seeded day, none if the desk kept its promises."""
    return World(seed, desk_class, crash_at).run()
