"""A desk without a gateway: what the link would have told is put into the tables; the test is the link."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import override_settings

from apps.approvals.actions.decide import Decided
from apps.approvals.models import Request
from apps.broker.actions.claim_bracket import Claim, Held, claim_bracket
from apps.broker.actions.mark_sending import mark_sending
from apps.broker.actions.record_events import record_events
from apps.broker.models import Lease, LinkSession, LinkState
from apps.broker.ports import Heard
from apps.broker.queries import released_brackets
from apps.desks.models import Account
from apps.journal import clock
from apps.journal.ports import Actor
from apps.ledger.actions.book_fills import book_fills
from apps.ledger.models import AccountValue
from apps.market.models import Contract, LastQuote
from apps.plans.actions.mark_lines import set_contracts
from apps.plans.models import Plan
from apps.risk.actions.change_limits import change_limits
from apps.risk.queries import limits_in_force
from apps.runbook.gate import Word, approve_request
from apps.runbook.road import judge_claim, market_problem, propose
from tests.builders import make_desk, make_line, make_plan, make_sessions
from tests.people import make_person
from tradingdesk.domain.money import Reason

TODAY = date(2026, 11, 18)
KEYS = ("exec_id", "perm_id", "order_ref", "order_id", "code")  # of what is heard
OPENING = datetime(2026, 11, 18, 14, 40, tzinfo=UTC)
TRADER = Actor("user", "trader")
ADMIN = Actor("user", "admin")
PRICE = Decimal("100.00")


def clock_line(now: datetime = OPENING) -> str:
    """A clock that begins there and runs as the wall does."""
    return f"{now.isoformat()}@{datetime.now(UTC).timestamp()}x1"


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """The desk's clock goes on from that moment."""
    with override_settings(CLOCK=clock_line(moment)):
        yield


