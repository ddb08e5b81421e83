"""The gateway's own ledger beside the desk's tables: what a session must come to at its close."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from apps.broker.models import Intent
from apps.journal import clock
from apps.ledger.dayreading import total_of
from apps.ledger.models import BookDay, CashBalance, DayResult, Fill, Position
from apps.ledger.results import earned
from apps.reports.queries import history, newest_report
from apps.runbook.invariants import broken_invariants
from apps.runbook.models import DayStep
from apps.tickets.models import Ticket
from tests.soak.processes import Processes
from tradingdesk.domain.tickets.states import State

CENT = Decimal("0.01")
UNCLEAR = (State.UNKNOWN, State.CLAIMED, State.SENDING, State.RELEASED)


@dataclass
class Truth:
    """Reads the gateway's state as it wrote it, and its ledger of every order that arrived."""

    desk: Processes

    def venue(self) -> dict[str, Any]:
        held: dict[str, Any] = json.loads(self.desk.state_file.read_text())["venue"]
        return held

    def account(self) -> dict[str, Any]:
        rows: list[dict[str, Any]] = self.venue()["accounts"]
        return rows[0]

    def prints(self) -> dict[str, dict[str, Any]]:
        """Today's executions as they stand after corrections and busts."""
        return {row["exec_id"]: row for row in self.desk.turn("executions")["executions"]}

    def fees(self) -> dict[str, Decimal]:
        today = self.venue()["today"]
        return {row["exec_id"]: Decimal(row["amount"]) for row in today["commissions"]}

    def placements(self) -> list[list[str]]:
        """Every order of ours that any run of the gateway was sent, previews left out."""
        found = []
        for path in self.desk.ledgers:
            for line in path.read_text().splitlines():
                if '"kind":"in"' in line and '"name":"placeOrder"' in line:
                    found.append(json.loads(line)["fields"])
        return [fields for fields in found if any(word.startswith("td-") for word in fields)]

    def held_orders(self) -> Counter[str]:
        """How many different orders the gateway has had under each of our references today."""
        orders = {(row["reference"], row["perm_id"]) for row in self.desk.turn("tickets")["tickets"]}
        return Counter(reference for reference, _ in orders if reference.startswith("td-"))

    def differences(self, day: date) -> list[str]:
        return [*self.orders(), *self.executions(day), *self.books(day), *self.promises()]

    def orders(self) -> Iterator[str]:
        for reference, count in self.held_orders().items():
            if count > 1:
                yield f"duplicate: {reference} is {count} orders at the gateway"
        known = set(Intent.objects.values_list("order_ref", flat=True))
        for reference in self.held_orders().keys() - known:
            yield f"the gateway holds {reference}, which no intent names"
        ids = Counter(fields[1] for fields in self.placements())
        for order_id, count in ids.items():
            if count > 1:
                yield f"duplicate: order id {order_id} was written {count} times"

    def executions(self, day: date) -> Iterator[str]:
        """Each print is one fill that counts, with the same terms; nothing else counts."""
        theirs = {
            one: (row["side"], Decimal(row["shares"]), Decimal(row["price"]))
            for one, row in self.prints().items()
        }
        rows = Fill.objects.filter(trading_day=day, superseded=False, busted=False)
        ours = {
            row.exec_id: ({"BUY": "BOT", "SELL": "SLD"}[row.side], row.quantity, row.price) for row in rows
        }
        for one in theirs.keys() - ours.keys():
            yield f"lost: execution {one} {theirs[one]} is no fill"
        for one in ours.keys() - theirs.keys():
            yield f"invented: fill {one} {ours[one]} is no execution"
        for one in ours.keys() & theirs.keys():
            if ours[one] != theirs[one]:
                yield f"execution {one}: ours {ours[one]}, the gateway's {theirs[one]}"

    def books(self, day: date) -> Iterator[str]:
        account, fees = self.account(), self.fees()
        held = {int(one): Decimal(row["quantity"]) for one, row in account["positions"].items()}
        for row in Position.objects.select_related("contract"):
            theirs = held.pop(row.contract.con_id, Decimal(0))
            if row.quantity != theirs:
                yield f"position {row.contract.symbol}: ours {row.quantity}, the gateway's {theirs}"
        yield from (f"position {con_id}: ours none, {size}" for con_id, size in held.items() if size)
        yield from self._amounts("cash USD", _cash(), Decimal(account["cash"]["USD"]))
        rows = list(Fill.objects.filter(trading_day=day, superseded=False, busted=False))
        unknown = [row.exec_id for row in rows if row.commission is None]
        if unknown:
            yield f"fees unknown: {', '.join(unknown[:5])}"
        yield from self._amounts("fees", _sum(row.commission for row in rows), _sum(fees.values()))
        realised = _sum(Decimal(row["realized"]) for row in account["positions"].values())
        kept = _fees_in_cost(account["positions"]) - _fees_in_cost(account["opening"])
        yield from self._amounts("realised", _realised(day), realised - kept)

    def _amounts(self, what: str, ours: Decimal | None, theirs: Decimal) -> Iterator[str]:
        if ours is None or ours.quantize(CENT) != theirs.quantize(CENT):
            yield f"{what}: ours {ours}, the gateway's {theirs}"

    def promises(self) -> Iterator[str]:
        yield from (str(broken) for broken in broken_invariants(clock.now()))
        unclear = Ticket.objects.filter(state__in=[state.value for state in UNCLEAR])
        yield from (f"{row.key} is still {row.state}" for row in unclear)

    def report(self, day: date) -> list[str]:
        """What is missing in the session's report; nothing when it is complete."""
        assert self.desk.account is not None
        made = newest_report(self.desk.account.pk, day)
        if made is None:
            return ["there is no report"]
        steps = DayStep.objects.filter(session_date=day, kind=DayStep.STEP)
        found = [f"{row}: {row.outcome or 'open'} {row.told}" for row in steps if row.outcome not in DONE]
        trades = sum((row.quantity for row in made.trades.all()), start=Decimal(0))
        sold = _sum(
            row.quantity
            for row in Fill.objects.filter(trading_day=day, superseded=False, busted=False, side="SELL")
        )
        if trades != sold:
            found.append(f"the report's trades closed {trades}, the fills {sold}")
        return [*found, *self._moved_since()]

    def _moved_since(self) -> Iterator[str]:
        """Days whose result is another than their report told, though nothing of them was restated."""
        assert self.desk.account is not None
        quiet = set(BookDay.objects.filter(restated=0).values_list("trading_day", flat=True))
        for told in history(self.desk.account.pk):
            now = total_of(earned(self.desk.account.pk, told.day, told.day, by="cause").values())
            if told.day in quiet and now != told.number("net"):
                yield f"the result of {told.day} was told as {told.number('net')} and is {now}"


DONE = ("done", "nothing to do")


def _cash() -> Decimal | None:
    row = CashBalance.objects.filter(currency="USD").first()
    return row.amount if row else None


def _fees_in_cost(positions: dict[str, Any]) -> Decimal:
    """A gateway has the fees of an entry in its cost until it is sold; our books have them at once."""
    return _sum(Decimal(row["cost"]) - Decimal(row["gross"]) for row in positions.values())


def _realised(day: date) -> Decimal | None:
    """Net of what the trades cost, as a gateway tells it."""
    rows = DayResult.objects.filter(trading_day=day, strategy__isnull=False)
    known = [
        row.realized - row.commissions
        for row in rows
        if row.realized is not None and row.commissions is not None
    ]
    return _sum(known) if len(known) == len(rows) else None


def _sum(values: Any) -> Decimal:
    return sum((value or Decimal(0) for value in values), start=Decimal(0))
