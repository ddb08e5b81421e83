"""Turns of the trading side that only the control door may make."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from apps.simgateway.exchange import combos
from apps.simgateway.exchange import work as at
from apps.simgateway.exchange.closing import cancel, settle_children
from apps.simgateway.exchange.commissions import commission
from apps.simgateway.exchange.events import Event, Execution, PositionChanged, Refused
from apps.simgateway.exchange.floor import Floor
from apps.simgateway.exchange.gates import settle
from apps.simgateway.exchange.instant import Instant
from apps.simgateway.exchange.instrument import Instrument
from apps.simgateway.exchange.order import INACTIVE, ZERO
from apps.simgateway.exchange.prints import next_exec_root, print_fill
from apps.simgateway.exchange.restate import next_version, restate
from apps.simgateway.exchange.work import Work

DISCARDED = "Order was discarded."


class Door:
    """Each verb answers with events, as the venue's own do; what is not there raises LookupError."""

    def __init__(self, floor: Floor, pass_time: Callable[[Instant], None]) -> None:
        self._floor = floor
        self._pass_time = pass_time

    def follow_rules(self, **changed: Any) -> None:
        """Go by other rules from now on."""
        self._floor.rules = replace(self._floor.rules, **changed)

    def fill(self, perm_id: int, shares: Decimal, price: Decimal, *, now: Instant) -> list[Event]:
        """Fill some of an order at a price of one's own, whatever the market says."""
        work = self._work(perm_id, now)
        if not ZERO < shares <= work.order.remaining:
            raise ValueError(f"{shares} is not between 0 and the {work.order.remaining} that are open")
        if work.order.is_combo:
            combos.force(self._floor, work, units=shares, price=price)
        else:
            print_fill(self._floor, work, shares, price=price)
        return self._events()

    def correct(
        self, exec_id: str, *, now: Instant, price: Decimal | None = None, shares: Decimal | None = None
    ) -> list[Event]:
        """Restate a print of today."""
        old = self._execution(exec_id, now)
        new_price = old.price if price is None else price
        new_shares = old.shares if shares is None else shares
        if new_shares <= 0:
            raise ValueError("a correction needs shares; bust the execution instead")
        return self._restated(old, shares=new_shares, price=new_price)

    def bust(self, exec_id: str, *, now: Instant) -> list[Event]:
        """Take a print of today back altogether."""
        return self._restated(self._execution(exec_id, now), shares=ZERO, price=None)

    def foreign_execution(
        self, account: str, con_id: int, *, side: str, shares: Decimal, price: Decimal, now: Instant
    ) -> list[Event]:
        """A print of an order that no client knows: made by hand, or by another system."""
        self._begin(now)
        self._print_foreign(account, con_id, side=side, shares=shares, price=price, liquidation=False)
        return self._events()

    def liquidate(self, account: str, con_id: int, *, now: Instant) -> list[Event]:
        """The broker closes a position at the market."""
        self._begin(now)
        held = self._account_quantity(account, con_id)
        if not held:
            raise LookupError(f"{account} holds nothing of contract {con_id}")
        quote = self._floor.market.quote(con_id, now)
        price = (quote.bid if held > 0 else quote.ask) or quote.reference
        if price is None:
            raise LookupError(f"contract {con_id} has no price to liquidate at; set a quote first")
        side = "SELL" if held > 0 else "BUY"
        self._print_foreign(account, con_id, side=side, shares=abs(held), price=price, liquidation=True)
        return self._events()

    def reject(self, perm_id: int, code: int, text: str, *, now: Instant) -> list[Event]:
        """The server refuses a working order after all."""
        work = self._work(perm_id, now)
        self._floor.events.append(Refused(perm_id=perm_id, code=code, text=text, inactive=True))
        self._floor.finish(work, INACTIVE)
        settle_children(self._floor, work)
        return self._events()

    def discard(self, perm_id: int, *, now: Instant) -> list[Event]:
        """The order is thrown away before any exchange saw it."""
        cancel(self._floor, self._work(perm_id, now), reason=DISCARDED)
        return self._events()

    def locate(self, perm_id: int, *, now: Instant) -> list[Event]:
        """Shares for a held short sale were found."""
        work = self._work(perm_id, now)
        if work.stage != at.LOCATE:
            raise LookupError(f"order {perm_id} is not waiting for shares")
        work.located = True
        self._floor.freed.append(work)
        return self._events()

    def _begin(self, now: Instant) -> None:
        self._pass_time(now)

    def _events(self) -> list[Event]:
        settle(self._floor)
        return self._floor.take_events()

    def _work(self, perm_id: int, now: Instant) -> Work:
        self._begin(now)
        work = self._floor.live.get(perm_id)
        if work is None:
            raise LookupError(f"there is no working order {perm_id}")
        return work

    def _execution(self, exec_id: str, now: Instant) -> Execution:
        self._begin(now)
        found = next((one for one in self._floor.accounts.executions() if one.exec_id == exec_id), None)
        if found is None:
            raise LookupError(f"there is no execution {exec_id} today")
        return found

    def _account_quantity(self, account: str, con_id: int) -> Decimal:
        found = self._floor.accounts.account(account)
        if found is None:
            raise LookupError(f"there is no account {account}")
        return found.quantity(con_id)

    def _instrument(self, con_id: int) -> Instrument:
        found = self._floor.instrument(con_id)
        if found is None:
            raise LookupError(f"there is no contract {con_id}")
        return found

    def _print_foreign(
        self, account: str, con_id: int, *, side: str, shares: Decimal, price: Decimal, liquidation: bool
    ) -> None:
        floor, instrument = self._floor, self._instrument(con_id)
        self._account_quantity(account, con_id)
        execution = Execution(
            exec_id=next_exec_root(floor) + ".01.01",
            perm_id=0,
            account=account,
            con_id=con_id,
            side="BOT" if side == "BUY" else "SLD",
            shares=shares,
            price=price,
            venue=instrument.primary_exchange or instrument.exchange,
            at=floor.now,
            cum_quantity=shares,
            average_price=price,
            liquidation=liquidation,
            order_filled=shares,
        )
        fee = commission(instrument, side, shares=shares, price=price, before=ZERO, value_before=ZERO)
        report = floor.accounts.book(execution, instrument, fee)
        floor.events.append(execution)
        if report is not None:
            floor.events.append(report)
        floor.events.append(PositionChanged(account=account, con_id=con_id))

    def _restated(self, old: Execution, *, shares: Decimal, price: Decimal | None) -> list[Event]:
        floor = self._floor
        new = replace(
            old,
            exec_id=next_version(old.exec_id),
            shares=shares,
            price=old.price if price is None else price,
            corrects=old.exec_id,
        )
        restate(floor, old, new)
        return self._events()