@dataclass
class Stations:
    """The stations of the road in one process; `send` does what the link does, up to the write."""

    account: Account = field(default_factory=lambda: make_desk(port=7497))
    epoch: int = 1
    written: list[str] = field(default_factory=list)
    session: LinkSession = field(init=False)

    def __post_init__(self) -> None:
        now = clock.now()
        for who in (TRADER, ADMIN):
            make_person(who.name)
        make_sessions(date(2026, 11, 16))
        gateway = self.account.gateway
        Lease.objects.create(gateway=gateway, holder="test", epoch=self.epoch, beat_at=now)
        self.session = LinkSession.objects.create(
            gateway=gateway, epoch=self.epoch, opened_at=now, ready_at=now, next_valid_id=1
        )
        LinkState.objects.create(gateway=gateway, state="ready", beat_at=now, session=self.session)
        for tag, value in (("GrossPositionValue", 0), ("AvailableFunds", 1_000_000)):
            AccountValue.objects.create(
                account=self.account, tag=tag, currency="USD", value=Decimal(value), at=now
            )

    def contract(self, symbol: str, **more: Any) -> Contract:
        values: dict[str, Any] = {
            "con_id": 1000 + sum(ord(mark) * 31**place for place, mark in enumerate(symbol)),
            "sec_type": "STK",
            "currency": "USD",
            "multiplier": Decimal(1),
            "exchange": "SMART",
            "local_symbol": symbol,
            "min_tick": Decimal("0.01"),
            "tick_steps": [["0", "0.01"]],
            "calendar": "XNYS",
            "time_zone": "US/Eastern",
            "checked_at": clock.now(),
        }
        return Contract.objects.get_or_create(symbol=symbol, defaults=values | more)[0]

    def quote(self, symbol: str, **values: Any) -> None:
        """Fresh and good, except for what is said."""
        good: dict[str, Any] = {
            "bid": PRICE - Decimal("0.05"),
            "ask": PRICE + Decimal("0.05"),
            "last": PRICE,
            "halted": False,
            "data_type": 1,
            "received_at": clock.now(),
        }
        LastQuote.objects.update_or_create(contract=self.contract(symbol), defaults=good | values)

    def refresh(self) -> None:
        """The link beats and quotes tick."""
        LastQuote.objects.update(received_at=clock.now())
        LinkState.objects.update(beat_at=clock.now())
        AccountValue.objects.update(at=clock.now())

    def plan(self, symbols: Sequence[str], *, quantity: int = 30, name: str = "") -> Plan:
        lines = [make_line(number, symbol, PRICE, quantity) for number, symbol in enumerate(symbols, 1)]
        name = name or f"{'-'.join(symbols[:3])}.csv"
        plan = make_plan(self.account, lines, day=TODAY, at=clock.now(), name=name)
        for symbol in symbols:
            self.quote(symbol)
        set_contracts(plan, {symbol: self.contract(symbol) for symbol in symbols})
        return plan

    def propose(self, *symbols: str, quantity: int = 30) -> Request:
        return self.propose_plan(self.plan(symbols, quantity=quantity))

    def propose_plan(self, plan: Plan) -> Request:
        request = propose(plan, clock.now())
        assert request is not None
        return request

    def execute(self, request: Request, *, who: Actor = TRADER, **changes: Any) -> Decided:
        """Type what the card asks for, except for what is said."""
        sent = {
            "typed": f"EXECUTE {request.challenge}",
            "digest": request.digest,
            "row_version": request.row_version,
        }
        word = Word(**(sent | changes))
        return approve_request(request.pk, word, actor=who, how={}, now=clock.now())

    def approve(self, *symbols: str, quantity: int = 30) -> Request:
        decided = self.execute(self.propose(*symbols, quantity=quantity))
        assert decided.approved, decided.reason
        return decided.request

    def brackets(self) -> list[str]:
        return released_brackets(self.account.gateway_id)

    def claim(self, bracket: str, **changes: Any) -> Claim | Held | None:
        now = clock.now()
        doors: dict[str, Any] = {"judge": judge_claim, "now": now}
        return claim_bracket(
            bracket, session=self.session, epoch=self.epoch, instance="desk", **(doors | changes)
        )

    def send(self, claim: Claim) -> list[Reason | None]:
        """Mark each order and write it down where the wire would be; stop at the first that may not go."""
        answers: list[Reason | None] = []
        for intent_id, placement in zip(claim.intents, claim.placements, strict=True):
            look = {"session": self.session, "epoch": self.epoch, "ready": True, "market": market_problem}
            answers.append(mark_sending(intent_id, claim, **look))
            if answers[-1] is not None:
                break
            self.written.append(placement.order_ref)
        return answers

    def send_all(self) -> dict[str, Reason | None]:
        """Every released bracket in its order: None where it went out, else the first reason why not."""
        told: dict[str, Reason | None] = {}
        for bracket in self.brackets():
            claim = self.claim(bracket)
            if isinstance(claim, Held):
                told[bracket] = claim.reason
            elif claim is not None:
                told[bracket] = next((why for why in self.send(claim) if why), None)
        return told

    def hear(self, kind: str, **values: Any) -> None:
        """The broker says something."""
        keys = {k: values.pop(k) for k in KEYS if k in values}
        heard = Heard(kind=kind, at=clock.now(), raw=(), body=values, **keys)
        record_events(self.session, [heard], book=book_fills)

    def executed(self, exec_id: str, quantity: str, price: str = "100", **more: Any) -> None:
        """An execution of the account, bought unless told otherwise."""
        body = {
            "account": self.account.code, "con_id": str(self.contract("WEC").con_id), "symbol": "WEC",
            "sec_type": "STK", "currency": "USD", "side": "BOT", "quantity": quantity, "price": price,
            "time": OPENING.isoformat(),
        }  # fmt: skip
        self.hear("execDetails", exec_id=exec_id, perm_id=more.pop("perm_id", 77), **(body | more))

    def set_limits(self, scope: str = "global", **values: int | str) -> None:
        wanted = {name: Decimal(value) for name, value in values.items()}
        version = limits_in_force().version
        change_limits(wanted, scope=scope, actor=ADMIN, reason="set for this test", based_on=version)


def later(minutes: float) -> datetime:
    return clock.now() + timedelta(minutes=minutes)


@pytest.fixture
def stations(db: None) -> Iterator[Stations]:
    """The stations ten minutes into New York's session; ask for `transactional_db` too to use threads."""
    with override_settings(CLOCK=clock_line()):
        yield Stations()
