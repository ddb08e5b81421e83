"""The modelled broker: the ground truth. It loses, holds, doubles, delays and contradicts messages."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from tradingdesk.domain.money import Side
from tradingdesk.domain.portfolio import Fill
from tradingdesk.domain.tickets import Evidence, EvidenceKind, RequestKind

from .store import PRICE

T0 = datetime(2026, 2, 18, 15, tzinfo=UTC)
ALIVE = ("HELD", "WORKING")
NOTES = (399, 404, 2109, 10349)


@dataclass
class Order:
    """One order as the broker has it."""

    ref: str
    order_id: int
    quantity: Decimal
    perm_id: int
    status: str
    filled: Decimal = Decimal(0)
    late: Decimal = Decimal(0)
    executions: dict = field(default_factory=dict)
    forgotten: bool = False  # no list of finished orders holds it any more

    @property
    def alive(self):
        return self.status in ALIVE

    def evidence(self, kind, status):
        return Evidence(
            kind=kind,
            perm_id=self.perm_id,
            status=status,
            filled=self.filled,
            remaining=self.quantity - self.filled,
        )


def error(code, kind):
    return Evidence(kind=EvidenceKind.ERROR, code=code, request_kind=RequestKind(kind))


class Broker:
    """Orders by arrival, and one outgoing queue that dies with the connection."""

    def __init__(self, chance):
        self.chance = chance
        self.orders = []
        self.session = 1
        self.queue = []
        self.late = []
        self.reports = {}
        self.calm = False
        self.version = 0

    def tell(self, order, evidence, fill=None):
        self.version += 1
        times = 2 if not self.calm and self.chance.hits(0.2) else 1
        line = self.late if not self.calm and self.chance.hits(0.08) else self.queue
        line.extend([(order.ref, order.order_id, evidence, fill)] * times)

    def tell_late(self):
        """What was held on its way comes now, whatever was told meanwhile."""
        self.queue.extend(self.late)
        self.late.clear()

    def place(self, ref, order_id, quantity):
        """Take the order, hold it, turn it down, or lose it on the way."""
        if self.chance.hits(0.08):
            return
        self.version += 1
        order = Order(ref, order_id, quantity, 5000 + len(self.orders), "HELD")
        if any(other.order_id == order_id for other in self.orders):
            return self.tell(order, error(103, "place"))
        self.orders.append(order)
        if self.chance.hits(0.12):
            return
        self.admit(order)

    def admit(self, order):
        """What happens when the order is looked at."""
        if self.chance.hits(0.1):
            order.status = "REFUSED"
            return self.tell(order, error(self.chance.one_of((103, 110, 200, 10052)), "place"))
        if self.chance.hits(0.1):
            order.status = "CANCELLED"
            self.tell(order, error(201, "place"))
            return self.tell(order, order.evidence(EvidenceKind.ORDER_STATUS, "Inactive"))
        order.status = "WORKING"
        self.tell(order, order.evidence(EvidenceKind.OPEN_ORDER, "PreSubmitted"))
        if self.chance.hits(0.3):
            self.tell(order, error(self.chance.one_of(NOTES), "place"))

    def fill(self, order, quantity):
        """One print; its report may come before or after the status that counts it."""
        quantity = min(quantity, order.quantity - order.filled)
        order.filled += quantity
        number = len(order.executions) + 1
        name = f"{order.perm_id}.x.0{number}"
        order.executions[name] = (1, quantity)
        if order.filled == order.quantity:
            order.status = "FILLED"
        status = order.evidence(
            EvidenceKind.ORDER_STATUS, "Filled" if order.status == "FILLED" else "Submitted"
        )
        messages = [self.report(order, name), (status, None)]
        for evidence, fill in messages if self.chance.hits(0.6) else reversed(messages):
            self.tell(order, evidence, fill)

    def report(self, order, name):
        """The execution in its present revision, as evidence and as a fill. A report never changes."""
        revision, shares = order.executions[name]
        exec_id = f"{name}.0{revision}"
        if exec_id in self.reports:
            return self.reports[exec_id]
        evidence = Evidence(
            kind=EvidenceKind.EXECUTION, perm_id=order.perm_id, exec_id=exec_id, shares=shares, price=PRICE
        )
        fill = Fill(
            account="DU1", exec_id=exec_id, con_id=1, side=Side.BUY, quantity=shares, price=PRICE, at=T0
        )
        self.reports[exec_id] = evidence, fill
        return self.reports[exec_id]

    def correct(self, order):
        """Restate the first print under the next revision, one unit smaller."""
        for name, (revision, shares) in order.executions.items():
            if revision == 1 and shares > 1:
                order.executions[name] = (2, shares - 1)
                return self.tell(order, *self.report(order, name))

    def cancel(self, ref, order_id):
        """End it, fill it first, or answer that it cannot be found or cannot be cancelled."""
        order = next((o for o in self.orders if o.ref == ref), None)
        stranger = Order(ref, order_id, Decimal(1), 0, "NONE")
        if order is None or order.status == "HELD" or self.chance.hits(0.1):
            return self.tell(stranger, error(10147, "cancel"))
        if not order.alive:
            return self.tell(stranger, error(self.chance.one_of((161, 10148)), "cancel"))
        if self.chance.hits(0.2):
            return self.fill(order, order.quantity)
        if self.chance.hits(0.4):
            self.tell(order, order.evidence(EvidenceKind.ORDER_STATUS, "PendingCancel"))
        if self.chance.hits(0.4):
            return None
        self.end(order)

    def end(self, order):
        """Confirm the end; now and then a print, or a word of before, is told only afterwards."""
        if not self.calm and self.chance.hits(0.2):
            word = order.evidence(EvidenceKind.OPEN_ORDER, "Submitted")
            self.late.append((order.ref, order.order_id, word, None))
        order.status = "CANCELLED"
        self.tell(order, order.evidence(EvidenceKind.ORDER_STATUS, "Cancelled"))
        self.tell(order, error(202, "cancel"))
        if self.chance.hits(0.2):
            order.late = min(order.quantity - order.filled, Decimal(3))
            order.filled += order.late
            name = f"{order.perm_id}.x.0{len(order.executions) + 1}"
            order.executions[name] = (1, order.late)
            order.status = "FILLED" if order.filled == order.quantity else "CANCELLED"
            self.tell(order, *self.report(order, name))

    def drop_connection(self):
        self.queue.clear()
        self.late.clear()
        self.session += 1

    def restart(self):
        """What the gateway only held is gone, its next id rolls back to what it really saw, and it may have
        forgotten what was cancelled."""
        self.drop_connection()
        for order in self.orders:
            if order.status == "HELD":
                order.status = "LOST"
            if order.status == "CANCELLED" and self.chance.hits(0.5):
                order.forgotten = True

    def next_valid_id(self):
        return max((order.order_id for order in self.orders if order.status != "LOST"), default=99) + 1

    def snapshot(self):
        """Open orders, completed orders and executions, each by reference."""
        for order in self.orders:
            if order.status in ("HELD", "LOST", "REFUSED"):
                continue
            for name in order.executions:
                yield order.ref, *self.report(order, name)
            if order.alive:
                yield order.ref, order.evidence(EvidenceKind.OPEN_ORDER, "Submitted"), None
            elif not order.forgotten:
                word = "Filled" if order.status == "FILLED" else "Cancelled"
                yield order.ref, order.evidence(EvidenceKind.COMPLETED_ORDER, word), None
