"""The link as the specification wants it, over the real domain. Broken variants override one method each."""

from dataclasses import replace
from decimal import Decimal

from tradingdesk.domain.money import Reason
from tradingdesk.domain.risk import note_fills, reopen, reserve, settle
from tradingdesk.domain.tickets import (
    LIVE_INTENTS,
    PROTOCOL_VERSION,
    Act,
    ClaimFacts,
    Evidence,
    EvidenceKind,
    IntentAct,
    IntentState,
    OrderRef,
    Resolution,
    SendFacts,
    Snapshot,
    State,
    begin,
    claim_problem,
    fold_attempt,
    is_done,
    may_be_over,
    may_still_fill,
    perform,
    perform_on_intent,
    resolve,
    send_problem,
    settle_intent,
)

from .store import LIMIT, PRICE
from .walking import CLOCK, Walker

SILENCE = Evidence(kind=EvidenceKind.SILENCE)


class Crash(Exception):
    """The process died here."""


class Desk(Walker):
    """One link process: its memory dies with it, the store does not."""

    def __init__(self, world):
        self.world, self.store, self.broker = world, world.store, world.broker
        self.epoch = self.store.epoch
        self.session = 0
        self.looks = []

    # --- connecting and recovering -------------------------------------------------

    def connect(self):
        """Recover what the last process left, then read everything once more."""
        self.session = self.broker.session
        self.store.next_ids.append((self.session, self.broker.next_valid_id()))
        for row in self.store.rows.values():
            if row.state is State.CLAIMED and row.epoch != self.epoch:
                self.lapse(row)
            elif row.state is State.SENDING:
                self.hear(row, SILENCE)

    def lapse(self, row):
        """A claim of a dead process sent nothing: the ticket may be claimed again."""
        intent = perform_on_intent(row.intent, IntentAct.LAPSE)
        self.store.change(
            row, state=perform(row.state, Act.LAPSE), intent=intent, reservation=settle(row.reservation)
        )

    # --- (a) claim, (c) send -------------------------------------------------------

    def authority(self, row):
        if not self.digest_holds(row):
            return Reason("APPROVAL_CONTENT_CHANGED", "it is not what was approved")
        late = self.world.now >= row.approved_until
        return Reason("APPROVAL_EXPIRED", "late") if late else None

    def claim(self, row):
        now = self.world.now
        facts = ClaimFacts(
            state=row.state,
            now=CLOCK[now],
            not_after=CLOCK[row.not_after],
            protocol_version=PROTOCOL_VERSION,
            own_epoch=self.epoch,
            lease_epoch=self.store.epoch,
            live_attempt=row.intent in LIVE_INTENTS,
            stop=self.store.stop,
            reduces=False,
            authority=self.authority(row),
            market=self.world.market_problem(),
        )
        if claim_problem(facts) is not None:
            return
        grant = reserve(row.key, row.quantity * PRICE, among=self.store.reservations(), limit=LIMIT)
        if grant.reservation is not None:
            self.commit_claim(row, grant.reservation)

    def commit_claim(self, row, reservation):
        tries = row.tries + 1
        ref = str(OrderRef("sim", row.key, tries))
        order_id = self.next_order_id()
        self.store.refs[ref] = row
        self.store.ids[order_id] = row
        self.store.change(
            row,
            state=perform(row.state, Act.CLAIM),
            tries=tries,
            ref=ref,
            order_id=order_id,
            epoch=self.epoch,
            session=self.session,
            stop_epoch=self.store.stop_epoch,
            intent=IntentState.CLAIMED,
            reservation=reservation,
            spent=reservation.used,
            attempt=None,
            cancel_asked=False,
            snapshots=[],
        )

    def next_order_id(self):
        self.store.highest_id += 1
        return self.store.highest_id

    def send_facts(self, row):
        return SendFacts(
            state=row.intent,
            now=CLOCK[self.world.now],
            not_after=CLOCK[row.not_after],
            own_epoch=self.epoch,
            lease_epoch=self.store.epoch,
            claimed_session=row.session,
            session=self.session,
            link_ready=self.session == self.broker.session,
            restart_fence=False,
            claimed_stop_epoch=row.stop_epoch,
            stop_epoch=self.store.stop_epoch,
            stop=self.store.stop,
            reduces=False,
            authority=self.authority(row),
            market=self.world.market_problem(),
        )

    def send(self, row):
        if row.state is not State.CLAIMED or row.epoch != self.epoch:
            return
        if send_problem(self.send_facts(row)) is not None:
            if self.epoch == self.store.epoch:
                self.lapse(row)
            return
        self.world.crash_point("before_mark")
        self.mark(row)
        self.world.crash_point("after_mark")
        self.write(row)
        self.world.crash_point("after_write")

    def mark(self, row):
        intent = perform_on_intent(row.intent, IntentAct.MARK_SENDING)
        state = perform(row.state, Act.SEND)
        self.store.change(
            row, state=state, intent=intent, sent_at=self.world.now, attempt=begin(row.quantity)
        )

    def write(self, row):
        self.world.on_wire(self, row)
        self.broker.place(row.ref, row.order_id, row.quantity)

    # --- evidence ------------------------------------------------------------------

    def receive(self, ref, order_id, evidence, fill):
        row = self.store.ids.get(order_id)
        if fill is not None:
            self.store.take_fill(fill)
        if row is not None and row.attempt is not None and row.ref == ref:
            self.hear(row, evidence)

    def hear(self, row, evidence):
        attempt = fold_attempt(row.attempt, evidence)
        state = row.state if row.ruled and attempt.state is State.SENDING else attempt.state
        intent = settle_intent(row.intent, attempt)
        self.store.change(
            row, attempt=attempt, state=state, intent=intent, reservation=self.reservation_after(row, attempt)
        )

    def reservation_after(self, row, attempt):
        held = note_fills(row.reservation, row.spent + attempt.filled * PRICE)
        if is_done(attempt.state):
            return settle(held)
        return reopen(held) if may_still_fill(attempt.state) else held

    def watch_silence(self):
        for row in self.store.rows.values():
            if row.state is State.SENDING and self.world.now - row.sent_at >= 5:
                self.on_silence(row)

    def on_silence(self, row):
        self.hear(row, SILENCE)

    def read_all(self, complete):
        """One snapshot. A failed one proves nothing: what it did bring is evidence, what it lacks is not."""
        found = set()
        for number, (ref, evidence, fill) in enumerate(self.broker.snapshot()):
            if not complete and number % 3 == 2:
                continue
            row = self.store.refs.get(ref)
            found.add(ref)
            if fill is not None:
                self.store.take_fill(fill)
            if row is not None and row.ref == ref and row.attempt is not None:
                self.hear(row, evidence)
        self.note_snapshot(found, complete)

    def note_snapshot(self, found, complete):
        working = {order.ref for order in self.broker.orders if order.status == "WORKING"}
        for row in self.store.rows.values():
            if row.state in (State.UNKNOWN, State.WORKING):
                seen = {"found": row.ref in found, "works": row.ref in found & working}
                row.snapshots.append(Snapshot(CLOCK[self.world.now], self.session, complete, **seen))

    # --- people --------------------------------------------------------------------

    def ask_cancel(self, row):
        if may_still_fill(row.state) and self.session == self.broker.session:
            self.store.change(row, cancel_asked=True)
            self.broker.cancel(row.ref, row.order_id)

    def rule(self, row):
        """A named person is shown the evidence; only a proposal lets them rule that it never arrived."""
        if row.state is not State.UNKNOWN or row.attempt.heard_of:
            return
        ids = [pair for pair in self.store.next_ids if pair[0] > row.session]
        found = resolve(row.order_id, row.session, snapshots=row.snapshots, next_valid_ids=ids)
        if found is Resolution.PROPOSE_NOT_SENT:
            self.sign(row, Act.RULE_NOT_SENT, IntentAct.RULE_NOT_SENT)

    def rule_over(self, row, seen_alive):
        """No list says what became of it; the named person has looked at the broker as well."""
        doubted = row.state in (State.UNKNOWN, State.WORKING)
        if doubted and may_be_over(row.snapshots) and not seen_alive:
            self.sign(row, Act.RULE_ENDED, IntentAct.RULE_ENDED, ruled_over=True)

    def sign(self, row, act, intent_act, **more):
        """A ruling is evidence: what is heard later is folded on top of it."""
        ruled = {
            perm: replace(order, state=perform(order.state, act))
            for perm, order in row.attempt.orders.items()
        }
        self.store.change(
            row,
            state=perform(row.state, act),
            intent=perform_on_intent(row.intent, intent_act),
            attempt=replace(row.attempt, orders=ruled),
            reservation=settle(row.reservation),
            **more,
        )

    def retry(self, row):
        """The rest of a provably ended attempt, under a new approval."""
        rest = row.quantity - (row.attempt.filled if row.attempt else Decimal(0))
        if row.state in (State.NOT_SENT, State.CANCELLED) and rest > 0:
            self.store.change(
                row, state=perform(row.state, Act.RETRY), quantity=rest, approved_until=self.world.now + 60
            )
