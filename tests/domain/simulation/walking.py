"""The walk's window in a simulated day: told, counted, held, hurried, cancelled, stopped, released."""

from dataclasses import replace
from datetime import timedelta

from tradingdesk.domain.approvals import (
    Opening,
    Phase,
    Surroundings,
    Window,
    WindowState,
    hold_window,
    hurry_problem,
    open_window,
    overdue,
    release_problem,
)
from tradingdesk.domain.approvals.windows import LATE_AFTER, WAITS
from tradingdesk.domain.risk import Outcome
from tradingdesk.domain.tickets import Act, State, perform

from .broker import T0

CLOCK = [T0 + timedelta(seconds=second) for second in range(1200)]
LENGTH, CUT_OFF, SENDING = timedelta(seconds=12), CLOCK[900], 60
RUNNING = (WindowState.ASKED, WindowState.OPEN)
NOTHING_SENT = "nothing was sent"


class Walker:
    """The link's hand on the windows. It looks, and in a later moment changes the row it has looked at."""

    def surroundings(self, row):
        return Surroundings(
            now=CLOCK[self.world.now],
            digest_holds=self.digest_holds(row),
            phase=Phase.WALK,
            stop=self.store.stop,
            outcome=Outcome.PASS,
            link_ready=self.session == self.broker.session,
        )

    def digest_holds(self, row):
        return row.content == row.approved

    def look_at_windows(self):
        """What runs out may be released; what may not go any more is a person's."""
        self.looks = []
        for row in self.store.walking:
            if row.window is None or row.window.state is not WindowState.OPEN:
                continue
            problem = release_problem(row.window, self.surroundings(row))
            if problem is None:
                self.looks.append((row, row.window))
            elif problem.code not in WAITS:
                give_back(self.store, row)

    def release_looked_at(self):
        for row, seen in self.looks:
            if self.is_as_seen(row, seen):
                self.release_window(row, seen)
        self.looks = []

    def is_as_seen(self, row, seen):
        """The conditional update: the same row, at its time, and not too late."""
        now = CLOCK[self.world.now]
        return row.window is seen and seen.send_at <= now <= seen.send_at + LATE_AFTER

    def release_window(self, row, seen):
        now = self.world.now
        window = replace(seen, state=WindowState.RELEASED)
        released = perform(row.state, Act.RELEASE)
        self.store.change(row, window=window, released_at=now, approved_until=now + SENDING, state=released)

    def stop_windows(self):
        """A stop leaves no countdown behind that could end after it."""
        for row in self.store.walking:
            if row.window is not None and row.window.state in RUNNING:
                give_back(self.store, row)


def ask(store, row, now):
    """The plan walks: its alert is on its way."""
    store.walking.append(row)
    row.window = Window(state=WindowState.ASKED, asked_at=CLOCK[now], cut_off=CUT_OFF, length=LENGTH)


def give_back(store, row):
    store.change(row, window=replace(row.window, state=WindowState.RETURNED))


class Walkers:
    """What people, the alerts and the worker do with the windows: drawn like every other event."""

    def walker(self):
        return self.chance.one_of(self.store.walking) if self.store.walking else None

    def deliver_alert(self):
        row = self.walker()
        if row is None or row.window is None or row.window.state is not WindowState.ASKED:
            return
        delivered = 0 if self.chance.hits(0.1) else 1
        opening = open_window(row.window, delivered=delivered, now=CLOCK[self.now])
        if not isinstance(opening, Opening):
            return give_back(self.store, row)
        window = replace(row.window, state=WindowState.OPEN, send_at=opening.send_at)
        self.store.change(row, window=window, opened_at=self.now)

    def hold(self):
        row = self.walker()
        opening = hold_window(row.window, CLOCK[self.now]) if row and row.window else None
        if isinstance(opening, Opening):
            self.store.change(row, window=replace(row.window, send_at=opening.send_at))

    def hurry(self):
        row = self.walker()
        proved = self.chance.hits(0.5)
        if row and row.window and hurry_problem(row.window, proved=proved) is None:
            self.store.change(row, window=replace(row.window, send_at=CLOCK[self.now]), hurried=True)

    def cancel_countdown(self):
        """In time: ended. After the release: whatever has not been claimed does not leave."""
        row = self.walker()
        if row is None or row.window is None:
            return
        if row.window.state in RUNNING:
            window = replace(row.window, state=WindowState.CANCELLED)
            self.store.change(row, window=window, told=NOTHING_SENT)
        elif row.window.state is WindowState.RELEASED and row.state is State.RELEASED and not row.tries:
            self.store.change(row, state=perform(row.state, Act.WITHDRAW), told=NOTHING_SENT)

    def return_overdue(self):
        for row in self.store.walking:
            late = row.window is not None and row.window.state in RUNNING
            if late and overdue(row.window, CLOCK[self.now]) is not None:
                give_back(self.store, row)

    def decide_returned(self):
        """A person looks at what came back, and approves it as it is now."""
        row = self.walker()
        if row and row.window and row.window.state is WindowState.RETURNED and row.state is State.WRITTEN:
            row.window, row.approved = None, row.content
            self.release(row)

    def edit(self):
        """Somebody changes what would be sent, behind everybody's back."""
        row = self.row()
        if row.state in (State.WRITTEN, State.RELEASED):
            row.content += 1
