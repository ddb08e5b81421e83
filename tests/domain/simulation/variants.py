"""Desks that break one rule each. A check that lets one of them pass is no check."""

from dataclasses import replace

from tradingdesk.domain.risk import Reservation, StopLevel, settle
from tradingdesk.domain.tickets import EvidenceKind, IntentState, State, begin

from .desk import SILENCE, Desk
from .store import PRICE
from .walking import CLOCK


class PlacesBeforeRecording(Desk):
    """Writes to the wire first and commits afterwards."""

    def send(self, row):
        if row.state is State.RELEASED and row.order_id == 0:
            row.ref, row.order_id = f"td-sim-{row.key}-1", self.next_order_id()
            self.write(row)
        super().send(row)


class ResendsOnSilence(Desk):
    """Takes silence for a loss and sends again."""

    def on_silence(self, row):
        row.state, row.intent = State.RELEASED, IntentState.CLOSED
        self.claim(row)
        self.send(row)


class CountsEveryReport(Desk):
    """Books each execution report as a fill."""

    def receive(self, ref, order_id, evidence, fill):
        super().receive(ref, order_id, evidence, fill)
        if fill is not None:
            self.store.fills.setdefault(fill.root, []).append(fill)


class DropsFillsOfTheDead(Desk):
    """Believes that an ended order cannot fill."""

    def receive(self, ref, order_id, evidence, fill):
        row = self.store.ids.get(order_id)
        ended = row is not None and row.state is State.CANCELLED
        super().receive(ref, order_id, evidence, None if ended else fill)

    def read_all(self, complete):
        """Without the re-reading that would mend it."""
        self.note_snapshot(set(), complete=False)


class TakesAbsenceForAnEnd(Desk):
    """What a failed snapshot does not bring, it calls cancelled."""

    def note_snapshot(self, found, complete):
        for row in self.store.rows.values():
            if row.state is State.WORKING and row.ref not in found:
                self.store.change(row, state=State.CANCELLED, intent=IntentState.CLOSED)


class ForgetsTheSecondLook(Desk):
    """Does not look at the stop again between claim and send."""

    def send_facts(self, row):
        return replace(super().send_facts(row), stop_epoch=row.stop_epoch, stop=StopLevel.ACTIVE)


class LeavesTheRevivedOver(Desk):
    """An attempt that was over stays over, though its order is told alive."""

    def hear(self, row, evidence):
        before = row.intent
        super().hear(row, evidence)
        if before in (IntentState.CLOSED, IntentState.REFUSED):
            row.intent = before

    def rule_over(self, row, seen_alive):
        """Nobody finds it to rule on."""


class TakesAskingForHaving(Desk):
    """Calls an order cancelled because a cancel was asked for."""

    def ask_cancel(self, row):
        super().ask_cancel(row)
        if row.cancel_asked and row.state is State.WORKING:
            self.store.change(row, state=State.CANCELLED, intent=IntentState.CLOSED)


class TakesEveryCodeForAnEnd(Desk):
    """Does what a client library does: any code on an order cancels it."""

    def hear(self, row, evidence):
        super().hear(row, evidence)
        if evidence.kind is EvidenceKind.ERROR and row.state is State.WORKING:
            self.store.change(row, state=State.CANCELLED, intent=IntentState.CLOSED)


class FreesTheUnknown(Desk):
    """Gives back the room of an order whose fate it does not know."""

    def reservation_after(self, row, attempt):
        if attempt.state is State.UNKNOWN:
            return settle(Reservation(row.key, row.quantity * PRICE))
        return super().reservation_after(row, attempt)


class IgnoresTheLease(Desk):
    """Sends what it claimed although another process took over."""

    def send_facts(self, row):
        return replace(super().send_facts(row), lease_epoch=self.epoch)


class TrustsTheNextId(Desk):
    """Uses the broker's next id, which rolls back after a restart."""

    def next_order_id(self):
        return self.broker.next_valid_id()


class SendsOnAnyPrice(Desk):
    """Skips the last look at the quote."""

    def send_facts(self, row):
        return replace(super().send_facts(row), market=None)


class SendsLate(Desk):
    """Skips the last look at the clock."""

    def send_facts(self, row):
        facts = super().send_facts(row)
        return replace(facts, not_after=facts.now.replace(year=facts.now.year + 1))


class SendsWithoutAuthority(Desk):
    """Checks the approval at the claim only."""

    def send_facts(self, row):
        return replace(super().send_facts(row), authority=None)


class ChangesInSilence(Desk):
    """Changes a state without a journal line."""

    def lapse(self, row):
        lines = len(self.store.journal)
        super().lapse(row)
        del self.store.journal[lines:]


class LetsFilledFall(Desk):
    """Starts the fold afresh when the process does."""

    def connect(self):
        super().connect()
        for row in self.store.rows.values():
            if row.state is State.WORKING and row.attempt.filled:
                row.attempt = begin(row.quantity)
                self.hear(row, SILENCE)


class TimesWindowsByTheClient(Desk):
    """Believes whoever asks what time it is."""

    def surroundings(self, row):
        return replace(super().surroundings(row), now=CLOCK[self.world.now + 12])

    def is_as_seen(self, row, seen):
        return row.window is seen


class LooksAtNoDigest(Desk):
    """Does not compare what it sends with what was shown."""

    def digest_holds(self, row):
        return True


class ReleasesWhateverItSaw(Desk):
    """Releases the window it looked at, although somebody cancelled it since."""

    def is_as_seen(self, row, seen):
        return row.state is State.WRITTEN


class LetsACountdownOutliveAStop(Desk):
    """Leaves windows open at a stop; trading goes on before they end."""

    def stop_windows(self):
        pass

    def look_at_windows(self):
        if self.store.stop is StopLevel.ACTIVE:
            super().look_at_windows()


BROKEN = {
    TimesWindowsByTheClient: "S3",
    LooksAtNoDigest: "S3",
    ReleasesWhateverItSaw: "S3",
    LetsACountdownOutliveAStop: "S4",
    PlacesBeforeRecording: "S1",
    ResendsOnSilence: "S2",
    TrustsTheNextId: "S2",
    SendsWithoutAuthority: "S3",
    ForgetsTheSecondLook: "S4",
    CountsEveryReport: "S5",
    DropsFillsOfTheDead: "S5",
    FreesTheUnknown: "S6",
    LeavesTheRevivedOver: "S6",
    TakesAbsenceForAnEnd: "S7",
    TakesAskingForHaving: "S7",
    TakesEveryCodeForAnEnd: "S7",
    LetsFilledFall: "S8",
    IgnoresTheLease: "S9",
    SendsOnAnyPrice: "S10",
    SendsLate: "S11",
    ChangesInSilence: "S12",
}
